from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from mnist_core import BlankDrawing, PenDigits, open_picture, preprocess, preprocess_strokes, render_strokes

SEVEN = [np.array([[0.3, 0.3], [0.7, 0.3], [0.45, 0.8]])]


def drawn(size: int = 280, width: float = 16) -> np.ndarray:
    return render_strokes(SEVEN, size, width)


def difference(picture: np.ndarray) -> float:
    """Mean difference from what the same strokes give without the detour over a picture."""
    return float(np.abs(preprocess(picture) - preprocess_strokes(SEVEN)).mean())


def with_alpha(ink: int) -> np.ndarray:
    picture = drawn()
    rgba = np.full((*picture.shape, 4), ink, np.uint8)
    rgba[..., 3] = 255 - picture
    return rgba


def photo(dark_ink: bool = True) -> np.ndarray:
    """Paper lit from the left, with the grain of a camera."""
    ink = (255 - drawn(400, 14).astype(float)) / 255
    y, x = np.mgrid[0:1:400j, 0:1:400j]
    light = 210 - 110 * x - 30 * y**2
    shade = light * (1 - 0.6 * ink) if dark_ink else 255 - light * (1 - 0.6 * ink)
    return np.clip(shade + np.random.default_rng(0).normal(0, 4, shade.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(drawn, id="dark on light"),
        pytest.param(lambda: 255 - drawn(), id="light on dark"),
        pytest.param(lambda: np.stack([drawn()] * 3, axis=-1), id="RGB"),
        pytest.param(lambda: drawn()[:, :, None], id="one channel"),
        pytest.param(lambda: (drawn() // 4 + 100).astype(np.uint8), id="grey on grey"),
        pytest.param(lambda: with_alpha(0), id="black on transparent"),
        pytest.param(lambda: with_alpha(255), id="white on transparent"),
        pytest.param(lambda: np.dstack([np.stack([drawn()] * 3, -1), np.full((280, 280), 255, np.uint8)]), id="opaque"),
        pytest.param(lambda: drawn(width=6), id="thin brush"),
        pytest.param(lambda: drawn(width=28), id="thick brush"),
        pytest.param(lambda: drawn(2000, 100), id="large"),
        pytest.param(lambda: drawn(60, 4), id="small"),
        pytest.param(lambda: np.pad(drawn(), ((0, 0), (0, 600)), constant_values=255), id="off-centre"),
        pytest.param(photo, id="photo in uneven light"),
        pytest.param(lambda: photo(dark_ink=False), id="negative of a photo"),
    ],
)
def test_the_same_digit_gives_the_same_picture(picture: Callable[[], np.ndarray]) -> None:
    assert difference(picture()) < 0.03


def test_real_digits_agree_with_their_strokes(pen_dev: PenDigits, random: np.random.Generator) -> None:
    differences = []
    for strokes in pen_dev.strokes[:60]:
        placed = [points * 0.5 + random.uniform(0.05, 0.45) for points in strokes]
        picture = render_strokes(placed, width=random.uniform(8, 24))
        differences.append(np.abs(preprocess(picture) - preprocess_strokes(strokes)).mean())
    assert np.mean(differences) < 0.02


def test_a_twelve_megapixel_picture_is_read() -> None:
    picture = np.full((3000, 4000), 255, np.uint8)
    picture[:2800, :2800] = drawn(2800, 150)
    assert difference(picture) < 0.03


def test_a_digit_that_touches_the_edge_is_read() -> None:
    picture = drawn()
    rows, columns = np.flatnonzero((picture < 128).any(axis=1)), np.flatnonzero((picture < 128).any(axis=0))
    assert difference(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]) < 0.03


def test_specks_do_not_move_the_crop() -> None:
    picture = drawn()
    picture[5:8, 5:8] = 0
    picture[270:272, 10:12] = 0
    assert difference(picture) < 0.03


def test_a_lone_vertical_line_is_twenty_high() -> None:
    image = preprocess(render_strokes([[[0.5, 0.2], [0.5, 0.8]]]))
    assert image.max(axis=1).sum() == pytest.approx(20, abs=0.5)
    assert image[14].sum() == pytest.approx(2.5, abs=0.25)


@pytest.mark.parametrize("width", [6, 10, 100])
def test_a_dot_stays_a_dot(width: float) -> None:
    image = preprocess(render_strokes([[[0.5, 0.5]]], width=width))
    assert 3 < image.max(axis=1).sum() < 5
    assert image[14, 14] > 0.9


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (280, 280), (50, 50, 3), (9, 9, 4)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_even_picture_is_blank(shape: tuple[int, ...], shade: int) -> None:
    with pytest.raises(BlankDrawing):
        preprocess(np.full(shape, shade, np.uint8))


def test_grain_alone_is_blank(random: np.random.Generator) -> None:
    with pytest.raises(BlankDrawing):
        preprocess(np.clip(random.normal(180, 6, (400, 300)), 0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("picture", "message"),
    [
        (None, "uint8 array.*NoneType"),
        (np.zeros((10, 10)), "uint8 array.*float64"),
        (np.zeros((10, 10), bool), "uint8 array.*bool"),
        (np.zeros(10, np.uint8), r"shape \(h, w\).*\(10,\)"),
        (np.zeros((2, 10, 10, 3), np.uint8), r"\(2, 10, 10, 3\)"),
        (np.zeros((10, 10, 2), np.uint8), r"\(10, 10, 2\)"),
        (np.zeros((0, 10), np.uint8), "at least one pixel"),
        (np.broadcast_to(np.uint8(0), (10_000, 10_000)), "At most 50,000,000 pixels.*10000 x 10000"),
    ],
)
def test_what_is_no_picture_is_refused_by_what_is_wrong(picture: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        preprocess(picture)  # type: ignore[arg-type]


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_picture_files_are_opened(form: str, mode: str) -> None:
    assert difference(open_picture(encoded(Image.fromarray(drawn()).convert(mode), form))) < 0.03


@pytest.mark.parametrize(
    ("mode", "form"), [("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("CMYK", "TIFF"), ("I;16", "PNG")]
)
def test_pictures_of_other_modes_are_opened(mode: str, form: str) -> None:
    grey = Image.fromarray(drawn())
    image = Image.fromarray(drawn().astype(np.uint16) * 257) if mode == "I;16" else grey.convert(mode)
    assert difference(open_picture(encoded(image, form))) < 0.03


def test_a_picture_is_turned_as_its_exif_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    sideways = Image.fromarray(drawn()).rotate(90)
    assert difference(open_picture(encoded(sideways, "JPEG", exif=exif.tobytes()))) < 0.03


@pytest.mark.parametrize("content", [b"", b"not a picture", b"%PDF-1.4", encoded(Image.new("L", (99, 99)), "PNG")[:60]])
def test_a_file_that_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a picture|damaged"):
        open_picture(content)


def test_a_picture_bomb_is_refused_before_it_is_decoded() -> None:
    # The header of a PNG of 60,000 x 60,000 pixels, and next to no content.
    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")

    size = (60_000).to_bytes(4, "big")
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + b"\x08\x00\x00\x00\x00")
    bomb += chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    with pytest.raises(ValueError, match="pixels|not a picture"):
        open_picture(bomb)
