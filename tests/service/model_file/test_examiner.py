import hashlib
import os
import subprocess
import sys
import textwrap

import pytest

from service.errors import ModelRefused
from service.model_file.examiner import ExaminerLimits, examine


def test_a_refusal_names_the_file_the_reason_and_the_digest(tmp_path):
    path = tmp_path / "notes.h5"
    path.write_text("not a model")

    with pytest.raises(ModelRefused, match=f"{path} may not serve: it is not an HDF5") as refusal:
        examine(path)
    assert refusal.value.digest == hashlib.sha256(b"not a model").hexdigest()


def test_the_refusal_of_a_missing_file_has_no_digest(tmp_path):
    with pytest.raises(ModelRefused, match="there is no such file") as refusal:
        examine(tmp_path / "none.h5")
    assert refusal.value.digest is None


def test_only_the_pinned_file_may_serve(dropout_model):
    digest = hashlib.sha256(dropout_model.read_bytes()).hexdigest()

    assert examine(dropout_model, ExaminerLimits(pinned=digest.upper()))
    with pytest.raises(ModelRefused, match="FASHION_MODEL_SHA256") as refusal:
        examine(dropout_model, ExaminerLimits(pinned="0" * 64))
    assert refusal.value.digest == digest


def test_the_child_gets_no_secrets(dropout_model, tmp_path, monkeypatch):
    seen = tmp_path / "seen"
    (tmp_path / "sitecustomize.py").write_text(
        f"import os; open({str(seen)!r}, 'w').write(repr(dict(os.environ)))"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("FASHION_API_KEYS", "a secret")
    monkeypatch.setenv("CLOUD_TOKEN", "a secret")
    examine(dropout_model)

    assert "PYTHONPATH" in seen.read_text()
    assert "a secret" not in seen.read_text()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("SIGKILL", "the examining process was killed, probably for lack of memory"),
        ("SIGSEGV", r"\(SIGSEGV\), so it is damaged"),
    ],
)
def test_a_child_ended_by_a_signal_is_a_refusal_with_its_meaning(
    dropout_model, tmp_path, monkeypatch, name, reason
):
    (tmp_path / "sitecustomize.py").write_text(
        f"import os, signal; os.kill(os.getpid(), signal.{name})"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)

    with pytest.raises(ModelRefused, match=reason):
        examine(dropout_model)


def test_too_little_memory_is_a_refusal_that_says_so(dropout_model):
    with pytest.raises(ModelRefused, match=r"(?i)memory"):
        examine(dropout_model, ExaminerLimits(memory_mib=64))


def test_too_little_time_is_a_refusal(network, tmp_path):
    network().save(tmp_path / "plain.h5")

    with pytest.raises(ModelRefused, match=r"more than 1 s|took too long"):
        examine(tmp_path / "plain.h5", ExaminerLimits(seconds=1))


def test_a_plain_file_loads_tensorflow_only_in_the_child(network, tmp_path):
    network(name="패션_MNIST_모델").save(tmp_path / "plain.h5")
    script = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from service.model.examined import ExaminedModel
        from service.model_file.examiner import examine
        model = ExaminedModel.from_bytes(examine(Path({str(tmp_path / "plain.h5")!r})))
        print(model.facts.architecture.parameters.total)
        print(sorted({{"tensorflow", "keras", "h5py"}} & set(sys.modules)))
    """)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["15910", "[]"]
