from benchmarks.growth import FULL, QUICK


def test_memory_is_weighed_after_ten_thousand_and_a_million_requests():
    assert (FULL.first_requests, FULL.last_requests) == (10_000, 1_000_000)
    assert QUICK.last_requests < FULL.last_requests
