"""Picture files as no program writes them: of odd parts, or such that a decoder takes much memory or long."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from typing import Any

from PIL import Image

from mnist_core import render_strokes
from mnist_core.preprocessing.stripped_files import MAX_FILE_BYTES

SEVEN = [[[0.3, 0.3], [0.7, 0.3], [0.45, 0.8]]]


def drawn(width: int, height: int, mode: str = "RGB") -> Image.Image:
    side = min(width, height)
    paper = Image.new("L", (width, height), 255)
    paper.paste(Image.fromarray(render_strokes(SEVEN)).resize((side, side)), (0, 0))
    return paper.convert(mode)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@cache
def seed(form: str) -> bytes:
    return encoded(drawn(40, 30), form)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def png(header: tuple[int, ...], *chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">LLBBBBB", *header)) + b"".join(chunks)


def tiff(entries: list[tuple[int, int, int, int]], rest: bytes = b"") -> bytes:
    directory = b"".join(struct.pack("<HHLL", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + directory + bytes(4) + rest


# ---- enormous: each is built to take hundreds of megabytes, or many seconds, of a decoder that believes it ----


def blank_png(width: int, height: int, kind: int, depth: int = 8, lace: int = 0) -> bytes:
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    packer, row = zlib.compressobj(1), b"\4" + bytes(-(-width * channels * depth // 8))
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    palette = [chunk(b"PLTE", bytes(768))] if kind == 3 else []
    return png((width, height, depth, kind, 0, 0, lace), *palette, chunk(b"IDAT", packed), chunk(b"IEND", b""))


def text_bomb() -> bytes:
    text = zlib.compress(b"x" * 1_000_000 + "\U0001f600".encode())
    texts = [chunk(b"iTXt", b"k%d\0\1\0\0\0" % i + text) for i in range(60)]
    return png((9, 9, 8, 0, 0, 0, 0), *texts, chunk(b"IDAT", zlib.compress(bytes(90))), *texts, chunk(b"IEND", b""))


def entries_bomb(size: int) -> bytes:
    """A directory in which each entry names all bytes anew."""
    count = min(size // 14, 65_000)
    entries = b"".join(struct.pack(">HHLL", 300 + i, 7, size - 10, 4) for i in range(count))
    return (b"MM\0*" + struct.pack(">LH", 8, count) + entries).ljust(size, b"\0")


def exif_bomb(form: str) -> bytes:
    exif = b"Exif\0\0" + entries_bomb(60_000)
    if form == "JPEG":
        content = seed("JPEG")
        parts = b"".join(b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif for _ in range(9))
        return content[:2] + parts + content[20:]
    return encoded(drawn(40, 30), form, exif=exif)


def second_pictures_bomb() -> bytes:
    index, content = b"MPF\0" + entries_bomb(60_000), seed("JPEG")
    return content[:2] + b"\xff\xe2" + struct.pack(">H", len(index) + 2) + index + content[2:]


def tiff_bomb() -> bytes:
    count, size = 60_000, MAX_FILE_BYTES - 10
    entries = b"".join(struct.pack("<HHLL", 300 + i, 7, size, 0) for i in range(count))
    return (b"II*\0" + struct.pack("<LH", 8, count) + entries).ljust(MAX_FILE_BYTES, b"\0")


def sub_directory_bomb() -> bytes:
    entries = [(256, 3, 1, 9), (257, 3, 1, 9), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8)]
    start = 14 + 12 * 8
    bomb = b"".join(struct.pack("<HHLL", 300 + i, 7, 60_000, 4) for i in range(5000))
    return tiff([*entries, (279, 4, 1, 81), (34665, 4, 1, start)], struct.pack("<H", 5000) + bomb)


def strips_bomb() -> bytes:
    """Five million strips, each a number that Python would make 30 bytes of."""
    count = (MAX_FILE_BYTES - 200) // 4
    entries = [(256, 3, 1, 9), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (278, 3, 1, 1)]
    return tiff([*entries, (273, 4, count, 150), (279, 4, count, 150)]).ljust(MAX_FILE_BYTES, b"\0")


def comments_bomb() -> bytes:
    content = seed("GIF")
    start = 13 + (3 << (content[10] & 7) + 1)
    return content[:start] + b"!\xfe" + (b"\xff" + bytes(255)) * (MAX_FILE_BYTES // 257) + b"\0" + content[start:]


def run_lengths_bomb() -> bytes:
    header = (
        b"BM"
        + struct.pack("<LHHL", 0, 0, 0, 1078)
        + struct.pack("<LllHHLLllLL", 40, 9000, 5000, 1, 8, 1, 0, 0, 0, 0, 0)
    )
    return (header + bytes(1024)).ljust(MAX_FILE_BYTES, b"\0")


def scans_bomb() -> bytes:
    content = encoded(drawn(3000, 3000, "L"), "JPEG", progressive=True, quality=5)
    start = content.rfind(b"\xff\xda")
    scan = content[start:-2]
    return content[:-2] + scan * min(20_000, MAX_FILE_BYTES // len(scan) - 9) + content[-2:]


def parts_bomb(part: bytes, form: str) -> bytes:
    content, start = seed(form), {"JPEG": 2, "PNG": 33, "GIF": 13 + 768}[form]
    return content[:start] + part * ((MAX_FILE_BYTES - 5000) // len(part)) + content[start:]


def large_webp(lossless: bool) -> bytes:
    return encoded(drawn(6000, 6000), "WEBP", lossless=lossless, quality=1, method=0)


def webp_of_nothing() -> bytes:
    """A header of 16,383 x 16,383 pixels and nothing behind it."""
    body = b"VP8X" + struct.pack("<LL", 10, 2) + b"\xfe\x3f\0\xfe\x3f\0" + b"ANIM" + struct.pack("<LLH", 6, 0, 0)
    frame = b"\0" * 6 + b"\xfe\x3f\0\xfe\x3f\0" + b"\0\0\0\0" + seed("WEBP")[12:]
    body += b"ANMF" + struct.pack("<L", len(frame)) + frame
    return b"RIFF" + struct.pack("<L", len(body) + 4) + b"WEBP" + body


def large_gif() -> bytes:
    return encoded(Image.new("P", (7000, 7000)), "GIF")


def large_tiff(mode: str, size: int, compression: str) -> bytes:
    return encoded(Image.new(mode, (size, size)), "TIFF", compression=compression)


def large_jpeg(width: int, height: int, orientation: int = 1, **options: Any) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(drawn(width, height), "JPEG", exif=exif.tobytes(), **options)


def progressive_jpeg(width: int, height: int) -> bytes:
    return large_jpeg(width, height, progressive=True, subsampling=0)


# What makes one, and of which size and kind.
ENORMOUS: list[tuple[Any, tuple[Any, ...]]] = [
    (blank_png, (7000, 7000, 0)),
    (blank_png, (7000, 7000, 0, 1)),
    (blank_png, (7000, 7000, 3)),
    (blank_png, (5400, 5400, 0, 16)),
    (blank_png, (3800, 3800, 2)),
    (blank_png, (3800, 3800, 6)),
    (blank_png, (7000, 7000, 2)),
    (blank_png, (7000, 7000, 6, 16)),
    (blank_png, (3800, 3800, 6, 8, 1)),
    (blank_png, (20_000, 20_000, 0, 1)),
    (blank_png, (20_000, 2_400, 0)),
    (blank_png, (40_000_000, 1, 0)),
    (blank_png, (2, 60_000, 2)),
    (text_bomb, ()),
    (exif_bomb, ("JPEG",)),
    (exif_bomb, ("PNG",)),
    (exif_bomb, ("WEBP",)),
    (sub_directory_bomb, ()),
    (second_pictures_bomb, ()),
    (tiff_bomb, ()),
    (strips_bomb, ()),
    (comments_bomb, ()),
    (run_lengths_bomb, ()),
    (scans_bomb, ()),
    (parts_bomb, (b"\xff\xfe\0\2", "JPEG")),
    (parts_bomb, (b"\xff", "JPEG")),
    (parts_bomb, (b"\0\0\0\0IDAT\0\0\0\0", "PNG")),
    (parts_bomb, (b"!\xf9\0", "GIF")),
    (parts_bomb, (b"!\xfe\1\0\0", "GIF")),
    (large_webp, (False,)),
    (large_webp, (True,)),
    (webp_of_nothing, ()),
    (large_gif, ()),
    (large_tiff, ("L", 7000, "tiff_lzw")),
    (large_tiff, ("1", 7000, "group4")),
    (large_tiff, ("F", 3800, "tiff_adobe_deflate")),
    (large_tiff, ("CMYK", 3800, "packbits")),
    (large_tiff, ("RGB", 7000, "tiff_lzw")),
    (large_tiff, ("RGB", 3800, "jpeg")),
    (progressive_jpeg, (8000, 6200)),
    (progressive_jpeg, (3100, 3100)),
    (bytes, (MAX_FILE_BYTES + 1,)),
]
