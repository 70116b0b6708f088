import h5py
import numpy as np
import pytest

from service.errors import ModelRefused
from service.model_file.hdf5_rules import MAX_UNPACKED_BYTES, open_hdf5


@pytest.fixture
def refusal(tmp_path):
    """Write a file with a function, and return why it is refused."""

    def why(write, **options):
        path = tmp_path / "model.h5"
        with h5py.File(path, "w", **options) as opened:
            write(opened)
        with pytest.raises(ModelRefused) as refused:
            open_hdf5(path.read_bytes())
        return str(refused.value)

    return why


def test_a_file_by_keras_is_opened(dropout_model):
    with open_hdf5(dropout_model.read_bytes()) as opened:
        assert "model_weights" in opened


def test_common_compression_is_allowed(tmp_path):
    with h5py.File(tmp_path / "packed.h5", "w") as opened:
        opened.create_dataset("a", data=np.ones(1000), compression="gzip", shuffle=True)
    with open_hdf5((tmp_path / "packed.h5").read_bytes()) as opened:
        assert opened["a"][()].sum() == 1000


def virtual_array(opened):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "a", (4,))
    opened.create_virtual_dataset("a", layout)


def external_array(opened):
    opened.create_dataset("a", (4,), "f4", external=[("/etc/passwd", 0, 16)])


def array_without_data(opened):
    opened.create_dataset("a", (1000,), "f4", chunks=(10,))


def array_of_gigabytes(opened):
    opened.create_dataset("a", (2**30,), "f4", chunks=(2**20,), compression="gzip")


def other_compression(opened):
    opened.create_dataset("a", data=np.ones(1000), compression="lzf")


def external_link(opened):
    opened["a"] = h5py.ExternalLink("other.h5", "/")


def soft_link(opened):
    opened["a"] = h5py.SoftLink("/elsewhere")


def group_within_itself(opened):
    opened.create_group("a")["b"] = opened["/"]


def named_type(opened):
    opened["a"] = np.dtype("f4")


def deep_groups(opened):
    opened.create_group("/".join("a" * 21))


def many_groups(opened):
    for index in range(10_000):
        opened.create_group(str(index))


def reference_attribute(opened):
    opened.attrs["a"] = opened["/"].ref


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (virtual_array, "'a' is composed of other arrays"),
        (external_array, "'a' stores its numbers in another file"),
        (array_without_data, "'a' declares 4000 bytes, but stores fewer"),
        (array_of_gigabytes, f"its arrays take more than {MAX_UNPACKED_BYTES} bytes, unpacked"),
        (other_compression, "'a' is compressed in a way that is not allowed"),
        (external_link, "'a' is a link, which is not allowed"),
        (soft_link, "'a' is a link, which is not allowed"),
        (group_within_itself, "it holds one object under two names"),
        (named_type, "'a' is neither a group nor an array"),
        (deep_groups, "its groups are more than 20 deep"),
        (many_groups, "it holds more than 10000 objects"),
        (reference_attribute, "its attribute 'a' is neither text nor numbers"),
    ],
)
def test_what_keras_never_writes_is_refused(refusal, write, reason):
    assert refusal(write) == reason


@pytest.mark.parametrize("kind", [h5py.string_dtype(), h5py.ref_dtype, np.dtype([("a", "f4")])])
def test_arrays_of_other_data_than_numbers_are_refused(refusal, kind):
    assert refusal(lambda opened: opened.create_dataset("a", (2,), kind)) == (
        "'a' holds data other than numbers"
    )


def test_large_and_numerous_attributes_are_refused(refusal):
    def large(opened):
        opened.attrs["a"] = np.zeros(2**20)

    def many(opened):
        for index in range(1001):
            opened.attrs[str(index)] = 1

    assert refusal(large, libver="latest") == "its attribute 'a' is larger than 4194304 bytes"
    assert refusal(many, libver="latest") == "one of its objects has more than 1000 attributes"


def test_content_before_the_hdf5_content_is_refused(refusal):
    assert refusal(lambda opened: None, userblock_size=512) == (
        "it has other content before its HDF5 content"
    )
