from benchmarks import machine


def test_what_it_runs_on_is_told():
    told = machine.describe()

    assert told["cores"] > 0
    assert told["processor"] != "unknown"
    assert set(told["versions"]) == set(machine.OWN)


def test_a_machine_without_the_load_generator_can_be_told_about(monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert machine.describe()["wrk"] == "not installed"
