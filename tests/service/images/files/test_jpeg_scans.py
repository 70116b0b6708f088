import io
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from service.errors import UnreadableImage
from service.images.files.decode import LONGEST, open_image, to_colour
from service.images.files.jpeg_scans import MOST_SCANS, check_scans, without_detail

START = b"\xff\xda"
NOISE = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)


@pytest.fixture
def jpeg():
    """A progressive JPEG, and its last scan."""
    file = io.BytesIO()
    Image.fromarray(NOISE).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    return data, data[data.rindex(START) : -2]


def test_as_many_scans_as_the_limit_are_taken_and_one_more_is_refused(jpeg):
    data, scan = jpeg
    more = MOST_SCANS - data.count(START)
    check_scans(data[:-2] + scan * more + data[-2:])
    with pytest.raises(UnreadableImage, match="more than 64 scans"):
        check_scans(data[:-2] + scan * (more + 1) + data[-2:])


def test_an_opened_jpeg_has_been_checked(jpeg):
    data, scan = jpeg
    with pytest.raises(UnreadableImage, match="more than 64 scans"):
        open_image(data[:-2] + scan * 100 + data[-2:], max_pixels=10_000)


def test_the_film_behind_a_phones_picture_is_no_scan(jpeg):
    data, _ = jpeg
    check_scans(data + START * 1000)


def test_what_looks_like_a_scan_in_a_note_is_none(jpeg):
    data, _ = jpeg
    note = b"\xff\xe1" + (2 + 2000).to_bytes(2, "big") + START * 1000
    check_scans(data[:2] + note + data[2:])


def test_an_end_in_a_note_hides_no_scans(jpeg):
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
def test_a_cut_file_is_left_to_the_decoder(jpeg, tail):
    data, _ = jpeg
    check_scans(data[:100] + tail)


LARGE = Image.fromarray(NOISE).resize((8 * LONGEST + 13, 8 * LONGEST - 77))


def progressive(image, **options):
    file = io.BytesIO()
    image.save(file, "JPEG", progressive=True, **options)
    return file.getvalue()


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_at_an_eighth_of_its_size_a_jpeg_without_detail_looks_the_same(mode, subsampling):
    image = Image.effect_noise(LARGE.size, 90) if mode == "L" else LARGE.convert(mode)
    data = progressive(image, subsampling=subsampling)
    whole = Image.open(io.BytesIO(data))
    whole.draft(None, (LONGEST, LONGEST - 20))
    opened = open_image(data, max_pixels=40_000_000)
    opened.draft(None, (LONGEST, LONGEST - 20))
    assert opened.size == whole.size == (LONGEST + 2, LONGEST - 9)
    assert opened.fp.getbuffer().nbytes < 0.8 * len(data)
    assert np.array_equal(np.asarray(opened), np.asarray(whole))


def scans_of(data):
    """Return what stands before the first scan, and the scans, each with its tables."""
    places = [one.start() for one in re.finditer(rb"(\xff\xc4\0[^\xff]*)*\xff\xda", data)]
    return data[: places[0]], [data[a:b] for a, b in pairwise([*places, len(data) - 2])]


def drafted(image):
    image.draft(None, (LONGEST, LONGEST - 20))
    return np.asarray(image)


def test_a_jpeg_that_starts_with_its_finest_detail_looks_the_same():
    data = progressive(LARGE.convert("L"))
    head, scans = scans_of(data)
    coarse = [
        one for one in scans if one[one.index(START) + 7] == 1 and one[one.index(START) + 9] < 16
    ]
    assert coarse
    odd = b"".join([head, *(one for one in scans if one not in coarse), b"\xff\xd9"])
    wanted = drafted(Image.open(io.BytesIO(odd)))
    assert np.array_equal(drafted(open_image(odd, max_pixels=40_000_000)), wanted)


def test_a_jpeg_with_places_to_restart_at_looks_the_same():
    data = progressive(LARGE, restart_marker_blocks=7)
    wanted = drafted(Image.open(io.BytesIO(data)))
    assert np.array_equal(drafted(open_image(data, max_pixels=40_000_000)), wanted)


def test_a_jpeg_damaged_within_its_detail_is_left_to_the_decoder():
    data = progressive(LARGE, restart_marker_blocks=7)
    middle = len(data) // 2
    damaged = data[:middle] + b"\xff\x42" + data[middle + 2 :]
    assert without_detail(damaged, {1, 2, 3}) == damaged


def test_where_more_than_means_are_shown_nothing_is_left_out():
    data = progressive(LARGE)
    whole, opened = Image.open(io.BytesIO(data)), open_image(data, max_pixels=40_000_000)
    for image in (whole, opened):
        image.draft(None, (1000, 1000))
    assert np.array_equal(np.asarray(opened), np.asarray(whole))


def test_a_jpeg_that_is_cut_short_in_its_detail_is_refused_all_the_same():
    data = progressive(LARGE)
    cut = data[: data.rindex(START) + 5000]
    assert without_detail(cut, {1}) == cut
    with pytest.raises(UnreadableImage, match="cut short"):
        to_colour(open_image(cut, max_pixels=40_000_000))


def test_what_follows_a_picture_in_its_file_stays(jpeg):
    data, _ = jpeg
    film = b"film" + data
    assert without_detail(data + film, {1}).endswith(film)


@pytest.mark.parametrize("header", [b"", b"\x01", b"\x01\x01", b"\x00\x00\x00\x00", b"\x05" * 5])
def test_a_scan_that_says_nothing_of_itself_is_no_error(header):
    broken = b"\xff\xd8" + START + b"\0\x03" + header + b"\xff\xd9"
    assert without_detail(broken, {1}).endswith(b"\xff\xd9")
