"""Small picture files that expand enormously or take very long to read."""

import struct
import zlib

from PIL import Image

from tests.hostile.files import MIB, SIGNATURE, encode, sound_files


def chunk(kind, data):
    """Return a PNG chunk with its checksum."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width, height, *chunks, depth=8, colour=0, interlaced=0):
    """Return a PNG with this header and these chunks."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return SIGNATURE + chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IEND", b"")


def zeros(size):
    """Return `size` zeros, compressed by zlib."""
    packer, piece = zlib.compressobj(9), bytes(MIB)
    return b"".join(packer.compress(piece) for _ in range(size // MIB)) + packer.flush()


def bombs():
    """Yield the name and bytes of every bomb."""
    pixels, big = chunk(b"IDAT", zlib.compress(bytes(29 * 28))), zeros(512 * MIB)
    yield "png of endless pixels", png(28, 28, chunk(b"IDAT", big))
    for kind, head in {b"zTXt": b"k\0\0", b"iTXt": b"k\0\1\0\0\0", b"iCCP": b"p\0\0"}.items():
        yield f"png with a {kind.decode()} bomb", png(28, 28, chunk(kind, head + big), pixels)
        many = chunk(kind, head + zeros(MIB)) * 3000
        yield f"png with 3,000 {kind.decode()} bombs", png(28, 28, many, pixels)
    yield "small png with 60 bombs", png(28, 28, chunk(b"zTXt", b"k\0\0" + zeros(MIB)) * 60, pixels)
    yield "png of 40 megapixels", png(8000, 5000, chunk(b"IDAT", zeros(40 * MIB)))
    yield "png of 40 megapixels, RGBA", png(8000, 5000, chunk(b"IDAT", zeros(160 * MIB)), colour=6)
    for side in (60_000, 2**31 - 1):
        yield f"png that claims {side}×{side}", png(side, side, pixels)
    yield "png of 300,000 pieces", png(28, 28, chunk(b"IDAT", b"") * 300_000, pixels)
    yield "png of a million notes", png(28, 28, chunk(b"tEXt", b"k\0v") * 1_000_000, pixels)
    yield "png whose chunk claims 2 GiB", png(28, 28, struct.pack(">I", 2**31 - 1) + b"IDAT")
    yield from large_pictures()
    yield from gif_bombs()
    yield from jpeg_bombs()
    yield from tiff_bombs()
    yield from other_bombs()


def large_pictures():
    """Yield valid pictures of 40 megapixels in small files, all read as photographs."""
    size = (8000, 5000)
    for kind, mode in (("PNG", "RGBA"), ("PNG", "P"), ("GIF", "P"), ("JPEG", "RGB")):
        yield f"{kind} of 40 megapixels, {mode}", encode(Image.new(mode, size), kind)
    slow = encode(Image.new("RGB", size), "JPEG", progressive=True)
    yield "progressive jpeg of 40 megapixels", slow
    scan = slow[slow.rindex(b"\xff\xda") : -2]
    yield "jpeg of 40 megapixels and 60 scans", slow[:-2] + scan * 50 + slow[-2:]
    yield "jpeg of 40 megapixels and 9,000 scans", slow[:-2] + scan * 9_000 + slow[-2:]
    yield "webp of 40 megapixels", encode(Image.new("RGBA", size), "WEBP", lossless=True, method=0)
    strip = {278: 5000}
    yield (
        "tiff of 40 megapixels in one strip",
        encode(Image.new("L", size), "TIFF", compression="tiff_adobe_deflate", tiffinfo=strip),
    )
    for shape in ((40_000, 1), (1, 40_000), (2, 2)):
        yield f"jpeg of {shape[0]}×{shape[1]}", encode(Image.new("RGB", shape), "JPEG")


def gif_bombs():
    """Yield GIFs with a huge canvas, countless frames or countless comments."""
    data = sound_files()["gif"]
    yield "gif that claims 65535×65535", data[:6] + b"\xff\xff\xff\xff" + data[10:]
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x08\x01\x00\x00"
    yield "gif of a huge frame", data[:13] + frame + b"\x3b"
    yield "gif of a million frames", data + frame * 1_000_000
    note = b"\x21\xfe" + b"\xff" + bytes(255) + b"\0"
    yield "gif of 60,000 notes", data[:13] + note * 60_000 + data[13:]


def jpeg_bombs():
    """Yield JPEGs with a huge size or countless scans and segments."""
    data, slow = sound_files()["jpeg"], sound_files()["progressive jpeg"]
    place = data.index(b"\xff\xc0")
    yield (
        "jpeg that claims 65500×65500",
        data[: place + 5] + struct.pack(">HH", 65500, 65500) + data[place + 9 :],
    )
    scan = slow[slow.rindex(b"\xff\xda") : -2]
    yield "jpeg of 100,000 scans", slow[:-2] + scan * 100_000 + slow[-2:]
    comment = b"\xff\xfe" + struct.pack(">H", 3) + b"x"
    yield "jpeg of a million notes", data[:2] + comment * 1_000_000 + data[2:]
    exif = b"\xff\xe1" + struct.pack(">H", 65533) + b"Exif\0\0" + bytes(65525)
    yield "jpeg of 200 EXIF blocks", data[:2] + exif * 200 + data[2:]
    resources = b"Photoshop 3.0\0" + b"8BIM" + bytes(8) + b"8BIM\0\0\0\0\0\0\0\0" * 5457
    block = b"\xff\xed" + struct.pack(">H", len(resources) + 2) + resources
    yield "jpeg of a million resources", data[:2] + block * 240 + data[2:]
    yield "jpeg of fill bytes", data[:2] + b"\xff" * (8 * MIB) + data[2:]


def tiff(tags, tail=b"", count=None):
    """Return a TIFF of one directory; a tag is (number, type, count, value)."""
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    head = struct.pack("<2sHIH", b"II", 42, 8, count or len(tags))
    return head + entries + struct.pack("<I", 8) + tail


def packed_strips():
    """Yield bombs for a strip of 28×28 pixels: a name, the compression and the bytes."""
    yield "half a gigabyte deflated", 8, zeros(512 * MIB)
    yield "half a gigabyte of runs", 32773, b"\x81\0" * (4 * MIB)
    yield "a larger jpeg", 7, encode(Image.new("L", (4000, 4000)), "JPEG")
    yield "endless lzw", 5, bytes(4 * MIB)
    yield "endless fax lines", 4, bytes(4 * MIB)
    yield "lzma", 34925, bytes(MIB)


def tiff_bombs():
    """Yield TIFFs with huge tiles, countless strips or a directory that points to itself."""
    size = [(256, 4, 1, 28), (257, 4, 1, 28), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]
    for packing in (1, 5, 7, 8, 50000):
        tiles = [(322, 4, 1, 2**20), (323, 4, 1, 2**20), (324, 4, 1, 8), (325, 4, 1, 99)]
        yield f"tiff of a huge tile, {packing}", tiff([*size, (259, 3, 1, packing), *tiles])
        strip = [(273, 4, 1, 8), (278, 4, 1, 2**31), (279, 4, 1, 2**31)]
        yield f"tiff of a huge strip, {packing}", tiff([*size, (259, 3, 1, packing), *strip])
    strips = [(273, 4, 2_000_000, 200), (279, 4, 2_000_000, 200), (278, 4, 1, 1)]
    yield "tiff of two million strips", tiff([*size, (259, 3, 1, 1), *strips], bytes(8 * MIB))
    yield "tiff that points to itself", tiff([*size, (259, 3, 1, 1), (273, 4, 1, 8)])
    yield "tiff of 65,535 tags", tiff(size * 13_107, count=65_535)
    yield "tiff of 9,999 samples", tiff([*size[:4], (277, 3, 1, 9_999), (273, 4, 1, 8)])
    for name, packing, strip in packed_strips():
        place = [(273, 4, 1, 200), (278, 4, 1, 28), (279, 4, 1, len(strip))]
        data = tiff([*size, (259, 3, 1, packing), *place])
        yield f"tiff of {name}", data.ljust(200, b"\0") + strip
    notes = [(270, 2, 2**31, 8), (700, 1, 2**31, 8), (34665, 4, 1, 8)]
    yield "tiff of false metadata", tiff([*size, *notes, (273, 4, 1, 8), (279, 4, 1, 784)])


def other_bombs():
    """Yield BMP and WebP bombs."""
    bmp = bytearray(sound_files()["bmp"])
    bmp[18:26] = struct.pack("<ii", 28, -(2**31))
    yield "bmp of a negative height", bytes(bmp)
    bmp[18:26] = struct.pack("<ii", 50_000, 50_000)
    yield "bmp that claims 50000×50000", bytes(bmp)
    yield "bmp of a huge palette", bytes(bmp[:46]) + b"\xff\xff\xff\x7f" + bytes(bmp[50:])
    webp = bytearray(sound_files()["animated webp"])
    webp[24:30] = b"\xff\xff\xff\xff\xff\xff"
    yield "webp of a huge canvas", bytes(webp)
    piece = b"JUNK" + struct.pack("<I", 0)
    body = b"WEBP" + piece * 1_000_000 + bytes(sound_files()["webp"][12:])
    yield "webp of a million pieces", b"RIFF" + struct.pack("<I", len(body)) + body
