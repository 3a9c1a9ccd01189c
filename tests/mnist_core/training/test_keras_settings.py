"""A user's own settings of Keras and TensorFlow: the same weights, or an error that names the setting."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
LEARN = Path(__file__).with_name("learn_under_settings.py")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """With these settings of Keras and none of the machine's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KERAS")}
    return {**kept, "PYTHONPATH": str(ROOT), "KERAS_HOME": str(folder), **settings}


def learn(setting: str, variables: dict[str, str]) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, str(LEARN), setting], env=variables, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is learned with no setting at all."""
    found = learn("", environment(tmp_path_factory.mktemp("keras")))
    assert found["export"] == []
    assert all(line.startswith("float32 ") for name, lines in found.items() if name != "export" for line in lines)
    return found


@pytest.mark.parametrize("backend", ["jax", "none such"])
def test_another_backend_in_the_environment_changes_nothing(
    backend: str, usual: dict[str, list[str]], tmp_path: Path
) -> None:
    assert learn("", environment(tmp_path, KERAS_BACKEND=backend)) == usual


def test_keras_json_changes_nothing(usual: dict[str, list[str]], tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"backend": "torch", "floatx": "float16"}', encoding="utf-8")
    assert learn("", environment(tmp_path)) == usual


@pytest.mark.parametrize(
    "setting",
    [
        "import keras; keras.config.set_floatx('float64')",
        "import keras; keras.config.set_dtype_policy('mixed_float16')",
    ],
)
def test_other_types_change_nothing(setting: str, usual: dict[str, list[str]], tmp_path: Path) -> None:
    assert learn(setting, environment(tmp_path)) == usual


@pytest.mark.parametrize(
    ("setting", "named", "unharmed"),
    [
        ("import tensorflow as tf; tf.config.run_functions_eagerly(True)", "(False) first", {"model", "export"}),
        ("import tensorflow as tf; tf.compat.v1.disable_eager_execution()", "disable_eager_execution", set()),
        ("import tensorflow as tf; tf.compat.v1.disable_v2_behavior()", "disable_v2_behavior", set()),
        ("import keras; keras.config.backend = lambda: 'jax'", "KERAS_BACKEND=tensorflow", set()),
    ],
)
def test_what_training_cannot_do_with_is_named(
    setting: str, named: str, unharmed: set[str], usual: dict[str, list[str]], tmp_path: Path
) -> None:
    found = learn(setting, environment(tmp_path))
    assert {name for name, lines in found.items() if lines == usual[name]} == unharmed
    for name in found.keys() - unharmed:
        (said,) = found[name]
        assert said.startswith("InvalidInput: ")
        assert named in said


def test_the_shell_trains_whatever_keras_is_set_to(tmp_path: Path) -> None:
    (tmp_path / "keras.json").write_text('{"backend": "torch", "floatx": "float16"}', encoding="utf-8")
    command = ["-m", "mnist_core", "train", "--epochs", "1", "--train-size", "500", "--hidden-units", "16", "12"]
    done = subprocess.run(
        [sys.executable, *command, "--out", str(tmp_path / "my.npz")],
        cwd=ROOT, env=environment(tmp_path, KERAS_BACKEND="jax"), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "test accuracy" in done.stdout


def test_what_the_program_starts_finds_the_backend_that_it_was_given(tmp_path: Path) -> None:
    code = "import os; from mnist_core import describe_device; describe_device(); print(os.environ['KERAS_BACKEND'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=environment(tmp_path, KERAS_BACKEND="jax"), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "jax\n")
