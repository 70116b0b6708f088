import os
import subprocess
import sys
import textwrap

import pytest

from service.errors import ModelRefused
from service.model.examined import ExaminedModel
from service.model.examiner import Limits, examine


def test_a_good_file_is_handed_over(shipped_model):
    model = ExaminedModel.from_bytes(examine(shipped_model))

    assert model.facts.recipe == "dropout"
    assert model.graph


def test_the_refusal_names_the_file_and_the_reason(tmp_path):
    with pytest.raises(ModelRefused, match=rf"{tmp_path}/none\.h5 may not serve: there is no such"):
        examine(tmp_path / "none.h5")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(shipped_model, tmp_path, share):
    data = shipped_model.read_bytes()
    cut = tmp_path / "cut.h5"
    cut.write_bytes(data[: int(len(data) * share)])

    with pytest.raises(ModelRefused, match="damaged"):
        examine(cut)


def test_a_pipe_in_place_of_a_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ModelRefused, match="not a regular file"):
        examine(tmp_path / "pipe")


def test_too_little_memory_is_a_refusal_not_a_crash(shipped_model):
    with pytest.raises(ModelRefused, match=r"memory|failed|damaged"):
        examine(shipped_model, Limits(memory_mib=64))


def test_too_little_time_is_a_refusal(network, tmp_path):
    network().save(tmp_path / "plain.h5")

    with pytest.raises(ModelRefused, match=r"more than 1 s|SIGXCPU"):
        examine(tmp_path / "plain.h5", Limits(seconds=1))


def test_a_plain_file_is_opened_with_tensorflow_in_the_child_alone(network, tmp_path):
    network(name="패션_MNIST_모델").save(tmp_path / "plain.h5")
    script = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from service.model.examined import ExaminedModel
        from service.model.examiner import examine
        model = ExaminedModel.from_bytes(examine(Path({str(tmp_path / "plain.h5")!r})))
        print(model.facts.architecture.parameters.total)
        print(sorted({{"tensorflow", "keras", "h5py"}} & set(sys.modules)))
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["15910", "[]"]
