from service.model.examiner import Limits
from service.plan import Plan


def test_a_plan_survives_the_way_to_the_supervisor():
    plan = Plan("::1", 0, 3, "models/one.h5", 0.5, 5, "debug", Limits(seconds=7))

    assert Plan.from_json(plan.to_json()) == plan
