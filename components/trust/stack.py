"""The federated credentials of a stack, identity by identity. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from components.settings.mistakes import NAMESPACE, Mistake, SettingsError
from components.settings.trust import STAND_IN_IDS, TrustedProject
from components.trust.planning import Plan, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from components.settings.consistency import KeyFlaw
    from components.settings.stack import ProjectSettings, Settings

__all__ = ["SHARED", "identity_key", "plans", "stand_in_ids", "trust_flaws", "with_project_ids"]

SHARED: Final = "shared"
"""The key of the identity that projects share."""

_BEYOND_STAND_INS: Final = STAND_IN_IDS + 1_000_000


def identity_key(project: ProjectSettings) -> str:
    """Return the key of a project's identity: `shared`, or the project's path."""
    return SHARED if project.identity == "shared" else project.path


def plans(settings: Settings) -> dict[str, Plan]:
    """Return each identity's credentials by its key.

    Where the stack waits for GitLab to tell projects' ids, `with_project_ids` has put them in. Raises SettingsError
    where they show a mistake that `parse` could not see: an expression for another project's id, say.
    """
    if flaws := [*trust_flaws(settings, lambda _: False)]:
        raise SettingsError([Mistake(f"{NAMESPACE}:{key}", flaw) for key, flaw in flaws])
    keys = dict.fromkeys(identity_key(project) for project in settings.projects)
    return {key: _plan([one for one in settings.projects if identity_key(one) == key], settings) for key in keys}


def with_project_ids(settings: Settings, ids: Mapping[str, int]) -> Settings:
    """Return the settings with the projects' ids, by path, where the stack does not say them."""
    projects = [replace(one, project_id=one.project_id or ids.get(one.path)) for one in settings.projects]
    return replace(settings, projects=tuple(projects))


def stand_in_ids(settings: Settings) -> dict[str, int]:
    """Return an id, by path, for each project whose own one GitLab will be asked for when the stack is deployed."""
    waiting = [one.path for one in settings.projects if settings.environment_scope and not one.project_id]
    return {path: STAND_IN_IDS + index for index, path in enumerate(waiting)}


def trust_flaws(settings: Settings, is_wrong: Callable[[str], bool]) -> Iterator[KeyFlaw]:
    """Yield what is wrong with the trust lists, identity by identity.

    `is_wrong` tells of a key whether it, or one below it, has a mistake: such entries are left out, and such a path or
    number is stood in for.
    """
    waiting = with_project_ids(settings, stand_in_ids(settings)).projects
    projects = {index: _stood_in_for(index, one, is_wrong) for index, one in enumerate(waiting)}
    sound = {
        index: entries
        for index, project in projects.items()
        if (entries := _sound_entries(index, project, is_wrong)) and not is_wrong(f"projects[{index}].sub_components")
    }
    shared = [index for index in sound if projects[index].identity == "shared"]
    alone = [[index] for index in sound if index not in shared]
    for members in [*alone, *([shared] if shared else [])]:
        trusted = [
            replace(projects[index], trust=tuple(projects[index].trust[entry] for entry in sound[index]))
            for index in members
        ]
        for finding in _plan(trusted, settings).findings:
            index = members[finding.project]
            entry = "" if finding.entry is None else f".trust[{sound[index][finding.entry]}]"
            yield f"projects[{index}]{entry}", finding.flaw


def _stood_in_for(index: int, project: ProjectSettings, is_wrong: Callable[[str], bool]) -> ProjectSettings:
    if not project.path or is_wrong(f"projects[{index}].path"):
        project = replace(project, path=f"group/project-{index}")
    if is_wrong(f"projects[{index}].project_id"):
        project = replace(project, project_id=_BEYOND_STAND_INS + index)
    return project


def _sound_entries(index: int, project: ProjectSettings, is_wrong: Callable[[str], bool]) -> list[int]:
    return [entry for entry in range(len(project.trust)) if not is_wrong(f"projects[{index}].trust[{entry}]")]


def _plan(projects: Sequence[ProjectSettings], settings: Settings) -> Plan:
    trusted = [TrustedProject(one.path, one.project_id, one.sub_components, one.trust) for one in projects]
    flexible = all(one.identity != "managed" for one in projects)
    return plan(trusted, settings.issuer, settings.audience, flexible=flexible)
