"""Running the programs that the proofs are about, as a person would type them."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STACK = "rehearsal"
NOTHING = "nothing to change"


@dataclass(frozen=True)
class Run:
    """One command that ended: its exit code, its output (both streams, as they came) and the seconds it took."""

    command: tuple[str, ...]
    code: int
    output: str
    seconds: float

    @property
    def succeeded(self) -> bool:
        """Whether the exit code was 0."""
        return self.code == 0


class StepFailed(Exception):
    """A command that everything after it rests on has failed; the text is for the person."""

    def __init__(self, run: Run) -> None:
        tail = "\n".join(run.output.rstrip().splitlines()[-30:])
        super().__init__(f"`{' '.join(run.command)}` ended with exit code {run.code}:\n{tail}")


def run(*command: str, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, in this environment or the caller's.

    An interruption is passed on once and the end awaited: the engine gives its lock on the stack back, where a second
    signal (the terminal's own, but for the process group) or being killed would leave the stack locked.
    """
    started = time.monotonic()
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            process.send_signal(signal.SIGINT)
            process.communicate()
            raise
    return Run(command, process.returncode, output, time.monotonic() - started)


def pulumi(*arguments: str, stack: str = STACK) -> Run:
    """Run `pulumi` on one of the rehearsal's stacks."""
    return run("pulumi", *arguments, "--stack", stack, "--non-interactive")


def deploy(stack: str = STACK, *options: str) -> Run:
    """Bring a stack up, whatever a killed run may have left: a lock, or what it had changed by hand. Must succeed.

    `options` are those of `pulumi up`.
    """
    must(pulumi("stack", "select", "--create", stack=stack))
    must(pulumi("cancel", "--yes", stack=stack))
    return must(pulumi("up", "--refresh", "--yes", "--skip-preview", *options, stack=stack))


def destroy(stack: str = STACK, *options: str) -> Run:
    """Destroy what a stack has made. Must succeed."""
    return must(pulumi("destroy", "--yes", "--skip-preview", *options, stack=stack))


def outputs(stack: str = STACK) -> dict[str, Any]:
    """Return what a stack puts out."""
    return json.loads(must(pulumi("stack", "output", "--json", stack=stack)).output)


def must(ended: Run) -> Run:
    """Return the run if it succeeded; raise StepFailed otherwise."""
    if not ended.succeeded:
        raise StepFailed(ended)
    return ended


def changes(ended: Run) -> str:
    """Tell what a pulumi command says it changed, or that it changed nothing."""
    counts = re.findall(r"^\s+(?:[-+~]{1,2}|\+-) (\d+ (?:to )?[a-z]+)", ended.output, re.MULTILINE)
    if counts:
        return ", ".join(counts)
    return NOTHING if ended.succeeded else f"exit code {ended.code}: {ended.output.strip()[-500:]}"


def mint_token(project: str, ref: str, *options: str) -> str:
    """Return a job's ID token, signed by the rehearsal's GitLab."""
    mint = (sys.executable, "-m", "rehearsal", "token", "--project-path", project, "--ref", ref, *options)
    ended = subprocess.run(mint, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise StepFailed(Run(mint, ended.returncode, ended.stderr, 0.0))
    return ended.stdout.strip()


def job_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return a job's environment: the way to the network and its own variables, nothing of the deploying person's."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "ARM_", "PULUMI_"))}
    return {**ours, **variables}
