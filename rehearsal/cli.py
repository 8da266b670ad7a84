"""The command line: serve, run, token."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from . import state
from .gitlab.id_token import ISSUER
from .gitlab.projects import job_token
from .seed import open_cloud

CANNOT_START = 125
_INTERRUPTED = 130

_DESCRIPTION = """\
Azure and GitLab, played on this machine: Entra ID, Microsoft Graph, Azure Resource Manager, Key Vault and gitlab.com
answer under their real names, behind a proxy on loopback that lets nothing else through.
"""
_RUN = """\
Run a command inside a rehearsal that starts for it and stops after it. The command finds the environment of a person
who may deploy: AZURE_* and ARM_* credentials, HTTPS_PROXY, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, Pulumi's settings.
Ctrl-C reaches the command; SIGTERM and SIGHUP are passed on to it.
"""
_RUN_CODES = f"""\
exit code: the command's own (128 + the signal's number when one ended it); 127 when it is not found, 126 when it
cannot be executed; {CANNOT_START} when the rehearsal cannot start, as when another one runs on the state directory
"""
_SERVE = """\
Keep a rehearsal up until Ctrl-C or SIGTERM. Prints the environment as `export` lines; the same lines lie in
environment.sh in the state directory, for other shells to source.
"""
_MINT = """\
Print a GitLab job's ID token, signed by the rehearsal's GitLab. Works beside a running rehearsal of the same state
directory, inside `run`, and alone.
"""


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit code."""
    ours, command = _split(arguments)
    parser = _parser()
    options = parser.parse_args(ours)
    if options.verb == "run" and not command:
        parser.error("give the command to run after --")
    if options.verb != "run" and command:
        parser.error(f"{options.verb} takes no command")
    try:
        return _token(options) if options.verb == "token" else _start(options, command)
    except state.StateError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    except KeyboardInterrupt:
        return _INTERRUPTED


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:at], arguments[at + 1 :]


def _start(options: argparse.Namespace, command: list[str]) -> int:
    from . import commands  # `token` starts in half the time without the server's libraries

    if options.verb == "run":
        return commands.run(options.state, command, fresh=options.fresh, plugins=options.plugins)
    return commands.serve(options.state, fresh=options.fresh, plugins=options.plugins)


def _token(options: argparse.Namespace) -> int:
    state.prepare(options.state)
    token = job_token(
        open_cloud(options.state),
        options.project_path,
        options.ref,
        ref_type=options.ref_type,
        audience=options.aud,
        lifetime=options.lifetime,
        claims=dict(options.claim),
    )
    print(token)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m rehearsal", description=_DESCRIPTION)
    verbs = parser.add_subparsers(dest="verb", required=True)
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument(
        "--state",
        type=lambda given: Path(given).resolve(),
        default=os.environ.get("REHEARSAL_STATE", ".rehearsal"),
        metavar="DIR",
        help="where the cloud is kept (default: $REHEARSAL_STATE, else .rehearsal)",
    )
    start = argparse.ArgumentParser(add_help=False, parents=[place])
    start.add_argument("--fresh", action="store_true", help="empty the state directory first")
    start.add_argument(
        "--plugins",
        choices=["ours", "official"],
        default="ours",
        help="ours: providers that are part of the rehearsal (default); official: those installed in your PULUMI_HOME",
    )
    text = argparse.RawDescriptionHelpFormatter
    verbs.add_parser(
        "run",
        parents=[start],
        usage="python -m rehearsal run [options] -- COMMAND [ARGUMENT…]",
        help="run a command inside it",
        description=_RUN,
        epilog=_RUN_CODES,
        formatter_class=text,
    )
    verbs.add_parser(
        "serve", parents=[start], help="keep it up, and print the environment", description=_SERVE, formatter_class=text
    )
    _add_token(
        verbs.add_parser(
            "token", parents=[place], help="print a job's ID token", description=_MINT, formatter_class=text
        )
    )
    return parser


def _add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project-path", required=True, type=_project_path, metavar="GROUP/PROJECT")
    parser.add_argument("--ref", required=True, help="the branch's or tag's name")
    parser.add_argument("--ref-type", choices=["branch", "tag"], default="branch")
    parser.add_argument("--aud", default=ISSUER, help="the audience (default: %(default)s)")
    parser.add_argument(
        "--claim",
        type=_claim,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="set or replace a claim; the value is read as JSON where it is JSON (may be repeated)",
    )
    parser.add_argument(
        "--lifetime",
        type=int,
        default=300,
        metavar="SECONDS",
        help="from now to its end; negative for a token that expired (default: %(default)s)",
    )


def _project_path(given: str) -> str:
    if not all(given.partition("/")):
        raise argparse.ArgumentTypeError(f"{given!r} is not a project's full path, as in group/project")
    return given


def _claim(given: str) -> tuple[str, Any]:
    name, equals, value = given.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
