"""`run`: how a command gets the values, and that nothing of them stays behind."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from keyvault_fetch import cli, deliver
from keyvault_fetch.outcome import Outcome, Wanted

DB = ("DB", "db")
API = ("API", "api", "", "file: false")
Fetch = Callable[..., Any]
# Writes what it was given to the file named by its argument.
PROBE = """
import json, os, pathlib, stat, sys
path = pathlib.Path(os.environ["DB"])
told = {
    "content": path.read_bytes().decode(), "path": str(path), "api": os.environ.get("API"),
    "modes": [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)],
    "token": os.environ["AZURE_JWT"][:2],
}
pathlib.Path(sys.argv[1]).write_text(json.dumps(told))
sys.exit(7)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """The directory in which temporary files are made; nothing may be left in it."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(directory))
    yield directory
    assert list(directory.iterdir()) == []


def test_a_command_gets_files_and_variables_and_its_exit_code_counts(fetch: Fetch, tmp_path: Path, temporary: Path):
    told = tmp_path / "told.json"
    said = fetch(DB, API, args=("run", "--", sys.executable, "-c", PROBE, str(told)))
    assert (said.code, said.out, said.err) == (7, "", "")
    found = json.loads(told.read_text())
    assert found["content"] == "canary-db-Zk3\nsecond line\n"
    assert found["api"] == "canary-api-Qp9"
    assert found["modes"] == [0o600, 0o700]
    assert found["token"] == "ey"
    assert Path(found["path"]).parent.parent == temporary
    assert not Path(found["path"]).exists()
    assert "API" not in os.environ


@pytest.mark.usefixtures("temporary")
def test_nothing_is_started_when_a_secret_does_not_resolve(fetch: Fetch, tmp_path: Path):
    started = tmp_path / "started"
    said = fetch(DB, ("GONE", "gone"), args=("run", "--", "touch", str(started)))
    assert (said.code, said.out) == (7, "")
    assert "SecretNotFound" in said.err
    assert not started.exists()


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize(("command", "code"), [("/nowhere/command", 127), ("/etc/passwd", 126)])
def test_a_command_that_cannot_be_started_has_the_shells_exit_code(fetch: Fetch, command: str, code: int):
    said = fetch(DB, args=("run", "--", command))
    assert said.code == code
    assert said.err.startswith(f"keyvault-fetch: {command}: ")


def test_warnings_of_the_yaml_go_to_stderr(fetch: Fetch):
    said = fetch(DB, ("B", "api", "", "token: $OTHER"), args=("run", "--", "true"))
    assert said.code == 0
    assert said.err.startswith("keyvault-fetch: warning: B has its own token:")


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize(("value", "form"), [("canary\0", "value"), ("canary\ud800", "file")])
def test_a_value_that_cannot_be_handed_over_is_not_shown(value: str, form: str):
    outcome = Outcome(Wanted("V", "v", None, file=form == "file"), value)
    with pytest.raises(deliver.Undeliverable) as raised:
        deliver.run(["true"], [outcome], os.environ)
    assert "V" in str(raised.value)
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_command_and_removes_the_files(chain: Any, tmp_path: Path, number: int, code: int):
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text("job:\n  id_tokens: {AZURE_JWT: {aud: x}}\n  secrets: {DB: {azure_key_vault: {name: db}}}\n")
    told = tmp_path / "told"
    command = ["sh", "-c", f'printf %s "$DB" > {told}.new; mv {told}.new {told}; exec sleep 60']
    environ = {**chain.running.environment, **chain.environ(), "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    arguments = ["run", "--job", "job", "--file", str(file), "--", *command]
    with subprocess.Popen([sys.executable, "-m", "keyvault_fetch", *arguments], env=environ) as process:
        wait_for(told.exists)
        secret = Path(told.read_text())
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert b"canary" not in Path(f"/proc/{process.pid}/environ").read_bytes()
        process.send_signal(number)
        assert process.wait(10) == code
    assert not secret.parent.exists()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
