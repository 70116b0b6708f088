import pytest

from benchmarks.__main__ import chosen
from benchmarks.servers import DidNotStart


def test_references_are_chosen_by_name():
    assert [server.name for server in chosen("tutorial,ceiling")] == ["tutorial", "ceiling"]
    assert chosen("") == []


def test_an_unknown_reference_is_named_beside_those_that_exist():
    with pytest.raises(DidNotStart, match=r"no reference 'other': there are ceiling"):
        chosen("ceiling,other")
