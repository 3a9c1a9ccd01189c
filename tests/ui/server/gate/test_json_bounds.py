"""Which JSON is let through to Gradio."""

from __future__ import annotations

import json

import pytest

from ui.limits import DRAWINGS_OF_REQUEST
from ui.server.gate.json_bounds import BadBody, check_json
from ui.visitor.drawings import Drawing, to_file


def test_the_largest_request_of_the_page_is_let_through() -> None:
    line = [[(i * 37 % 3000) / 1000 - 1, i * 91 % 3000 / 1000 - 1] for i in range(1000)]
    kept = to_file([Drawing.checked([line], 3)] * DRAWINGS_OF_REQUEST)
    check_json(json.dumps({"data": {"do": "add", **kept}}).encode())


@pytest.mark.parametrize("text", ["[" * 4_000_000, '{"":' * 900_000, '\\"[{,' * 700_000, "\\" * 99 + '"[' * 60_000])
def test_a_text_may_hold_anything(text: str) -> None:
    check_json(json.dumps({"data": {"text": text}}).encode())


@pytest.mark.parametrize(
    "body", [b"[" * 51, b"[" * 51 + b"]" * 51, b'{"a":' * 51, b'[{"a":' * 26, b'["\\"",' + b"[" * 50]
)
def test_what_is_nested_too_deep_is_refused(body: bytes) -> None:
    with pytest.raises(BadBody, match="nested too deep: at most 50 levels"):
        check_json(body)


@pytest.mark.parametrize("part", [b"[],", b"{},", b"1,", b'"a",', b'{"":'])
def test_far_too_many_values_are_refused(part: bytes) -> None:
    with pytest.raises(BadBody, match="far too many"):
        check_json(b"[" + part * 700_000 + b"1]")


def test_nesting_that_is_allowed_is_let_through() -> None:
    check_json(b"[" * 50 + b"]" * 50)
    check_json(b"[" + b"[0,1]," * 20_000 + b"1]")
