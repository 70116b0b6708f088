from benchmarks.servers import REFERENCES, service
from benchmarks.targets import COMPARISONS, at_least, at_most


def test_every_figure_is_of_servers_that_exist():
    known = {service().name, service(2).name, *REFERENCES}
    named = {one.server for one in COMPARISONS} | {
        one.reference for one in COMPARISONS if one.reference
    }

    assert named == known


def test_bounds_point_the_way_they_say():
    assert at_least(3).is_met(4)
    assert at_most(3).is_met(2)
