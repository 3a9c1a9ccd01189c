"""The locks, the licences, and what asks for known vulnerabilities."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hosting import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.quick

LOCKS = ["tests/requirements.lock", "docker/requirements.lock"]
# CVE-2026-54283, CVE-2026-53540: the last version with the hole, and the first without.
MENDED = [("starlette", "1.3.0", "1.3.1"), ("python-multipart", "0.0.30", "0.0.31")]
# The image's own system, whatever the tests run on.
IMAGE = {
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "sys_platform": "linux",
    "platform_machine": "x86_64",
}


def requirements(name: str) -> list[Requirement]:
    """Of a requirements file and those that it includes, or of a lock."""
    found = []
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += requirements(str(Path(name).parent / line[3:]))
        elif line and line[0] not in "# -":
            found.append(Requirement(line.rstrip(" \\")))
    return found


def pinned(name: str) -> set[tuple[str, str]]:
    return {(canonicalize_name(each.name), str(each.specifier)) for each in requirements(name)}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_to_one_version_with_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = re.split(r"\n(?=[a-z])", text[text.index("\n\n" if "\n\n" in text else "absl") :])
    assert len(packages) > 60
    for package in packages:
        assert re.match(r"\s*[a-z0-9.-]+==\S+", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry(lock: str) -> None:
    assert not re.search(r"https?:|file:|index-url|find-links|trusted-host", (ROOT / lock).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("asked", "lock"), [("tests/requirements.txt", LOCKS[0]), ("requirements.txt", LOCKS[1])])
def test_a_lock_holds_what_people_are_told_to_install_pins_and_floors(asked: str, lock: str) -> None:
    locked: dict[str, list[str]] = {}
    for name, version in pinned(lock):
        locked.setdefault(name, []).append(version.removeprefix("=="))
    wanted = {canonicalize_name(each.name): each.specifier for each in requirements(asked)}
    assert {name for name in wanted if name not in locked} == set()
    assert {name: locked[name] for name in wanted if not all(map(wanted[name].contains, locked[name]))} == {}


@pytest.mark.parametrize(("name", "vulnerable", "mended"), MENDED)
def test_a_space_which_has_no_lock_gets_no_version_with_a_known_hole(name: str, vulnerable: str, mended: str) -> None:
    wanted = {canonicalize_name(each.name): each.specifier for each in requirements("requirements.txt")}
    assert name in wanted
    assert not wanted[name].contains(vulnerable)
    assert wanted[name].contains(mended)


def test_the_image_s_lock_holds_the_same_versions_but_tensorflow_without_cuda() -> None:
    tensorflow = dict(pinned("requirements.txt"))["tensorflow"]
    assert pinned("docker/requirements.lock") - pinned("tests/requirements.lock") == {("tensorflow-cpu", tensorflow)}


def licence_table() -> dict[str, tuple[str, str]]:
    """Version and licence by package."""
    text = (ROOT / "LICENCES.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| (.+) \|$", text[text.index("| Name | Version | License |") :], re.MULTILINE
    )
    return {canonicalize_name(name): (version, licence) for name, version, licence in rows[1:]}


def test_the_licences_of_all_that_the_image_holds_are_listed() -> None:
    held = {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in requirements("docker/requirements.lock")
        if each.marker is None or each.marker.evaluate(IMAGE)
    }
    assert {name: version for name, (version, _) in licence_table().items()} == held


def test_the_licences_are_those_that_the_packages_state() -> None:
    command = [str(Path(sys.executable).parent / "pip-licenses"), "--from=mixed", "--format=json", "--with-system"]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    stated = {canonicalize_name(each["Name"]): (each["Version"], each["License"]) for each in json.loads(answer)}
    table = licence_table()
    # Another Python may get other versions of some.
    same = [name for name, (version, _) in table.items() if stated.get(name, ("",))[0] == version]
    assert len(same) > 50
    assert {name: table[name] for name in same} == {name: stated[name] for name in same}


FOUND = [{"name": "old", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}]
SKIPPED = [{"name": "old", "skip_reason": "not found"}]


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (json.dumps({"dependencies": FOUND}), 1, "old 1: CVE-1, mended in 2"),
        (json.dumps({"dependencies": SKIPPED}), 0, "0 packages audited, 1 not: no database was reached"),
        ("", 0, "not audited"),
    ],
)
def test_the_audit_fails_for_what_is_found_and_only_for_that(tmp_path: Path, answer: str, code: int, said: str) -> None:
    """Where pip-audit's database is depends on the network: its answers are played to the script."""
    (tmp_path / "pip-audit").write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    (tmp_path / "pip-audit").chmod(0o755)
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "audit"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert said in done.stdout
