import time

from service.processes.shutdown import Departure


def steps(taken):
    """Three steps that note when they are taken."""
    return {name: lambda name=name: taken.append(name) for name in ("announce", "drain", "kill")}


def test_until_it_begins_nothing_is_due():
    departure = Departure()
    departure.take_due_steps()

    assert not departure.begun
    assert departure.seconds_to_next() == float("inf")


def test_it_is_announced_at_once_and_drains_after_the_delay():
    taken, departure = [], Departure()
    departure.begin(0.05, **steps(taken))
    departure.take_due_steps()
    assert taken == ["announce"]

    time.sleep(departure.seconds_to_next())
    departure.take_due_steps()
    assert taken == ["announce", "drain"]
    assert 25 < departure.seconds_to_next() <= 30


def test_a_second_word_without_a_delay_ends_the_wait():
    taken, departure = [], Departure()
    departure.begin(600, **steps(taken))
    departure.begin(0, **steps(taken))
    departure.take_due_steps()

    assert taken == ["announce", "drain"]
