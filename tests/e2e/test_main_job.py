"""`scripts/rehearse` without arguments: the whole chain, once, for real."""

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Script = Callable[..., subprocess.CompletedProcess[str]]

WRONG_SECRETS = ("AZURE_CLIENT_SECRET=wrong", "ARM_CLIENT_SECRET=wrong")
REFUSALS = {
    "another branch": "AADSTS700213",
    "another project": "AADSTS700213",
    "another audience": "AADSTS700212",
    "an expired token": "AADSTS700024",
    "a token signed by another key": "AADSTS7000272",
    "a mangled token": "AADSTS50027",
    "a secret outside the scope (acme/payments)": "ForbiddenByRbac",
    "a vault without the role": "ForbiddenByRbac",
    "a missing version": "SecretNotFound",
    "a disabled secret": "SecretDisabled",
}


@pytest.fixture(scope="module")
def main_job(script: Script) -> subprocess.CompletedProcess[str]:
    """The main job on an empty cloud."""
    return script("scripts/rehearse", "--fresh", COLUMNS="160")


def rows(output: str) -> dict[str, tuple[str, str]]:
    """Read the tables of proofs: claim → (mark, what was seen)."""
    found = re.findall(r"^│ (✓|✗) │ (.+?) +│ (.+?) +│$", output, re.MULTILINE)
    return {claim: (mark, seen) for mark, claim, seen in found}


def test_every_proof_holds(main_job: subprocess.CompletedProcess[str]):
    assert main_job.returncode == 0, main_job.stdout
    assert "all hold" in main_job.stdout
    assert {mark for mark, _ in rows(main_job.stdout).values()} == {"✓"}


@pytest.mark.parametrize(("claim", "code"), REFUSALS.items())
def test_it_shows_each_refusal_with_its_code(main_job: subprocess.CompletedProcess[str], claim: str, code: str):
    assert rows(main_job.stdout)[claim] == ("✓", code)


def test_the_readme_shows_the_same_proofs(main_job: subprocess.CompletedProcess[str], root: Path):
    assert rows((root / "README.md").read_text()) == rows(main_job.stdout)


def test_it_ends_with_a_cloud_in_which_it_can_run_again_and_after_an_interruption_too(
    main_job: subprocess.CompletedProcess[str], script: Script, root: Path, state: Path
):
    assert main_job.returncode == 0
    with subprocess.Popen(
        ["scripts/rehearse"],
        cwd=root,
        env={**os.environ, "REHEARSAL_STATE": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as interrupted:
        assert interrupted.stdout
        seen = list(iter(interrupted.stdout.readline, "· What is changed by hand is found and mended\n"))
        time.sleep(1.5)  # into the changes by hand, or the refresh that finds them
        interrupted.terminate()
        rest = interrupted.stdout.read()
        assert interrupted.wait(30) == 143, "".join(seen) + rest
    assert rest == "Interrupted. The next run takes up what this one left.\n"
    assert not list(state.glob("pulumi-state/.pulumi/locks/**/*.json"))
    again = script("scripts/rehearse")
    assert again.returncode == 0, again.stdout


def test_a_stack_that_cannot_be_deployed_ends_the_main_job_with_the_engines_words(script: Script):
    ended = script("scripts/rehearse", "--", "env", *WRONG_SECRETS, "python", "-m", "proofs")
    assert ended.returncode == 3
    assert "AADSTS7000215" in ended.stdout
    assert "Traceback" not in ended.stdout


def test_the_proofs_do_not_run_outside_the_rehearsal(root: Path):
    ended = subprocess.run(
        [root / ".venv/bin/python", "-m", "proofs"], cwd=root, env={}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "scripts/rehearse" in ended.stderr
