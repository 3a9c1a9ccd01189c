"""JSON from strangers, looked at before it is parsed: parsing it must not take too much memory or depth."""

from __future__ import annotations

from mnist_core.errors import InvalidInput
from ui.limits import MAX_COMMAS, MAX_DEPTH, MAX_LISTS, MAX_OBJECTS, MAX_QUOTES

_TOO_DEEP = b"[" * (MAX_DEPTH + 1)
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class BadBody(InvalidInput):
    """JSON that would take too much, and is not read."""


def count_values(body: bytes) -> int:
    """About how many values JSON holds, at most."""
    return sum(map(body.count, (b"[", b"{", b",")))


def check_json(body: bytes) -> None:
    """Raises BadBody for JSON that would take too much memory, or is nested deeper than anything here is."""
    if not _has_few_values(body):
        body = _without_texts(body)
        if not _has_few_values(body):
            raise BadBody("The request holds far too many values: at most 20,000 points or 50 drawings.")
    if _depth(body) > MAX_DEPTH and _depth(_without_texts(body)) > MAX_DEPTH:
        raise BadBody(f"The request is nested too deep: at most {MAX_DEPTH} levels are accepted.")


def _has_few_values(body: bytes) -> bool:
    counts = ((b"[", MAX_LISTS), (b"{", MAX_OBJECTS), (b",", MAX_COMMAS))
    return all(body.count(sign) <= most for sign, most in counts)


def _without_texts(body: bytes) -> bytes:
    """JSON without what is within quotes, of which a file of drawings is a long one. Raises BadBody for too many."""
    body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    if body.count(b'"') > MAX_QUOTES:
        raise BadBody("The request holds far too many texts.")
    return b"".join(body.split(b'"')[::2])


def _depth(body: bytes) -> int:
    """How deep JSON is nested, at least; brackets in texts count, too."""
    depth, left = 0, body.translate(_BRACKETS, _NO_BRACKETS)
    # Pairs with nothing between them are taken out again and again: what is left is what is around them.
    while left and depth <= MAX_DEPTH:
        shorter = left.replace(b"[]", b"")
        if len(shorter) == len(left) or _TOO_DEEP in shorter:
            return depth + len(left)
        left, depth = shorter, depth + 1
    return depth
