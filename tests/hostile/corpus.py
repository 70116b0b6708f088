"""Hostile pictures, generated for each run and always the same.

Each is a name and the bytes of a file.
"""

import io
import struct
import zipfile
import zlib

import numpy as np
from PIL import Image

from tests.hostile.bombs import bombs
from tests.hostile.files import COLOUR, MIB, encode, sound_files

MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB")
RARE = ("HSV", "I", "I;16", "I;16B", "F")
READ = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "MPO")


def in_mode(mode, side=28):
    """Return a picture in a colour mode, through one that Pillow can convert from."""
    image = Image.fromarray(COLOUR).resize((side, side))
    way = {"La": "LA", "PA": "LA", "RGBa": "RGBA", "I;16": "L", "I;16B": "I;16", "LAB": None}
    if mode == "LAB":
        return Image.frombytes("LAB", image.size, image.tobytes())
    if mode == "I;16B":
        return Image.frombytes("I;16B", image.size, bytes(2 * side * side))
    via = way.get(mode)
    return (image.convert(via) if via else image).convert(mode)


def every_mode():
    """Yield each mode in each format that supports it, in the right size and in wrong ones."""
    for kind in READ:
        for mode in (*MODES, *RARE):
            for side in (28, 27, 1, 900):
                try:
                    yield f"{kind} {mode} {side}", encode(in_mode(mode, side), kind)
                except (OSError, ValueError, KeyError):
                    break


def truncated(random, count=16):
    """Yield each valid file, truncated at many places."""
    for name, data in sound_files().items():
        for end in sorted({1, 8, len(data) - 1, *random.integers(1, len(data), count).tolist()}):
            yield f"{name} cut at {end}", data[:end]


def flipped(random, count=16):
    """Yield each valid file with bits flipped and bytes inserted or deleted."""
    for name, data in sound_files().items():
        for turn in range(count):
            yield f"{name} damaged {turn}", damage(data, random)


def damage(data, random):
    """Return a file with a few bits, bytes or runs of bytes changed."""
    changed = bytearray(data)
    for place in random.integers(0, len(data), random.integers(1, 8)).tolist():
        match random.integers(5):
            case 0 | 1:
                changed[place % len(changed)] ^= 1 << int(random.integers(8))
            case 2:
                changed[place : place + 4] = random.choice(EDGES)
            case 3:
                changed[place:place] = changed[: random.integers(1, 64)]
            case 4 if len(changed) > 64:
                del changed[place : place + int(random.integers(1, 16))]
    return bytes(changed)


EDGES = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1"]


def polyglots():
    """Yield valid pictures that are valid files of another kind too."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo("a.txt"), "text")
    tails = {
        "zip": archive.getvalue(),
        "pdf": b"%PDF-1.7\n%%EOF",
        "html": b"<script>alert(1)</script>",
        "php": b"<?php system('id'); ?>",
        "zeros": bytes(4 * MIB),
    }
    for name, data in sound_files().items():
        for other, tail in tails.items():
            yield f"{name} and {other}", data + tail
        yield f"zip and {name}", tails["zip"] + data


MAGICS = {
    "PSD": b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 28, 28, 8, 3),
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 28 28\n(%pipe%id) (w) file\n",
    "FITS": b"SIMPLE  =                    T" + b" " * 2850,
    "ICNS": b"icns\0\0\1\0ic07\0\0\0\xff",
    "J2K": b"\xff\x4f\xff\x51\0\x2f" + bytes(60),
    "JP2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60),
    "JXL": b"\xff\x0a" + bytes(60),
    "PDF": b"%PDF-1.7\n1 0 obj\n<</JS (app.alert(1))>>\nendobj\n%%EOF",
    "SVG": b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;',
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60),
    "AVIF": b"\0\0\0\x18ftypavif\0\0\0\0avifmif1" + bytes(60),
    "ftyp without end": b"\xff\xff\xff\xffftyp" + bytes(100_000),
    "WMF": b"\xd7\xcd\xc6\x9a" + bytes(60),
    "ELF": b"\x7fELF" + bytes(60),
    "GZIP": zlib.compress(bytes(1000), wbits=31),
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(60),
    "WAVE": b"RIFF\x24\0\0\0WAVEfmt ",
    "text": "ein Bild 🖼".encode(),
    "nothing": b"",
    "one byte": b"\x89",
    "zeros": bytes(MIB),
}


def other_formats():
    """Yield files in unsupported formats, some written by Pillow."""
    yield from MAGICS.items()
    image = Image.fromarray(COLOUR)
    for kind in ["AVIF", "DDS", "EPS", "ICNS", "ICO", "JPEG2000", "PCX", "PPM", "SGI", "TGA"]:
        yield f"true {kind}", encode(image, kind)


def everything(seed=7):
    """Yield the name and bytes of every hostile picture."""
    random = np.random.default_rng(seed)
    for family in (every_mode(), truncated(random), flipped(random), bombs(), polyglots()):
        yield from family
    yield from other_formats()
