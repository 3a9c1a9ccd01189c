"""Members of a zip archive that a stranger brings, in bounded memory and time, whatever the archive claims."""

from __future__ import annotations

import io
import zipfile

_MOST_DIRECTORY_BYTES = 70_000  # about 1,000 members; zipfile makes ten times as much of it
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of the others, zipfile unpacks more than it is asked for


class BadArchive(ValueError):
    """What was brought is no zip archive, or none that is accepted."""


class Archive:
    """A zip archive.

    Args:
        content: of the file.

    Attributes:
        sizes: of its members once unpacked, in bytes, as the archive has it, by name.

    Raises:
        BadArchive: it cannot be read, holds two members of the same name, or too many.
    """

    def __init__(self, content: bytes) -> None:
        file = _Bounded(content)
        try:
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        # Besides BadZipFile, whatever its parser stumbles over: UnicodeDecodeError and OverflowError among them.
        except Exception:
            raise BadArchive("It is not a readable zip archive.") from None
        file.most = len(content)
        self.sizes = {member.filename: member.file_size for member in members}
        if len(self.sizes) < len(members):
            raise BadArchive("It holds two members of the same name.")

    def read(self, name: str) -> bytes:
        """A member's content, of which no more is unpacked than `sizes` says. Raises BadArchive."""
        try:
            member = self._zip.getinfo(name)
            if member.compress_type not in _COMPRESSIONS:
                raise BadArchive(f"{name} is compressed in a way that is not accepted.")
            with self._zip.open(member) as file:
                content = file.read(member.file_size)
        except BadArchive:
            raise
        except Exception:
            raise BadArchive(f"{name} cannot be unpacked.") from None
        if len(content) < member.file_size:
            raise BadArchive(f"{name} is shorter than the archive says.")
        return content


class _Bounded(io.BytesIO):
    """A file of which no more than `most` bytes may be read at once: a directory is read in one piece."""

    most = _MOST_DIRECTORY_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        content = super().read(size)
        if len(content) > self.most:
            raise BadArchive("Its directory is too large.")
        return content
