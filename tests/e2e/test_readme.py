"""The README's commands, typed one after the other by a newcomer on a machine of their own."""

import os
import re
import subprocess
from pathlib import Path

import pytest

NOT_TYPED = {
    "scripts/test": "this test is part of it",
    "scripts/rehearse": "test_main_job.py types it",
    "az": "the Azure CLI is a prerequisite that only real subscriptions need",
    "pulumi login": "the rehearsal has a backend of its own",
    "python -m keyvault_fetch check": "it needs a job's environment; test_check.py runs it",
}


def commands(text: str) -> list[str]:
    """Return what stands after the prompts of the console blocks."""
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def typed(command: str) -> bool:
    """Tell whether this test types the command."""
    exactly = command in NOT_TYPED
    return not exactly and not any(
        command.startswith(f"{start} ") for start in NOT_TYPED if start != "scripts/rehearse"
    )


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project as a clone would be, with the environment that scripts/setup has made."""
    place = tmp_path_factory.mktemp("clone") / "project"
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        target = place / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((root / name).read_bytes())
        target.chmod((root / name).stat().st_mode)
    (place / ".venv").symlink_to(root / ".venv")
    return place


def test_every_command_of_the_readme_works(root: Path, copy: Path):
    environment = {name: value for name, value in os.environ.items() if name != "REHEARSAL_STATE"}
    to_type = [command for command in commands((root / "README.md").read_text()) if typed(command)]
    assert len(to_type) >= 5
    for command in to_type:
        inside = command if command.startswith("scripts/") else f"scripts/rehearse -- {with_yes(command)}"
        ended = subprocess.run(
            inside, shell=True, cwd=copy, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert ended.returncode == 0, f"{command}\n{ended.stdout}\n{ended.stderr}"


def with_yes(command: str) -> str:
    """Answer the question that `pulumi up` asks a person."""
    return f"{command} --yes" if command.startswith("pulumi up") else command


def test_every_command_that_is_not_typed_has_its_reason(root: Path):
    skipped = [command for command in commands((root / "README.md").read_text()) if not typed(command)]
    assert {start for start in NOT_TYPED if any(command.startswith(start) for command in skipped)} == set(NOT_TYPED)


def test_what_the_readme_shows_of_a_command_is_its_output(root: Path):
    pattern = r"<!-- output of (scripts/explain .*?) -->\n```text\n(.*?)```"
    shown = re.findall(pattern, root.joinpath("README.md").read_text(), re.DOTALL)
    assert shown
    for command, output in shown:
        wide = {**os.environ, "COLUMNS": "108"}
        ended = subprocess.run(command.split(), cwd=root, env=wide, capture_output=True, text=True, check=True)
        assert [line.rstrip() for line in ended.stdout.splitlines()] == output.splitlines()


def test_the_mistakes_that_the_readme_shows_are_reported_so(root: Path):
    shown = re.search(
        r"<!-- output of a stack with mistakes -->\n```text\n(.*?)```",
        root.joinpath("README.md").read_text(),
        re.DOTALL,
    )
    assert shown
    from components.settings.mistakes import SettingsError
    from components.stack.parse import parse

    values: dict[str, object] = {
        "location": "westeurope",
        "resource_group": "rg",
        "vault": {"name": "kv--gitlab"},
        "projects": [{"path": "acme/shop", "acces": "vault", "secrets": {"KEY": "key"}}],
    }
    with pytest.raises(SettingsError) as refusal:
        parse(values)
    assert str(refusal.value) == shown[1]
