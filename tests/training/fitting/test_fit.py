import keras
import numpy as np
import pytest
from keras.callbacks import EarlyStopping

from training.fitting.checkpoints import Snapshots
from training.fitting.fit import TrainingFailed, multi_label_accuracy, multi_label_loss


def test_the_same_seed_gives_the_same_weights(fit_sample, tmp_path, digest):
    first, again, other = (fit_sample(tmp_path, seed=seed, epochs=2).model for seed in (1, 1, 2))

    assert digest(first) == digest(again)
    assert digest(first) != digest(other)


def test_training_stops_early_with_the_best_weights(fit_sample, tmp_path):
    given = {"learning_rate": 0.02, "seed": 42}
    stopped = fit_sample(tmp_path, epochs=12, **given)
    best = fit_sample(tmp_path, epochs=stopped.epochs_run - 2, **given)

    assert stopped.epochs_run < 12
    assert stopped.metrics == best.metrics


def test_with_averaging_the_averaged_weights_are_validated_and_kept(
    fit_sample, tmp_path, digest, monkeypatch
):
    losses, weights = [], {EarlyStopping: [], Snapshots: []}

    def remember(callback):
        see = callback.on_epoch_end

        def remember_and_see(self, epoch, logs=None):
            losses.append(logs["val_loss"])
            weights[callback].append(digest(self.model))
            see(self, epoch, logs)

        monkeypatch.setattr(callback, "on_epoch_end", remember_and_see)

    remember(EarlyStopping)
    remember(Snapshots)
    kept = fit_sample(tmp_path, average=0.99, epochs=2)

    assert digest(kept.model) in weights[EarlyStopping]
    assert kept.metrics["validation"].loss == pytest.approx(min(losses), rel=1e-4)
    assert not set(weights[EarlyStopping]) & set(weights[Snapshots])


def test_accuracy_can_be_watched_instead_of_the_loss(fit_sample, tmp_path, monkeypatch):
    seen, see = [], EarlyStopping.on_epoch_end

    def remember_and_see(self, epoch, logs=None):
        seen.append((logs["val_accuracy"], -logs["val_loss"]))
        see(self, epoch, logs)

    monkeypatch.setattr(EarlyStopping, "on_epoch_end", remember_and_see)
    kept = fit_sample(tmp_path, watch="accuracy", epochs=8, learning_rate=0.02, patience=8)

    assert max(seen) != max(seen, key=lambda one: one[1])
    assert kept.metrics["validation"].accuracy == pytest.approx(max(seen)[0])


def test_a_training_that_diverges_is_refused(fit_sample, tmp_path):
    with pytest.raises(TrainingFailed, match="smaller --learning-rate"):
        fit_sample(tmp_path, learning_rate=1e30)


ANSWER = np.array([[0.6, 0.3, 0.1]], np.float32)


def loss(*target):
    return float(multi_label_loss(np.array([target], np.float32), ANSWER)[0])


def accuracy(*target):
    metric = multi_label_accuracy()
    metric.update_state(np.array([target], np.float32), ANSWER)
    return float(metric.result())


def test_with_one_right_class_the_loss_is_the_cross_entropy():
    expected = keras.losses.categorical_crossentropy([[0.0, 1.0, 0.0]], ANSWER)

    assert loss(0, 1, 0) == pytest.approx(float(expected[0]), rel=1e-5)


def test_the_probabilities_of_several_right_classes_add_up():
    assert loss(1, 1, 0) == pytest.approx(-np.log(0.9), rel=1e-5)


def test_a_less_likely_class_counts_less():
    assert loss(0.3, 1, 0) == pytest.approx(-np.log(0.3 * 0.6 + 0.3), rel=1e-5)


def test_a_right_class_with_probability_zero_has_a_finite_loss():
    target, answer = np.array([[0, 1]], np.float32), np.array([[1, 0]], np.float32)

    assert 10 < float(multi_label_loss(target, answer)[0]) < 20


@pytest.mark.parametrize(("target", "right"), [((1, 1, 0), 1), ((0.3, 1, 0), 1), ((0, 1, 1), 0)])
def test_a_prediction_is_right_if_its_likeliest_class_is_a_right_one(target, right):
    assert accuracy(*target) == right
