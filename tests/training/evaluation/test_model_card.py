from service.model.facts import CalibrationFacts, ConfidenceFacts, Facts, OutOfDistributionFacts
from training.evaluation.model_card import card


def test_the_shipped_card_is_made_from_the_shipped_file(examined, shipped_model):
    assert shipped_model.with_name("README.md").read_text() == card(examined.facts) + "\n"


def test_a_card_has_recipe_data_metrics_use_and_limits(examined):
    text = card(examined.facts)

    assert "| recipe | cnn |" in text
    assert "The official Fashion-MNIST data: 54000 for train" in text
    assert f"| all | {examined.facts.metrics['train'].accuracy:.4f} |" in text
    assert "| Ankle boot | 0." in text
    assert "## Intended use" in text
    assert "## Limits" in text


def test_a_card_gives_the_command_that_trains_such_a_model(examined, dropout):
    shipped = "fashion-train train --recipe cnn --extra-data DIR [--extra-mapping FILE]"
    sgd = {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.9, "nesterov": True}
    other = dropout.facts.settings | sgd | {"epochs": 7}

    assert f"## Made by\n\n```text\n{shipped}\n```" in card(examined.facts)
    assert "```text\nfashion-train train --recipe dropout\n```" in card(dropout.facts)
    assert "--recipe dropout --optimizer sgd --epochs 7 --momentum 0.9 --nesterov\n" in card(
        dropout.facts.model_copy(update={"settings": other})
    )


def test_a_card_says_whether_it_was_trained_on_photographs(examined, dropout):
    assert "or in a photograph of one garment" in card(examined.facts)
    assert "It was not trained on photographs" in card(dropout.facts)


def test_a_card_says_how_it_was_calibrated(dropout):
    strangers = OutOfDistributionFacts(quantiles=(0.1, 0.2), threshold=0.96)
    confidence = ConfidenceFacts(
        exact=CalibrationFacts(temperature=1.234, out_of_distribution=strangers)
    )
    text = card(dropout.facts.model_copy(update={"confidence": confidence}))

    assert "| exact | 1.23 | 0.96 |" in text
    assert "A confidence is calibrated" in text
    assert "Not every stranger gets a high score" in text
    assert "mostly called a bag" not in text
    assert "## Confidence" not in card(dropout.facts)


def test_the_card_of_a_converted_file_says_what_is_unknown(examined):
    text = card(Facts(architecture=examined.facts.architecture))

    assert "The file does not say what the network was trained on." in text
    assert "## Accuracy" not in text
    assert "None" not in text.partition("## Data")[2]
