"""Where scripts/setup takes the Pulumi engine from, and what it says when it can have none."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Machine:
    """A machine that has just what a test puts there: no network, nothing on PATH, an empty cache."""

    directory: Path
    root: Path

    @property
    def link(self) -> Path:
        return self.directory / "engine"

    def put_engine(self, place: str, version: str, *, with_host: bool = True) -> Path:
        """Put an engine that reports this version into a directory below the machine's."""
        directory = self.directory / place
        directory.mkdir(parents=True)
        scripts = {"pulumi": f"echo v{version}"} | ({"pulumi-language-python": "exit 0"} if with_host else {})
        for name, body in scripts.items():
            (directory / name).write_text(f"#!/bin/sh\n{body}\n")
            (directory / name).chmod(0o755)
        return directory

    def put_go(self, body: str) -> Path:
        """Put a `go` that does this into a directory of the machine's."""
        directory = self.directory / "go"
        directory.mkdir()
        (directory / "go").write_text(f"#!/bin/sh\n{body}\n")
        (directory / "go").chmod(0o755)
        return directory

    def ensure(self, *path: Path) -> subprocess.CompletedProcess[str]:
        """Run the engine's set-up with this PATH."""
        environment = {
            "PATH": os.pathsep.join(map(str, [*path, self.directory / "nothing"])),
            "HOME": str(self.directory),
            "HTTPS_PROXY": "http://127.0.0.1:9",  # nothing answers there: the official site is out of reach
        }
        return subprocess.run(
            [sys.executable, self.root / "scripts/engine/ensure.py", "--link", self.link],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path, root: Path) -> Machine:
    return Machine(tmp_path, root)


LAUNCHER = "pulumi-resource-pulumi-python"
CACHED = ".cache/gitlab-keyvault/pulumi-3.260.0/bin"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("scripts/setup --help", 0),
        ("scripts/setup --bogus", 2),
        ("scripts/setup --quiet more", 2),
        ("scripts/rehearse --help", 0),
        ("scripts/rehearse --bogus", 2),
        ("scripts/rehearse --state", 2),
        ("scripts/rehearse --", 2),
        ("scripts/rehearse --serve -- true", 2),
        ("scripts/rehearse true", 2),
    ],
)
def test_a_script_tells_its_usage_and_does_nothing_else(root: Path, tmp_path: Path, command: str, code: int):
    environment = {**os.environ, "REHEARSAL_STATE": str(tmp_path / "state")}
    ended = subprocess.run(
        command.split(), cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    told, silent = (ended.stderr, ended.stdout) if code else (ended.stdout, ended.stderr)
    assert ended.returncode == code
    assert command.split()[0] in told or "usage: python -m rehearsal" in told
    assert silent == ""
    assert not (tmp_path / "state").exists()


def test_a_suitable_engine_on_path_is_taken(machine: Machine):
    installed = machine.put_engine("usr/bin", "3.300.1")
    machine.put_engine(CACHED, "3.260.0")
    ended = machine.ensure(installed)
    assert (ended.returncode, machine.link.readlink()) == (0, installed)
    assert "3.300.1" in ended.stdout


@pytest.mark.parametrize(("version", "with_host"), [("3.258.9", True), ("4.0.0", True), ("3.300.1", False)])
def test_an_unsuitable_engine_on_path_gives_way_to_the_one_fetched_earlier(
    machine: Machine, version: str, *, with_host: bool
):
    installed = machine.put_engine("usr/bin", version, with_host=with_host)
    fetched = machine.put_engine(CACHED, "3.260.0")
    ended = machine.ensure(installed)
    assert (ended.returncode, machine.link.readlink()) == (0, fetched)


def test_an_engine_that_does_not_run_is_not_taken(machine: Machine):
    broken = machine.put_engine("usr/bin", "3.300.1")
    (broken / "pulumi").write_text("#!/bin/sh\nexit 1\n")
    ended = machine.ensure(broken)
    assert ended.returncode == 1
    assert "does not run" in ended.stderr


def test_without_any_way_one_error_names_all_four(machine: Machine):
    ended = machine.ensure()
    assert ended.returncode == 1
    for way in ("a pulumi on PATH", "the one fetched earlier", "the official release", "a build with Go"):
        assert f"- {way}: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not machine.link.exists()


def test_an_engine_built_before_is_given_what_starts_dynamic_providers_and_nothing_is_built(machine: Machine):
    fetched = machine.put_engine(CACHED, "3.260.0")
    launcher = machine.directory / "sdk/python/dist" / LAUNCHER
    launcher.parent.mkdir(parents=True)
    launcher.write_text("#!/bin/sh\nexit 0\n")
    go = machine.put_go(f'[ "$1 $2" = "mod download" ] && echo \'{{"Dir": "{machine.directory}/sdk"}}\'')
    first, again = machine.ensure(go), machine.ensure()
    assert (first.returncode, first.stderr) == (again.returncode, again.stderr) == (0, "")
    assert machine.link.readlink() == fetched
    assert os.access(fetched / LAUNCHER, os.X_OK)
    assert sorted(each.name for each in fetched.iterdir()) == sorted(["pulumi", "pulumi-language-python", LAUNCHER])


@pytest.mark.parametrize(("go", "reason"), [("", "there is no go on PATH"), ("echo 'no module'; exit 1", "no module")])
def test_an_engine_that_cannot_be_given_it_is_taken_all_the_same_with_a_sentence(
    machine: Machine, go: str, reason: str
):
    fetched = machine.put_engine(CACHED, "3.260.0")
    ended = machine.ensure(*([machine.put_go(go)] if go else []))
    assert (ended.returncode, machine.link.readlink()) == (0, fetched)
    assert f"{LAUNCHER} is missing" in ended.stderr
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_engine_on_path_with_it_is_taken_without_a_word_about_it(machine: Machine):
    installed = machine.put_engine("usr/bin", "3.300.1")
    (installed / LAUNCHER).write_text("#!/bin/sh\nexit 0\n")
    (installed / LAUNCHER).chmod(0o755)
    ended = machine.ensure(installed)
    assert (ended.returncode, machine.link.readlink(), ended.stderr) == (0, installed, "")


def test_what_a_killed_set_up_left_is_cleared_and_never_taken(machine: Machine):
    machine.put_engine(".cache/gitlab-keyvault/.partial-xyz/engine/bin", "3.260.0")
    assert machine.ensure().returncode == 1
    assert not list((machine.directory / ".cache/gitlab-keyvault").glob(".partial-*"))


def test_a_failing_build_leaves_nothing_and_shows_what_go_said(machine: Machine):
    ended = machine.ensure(machine.put_go("echo 'no module for you'\nexit 1"))
    assert ended.returncode == 1
    assert "no module for you" in ended.stderr
    assert [entry.name for entry in (machine.directory / ".cache/gitlab-keyvault").iterdir()] == [".lock"]
