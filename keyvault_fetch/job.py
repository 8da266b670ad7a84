"""A job's `id_tokens` and `secrets`, read from a `.gitlab-ci.yml` (GitLab docs, 'CI/CD YAML syntax reference')."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from .ci_yaml import MERGED, Entries, JobUnreadable, Problem, Reader
from .extends import extended

OURS = "azure_key_vault"
_PROVIDERS = {OURS, "vault", "gcp_secret_manager", "akeyless", "aws_secrets_manager", "gitlab_secrets_manager"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_JOBS = {"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "spec"}
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
    """What a job says about its secrets, in the file's order; `others` are (variable, provider) of foreign secrets."""

    name: str
    id_tokens: tuple[str, ...]
    secrets: tuple[Secret, ...]
    others: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()


def load_job(path: Path, name: str) -> Job:
    """Read the job from the file; raises JobUnreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        mend = "name the file with --file, or change to the directory that holds it"
        raise JobUnreadable([Problem(str(path), 1, 1, str(error.strerror), mend)]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = Problem(str(path), line, 1, "the file is not UTF-8 text", "save it as UTF-8")
        raise JobUnreadable([problem]) from None
    return read_job(text, str(path), name)


def read_job(text: str, file: str, name: str) -> Job:
    """Read the job from a file's text; `file` is for messages. Raises JobUnreadable with all problems."""
    reader = Reader(file)
    root = reader.document(text)
    top = reader.entries(root, "the file")
    if name not in top:
        if root is not None and not reader.problems:
            _complain_of_missing_job(reader, root, top, name)
        raise JobUnreadable(reader.problems)
    try:
        entries = extended(reader, top, name)
    except RecursionError:
        reader.complain(top[name], f"{name} is nested without end", "break the circle of anchors")
        raise JobUnreadable(reader.problems) from None
    id_tokens = _id_tokens(reader, _id_tokens_node(reader, top, entries), f"{name}.id_tokens")
    secrets, others = _secrets(reader, entries, name)
    if not secrets and not reader.problems:
        _complain_of_no_secrets(reader, top[name], entries, name)
    if secrets and not id_tokens and not reader.problems:
        reader.complain(top[name], f"{name} has secrets but no id_tokens, so no token reaches Azure", _ADD_ID_TOKENS)
    if reader.problems:
        raise JobUnreadable(reader.problems)
    return Job(name, id_tokens, tuple(secrets), tuple(others), _warnings(top))


def _id_tokens_node(reader: Reader, top: Entries, job: Entries) -> yaml.Node | None:
    if "id_tokens" in job or "default" not in top:
        return job.get("id_tokens")
    inherit = reader.entries(job["inherit"], "inherit").get("default") if "inherit" in job else None
    if isinstance(inherit, yaml.SequenceNode):
        inherited = "id_tokens" in [item.value for item in reader.items(inherit, "inherit.default")]
    else:
        inherited = reader.flag(inherit, "inherit.default", default=True)
    return reader.entries(top["default"], "default").get("id_tokens") if inherited else None


def _id_tokens(reader: Reader, node: yaml.Node | None, what: str) -> tuple[str, ...]:
    tokens = reader.entries(node, what)
    for variable, token in tokens.items():
        entries = reader.entries(token, f"{what}.{variable}")
        reader.only(entries, ("aud",), f"{what}.{variable}")
        audience = entries.get("aud")
        if isinstance(audience, yaml.SequenceNode):
            for item in reader.items(audience, f"{what}.{variable}.aud"):
                reader.text(item, f"{what}.{variable}.aud")
        else:
            reader.required(audience, token, f"{what}.{variable}.aud", "add aud: the audience that Entra trusts")
    return tuple(tokens)


def _secrets(reader: Reader, job: Entries, name: str) -> tuple[list[Secret], list[tuple[str, str]]]:
    secrets: list[Secret] = []
    others: list[tuple[str, str]] = []
    for variable, node in reader.entries(job.get("secrets"), f"{name}.secrets").items():
        what = f"{name}.secrets.{variable}"
        if not _VARIABLE.fullmatch(variable):
            reader.complain(node, f"{what} is not a variable's name", "use letters, digits and _, no digit first")
        entries = reader.entries(node, what)
        if not entries and not isinstance(node, yaml.MappingNode):
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


def _complain_of_missing_job(reader: Reader, root: yaml.Node, top: Entries, name: str) -> None:
    jobs = [key for key in top if key not in _NOT_JOBS and not key.startswith(".")]
    close = get_close_matches(name, jobs, 1)
    if "include" in top:
        reader.complain(top["include"], f"there is no job {name} here, and include: is not followed", MERGED)
    elif close:
        reader.complain(root, f"there is no job {name}", f"did you mean --job {close[0]}?")
    else:
        reader.complain(root, f"there is no job {name}", f"name one of its jobs: {', '.join(jobs) or '(none)'}")


def _complain_of_no_secrets(reader: Reader, node: yaml.Node, job: Entries, name: str) -> None:
    close = get_close_matches("secrets", [key for key in job if key != "secrets"], 1, cutoff=0.8)
    mend = f"write secrets: instead of {close[0]}:" if close else "add secrets: to the job, or name another with --job"
    reader.complain(node, f"{name} has no secret with {OURS}", mend)


def _warnings(top: Entries) -> tuple[str, ...]:
    if "include" not in top:
        return ()
    return (f"include: was not followed; should an included file add to this job, {MERGED}",)
