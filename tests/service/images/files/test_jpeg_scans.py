import numpy as np
import pytest
from PIL import Image

from service.errors import UnreadableImage
from service.images.files.decode import open_image
from service.images.files.jpeg_scans import MAX_SCANS, check_scans
from tests.hostile.files import encode

START = b"\xff\xda"
NOISE = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)


@pytest.fixture
def jpeg():
    """A progressive JPEG, and its last scan."""
    data = encode(Image.fromarray(NOISE), "JPEG", progressive=True)
    return data, data[data.rindex(START) : -2]


def test_one_scan_above_the_limit_is_refused(jpeg):
    data, scan = jpeg
    more = MAX_SCANS - data.count(START)
    check_scans(data[:-2] + scan * more + data[-2:])
    with pytest.raises(UnreadableImage, match="more than 64 scans"):
        check_scans(data[:-2] + scan * (more + 1) + data[-2:])


def test_an_opened_jpeg_has_been_checked(jpeg):
    data, scan = jpeg
    with pytest.raises(UnreadableImage, match="more than 64 scans"):
        open_image(data[:-2] + scan * 100 + data[-2:], max_pixels=10_000)


def test_scans_in_metadata_or_in_a_video_behind_the_picture_do_not_count(jpeg):
    data, _ = jpeg
    check_scans(data + START * 1000)
    note = b"\xff\xe1" + (2 + 2000).to_bytes(2, "big") + START * 1000
    check_scans(data[:2] + note + data[2:])


def test_an_end_marker_in_metadata_hides_no_scans(jpeg):
    data, scan = jpeg
    note = b"\xff\xe1" + (2 + 2).to_bytes(2, "big") + b"\xff\xd9"
    with pytest.raises(UnreadableImage):
        check_scans(data[:2] + note + data[2:-2] + (note + scan) * 100 + data[-2:])


def test_a_jpeg_in_a_million_pieces_is_refused_at_once(jpeg):
    data, scan = jpeg
    pieces = b"\xff\xe1\0\2" * 1_000_000
    for place in (2, data.index(START)):
        with pytest.raises(UnreadableImage, match="more pieces"):
            check_scans(data[:place] + pieces + scan * 100 + data[place:])


@pytest.mark.parametrize("tail", [b"", b"\xff", b"\xff\xda", b"\xff\xda\0", b"\xff\xe1\xff\xff"])
def test_a_truncated_file_is_left_to_the_decoder(jpeg, tail):
    data, _ = jpeg
    check_scans(data[:100] + tail)
