"""Picture files from strangers: of a file, only what the pixels need reaches the decoder.

Decoders are generous with everything else. 60 KB of EXIF may name the same bytes 5,000 times and become 300 MB,
comments may take minutes to put together, and scans without content may be repeated without end.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from mnist_core.errors import InvalidInput

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_FILE_BYTES = 20_000_000

_MOST_PARTS = 50_000  # of a file
_MOST_SCANS = 64  # of a JPEG file; a progressive one has about ten
_MOST_BEFORE_GIF = 2**20  # bytes before the first picture of a GIF file
_PNG_PARTS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
# Size, bits, compression, colours, strips, tiles, prediction, palette, alpha; and how many values each may have.
_TIFF_TAGS = (256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325, 338, 339)
_MOST_TIFF_VALUES = 200_000
_ORIENTATION = 0x0112


class UnreadablePicture(InvalidInput):
    """A file is no picture, or none that is accepted; the message says why."""


class PictureFile(NamedTuple):
    """What of a picture file is given to the decoder.

    Attributes:
        content: the file, without what the pixels do not need.
        orientation: 1..8, as EXIF has it; 1 is upright.
        scans: how often the file goes over the picture; 1 but for some JPEG files.
    """

    content: bytes
    orientation: int = 1
    scans: int = 1


def bare_file(content: bytes) -> PictureFile:
    """Leave out of a picture file what its pixels do not need.

    Args:
        content: of the file.

    Raises:
        UnreadablePicture: it is in none of FORMATS, damaged, or too large.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadablePicture(f"A picture file holds at most {MAX_FILE_BYTES:,} bytes. Received: {len(content):,}")
    for start, take in _TAKES.items():
        if content.startswith(start):
            try:
                return take(content)
            except (struct.error, IndexError):
                raise damaged() from None
    raise UnreadablePicture("This file is not a picture that can be read. Use PNG, JPEG, WebP, GIF, BMP or TIFF.")


def damaged() -> UnreadablePicture:
    """The error for a file that ends early or contradicts itself."""
    return UnreadablePicture("The picture file is damaged or cannot be read.")


def exif_orientation(exif: bytes) -> int:
    """How a picture is to be turned, 1..8, by its EXIF data, which may be anything; 1 where that does not say."""
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "L", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(order + "HHLH", exif, place)
            if tag == _ORIENTATION:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _as_it_is(content: bytes) -> PictureFile:
    return PictureFile(content)


def _of_jpeg(content: bytes) -> PictureFile:
    """The tables and scans, up to the end of the first picture; no EXIF, no second pictures, no comments."""
    kept, orientation, place = [content[:2]], 1, 2
    for _ in range(_MOST_PARTS):
        start, marker = content[place], content[place + 1]
        if start != 0xFF:
            raise damaged()
        if marker == 0xDA:
            break
        if marker in (0x00, 0xFF):  # fill
            place += 1 if marker else 2
            continue
        (length,) = struct.unpack_from(">H", content, place + 2)
        part = content[place : place + 2 + length]
        if marker == 0xE1 and part[4:10] == b"Exif\0\0":
            orientation = exif_orientation(part[4:])
        # APP0 and APP14 tell what the colours mean.
        elif marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(part)
        place += 2 + length
    else:
        raise damaged()
    end = content.find(b"\xff\xd9", place)
    scans = content.count(b"\xff\xda", place, end if end > 0 else len(content))
    if scans > _MOST_SCANS:
        raise damaged()
    kept.append(content[place : end + 2] if end > 0 else content[place:])
    return PictureFile(b"".join(kept), orientation, scans)


def _of_png(content: bytes) -> PictureFile:
    kept, orientation, place = [content[:8]], 1, 8
    for _ in range(_MOST_PARTS):
        if place + 8 > len(content):
            break
        length, name = struct.unpack_from(">L4s", content, place)
        end = place + 12 + length
        if name in _PNG_PARTS:
            kept.append(content[place:end])
        elif name == b"eXIf":
            orientation = exif_orientation(content[place + 8 : end - 4])
        if name == b"IEND":
            break
        place = end
    else:
        raise damaged()
    return PictureFile(b"".join(kept), orientation)


def _of_gif(content: bytes) -> PictureFile:
    """Everything from the first picture on, and what tells its transparent colour."""
    place = 13 + (3 << (content[10] & 7) + 1 if content[10] & 0x80 else 0)
    kept = [content[:place]]
    while content[place] != ord(","):
        start, kind = place, content[place : place + 2]
        if kind[:1] != b"!" or place > _MOST_BEFORE_GIF:
            raise damaged()
        place += 2
        while content[place]:
            place += content[place] + 1
            if place > _MOST_BEFORE_GIF:
                raise damaged()
        place += 1
        if kind == b"!\xf9":
            kept.append(content[start:place])
    return PictureFile(b"".join([*kept, content[place:]]))


def _of_tiff(content: bytes) -> PictureFile:
    """The first picture's directory with the tags that its pixels need."""
    order = "<" if content.startswith(b"II") else ">"
    (start,) = struct.unpack_from(order + "L", content, 4)
    (count,) = struct.unpack_from(order + "H", content, start)
    entries = []
    for place in range(start + 2, start + 2 + 12 * count, 12):
        tag, _, values = struct.unpack_from(order + "HHL", content, place)
        if tag in _TIFF_TAGS and values <= _MOST_TIFF_VALUES:
            entries.append(content[place : place + 12])
    directory = struct.pack(order + "H", len(entries)) + b"".join(entries) + bytes(4)
    rest = start + len(directory)
    return PictureFile(b"".join([content[:start], directory, content[rest:]]), exif_orientation(content))


_TAKES = {
    b"\x89PNG\r\n\x1a\n": _of_png,
    b"\xff\xd8": _of_jpeg,
    b"RIFF": _as_it_is,
    b"GIF87a": _of_gif,
    b"GIF89a": _of_gif,
    b"BM": _as_it_is,
    b"II*\0": _of_tiff,
    b"MM\0*": _of_tiff,
}
