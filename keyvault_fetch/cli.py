"""The command line: `check` tells what would become of a job's secrets, `run` gives them to a command."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from . import deliver, notices, report, runner_settings
from .ci.nodes import JobUnreadable
from .ci.variables import values
from .environment import look_around
from .job import load_job
from .outcome import ExitCode
from .patience import Patience
from .report import Report
from .stages import outcomes

_EPILOG = """\
A job's environment is expected: AZURE_KEY_VAULT_SERVER_URL, AZURE_CLIENT_ID, AZURE_TENANT_ID and the ID token's
variable (AZURE_JWT, by id_tokens: in the YAML). Values and tokens are never printed.

exit codes:
  0  every secret resolved             5  Entra refused the token
  2  wrong usage                       6  the vault refused (401, 403)
  3  the job cannot be read            7  a secret is not there (404) or has no value
  4  a variable is missing or wrong    8  unreachable, throttled, or a server's error
Of several failures the earliest stage's code counts. `run` gives the command's own exit code, 127 where there is no
such command, 126 where it cannot be started; it starts nothing unless every secret resolved.

example:
  keyvault-fetch check --job deploy
  keyvault-fetch run --job deploy -- sh -c 'PGPASSWORD=$(cat "$DATABASE_PASSWORD") psql'
"""


def main(
    argv: Sequence[str], environ: Mapping[str, str], out: TextIO, err: TextIO, patience: Patience | None = None
) -> int:
    """Run the command line and return the exit code; argparse raises SystemExit for --help and wrong usage."""
    given, command = _split(argv)
    parser = _parser()
    options = parser.parse_args(given)
    if (options.command == "run") != bool(command):
        parser.error("`run` takes the command after --, `check` takes none")
    found = _look(options.file, options.job, environ, patience or Patience())
    if options.command == "check":
        if options.json:
            out.write(report.to_json(found) + "\n")
        else:
            report.write(found, err if found.problems else out)
        return found.exit_code
    return _run(command, found, environ, err)


def _run(command: Sequence[str], found: Report, environ: Mapping[str, str], err: TextIO) -> int:
    if found.exit_code != ExitCode.OK:
        report.write(found, err)
        return found.exit_code
    err.writelines(f"keyvault-fetch: {line}\n" for line in report.warning_lines(found))
    try:
        return deliver.run(command, found.outcomes, environ)
    except deliver.Undeliverable as refusal:
        err.write(f"keyvault-fetch: {refusal}\n")
        return refusal.status


def _look(file: Path, name: str, environ: Mapping[str, str], patience: Patience) -> Report:
    try:
        job = load_job(file, name, environ)
    except JobUnreadable as unreadable:
        return Report(name, problems=unreadable.problems)
    surroundings, settings = look_around(job, environ), runner_settings.read(values(job.variables, environ).get)
    warnings = notices.of_job(job) + notices.of_clouds(surroundings.access) + settings.notices
    return Report(name, tuple(outcomes(surroundings, patience, settings)), job.others, warnings)


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part our options from the command after the first `--`."""
    words = list(argv)
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="keyvault-fetch",
        description="Resolve a GitLab job's Azure Key Vault secrets as GitLab Runner does, and say why when it fails.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    job = argparse.ArgumentParser(add_help=False)
    job.add_argument("--job", required=True, metavar="NAME", help="the job whose secrets: to resolve")
    job.add_argument("--file", type=Path, default=Path(".gitlab-ci.yml"), help="the CI file (default: .gitlab-ci.yml)")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|run")
    check = commands.add_parser("check", parents=[job], help="resolve every secret and report; nothing is kept")
    check.add_argument("--json", action="store_true", help="report as JSON")
    commands.add_parser(
        "run", parents=[job], help="resolve every secret, then run CMD with them", usage="%(prog)s --job NAME -- CMD …"
    )
    return parser
