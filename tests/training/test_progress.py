from training.progress import epoch_bars, progress_bars, track


def show(quiet):
    with progress_bars(quiet) as bars:
        callback = epoch_bars(bars, epochs=20, steps=100)
        callback.on_epoch_begin(2, {})
        for step in range(100):
            callback.on_train_batch_end(step, {"loss": 0.5, "accuracy": 0.75})
        figures = {"loss": 0.4, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.7}
        callback.on_epoch_end(2, figures)


def test_an_epoch_shows_training_and_validation_figures(capsys):
    show(quiet=False)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("epoch 3/20 ")
    assert "loss 0.400, accuracy 0.800; validation 0.600, 0.700 0:00:00" in shown.err
    assert max(map(len, shown.err.splitlines())) <= 80


def test_quiet_shows_nothing(capsys):
    show(quiet=True)

    assert capsys.readouterr() == ("", "")


def test_a_bar_counts_the_items(capsys):
    assert list(track("abc", 3, "letters", quiet=False)) == ["a", "b", "c"]
    assert capsys.readouterr().err.startswith("letters ")
