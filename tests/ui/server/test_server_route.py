"""The server functions of the page over HTTP, as the browser calls them, and what else may be asked there."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

ONE = [[[0.5, y / 20] for y in range(4, 17)]]


@pytest.fixture(scope="session")
def pad(url: str) -> int:
    """The number of the pad's component."""
    components = httpx.get(f"{url}config", timeout=60).json()["components"]
    return int(next(each["id"] for each in components if "read_drawing" in str(each["props"])))


def call(url: str, body: Any) -> httpx.Response:
    content, headers = json.dumps(body), {"Content-Type": "application/json"}
    return httpx.post(f"{url}gradio_api/component_server/", content=content, headers=headers, timeout=60)


def read(url: str, pad: int, data: Any) -> dict[str, Any]:
    answer = call(url, {"component_id": pad, "fn_name": "read_drawing", "data": data, "session_hash": "any"})
    return dict(answer.raise_for_status().json())


def test_a_drawing_is_read(url: str, pad: int) -> None:
    assert read(url, pad, {"session": None, "strokes": ONE})["digit"] == 1


def test_a_long_drawing_is_read_too(url: str, pad: int) -> None:
    strokes = [[[0.5, 0.2 + 0.6 * y / 1000] for y in range(1000)]]
    assert read(url, pad, {"session": None, "strokes": strokes})["digit"] == 1


@pytest.mark.parametrize("data", [None, 1, [], {}, {"strokes": 3}, {"strokes": [3]}, {"strokes": [None] * 7}])
def test_what_is_no_drawing_is_answered_with_a_message(url: str, pad: int, data: Any) -> None:
    assert read(url, pad, data)["error"]


@pytest.mark.parametrize("body", [None, 7, [], {}, {"component_id": 1, "fn_name": "read_drawing"}])
def test_what_is_no_request_is_refused(url: str, body: Any) -> None:
    assert call(url, body).status_code == 400


@pytest.mark.parametrize("name", ["get_config", "__init__", "change_drawings", "", None, 3, ["read_drawing"]])
def test_only_what_the_component_offers_can_be_called(url: str, pad: int, name: Any) -> None:
    assert call(url, {"component_id": pad, "fn_name": name, "data": None}).status_code == 404


@pytest.mark.parametrize("number", [-1, 10**9, "1", None, [1], True])
def test_only_components_of_the_page_can_be_called(url: str, number: Any) -> None:
    assert call(url, {"component_id": number, "fn_name": "read_drawing", "data": None}).status_code == 404
