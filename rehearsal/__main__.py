"""The command line: run, serve, token."""

import argparse
import json
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from . import state
from .cloud import open_cloud
from .gitlab.id_tokens import ISSUER, TIERS, job_token
from .plugins.install import PluginUnavailable
from .store import Store

_CANNOT_START, _INTERRUPTED = 125, 130

_ABOUT = """\
Azure and GitLab, played on this machine: Entra ID, Microsoft Graph, Azure Resource Manager, Key Vault and gitlab.com
answer under their real names, behind a proxy on loopback that lets nothing else through.

  python -m rehearsal run -- pulumi preview --stack rehearsal
        a command, with the rehearsal around it for as long as it runs
  python -m rehearsal serve --fresh
        a new cloud, kept up until Ctrl-C; join it in another shell with  . .rehearsal/environment.sh
  python -m rehearsal token --project-path acme/shop --ref main
        the ID token of a job on the branch main of the GitLab project acme/shop
"""
_RUN = f"""\
Run a command inside a rehearsal that starts for it and stops after it. The command finds the environment of a person
who may deploy: AZURE_* and ARM_* credentials, HTTPS_PROXY, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, Pulumi's settings.
Ctrl-C reaches the command; SIGTERM and SIGHUP are passed on to it.

Exit code: the command's own (128 + the signal's number when one ended it), 127 when it cannot be run,
{_CANNOT_START} when the rehearsal cannot start: another one runs on the state directory, a plugin cannot be installed.
"""
_SERVE = """\
Keep a rehearsal up until Ctrl-C, SIGTERM or SIGHUP, and print the environment as lines for a shell to source. The same
lines lie in environment.sh in the state directory.
"""
_MINT = """\
Print a GitLab job's ID token, signed by the rehearsal's GitLab: beside a running rehearsal, inside `run`, or alone.
"""


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit code."""
    at = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[at + 1 :]
    parser = _parser()
    options = vars(parser.parse_args(arguments[:at]))
    verb = options.pop("verb")
    if verb == "run" and not command:
        parser.error("give the command to run after --")
    if verb != "run" and command:
        parser.error(f"{verb} takes no command")
    try:
        return _token(options) if verb == "token" else _start(options, command)
    except (state.StateError, PluginUnavailable) as error:
        print(error, file=sys.stderr)
        return _CANNOT_START
    except sqlite3.DatabaseError as error:
        print(f"The state cannot be read: {error}. Start anew with `serve --fresh` or `run --fresh`.", file=sys.stderr)
        return _CANNOT_START
    except KeyboardInterrupt:
        return _INTERRUPTED


def _start(options: dict[str, Any], command: list[str]) -> int:
    from . import commands  # `token` starts in half the time without the server's libraries

    return commands.run(command, **options) if command else commands.serve(**options)


def _token(options: dict[str, Any]) -> int:
    directory = options.pop("state")
    state.prepare(directory)
    claims = dict(options.pop("claims"))
    with closing(Store(directory)) as store:
        print(job_token(open_cloud(store), claims=claims, **options))
    return 0


def _parser() -> argparse.ArgumentParser:
    text = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m rehearsal", description=_ABOUT, formatter_class=text)
    verbs = parser.add_subparsers(title="verbs, each with a --help of its own", dest="verb", required=True)
    run = verbs.add_parser("run", help="run a command inside it", description=_RUN, formatter_class=text)
    run.usage = "python -m rehearsal run [options] -- COMMAND [ARGUMENT…]"
    serve = verbs.add_parser("serve", help="keep it up", description=_SERVE, formatter_class=text)
    token = verbs.add_parser("token", help="print a job's ID token", description=_MINT, formatter_class=text)
    for verb in (run, serve, token):
        _add_state(verb)
    for verb in (run, serve):
        _add_start(verb)
    _add_claims(token)
    return parser


def _add_state(parser: argparse.ArgumentParser) -> None:
    place = os.environ.get("REHEARSAL_STATE", ".rehearsal")
    about = "where the cloud is kept (default: $REHEARSAL_STATE, else .rehearsal)"
    parser.add_argument("--state", type=_directory, default=place, metavar="DIR", help=about)


def _add_start(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fresh", action="store_true", help="empty the state directory first")
    plugins = "providers: the rehearsal's own (default), or Pulumi's, which are installed into your PULUMI_HOME"
    parser.add_argument("--plugins", choices=["ours", "official"], default="ours", help=plugins)


def _add_claims(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--project-path", required=True, type=_project_path, metavar="GROUP/PROJECT")
    parser.add_argument("--ref", required=True, help="the branch's or tag's name")
    parser.add_argument("--ref-type", choices=["branch", "tag"], default="branch")
    parser.add_argument("--ref-protected", type=_flag, default=True, metavar="true|false", help="default: true")
    of_request = "of a merge request: --ref is its source branch, --project-path the fork's where it comes from one"
    parser.add_argument("--merge-request", action="store_true", help=of_request)
    parser.add_argument("--environment", default="", metavar="NAME", help="the environment that the job deploys to")
    parser.add_argument(
        "--environment-protected", type=_flag, default=False, metavar="true|false", help="default: false"
    )
    guessed = "of the environment (default: guessed from its name, as GitLab does)"
    parser.add_argument("--tier", dest="deployment_tier", choices=TIERS, default="", help=guessed)
    parser.add_argument("--aud", dest="audience", default=ISSUER, help="the audience (default: %(default)s)")
    claim = "set or replace a claim; the value is read as JSON where it is JSON (may be repeated)"
    parser.add_argument(
        "--claim", dest="claims", type=_claim, action="append", default=[], metavar="NAME=VALUE", help=claim
    )
    lifetime = "from now to its end; negative for a token that expired (default: %(default)s)"
    parser.add_argument("--lifetime", type=int, default=300, metavar="SECONDS", help=lifetime)


def _directory(given: str) -> Path:
    return Path(given).resolve()


def _project_path(given: str) -> str:
    if not all(given.partition("/")):
        raise argparse.ArgumentTypeError(f"{given!r} is not a project's full path, as in group/project")
    return given


def _flag(given: str) -> bool:
    if given not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{given!r} is neither true nor false")
    return given == "true"


def _claim(given: str) -> tuple[str, Any]:
    name, equals, value = given.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
