"""The Dockerfile, without an engine: what it says, and its steps done by hand. No image is built."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from dockerfile_parse import DockerfileParser
from hosting import ROOT, Hosted, hosted

Step = tuple[str, str]

SOMETHING_ELSE = """
from http.server import BaseHTTPRequestHandler, HTTPServer

server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
print(server.server_port, flush=True)
server.handle_request()
"""


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    """Each instruction and its value."""
    structure = DockerfileParser(str(ROOT)).structure
    return [(step["instruction"], step["value"]) for step in structure if step["instruction"] != "COMMENT"]


@pytest.fixture(scope="module")
def image(steps: list[Step]) -> list[Step]:
    """The steps of the stage that becomes the image."""
    starts = [number for number, (instruction, _) in enumerate(steps) if instruction == "FROM"]
    return steps[starts[-1] :]


def values(steps: list[Step], instruction: str) -> list[str]:
    return [value for name, value in steps if name == instruction]


def copied(image: list[Step]) -> list[str]:
    """What of the project is in the image."""
    copies = [value.split() for value in values(image, "COPY") if not value.startswith("--from")]
    return [source for *sources, _ in copies for source in sources]


def environment(image: list[Step]) -> dict[str, str]:
    pairs = (pair.split("=", 1) for value in values(image, "ENV") for pair in value.split())
    return {name: value for name, value in pairs if name != "PATH"}


def command_of(value: str) -> list[str]:
    """The exec form, as the tests' Python does it."""
    command = json.loads(value)
    assert command[0] == "python"
    return [sys.executable, *command[1:]]


@pytest.fixture(scope="module")
def app(image: list[Step]) -> Iterator[Hosted]:
    """What the image holds, started as the image does, as its user."""
    (command,) = values(image, "CMD")
    _, script = command_of(command)
    with hosted({**environment(image), "HOME": "/home/user"}, copied(image), script) as running:
        yield running


def health_command(image: list[Step]) -> list[str]:
    (value,) = values(image, "HEALTHCHECK")
    return command_of(value[value.index("CMD") + 3 :])


def test_it_begins_with_the_python_that_ci_uses_named_by_its_version(steps: list[Step]) -> None:
    bases = {value.split()[0] for value in values(steps, "FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.1[0-2]-slim-\w+", bases.pop())


def test_it_installs_what_the_lock_says_and_nothing_else(steps: list[Step]) -> None:
    installs = [value for value in values(steps, "RUN") if "install" in value]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert not values(steps, "ADD")


def test_it_does_not_run_as_root(image: list[Step]) -> None:
    assert values(image, "USER") == ["1000"]
    assert "--uid 1000" in "".join(values(image, "RUN"))


def test_it_holds_the_app_and_neither_tests_nor_pictures_of_the_readme(image: list[Step]) -> None:
    assert copied(image) == ["app.py", "docker/health.py", "mnist_core", "ui", "weights"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert sent == {source.split("/")[0] for source in copied(image)}


def test_it_listens_at_the_port_that_it_exposes(image: list[Step], app: Hosted) -> None:
    (port,) = values(image, "EXPOSE")
    assert app.listens_at() == {("00000000", int(port))}


def test_the_health_check_says_that_the_app_is_well(image: list[Step], app: Hosted) -> None:
    done = app.run(health_command(image), **environment(image))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("port", ["1", "no port"])
def test_the_health_check_says_that_the_app_is_not_well(image: list[Step], app: Hosted, port: str) -> None:
    done = app.run(health_command(image), GRADIO_SERVER_PORT=port)
    assert done.returncode == 1


def test_the_health_check_does_not_take_an_error_for_health(image: list[Step], app: Hosted) -> None:
    """What answers with 501 is not the app."""
    with subprocess.Popen([sys.executable, "-c", SOMETHING_ELSE], stdout=subprocess.PIPE, encoding="utf-8") as other:
        assert other.stdout is not None
        port = other.stdout.readline().strip()
        done = subprocess.run(
            health_command(image),
            cwd=ROOT,
            env={"GRADIO_SERVER_PORT": port},
            check=False,
            capture_output=True,
            encoding="utf-8",
        )
    assert (done.returncode, done.stderr.strip()) == (1, f"The app answers at port {port} with status 501.")


def test_visitors_files_are_deleted_when_it_ends(app: Hosted) -> None:
    assert [path for path in app.temporary.iterdir() if path.is_dir()] != []
    app.stop()
    assert [path for path in app.temporary.iterdir() if path.is_dir()] == []
