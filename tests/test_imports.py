"""What is slow to import is imported when it is needed; which way imports go is in pyproject.toml."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("module", ["mnist_core", "ui.page"])
def test_importing_does_not_import_tensorflow(module: str) -> None:
    code = f"import sys, {module}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_public_name_exists_and_has_a_docstring() -> None:
    import mnist_core

    for name in mnist_core.__all__:
        thing = getattr(mnist_core, name)
        assert name == "PRESETS" or thing.__doc__, name
