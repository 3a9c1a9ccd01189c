"""uvicorn's own way to read HTTP, for requests of a size that some browser sends.

What is refused here costs a server the most for each byte: thousands of header lines, of chunks, of requests at once.
It is read in the event loop, where nobody else is answered meanwhile, and before the gate sees it.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ui.limits import MAX_ADDRESS, MAX_CHUNKS, MAX_HEAD_BYTES, MAX_HEAD_LINES, MAX_PIPELINED

_REFUSAL = (
    f"A request may have an address of {MAX_ADDRESS // 1024} KB, {MAX_HEAD_LINES} header lines, "
    f"{MAX_HEAD_BYTES // 1024} KB of them, and {MAX_CHUNKS} chunks; {MAX_PIPELINED} may wait for their answer on one "
    "connection."
)


class BoundedHttp(HttpToolsProtocol):
    """One connection. Whoever sends more than that is answered with 400, and the connection is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._is_in_head, self._is_refused = True, False
        self._bytes = self._lines = self._chunks = 0

    def data_received(self, data: bytes) -> None:
        """Read what has arrived. The parser keeps a line that has no end, and tells nobody: only here it is counted."""
        super().data_received(data)
        self._bytes += len(data)
        if self._is_in_head and self._bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._is_refused = True
            self.send_400_response(_REFUSAL)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head = True
        self._bytes = self._lines = self._chunks = 0
        self._require(len(self.pipeline) < MAX_PIPELINED)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of its address is here."""
        super().on_url(url)
        self._require(len(self.url) <= MAX_ADDRESS)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header line is here; after chunks, a trailer."""
        self._lines += 1
        self._require(self._lines <= MAX_HEAD_LINES)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its body begins."""
        self._is_in_head = False
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """A chunk of its body begins."""
        self._chunks += 1
        self._require(self._chunks <= MAX_CHUNKS)

    def send_400_response(self, msg: str) -> None:
        """Say what was wrong, and hang up."""
        super().send_400_response(_REFUSAL if self._is_refused else msg)

    def _require(self, is_accepted: bool) -> None:
        """Raises ValueError, which ends the parser's work; then `data_received` answers."""
        if not is_accepted:
            self._is_refused = True
            raise ValueError(_REFUSAL)
