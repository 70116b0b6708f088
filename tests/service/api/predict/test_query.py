import pytest

from service.api.predict.query import OptionsReader
from service.errors import Fault, InvalidParameter


@pytest.fixture
def read():
    """Read the options of a query; the service's own confidence is 0.6."""
    reader = OptionsReader(min_confidence=0.6)
    return lambda query: reader.read({"query_string": query.encode()})


def test_without_a_query_the_defaults_hold(read):
    options = read("")

    assert (options.top_k, options.fit, options.min_confidence) == (None, "auto", 0.6)
    assert not options.raw
    assert not options.preview


def test_a_query_overrides_them(read):
    options = read("top_k=3&min_confidence=0.9&raw=true&preview=1&fit=exact")

    assert (options.top_k, options.min_confidence) == (3, 0.9)
    assert options.raw
    assert options.preview


@pytest.mark.parametrize("fit", ["auto", "exact", "photo"])
def test_each_way_to_take_a_picture_can_be_asked_for(read, fit):
    assert read(f"fit={fit}").fit == fit


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("top_k=0", "query/top_k"),
        ("top_k=11", "query/top_k"),
        ("top_k=", "query/top_k"),
        ("top_k=three", "query/top_k"),
        ("min_confidence=nan", "query/min_confidence"),
        ("min_confidence=1.1", "query/min_confidence"),
        ("fit=stretch", "query/fit"),
        ("raw=maybe", "query/raw"),
        ("topk=3", "query/topk"),
        ("top_k=3&top_k=4", "query/top_k"),
        ("%ff=1", "query/�"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(read, query, pointer):
    with pytest.raises(InvalidParameter) as refusal:
        read(query)

    assert refusal.value.faults[0].pointer == pointer


def test_everything_wrong_is_said_at_once(read):
    with pytest.raises(InvalidParameter) as refusal:
        read("top_k=0&fit=stretch")

    assert [type(fault) for fault in refusal.value.faults] == [Fault, Fault]
