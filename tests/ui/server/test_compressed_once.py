from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import brotli
import gradio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from tests.support.waiting import result_of
from ui.server import compressed_once
from ui.server.compressed_once import CompressedOnce

SCRIPT = b"let x = 1;\n" * 100_000
UNPACKED = {"br": brotli.decompress, "gzip": gzip.decompress}


@pytest.fixture
def app(tmp_path: Path) -> Starlette:
    (tmp_path / "page.js").write_bytes(SCRIPT)
    (tmp_path / "small.js").write_bytes(b"1")
    (tmp_path / "picture.png").write_bytes(SCRIPT)
    middleware = [Middleware(CORSMiddleware, allow_origins=["http://a", "http://b"]), Middleware(CompressedOnce)]
    return Starlette(routes=[Mount("/assets", StaticFiles(directory=tmp_path))], middleware=middleware)


def answers(app: Starlette, path: str, count: int = 1, **headers: str) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            return await asyncio.gather(*(client.get(path, headers=headers) for _ in range(count)))

    return result_of(ask())


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_script_is_compressed_once_however_many_ask(
    app: Starlette, encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    compress = compressed_once._HOW[encoding]

    def counted(body: bytes) -> bytes:
        compressed.append(len(body))
        return compress(body)

    monkeypatch.setitem(compressed_once._HOW, encoding, counted)
    headers: dict[str, Any] = {"Accept-Encoding": encoding}
    for answer in [*answers(app, "/assets/page.js", 8, **headers), *answers(app, "/assets/page.js", **headers)]:
        assert answer.headers["content-encoding"] == encoding
        assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
        assert "Accept-Encoding" in answer.headers["vary"]
        assert answer.content == SCRIPT  # httpx unpacks it
    assert compressed == [len(SCRIPT)]


def test_what_cannot_be_compressed_is_handed_on(app: Starlette) -> None:
    for path, body in (("/assets/small.js", b"1"), ("/assets/picture.png", SCRIPT)):
        (answer,) = answers(app, path, **{"Accept-Encoding": "br"})
        assert "content-encoding" not in answer.headers
        assert answer.content == body
    (answer,) = answers(app, "/assets/page.js", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert answers(app, "/assets/nothing.js", **{"Accept-Encoding": "br"})[0].status_code == 404


def test_what_is_meant_for_one_client_is_not_kept_for_others(app: Starlette) -> None:
    for origin in ("http://a", "http://b", "http://a"):
        (answer,) = answers(app, "/assets/page.js", **{"Accept-Encoding": "br", "Origin": origin})
        assert answer.headers.get_list("access-control-allow-origin") == [origin]


def test_no_more_is_kept_than_the_page_has(app: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    """One file may have many paths."""
    monkeypatch.setattr(compressed_once, "_MOST", 3)
    kept = CompressedOnce(Starlette(routes=app.routes))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(kept), base_url="http://here") as client:
            for number in range(10):
                path = "/assets" + "/" * (number + 1) + "page.js"
                assert (await client.get(path, headers={"Accept-Encoding": "gzip"})).content == SCRIPT

    result_of(ask())
    assert 1 <= len(kept._kept) <= 3


def test_the_pages_scripts_arrive_compressed(url: str) -> None:
    folder = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
    script = max(folder.glob("*.js"), key=lambda path: path.stat().st_size)
    for encoding, unpacked in UNPACKED.items():
        with httpx.stream(
            "GET", f"{url}assets/{script.name}", headers={"Accept-Encoding": encoding}, timeout=60
        ) as answer:
            assert answer.headers["content-encoding"] == encoding
            assert unpacked(b"".join(answer.iter_raw())) == script.read_bytes()
