import h5py
import numpy as np
import pytest

from service.errors import ModelRefused
from service.model_file.hdf5_rules import MAX_DECLARED, open_container


@pytest.fixture
def refused(tmp_path):
    """Write a file with a function of it, and return why it is refused."""

    def why(write, **options):
        path = tmp_path / "model.h5"
        with h5py.File(path, "w", **options) as opened:
            write(opened)
        with pytest.raises(ModelRefused) as refusal:
            open_container(path.read_bytes())
        return str(refusal.value)

    return why


def test_what_keras_writes_is_opened(dropout_model):
    with open_container(dropout_model.read_bytes()) as opened:
        assert "model_weights" in opened


def test_arrays_may_be_packed_as_every_hdf5_packs_them(tmp_path):
    with h5py.File(tmp_path / "packed.h5", "w") as opened:
        opened.create_dataset("a", data=np.ones(1000), compression="gzip", shuffle=True)
    with open_container((tmp_path / "packed.h5").read_bytes()) as opened:
        assert opened["a"][()].sum() == 1000


def test_links_are_refused(refused, tmp_path):
    def external(opened):
        opened["weights"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/")

    def soft(opened):
        opened["weights"] = h5py.SoftLink("/elsewhere")

    assert refused(external) == "'weights' is a link to something else, which it must hold"
    assert refused(soft) == "'weights' is a link to something else, which it must hold"


def test_a_group_within_itself_is_refused(refused):
    def write(opened):
        opened.create_group("a")["b"] = opened["/"]

    assert refused(write) == "it holds one object under two names"


def test_numbers_of_other_files_are_refused(refused, tmp_path):
    def virtual(opened):
        layout = h5py.VirtualLayout((4,), "f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "a", (4,))
        opened.create_virtual_dataset("a", layout)

    def external(opened):
        opened.create_dataset("a", (4,), "f4", external=[("/etc/passwd", 0, 16)])

    assert refused(virtual) == "'a' is put together from other arrays"
    assert refused(external) == "the numbers of 'a' lie in another file"


def test_numbers_that_are_not_there_are_refused(refused):
    def write(opened):
        opened.create_dataset("a", (1000,), "f4", chunks=(10,))

    assert refused(write) == "'a' says it has 4000 bytes, but they are missing"


def test_what_unpacks_to_gigabytes_is_refused(refused):
    def write(opened):
        opened.create_dataset("a", (2**30,), "f4", chunks=(2**20,), compression="gzip")

    assert refused(write) == f"its arrays take more than {MAX_DECLARED} bytes, unpacked"


def test_other_packing_is_refused(refused):
    def write(opened):
        opened.create_dataset("a", data=np.ones(1000), compression="lzf")

    assert refused(write) == "'a' is packed in an unknown way"


@pytest.mark.parametrize("kind", [h5py.string_dtype(), h5py.ref_dtype, np.dtype([("a", "f4")])])
def test_arrays_of_something_else_than_numbers_are_refused(refused, kind):
    def write(opened):
        opened.create_dataset("a", (2,), kind)

    assert refused(write) == "'a' holds something else than numbers"


def test_named_types_are_refused(refused):
    def write(opened):
        opened["a"] = np.dtype("f4")

    assert refused(write) == "'a' is neither a group nor an array"


def test_attributes_of_odd_types_and_sizes_are_refused(refused):
    def odd(opened):
        opened.attrs["a"] = opened["/"].ref

    def large(opened):
        opened.attrs["a"] = np.zeros(2**20)

    def many(opened):
        for index in range(1001):
            opened.attrs[str(index)] = 1

    assert refused(odd) == "its attribute 'a' is neither text nor numbers"
    assert refused(large, libver="latest") == "its attribute 'a' is larger than 4194304 bytes"
    assert refused(many, libver="latest") == "an object of it has more than 1000 attributes"


def test_deep_and_crowded_files_are_refused(refused):
    def deep(opened):
        opened.create_group("/".join("a" * 21))

    def crowded(opened):
        for index in range(10_000):
            opened.create_group(str(index))

    assert refused(deep) == "its groups are more than 20 deep"
    assert refused(crowded) == "it holds more than 10000 objects"


def test_something_before_the_content_is_refused(refused):
    assert refused(lambda opened: None, userblock_size=512) == (
        "it has something else before its HDF5 content"
    )
