"""Valid picture files of every supported kind, the sources of hostile ones."""

import io

import numpy as np
from PIL import Image

GREY = np.add.outer(np.arange(28) * 5, np.arange(28) * 4).astype(np.uint8)
COLOUR = np.dstack([GREY, GREY[::-1], 255 - GREY[:, ::-1] // 2])
SIGNATURE = b"\x89PNG\r\n\x1a\n"
MIB = 2**20


def encode(image, kind="PNG", **options):
    """Return the bytes of a picture file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def orientation(number):
    """Return the EXIF block that says how a picture is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = number
    return exif


def sound_files():
    """Return one file of each supported kind, by name."""
    image = Image.fromarray(COLOUR)
    frames = {"save_all": True, "append_images": [Image.fromarray(255 - COLOUR)]}
    files = {
        "png": encode(image, "PNG"),
        "grey png": encode(Image.fromarray(GREY), "PNG"),
        "palette png": encode(image.quantize(), "PNG"),
        "apng": encode(image, "PNG", **frames),
        "jpeg": encode(image, "JPEG"),
        "progressive jpeg": encode(image, "JPEG", progressive=True),
        "mpo": encode(image, "MPO", **frames),
        "bmp": encode(image, "BMP"),
        "gif": encode(image, "GIF", **frames),
        "webp": encode(image, "WEBP"),
        "lossless webp": encode(image, "WEBP", lossless=True),
        "animated webp": encode(image, "WEBP", **frames),
        "tiff": encode(image, "TIFF"),
    }
    for name in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "group4"):
        source = image.convert("1") if name == "group4" else image
        files[f"{name} tiff"] = encode(source, "TIFF", compression=name)
    return files
