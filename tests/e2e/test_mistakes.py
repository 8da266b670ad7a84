"""A stack's mistakes, as the person sees them who runs `pulumi`."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

STACK_FILE = Path(__file__).with_name("twenty-mistakes.yaml")
WANTED = re.findall(r"# \d+ (\S+)$", STACK_FILE.read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def up(script: Callable[..., subprocess.CompletedProcess[str]]) -> subprocess.CompletedProcess[str]:
    """`pulumi up` on a stack with twenty mistakes in it."""
    commands = (
        "pulumi stack select --create rehearsal && "
        f"pulumi up --yes --skip-preview --non-interactive --stack rehearsal --config-file {STACK_FILE}; code=$?; "
        "pulumi stack export --stack rehearsal | grep -c gitlab-keyvault:index; exit $code"
    )
    return script("scripts/rehearse", "--fresh", "--", "sh", "-c", commands)


def test_all_twenty_mistakes_are_reported_at_once(up: subprocess.CompletedProcess[str]):
    reported = re.findall(r"^\s*gitlab-keyvault:(\S+)\n\s+problem: ", up.stdout, re.MULTILINE)
    assert len(WANTED) == 20
    assert sorted(reported) == sorted(WANTED)
    assert "20 mistakes in the stack's configuration" in up.stdout


def test_each_is_reported_with_its_mend(up: subprocess.CompletedProcess[str]):
    assert len(re.findall(r"^\s*mend: +\S", up.stdout, re.MULTILINE)) == 20


def test_nothing_is_created_and_no_traceback_is_shown(up: subprocess.CompletedProcess[str]):
    assert up.returncode not in (0, None)
    assert up.stdout.rstrip().endswith("\n0")
    assert "Traceback" not in up.stdout
