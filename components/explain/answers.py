"""What Entra and Azure will say to a job of a stack's projects, from the stack's settings alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from components.explain.jobs import FORK_ID, Asked, telling_jobs
from components.roles import role_warning
from components.trust.stack import identity_key, plans, stand_in_ids, with_project_ids
from keyvault_fetch.trust.prediction import Prediction, predict

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from components.settings.stack import ProjectSettings, Settings
    from keyvault_fetch.trust.credentials import Credential

__all__ = ["Answer", "Readable", "explain", "shown"]


@dataclass(frozen=True)
class Readable:
    """What an identity may read of a vault: the named secrets, or every one where none is named. `but` is a caveat."""

    vault: str
    secrets: tuple[str, ...]
    but: str = ""

    @property
    def words(self) -> list[str]:
        """The secrets, or words for all of them, and the caveat."""
        return [*(self.secrets or ["every secret"]), *([self.but] if self.but else [])]


@dataclass(frozen=True)
class Answer:
    """What becomes of a job: its subject, the credential that matches or why none does, and what it may read then."""

    project: ProjectSettings
    asked: Asked
    prediction: Prediction
    may_read: tuple[Readable, ...]

    @property
    def why(self) -> str:
        """Why the job is trusted, or is not, in one sentence."""
        found = self.prediction
        if found.credential:
            return f"credential {found.credential.name}"
        near = f" nearest is {found.nearest.name}:" if found.nearest else ""
        return f"AADSTS{found.code}:{near} {found.difference}"


def explain(settings: Settings, asked: Mapping[str, Sequence[Asked]] | None = None) -> list[Answer]:
    """Return the answers to jobs, by their project's path; without them, to each project's telling jobs.

    A project that GitLab would have to be asked for has a number that stands in; `shown` writes it in words.
    """
    waiting = stand_in_ids(settings)
    settings = with_project_ids(settings, waiting)
    planned = plans(settings)
    answers: list[Answer] = []
    for project in settings.projects:
        credentials = [_unnamed(one, waiting.values()) for one in planned[identity_key(project)].credentials]
        for one in asked.get(project.path, ()) if asked else telling_jobs(project):
            job = replace(one.job, project_id=one.job.project_id or project.project_id)
            found = predict(job, project.sub_components, settings.issuer, settings.audience, credentials)
            may_read = _may_read(project, settings) if found.credential else ()
            answers.append(Answer(project, Asked(one.label, job), found, may_read))
    return answers


def shown(text: str, settings: Settings) -> str:
    """Return a text of an answer with words for the numbers that stand in for those which nobody knows yet."""
    for path, number in stand_in_ids(settings).items():
        text = text.replace(str(number), f"<id-of-{path}>")
    return text.replace(str(FORK_ID), "<id-of-the-fork>")


def _unnamed(credential: Credential, unknown: Collection[int]) -> Credential:
    """Return the credential without the end of its name, a hash, where that rests on a number nobody knows yet."""
    if not any(f"project_id:{number}:" in f"{credential.subject}{credential.expression}" for number in unknown):
        return credential
    return replace(credential, name=f"{credential.name.rpartition('-')[0]}-…")


def _may_read(project: ProjectSettings, settings: Settings) -> tuple[Readable, ...]:
    """Return what the project's identity may read; with a shared one, what all projects that share it may."""
    found: dict[tuple[str, str], list[ProjectSettings]] = {}
    for one in settings.projects:
        if identity_key(one) == identity_key(project) and not role_warning(one.role):
            but = "if the condition holds" if one.condition else ""
            found.setdefault((settings.vault_name(one), but), []).append(one)
    return tuple(Readable(vault, _secrets(asking), but) for (vault, but), asking in found.items())


def _secrets(asking: Sequence[ProjectSettings]) -> tuple[str, ...]:
    if any(one.access == "vault" for one in asking):
        return ()
    return tuple(dict.fromkeys(secret.name for one in asking for secret in one.secrets))
