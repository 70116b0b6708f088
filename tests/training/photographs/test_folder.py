import json

import numpy as np
import pytest

from service.fashion_mnist import CLASS_NAMES
from training.photographs.folder import PhotographsRefused, find_photographs


@pytest.fixture
def folder(tmp_path):
    """Make a folder with sub-folders of these names, each with an empty file."""

    def make(*names):
        for name in names:
            (tmp_path / "photographs" / name).mkdir(parents=True)
            (tmp_path / "photographs" / name / "one.jpg").touch()
        return tmp_path / "photographs"

    return make


@pytest.fixture
def mapping(tmp_path):
    """Write a mapping file."""

    def write(**choices):
        path = tmp_path / "mapping.json"
        path.write_text(json.dumps(choices))
        return path

    return write


def targets(found):
    return {one.label: one.target.tolist() for one in found.photographs}


def only(*indexes):
    return [float(index in indexes) for index in range(10)]


@pytest.mark.parametrize("name", ["Ankle boot", "ankle-boot", "ANKLE_BOOT"])
def test_a_folder_may_be_named_after_a_class_in_any_spelling(folder, name):
    assert targets(find_photographs(folder(name))) == {name: only(9)}


def test_a_folder_can_be_named_after_every_class(folder):
    names = [name.replace("/", " ") for name in CLASS_NAMES]

    assert len(find_photographs(folder(*names)).photographs) == 10


def test_a_folder_of_another_name_is_left_out_and_named(folder):
    assert find_photographs(folder("coat", "sock")).left_out == {"sock": "no class has this name"}


def test_a_mapping_gives_the_classes_of_its_folders(folder, mapping):
    found = find_photographs(
        folder("boots", "hats", "skirts"), mapping(boots=[9, 7], hats=[], skirts=None)
    )

    assert targets(found) == {"boots": only(7, 9), "hats": only()}
    assert [one.label for one in found.photographs if one.is_out_of_distribution] == ["hats"]
    assert found.left_out == {"skirts": "the mapping says so"}


def test_a_class_with_its_own_folder_is_less_likely_in_others(folder, mapping):
    found = find_photographs(folder("long", "short"), mapping(long=[2, 0], short=[0]))

    assert np.allclose(targets(found)["long"], [0.3, 0, 1, 0, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize(
    "text", ["", "[]", '{"a": 3}', '{"a": [10]}', '{"a": [-1]}', '{"a": [true]}', '{"a": ["1"]}']
)
def test_a_malformed_mapping_is_refused(folder, tmp_path, text):
    (tmp_path / "mapping.json").write_text(text)

    with pytest.raises(PhotographsRefused, match="--extra-mapping"):
        find_photographs(folder("a"), tmp_path / "mapping.json")


def test_a_folder_without_photographs_of_a_class_is_refused(folder, mapping):
    with pytest.raises(PhotographsRefused, match="no photograph of the ten classes"):
        find_photographs(folder("sock"))
    with pytest.raises(PhotographsRefused, match="no photograph of the ten classes"):
        find_photographs(folder(), mapping(sock=[]))


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(PhotographsRefused, match="is not a folder"):
        find_photographs(tmp_path / "nowhere")
