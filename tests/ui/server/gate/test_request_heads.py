"""What a request says before its body is bounded, and decides nothing for others."""

from __future__ import annotations

import httpx
import pytest

from ui.limits import MAX_CONTENT_TYPE, MAX_QUERY


@pytest.mark.parametrize("query", ["", "?all_endpoints=true", "?page=nothing"])
@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host"])
def test_nobody_says_for_others_where_the_app_is(served: str, name: str, query: str) -> None:
    """Gradio kept the host that the first one named, and showed it to all as the address to send drawings to."""
    path = f"{served}/gradio_api/info"
    assert httpx.get(path + query, headers={name: "evil.example", "X-Forwarded-Proto": "https"}).status_code == 200
    shown = httpx.get(path)
    assert "/read_strokes" in shown.json()["named_endpoints"]
    assert "evil.example" not in shown.text + httpx.get(served).text


@pytest.mark.parametrize("path", ["/", "/theme.css", "/gradio_api/queue/data", "/gradio_api/upload", "/nothing"])
def test_a_long_query_is_refused_before_anybody_reads_it(served: str, path: str) -> None:
    assert httpx.get(f"{served}{path}?{'a&' * (MAX_QUERY // 2 + 1)}").status_code == 414
    assert httpx.post(f"{served}{path}?{'a&' * (MAX_QUERY // 2 + 1)}").status_code == 414
    assert httpx.get(f"{served}/theme.css?{'a' * MAX_QUERY}").status_code == 200


def test_a_long_content_type_is_refused_before_anybody_reads_it(served: str) -> None:
    for kind in ("multipart/form-data; boundary=x", "application/json"):
        path = "upload" if kind.startswith("multipart") else "reset"
        headers = {"Content-Type": kind + ";a=b" * MAX_CONTENT_TYPE}
        assert httpx.post(f"{served}/gradio_api/{path}", content=b"{}", headers=headers).status_code == 415
