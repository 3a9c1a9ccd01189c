"""Picture files -> arrays, whatever the file claims: bounded in memory and time."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile

from mnist_core.preprocessing.ink import MAX_PIXELS, check_size
from mnist_core.preprocessing.stripped_files import (
    FORMATS,
    MAX_FILE_BYTES,
    PictureFile,
    UnreadablePicture,
    bare_file,
    damaged,
    exif_orientation,
)

MAX_SIDE = 65_500  # pixels
MAX_READ_PIXELS = 4_000_000  # of a picture file, however many it has: a digit is read from 80 on a side

_MOST_DECODING_BYTES = 60_000_000
_MODE_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2}  # of a pixel in Pillow; 4 in all others
_WEBP_BYTES = 16  # of a pixel: the decoder keeps two pictures, Pillow two more
_STRIP_PIXELS = 500_000
_TIFF_COMPRESSIONS = (
    "raw",
    "packbits",
    "tiff_lzw",
    "tiff_adobe_deflate",
    "tiff_deflate",
    "tiff_ccitt",
    "group3",
    "group4",
)

# By EXIF orientation.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_picture(source: str | Path | bytes) -> np.ndarray:
    """Decode a picture file (PNG, JPEG, WebP, GIF, BMP or TIFF), turned as its EXIF orientation says.

    A picture of more than MAX_READ_PIXELS is reduced by a whole factor: reading a digit needs no more, and a stranger's
    picture takes less than 100 MB.

    Args:
        source: a path, or the file's content. Of an animation, the first frame is used.

    Returns:
        (h, w) grey, (h, w, 3) RGB or (h, w, 4) RGBA, uint8.

    Raises:
        ValueError: it is no such picture, it is damaged, or it is too large.
    """
    try:
        return _decoded(bare_file(_content(source)))
    except UnreadablePicture:
        raise
    except Image.DecompressionBombError:
        raise UnreadablePicture(f"At most {MAX_PIXELS:,} pixels are accepted.") from None
    # Pillow raises whatever its parsers stumble over, KeyError and struct.error among them.
    except Exception:
        raise damaged() from None


def _decoded(file: PictureFile) -> np.ndarray:
    reduced, turn = _reduced_and_turn(file)
    # Only now is the picture of full size gone from memory.
    return np.asarray(reduced if turn == 1 else reduced.transpose(_TURNS[turn]))


def _reduced_and_turn(file: PictureFile) -> tuple[Image.Image, int]:
    with Image.open(io.BytesIO(file.content), formats=FORMATS) as image:
        _check_file(image, file)
        turn = exif_orientation(image.info["exif"]) if "exif" in image.info else file.orientation
        image.load()
        return _reduced(image), turn


def _content(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        with Path(source).open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError:
        raise UnreadablePicture("The picture file cannot be opened.") from None


def _check_file(image: Image.Image, file: PictureFile) -> None:
    """Refuse a picture that would take too much room or time to decode; a JPEG is told to decode at a smaller size."""
    width, height = image.size
    check_size(height, width)
    if max(width, height) > MAX_SIDE:
        raise UnreadablePicture(f"A picture has at most {MAX_SIDE:,} pixels on a side. Received: {width} x {height}")
    if isinstance(image, BmpImageFile) and image.tile[0].codec_name == "bmp_rle":
        raise UnreadablePicture("A BMP file must not be compressed. Save the picture as PNG.")
    if image.format == "TIFF" and image.info.get("compression", "raw") not in _TIFF_COMPRESSIONS:
        raise UnreadablePicture("A TIFF file must be compressed by LZW, Deflate, PackBits, CCITT or not at all.")
    if isinstance(image, JpegImageFile):
        factor = _factor(width, height)
        image.draft(None, (width // factor or 1, height // factor or 1))
    if _decoding_bytes(image, file, width * height) > _MOST_DECODING_BYTES:
        raise UnreadablePicture(
            f"This {image.format} file takes too much room to decode. Save the picture smaller than {width} x "
            f"{height}, or as an ordinary JPEG file."
        )


def _decoding_bytes(image: Image.Image, file: PictureFile, pixels: int) -> float:
    """About what Pillow allocates for a picture of so many pixels."""
    if image.format == "WEBP":
        return pixels * _WEBP_BYTES
    stored = image.width * image.height * _MODE_BYTES.get(image.mode, 4)
    if not isinstance(image, JpegImageFile) or file.scans == 1:
        return stored
    # Of several scans, the coefficients of the whole picture are kept, two bytes each.
    samples = [across * down for _, across, down, _ in image.layer]
    return stored + 2 * pixels * sum(samples) / max(samples)


def _reduced(image: Image.Image) -> Image.Image:
    """As L, RGB or RGBA, of at most MAX_READ_PIXELS; strip by strip, so that little more than `image` is needed."""
    scale = _levels(image)
    factor = _factor(*image.size)
    if factor == 1:
        return _eight_bit(image, scale)
    rows = factor * max(1, _STRIP_PIXELS // (image.width * factor))
    reduced: Image.Image | None = None
    for top in range(0, image.height, rows):
        part = image.crop((0, top, image.width, min(top + rows, image.height)))
        strip = _eight_bit(part, scale).reduce(factor)
        reduced = reduced or Image.new(strip.mode, (strip.width, -(-image.height // factor)))
        reduced.paste(strip, (0, top // factor))
    return reduced or image


def _factor(width: int, height: int) -> int:
    """By how much a picture's sides are divided so that it has no more than MAX_READ_PIXELS."""
    return max(1, math.ceil(math.sqrt(width * height / MAX_READ_PIXELS)))


def _levels(image: Image.Image) -> tuple[float, float] | None:
    """The darkest and the lightest level of a picture of more than eight bits; None for others."""
    if image.mode not in ("I", "F") and not image.mode.startswith("I;16"):
        return None
    low, high = (float(level) for level in np.asarray(image.getextrema()).ravel())
    if not math.isfinite(high - low):
        raise damaged()
    return low, high


def _eight_bit(image: Image.Image, levels: tuple[float, float] | None) -> Image.Image:
    if levels:
        low, high = levels
        shades = (np.asarray(image, np.float64) - low) / ((high - low) or 1.0) * 255
        if not np.isfinite(shades).all():
            raise damaged()
        return Image.fromarray(shades.astype(np.uint8))
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return image.convert("RGBA")
    return image.copy() if image.mode == "L" else image.convert("RGB")
