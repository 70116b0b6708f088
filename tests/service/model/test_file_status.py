from service.model.file_status import Candidate


def test_it_survives_the_way_to_a_worker():
    candidate = Candidate("abc", "it is damaged", 3)

    assert Candidate.from_json(candidate.to_json()) == candidate
