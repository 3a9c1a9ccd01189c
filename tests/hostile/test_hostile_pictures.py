"""Picture files: damaged, lying about their size, enormous when decoded, and of formats that nobody asked for."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bounded import check_cost, hostile, refuses
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from mnist_core import Classifier, open_picture, preprocess, read_number, render_strokes
from mnist_core.bare_files import MAX_FILE_BYTES, exif_orientation

# Pillow's, of what it makes of a file all the same.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

SEVEN = [[[0.3, 0.3], [0.7, 0.3], [0.45, 0.8]]]
FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]


@cache
def shipped() -> Classifier:
    return Classifier.load()


def read(content: bytes) -> None:
    picture = open_picture(content)
    preprocess(picture)
    read_number(shipped(), picture)


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


# ---- damaged ----


@hostile
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_file_with_changed_bytes_is_read_or_refused_in_words(form: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(seed(form))
    for place, value in changes:
        content[place % len(content)] = value
    refuses(read, bytes(content))


@hostile
@given(st.sampled_from(FORMATS), st.integers(0, 600), st.sampled_from([0, 1, 255, 65535, 2**31 - 1, 2**32 - 1]))
def test_a_file_with_a_lying_number_is_read_or_refused_in_words(form: str, place: int, number: int) -> None:
    content, place = seed(form), place % len(seed(form))
    for order in "<>":
        refuses(read, content[:place] + struct.pack(order + "L", number) + content[place + 4 :])


@hostile
@given(st.sampled_from(FORMATS), st.integers(0, 2000), st.binary(max_size=20))
def test_a_file_that_ends_early_is_read_or_refused_in_words(form: str, place: int, rest: bytes) -> None:
    content = seed(form)
    refuses(read, content[: place % len(content)] + rest)


@hostile
@given(st.sampled_from([seed(form)[:12] for form in FORMATS]), st.binary(max_size=300))
def test_a_file_of_noise_is_refused_in_words(start: bytes, noise: bytes) -> None:
    refuses(read, noise)
    refuses(read, start + noise)


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def png(header: tuple[int, ...], *chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">LLBBBBB", *header)) + b"".join(chunks)


@hostile
@given(
    st.tuples(st.integers(0, 3000), st.integers(0, 3000), *[st.sampled_from([0, 1, 2, 3, 4, 6, 8, 16, 255])] * 5),
    st.lists(
        st.tuples(st.sampled_from([b"PLTE", b"tRNS", b"IDAT", b"IHDR", b"fcTL", b"eXIf"]), st.binary(max_size=99))
    ),
    st.binary(max_size=300),
)
def test_a_png_of_odd_parts_is_read_or_refused_in_words(
    header: tuple[int, ...], parts: list[tuple[bytes, bytes]], pixels: bytes
) -> None:
    odd = [chunk(name, body) for name, body in parts]
    refuses(read, png(header, *odd, chunk(b"IDAT", zlib.compress(pixels)), chunk(b"IEND", b"")))


def tiff(entries: list[tuple[int, int, int, int]], rest: bytes = b"") -> bytes:
    directory = b"".join(struct.pack("<HHLL", *entry) for entry in sorted(entries))
    return b"II*\0" + struct.pack("<LH", 8, len(entries)) + directory + bytes(4) + rest


@hostile
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [256, 257, 258, 259, 262, 273, 274, 277, 278, 279, 284, 317, 320, 322, 325, 338, 339, 34665]
            ),
            st.integers(0, 14),
            st.integers(0, 2**32 - 1) | st.integers(0, 4),
            st.integers(0, 2**32 - 1) | st.integers(0, 200),
        ),
        max_size=20,
    ),
    st.binary(max_size=200),
)
def test_a_tiff_of_odd_entries_is_read_or_refused_in_words(entries: list[Any], rest: bytes) -> None:
    refuses(read, tiff(entries, rest))


@hostile
@given(st.binary(max_size=100), st.sampled_from([b"II*\0", b"MM\0*", b"Exif\0\0II*\0", b""]))
def test_any_exif_gives_an_orientation(noise: bytes, start: bytes) -> None:
    assert not refuses(lambda: exif_orientation(start + noise))
    assert 1 <= exif_orientation(start + noise) <= 8


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


@pytest.mark.parametrize(
    "make, arguments",
    [
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
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_an_enormous_picture_takes_neither_much_memory_nor_long(make: Any, arguments: tuple[Any, ...]) -> None:
    check_cost(read, make, *arguments)


# ---- odd, and read ----


@pytest.mark.parametrize(
    "width, height, orientation", [(4000, 3000, 1), (4000, 3000, 6), (8000, 6200, 8), (5000, 4000, 3)]
)
def test_a_photograph_of_a_telephone_is_read(width: int, height: int, orientation: int) -> None:
    assert check_cost(read, large_jpeg, width, height, orientation) == ""


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_as_pillow_turns_it(form: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    content = encoded(drawn(40, 30, "L"), form, exif=exif.tobytes())
    with Image.open(io.BytesIO(content)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L"), int)
    opened = open_picture(content)
    assert not refuses(open_picture, content)
    grey = np.asarray(Image.fromarray(opened).convert("L"), int)
    assert grey.shape == expected.shape
    assert np.abs(grey - expected).max() <= 2


def animated(form: str) -> bytes:
    frames = [drawn(200, 200), *[Image.new("RGB", (200, 200), shade) for shade in ("red", "blue")]]
    return encoded(frames[0], form, save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: encoded(drawn(300, 300, "CMYK"), "JPEG"), id="CMYK"),
        pytest.param(lambda: encoded(drawn(300, 300, "CMYK"), "TIFF", compression="tiff_lzw"), id="CMYK TIFF"),
        pytest.param(
            lambda: encoded(Image.fromarray(np.asarray(drawn(300, 300, "L"), np.uint16) * 257), "PNG"), id="16 bit"
        ),
        pytest.param(lambda: encoded(drawn(300, 300, "F"), "TIFF"), id="floating point"),
        pytest.param(lambda: encoded(drawn(300, 300, "I"), "TIFF"), id="32 bit"),
        pytest.param(lambda: encoded(drawn(300, 300, "P"), "GIF", transparency=0), id="transparent palette"),
        pytest.param(lambda: encoded(drawn(20_000, 300, "L"), "PNG"), id="20,000 px wide"),
        pytest.param(lambda: encoded(drawn(300, 20_000, "1"), "PNG"), id="20,000 px high"),
        pytest.param(lambda: animated("GIF"), id="animated GIF"),
        pytest.param(lambda: animated("WEBP"), id="animated WebP"),
        pytest.param(lambda: animated("PNG"), id="animated PNG"),
        pytest.param(lambda: animated("TIFF"), id="TIFF of several pages"),
    ],
)
def test_an_odd_picture_of_a_seven_is_read_as_one(content: Any) -> None:
    assert not refuses(read, content())
    assert shipped().read(open_picture(content())).digit == 7


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_one_pixel_is_blank(form: str) -> None:
    assert refuses(read, encoded(Image.new("L", (1, 1)).convert("RGB"), form))


def test_levels_that_are_not_finite_are_refused() -> None:
    for level in (np.nan, np.inf):
        levels = np.zeros((30, 30), np.float32)
        levels[5, 5] = level
        assert refuses(read, encoded(Image.fromarray(levels), "TIFF"))


@pytest.mark.parametrize(
    "form", ["PPM", "ICO", "PCX", "TGA", "SGI", "JPEG2000", "PDF", "EPS", "DDS", "ICNS", "XBM", "AVIF"]
)
def test_formats_that_are_not_named_are_refused(form: str) -> None:
    image = drawn(64, 64, "1" if form == "XBM" else "RGB")
    with pytest.raises(ValueError, match="not a picture that can be read. Use PNG"):
        open_picture(encoded(image, form))


@pytest.mark.parametrize(
    "start", [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"8BPS\0\1", b"%PDF-1.4", b"SIMPLE  =", b"II+\0", b"MM\0+"]
)
def test_formats_that_only_begin_are_refused(start: bytes) -> None:
    assert refuses(read, start + bytes(500))


def test_a_missing_file_is_refused_without_its_path(tmp_path: Path) -> None:
    assert refuses(open_picture, tmp_path / "missing.png")
    assert refuses(open_picture, tmp_path)
