"""The documentation: links lead somewhere, commands name what exists, the README stays short. Nothing is executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import mnist_core

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, ROOT / "SECURITY.md", *DOCS]
FOLDERS = ("mnist_core", "ui", "tests", "benchmarks", "weights", "docs", "docker", ".ci")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[(?:[^][]|\[[^]]*\])*\]\(([^)\s]+)\)")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def prose(text: str) -> str:
    """Without fenced blocks."""
    return FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    found: dict[str, int] = {}
    names = set()
    for heading in re.findall(r"^#+ +(.+?) *$", prose(page.read_text(encoding="utf-8")), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = found.get(name, 0)
        found[name] = count + 1
        names.add(f"{name}-{count}" if count else name)
    return names


def relative_links(text: str) -> list[str]:
    return [link for link in LINK.findall(CODE.sub("", prose(text))) if not re.match(r"\w+:", link)]


def broken_links(page: Path, text: str) -> Iterator[str]:
    for link in relative_links(text):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and (target.suffix != ".md" or anchor not in anchors(target))):
            yield link


def commands(text: str) -> Iterator[str]:
    """Each line of the fenced shell blocks, and all inline code."""
    for language, block in FENCE.findall(text):
        if language == "sh":
            yield from block.replace("\\\n", " ").splitlines()
    yield from CODE.findall(prose(text))


def is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def unknown_things(command: str) -> Iterator[str]:
    """Modules and files that a command names and that do not exist."""
    yield from (name for name in re.findall(r"\bpython3? -m ([\w.]+)", command) if not is_module(name))
    files = re.findall(r"\bpython3? ([\w./]+\.py)\b", command) + re.findall(r"-r ([\w./-]+)", command)
    for arguments in re.findall(r"\bpytest\b([^&|;#]*)", command):
        words = re.sub(r"-[mk] \S+", "", arguments).split()
        files += [word.partition("::")[0] for word in words if not word.startswith("-")]
    if re.fullmatch(r"[\w./-]+", command) and command.startswith(tuple(f"{folder}/" for folder in FOLDERS)):
        files += [command] if "NAME" not in command else []
    yield from (file for file in files if not (ROOT / file).exists())


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken_links(page, page.read_text(encoding="utf-8"))) == []


@each_page
def test_commands_name_what_exists(page: Path) -> None:
    found = [thing for command in commands(page.read_text(encoding="utf-8")) for thing in unknown_things(command)]
    assert found == []


@each_page
def test_python_blocks_use_public_names(page: Path) -> None:
    blocks = [block for language, block in FENCE.findall(page.read_text(encoding="utf-8")) if language == "python"]
    imports = [node for block in blocks for node in ast.walk(ast.parse(block)) if isinstance(node, ast.ImportFrom)]
    used = {alias.name for node in imports if node.module == "mnist_core" for alias in node.names}
    assert used <= set(mnist_core.__all__)
    assert not [node.module for node in imports if (node.module or "").startswith("mnist_core.")]


def test_the_layout_names_files_that_exist() -> None:
    text = prose((ROOT / "docs" / "contributing.md").read_text(encoding="utf-8"))
    names = {name for name in CODE.findall(text) if re.fullmatch(r"\w+\.py", name)}
    there = {path.name for folder in ("mnist_core", "ui") for path in (ROOT / folder).rglob("*.py")}
    assert len(names) > 30
    assert names - there == set()


def test_the_readme_is_short_and_links_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in relative_links(text)}
    assert [page.name for page in PAGES[1:] if page.resolve() not in linked] == []


@pytest.mark.parametrize("line", ["pip install -r tests/requirements.txt && ", "pip install -r requirements.txt && "])
def test_the_readme_has_its_two_commands_on_lines_of_their_own(line: str) -> None:
    assert sum(each.startswith(line) for each in README.read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.parametrize(
    ("link", "is_broken"),
    [
        ("docs/speed.md", False),
        ("docs/speed.md#readings", False),
        ("#run-it", True),
        ("docs/speed.md#no-such-heading", True),
        ("docs/no_such_page.md", True),
        ("docs/no_such_picture.png", True),
        ("https://example.org/nothing", False),
    ],
)
def test_a_broken_link_is_found(link: str, is_broken: bool) -> None:
    assert list(broken_links(README, f"See [this]({link}).")) == [link] * is_broken


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("python -m benchmarks.training", []),
        ("python -m benchmarks.no_such_thing", ["benchmarks.no_such_thing"]),
        ("python -m mnist_core train --preset seed", []),
        ("python no_such_script.py", ["no_such_script.py"]),
        ("python -m pytest -m slow tests/ui tests/no_such_test.py", ["tests/no_such_test.py"]),
        ("pip install -r no_such_list.txt", ["no_such_list.txt"]),
        ("tests/no_such_folder", ["tests/no_such_folder"]),
    ],
)
def test_a_command_that_names_nothing_is_found(command: str, unknown: list[str]) -> None:
    assert list(unknown_things(command)) == unknown
