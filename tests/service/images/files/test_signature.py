import pytest

from service.errors import EmptyBody, UnsupportedMediaType
from service.images.files.signature import picture_format


@pytest.mark.parametrize(
    ("start", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"BM", "BMP"),
        (b"GIF87a", "GIF"),
        (b"GIF89a", "GIF"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "WebP"),
        (b"II*\0", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"II+\0", "TIFF"),
        (b"MM\0+", "TIFF"),
    ],
)
def test_the_first_bytes_alone_tell_the_format(start, name):
    assert picture_format(start + bytes(20)) == name


def test_no_bytes_are_an_empty_body():
    with pytest.raises(EmptyBody, match="empty"):
        picture_format(b"")


@pytest.mark.parametrize(
    "data",
    [
        b"This is no picture.\n",
        b"8BPS\0\1",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"icns\0\0\0\x08",
        b"SIMPLE  =                    T",
        b"\0\0\0\x0cjP  \r\n\x87\n",
        b"%PDF-1.7",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
        b"\x89PN",
        b"\0",
    ],
)
def test_anything_else_is_refused_with_the_formats_that_are_taken(data):
    with pytest.raises(UnsupportedMediaType, match="PNG, JPEG, BMP, GIF, WebP or TIFF"):
        picture_format(data)


@pytest.mark.parametrize(
    ("brands", "name"),
    [
        (b"heic\0\0\0\0mif1heic", "HEIC"),
        (b"mif1\0\0\0\0heicmif1", "HEIC"),
        (b"mif1\0\0\0\0mif1miaf", "HEIF"),
        (b"avif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"mif1\0\0\0\0avif", "AVIF"),
        (b"avis\0\0\0\0msf1", "AVIF"),
    ],
)
def test_a_phones_other_formats_are_named_with_what_to_do(brands, name):
    size = (8 + len(brands)).to_bytes(4, "big")
    with pytest.raises(UnsupportedMediaType, match=f"{name}, .*convert it as JPEG or PNG"):
        picture_format(size + b"ftyp" + brands + b"\0\0\0\x10meta")


def test_a_brand_outside_the_list_of_brands_does_not_count():
    with pytest.raises(UnsupportedMediaType, match="not a picture in a supported"):
        picture_format(b"\0\0\0\x14ftypmp42\0\0\0\0isomheicheic")
