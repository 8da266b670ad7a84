"""A job's `id_tokens`, `secrets` and variables, read from a CI file (GitLab docs, 'CI/CD YAML syntax reference')."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .ci import id_tokens as ci_id_tokens
from .ci import keywords as ci_keywords
from .ci import variables as ci_variables
from .ci.config import Config
from .ci.document import Mapping as MappingNode
from .ci.document import Node
from .ci.include import Includes, read_text, repository
from .ci.nodes import MERGED, Entries, JobUnreadable, Problem, Reader
from .ci.variables import Variable
from .expansion import references

OURS = "azure_key_vault"
SERVER = ("AZURE_KEY_VAULT_SERVER_URL", "AZURE_CLIENT_ID", "AZURE_TENANT_ID")
_PROVIDERS = {OURS, "vault", "gcp_secret_manager", "akeyless", "aws_secrets_manager", "gitlab_secrets_manager"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADD_ID_TOKENS = (
    "add id_tokens: {AZURE_JWT: {aud: …}} to the job; without it GitLab sends $CI_JOB_JWT_V2, gone since 17"
)


@dataclass(frozen=True)
class Secret:
    """One entry of `secrets:` with `azure_key_vault:`, as written; `version` None asks for the latest."""

    variable: str
    name: str
    version: str | None
    file: bool
    token: str | None


@dataclass(frozen=True)
class Job:
    """What a job says about its secrets, in the file's order; `others` are (variable, provider) of foreign secrets.

    `variables` are the YAML's, the job's own above the file's.
    """

    name: str
    id_tokens: tuple[str, ...]
    secrets: tuple[Secret, ...]
    others: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict[str, Variable])


def load_job(path: Path, name: str, environ: Mapping[str, str] | None = None) -> Job:
    """Read the job from a file and what it includes from its repository; raises JobUnreadable.

    `environ` gives the CI/CD variables of include paths.
    """
    reader = Reader()
    text = read_text(reader, path, str(path))
    if text is None:
        raise JobUnreadable(reader.problems)
    return read_job(text, str(path), name, repository(path), environ or {})


def read_job(
    text: str, file: str, name: str, root: Path | None = None, environ: Mapping[str, str] | None = None
) -> Job:
    """Read the job from a file's text (or the answer of GitLab's lint API); `file` is for messages.

    Local includes are followed below `root`, where there is one. Raises JobUnreadable with all problems.
    """
    reader = Reader()
    try:
        return _read(reader, text, file, name, Includes(reader, root, environ or {}))
    except RecursionError:
        found = reader.problems or [Problem(file, 1, 1, f"{name} is nested without end", "break the circle of anchors")]
        raise JobUnreadable(found) from None


def _read(reader: Reader, text: str, file: str, name: str, includes: Includes) -> Job:
    document = reader.document(*_unwrapped(reader, text, file))
    top = includes.merged(document)
    config = Config(reader, top, complete=not includes.unfollowed)
    if document is not None and not reader.problems:
        ci_keywords.check_top(reader, document, top, name, includes.unfollowed)
    if reader.problems or name not in top:
        raise JobUnreadable(reader.problems)
    entries = config.job(name)
    ci_keywords.check_job(reader, entries, name)
    id_tokens, warnings = ci_id_tokens.read(reader, top, entries, name)
    secrets, others = _secrets(reader, entries, name)
    variables = ci_variables.read(reader, top, entries, name)
    if not reader.problems:
        _check_whole(reader, top[name], name, secrets, id_tokens, includes)
    warnings += _undecided(secrets, variables, ci_variables.set_elsewhere(reader, top, entries) - {*includes.environ})
    if reader.problems:
        raise JobUnreadable(reader.problems)
    return Job(name, id_tokens, tuple(secrets), tuple(others), (*_unseen(includes), *warnings), variables)


def _check_whole(
    reader: Reader, node: Node, name: str, secrets: list[Secret], id_tokens: tuple[str, ...], includes: Includes
) -> None:
    elsewhere = f"; {includes.unfollowed[0][0]} is not followed and may hold them" if includes.unfollowed else ""
    if not secrets:
        mend = MERGED if elsewhere else "add secrets: to the job, or name another with --job"
        reader.complain(node, f"{name} has no secret with {OURS}{elsewhere}", mend)
    elif not id_tokens:
        words = f"{name} has secrets but no id_tokens, so no token reaches Azure{elsewhere}"
        reader.complain(node, words, MERGED if elsewhere else _ADD_ID_TOKENS)


def _unwrapped(reader: Reader, text: str, file: str) -> tuple[str, str]:
    """Return the YAML and what to call it: an answer of GitLab's lint API (`{"merged_yaml": …}`) holds it as a text."""
    if not text.lstrip().startswith("{") or '"merged_yaml"' not in text:
        return text, file
    try:
        answer: dict[str, object] = json.loads(text)
    except (ValueError, RecursionError):
        return text, file
    if answer.get("errors") and answer.get("valid") is False:
        words = f"GitLab finds the configuration invalid: {answer['errors']}"
        reader.problems.append(Problem(file, 1, 1, words, "mend that, then ask the lint API again"))
    merged = answer.get("merged_yaml")
    return (merged, f"{file} (merged_yaml)") if isinstance(merged, str) else (text, file)


def _undecided(secrets: list[Secret], variables: Mapping[str, Variable], elsewhere: set[str]) -> list[str]:
    """Warn of variables in use that the pipeline may set otherwise."""
    texts = [text or "" for each in secrets for text in (each.name, each.version, each.token)]
    used = {*SERVER, *(name for text in texts for name in references(text))} if secrets else set[str]()
    waiting = list(used)
    while waiting:
        variable = variables.get(waiting.pop(), Variable(""))
        new = {*references(variable.value)} - used
        used |= new
        waiting += new
    return [
        f"{name} may be set by rules: or parallel:, which only a pipeline decides; set it here to check that"
        for name in sorted(used & elsewhere)
    ]


def _unseen(includes: Includes) -> list[str]:
    found = [f"{where} has rules:, taken as true here" for where in includes.conditional]
    if includes.unfollowed:
        names = ", ".join(what for what, _node in includes.unfollowed)
        found.append(f"not followed: {names}; should one of them add to this job, {MERGED}")
    return found


def _secrets(reader: Reader, job: Entries, name: str) -> tuple[list[Secret], list[tuple[str, str]]]:
    secrets: list[Secret] = []
    others: list[tuple[str, str]] = []
    for variable, node in reader.present(job.get("secrets"), f"{name}.secrets").items():
        what = f"{name}.secrets.{variable}"
        if not _VARIABLE.fullmatch(variable):
            reader.complain(node, f"{what} is not a variable's name", "use letters, digits and _, no digit first")
        entries = reader.entries(node, what)
        if not entries and not isinstance(node, MappingNode):
            continue
        reader.only(entries, _PROVIDERS | {"file", "token"}, what)
        providers = [key for key in entries if key in _PROVIDERS]
        if len(providers) != 1:
            found = " and ".join(providers) or "no provider"
            reader.complain(node, f"{what} names {found}", f"give it one provider, such as {OURS}: {{name: …}}")
        elif providers == [OURS]:
            secrets.append(_secret(reader, entries, variable, what))
        else:
            others.append((variable, providers[0]))
    return secrets, others


def _secret(reader: Reader, entries: Entries, variable: str, what: str) -> Secret:
    vault = reader.entries(entries[OURS], f"{what}.{OURS}")
    reader.only(vault, ("name", "version"), f"{what}.{OURS}")
    return Secret(
        variable=variable,
        name=reader.required(vault.get("name"), entries[OURS], f"{what}.{OURS}.name", "add the secret's name"),
        version=reader.text(vault.get("version"), f"{what}.{OURS}.version") or None,
        file=reader.flag(entries.get("file"), f"{what}.file", default=True),
        token=reader.text(entries.get("token"), f"{what}.token"),
    )
