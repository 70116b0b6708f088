from service.model.facts import Facts
from training.card import card


def test_the_shipped_card_is_made_from_the_shipped_file(examined, shipped_model):
    assert shipped_model.with_name("README.md").read_text() == card(examined.facts) + "\n"


def test_a_card_has_recipe_data_metrics_use_and_limits(examined):
    text = card(examined.facts)

    assert "| recipe | dropout |" in text
    assert "The official Fashion-MNIST data: 48000 for train" in text
    assert f"| all | {examined.facts.metrics['train'].accuracy:.4f} |" in text
    assert "| Ankle boot | 0." in text
    assert "## Intended use" in text
    assert "## Limits" in text


def test_a_converted_file_has_a_card_that_says_what_is_unknown(examined):
    text = card(Facts(architecture=examined.facts.architecture))

    assert "The file does not say what the network was trained on." in text
    assert "## Accuracy" not in text
    assert "None" not in text.partition("## Data")[2]
