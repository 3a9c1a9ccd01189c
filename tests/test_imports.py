"""Imports point one way, and what is slow to import is imported when it is needed."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A room may import from the rooms before it only.
ORDER = [
    "shown", "config", "files", "outputs", "arguments", "cluster", "heap", "memory", "device", "frame", "data",
    "typical", "bundle", "strokes", "paper", "bare_files", "pictures", "picture_files", "preprocessing",
    "zip_members", "weights", "pen_images", "doodles", "outliers", "detector", "augment", "model", "fused",
    "optimizers", "inference", "explain", "grouping", "numbers", "evaluation", "patterns", "schedule", "loop",
    "training", "teaching", "detector_training", "history", "speed", "card", "archive", "__init__", "__main__",
]  # fmt: skip


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def packages(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(path)}


def test_the_core_knows_neither_gradio_nor_the_page() -> None:
    for path in (ROOT / "mnist_core").rglob("*.py"):
        assert not packages(path) & {"gradio", "gradio_client", "ui", "app"}, path.name


def test_the_page_does_not_import_tensorflow() -> None:
    paths = [*(ROOT / "ui").rglob("*.py"), ROOT / "app.py"]
    assert len(paths) > 5
    for path in paths:
        assert not packages(path) & {"tensorflow", "keras"}, path.name


def test_rooms_import_from_earlier_rooms_only() -> None:
    paths = {path.stem: path for path in (ROOT / "mnist_core").glob("*.py")}
    assert sorted(paths) == sorted(ORDER)
    for room, path in paths.items():
        used = {name.split(".")[1] for name in imported(path) if name.startswith("mnist_core.")}
        assert all(ORDER.index(other) < ORDER.index(room) for other in used), (room, used)


@pytest.mark.parametrize("module", ["mnist_core", "ui.page"])
def test_importing_does_not_import_tensorflow(module: str) -> None:
    code = f"import sys, {module}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_public_name_exists_and_has_a_docstring() -> None:
    import mnist_core

    for name in mnist_core.__all__:
        thing = getattr(mnist_core, name)
        assert name == "PRESETS" or thing.__doc__, name
