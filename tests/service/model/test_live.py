from service.fashion import to_rows
from service.model.classifier import Classifier
from service.model.live import LiveModel


def test_it_answers_as_its_graph_does_and_says_which_file_it_came_from(examined, real_pixels):
    live = LiveModel(examined)
    rows = to_rows(real_pixels[:3])

    assert (live.probabilities(rows) == Classifier(examined.graph).probabilities(rows)).all()
    assert live.digest == examined.digest
    assert examined.digest.startswith(live.version)
