"""`scripts/explain`: which jobs of a stack's projects may read what, and why, from the stack's file alone."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Final

from components.explain.answers import explain
from components.explain.jobs import Asked, fork_of
from components.explain.table import as_json, show
from components.settings.mistakes import SettingsError
from components.stack.file import STACKS, StackFileError, load
from keyvault_fetch.trust.jobs import Job
from keyvault_fetch.trust.subjects import TIERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["main"]

_HELP: Final = """\
Show which jobs of a stack's projects may read what, and why: with the subject (`sub`) that GitLab will give each job
and the credential that matches it, or the error with which Entra will refuse it. Everything is worked out from the
stack's file; nobody signs in, nothing is deployed or asked.

Without a job, each project shows one job for each entry of its trust list, and the jobs next to them that people take
for trusted: another branch, a tag of the branch's name, a merge request from the branch, one from a fork. For a job
without an environment, environment_protected and deployment_tier are taken to be empty: GitLab does not document it.
"""

_EPILOG: Final = """\
examples:
  scripts/explain --stack prod
  scripts/explain --stack prod --project acme/shop --branch release/1.4
  scripts/explain --stack prod --project acme/shop --merge-request feature/x --fork someone/shop
  scripts/explain --stack prod --project acme/shop --tag v1.0 --protected --tier production --environment-protected

exit codes:
  0  shown; a job of one's own is trusted
  1  a job of one's own is trusted by no credential
  2  wrong usage, or no such project in the stack
  3  the stack's file cannot be read, or has mistakes
"""


def main(arguments: Sequence[str] | None = None, folder: Path = STACKS) -> int:
    """Run the command on the stacks of a folder and return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    kind = next((kind for kind in ("branch", "tag", "merge_request") if getattr(options, kind)), "")
    _check(parser, options, kind)
    try:
        settings = load(options.stack, folder)
    except (StackFileError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 3
    paths = {project.path.lower(): project.path for project in settings.projects}
    path = paths.get((options.project or "").lower(), "")
    if options.project and not path:
        known = ", ".join(paths.values()) or "none"
        print(f"The stack {options.stack!r} has no project {options.project!r}. It has: {known}", file=sys.stderr)
        return 2
    asked = {path: [_asked(options, kind, path)]} if kind else None
    answers = [one for one in explain(settings, asked) if not path or one.project.path == path]
    if options.json:
        print(json.dumps([as_json(answer, settings) for answer in answers], indent=2, ensure_ascii=False))
    else:
        show(answers, settings)
    return 1 if kind and not answers[0].prediction.credential else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "scripts/explain", description=_HELP, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", required=True, help="stack, like prod: stacks/Pulumi.prod.yaml")
    parser.add_argument("--project", metavar="PATH", help="only this project, like acme/shop")
    parser.add_argument("--json", action="store_true", help="write JSON instead of a table")
    job = parser.add_argument_group("a job of one's own (needs --project)")
    refs = job.add_mutually_exclusive_group()
    refs.add_argument("--branch", metavar="NAME", help="a job on this branch")
    refs.add_argument("--tag", metavar="NAME", help="a job on this tag")
    refs.add_argument("--merge-request", metavar="SOURCE", help="a job of a merge request from this source branch")
    job.add_argument("--fork", metavar="PATH", help="the merge request comes from this fork")
    job.add_argument("--protected", action="store_true", help="the branch or tag is protected")
    job.add_argument("--tier", choices=TIERS, default="", help="the job has an environment of this tier")
    job.add_argument(
        "--environment-protected",
        action="store_true",
        help="the job has an environment that is protected (of tier other, unless --tier says more)",
    )
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace, kind: str) -> None:
    """Leave the program where the options do not go together."""
    if kind and not options.project:
        parser.error("a job needs its project: --project PATH")
    if options.fork and kind != "merge_request":
        parser.error("--fork goes with --merge-request SOURCE")
    if (options.protected or options.tier or options.environment_protected) and not kind:
        parser.error("--protected, --tier and --environment-protected go with --branch, --tag or --merge-request")


def _asked(options: argparse.Namespace, kind: str, path: str) -> Asked:
    ref: str = getattr(options, kind)
    has_environment = bool(options.tier or options.environment_protected)
    job = Job(
        path,
        None,
        "tag" if kind == "tag" else "branch",
        ref,
        ref_protected=options.protected,
        environment_protected=options.environment_protected if has_environment else None,
        deployment_tier=options.tier or ("other" if has_environment else ""),
    )
    label = f"{kind} {ref}" if kind != "merge_request" else f"merge request from {ref}"
    return Asked(f"{label} of {options.fork}", fork_of(job, options.fork)) if options.fork else Asked(label, job)


if __name__ == "__main__":
    sys.exit(main())
