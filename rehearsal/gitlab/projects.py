"""Projects by GitLab's REST API, and the one setting of theirs that is played (GitLab docs, "Projects API")."""

import re
from typing import Any, cast

from ..refusal import Refusal
from ..store import Document
from .callers import MAINTAINER, Caller, refusal
from .registry import create, number
from .request import Answer, Call, invalid, whole

SETTING = "ci_id_token_sub_claim_components"
_FIRST = ("project_path", "project_id")
_ALLOWED = (*_FIRST, "ref_type", "ref", "ref_protected", "environment_protected", "deployment_tier")


def read(call: Call) -> Answer:
    """Tell a project."""
    return 200, _entity(call.project, call.caller)


def made(call: Call) -> Answer:
    """Create a project by `path` in the group of `namespace_id`, which is there as soon as it has a project."""
    path, namespace = call.text("path") or "", whole(call.parameters, "namespace_id", 0)
    groups = {each["path_with_namespace"].rpartition("/")[0] for each in call.cloud.store.all("project")}
    group = next((each for each in groups if number(each) == namespace), None)
    if group is None:
        raise refusal(404, "404 Namespace Not Found")
    if not re.fullmatch(r"[A-Za-z0-9_][\w.-]*", path, re.ASCII):
        raise refusal(400, {"path": ["can contain only letters, digits, '_', '-' and '.'."]})
    if call.cloud.store.get("project", f"{group}/{path}".lower()):
        raise refusal(400, {"path": ["has already been taken"]})
    return 201, _entity(create(call.cloud.store, f"{group}/{path}"), call.caller)


def update(call: Call) -> Answer:
    """Change the setting; what else a project has is not played."""
    if others := sorted(call.parameters.keys() - {SETTING}):
        raise Refusal(501, {"message": f"The rehearsal plays of a project {SETTING} alone, not {', '.join(others)}."})
    project: Document = {**call.project, "components": _checked(call.parameters.get(SETTING))}
    call.cloud.store.put("project", project["path_with_namespace"].lower(), project)
    return 200, _entity(project, call.caller)


def _checked(given: object) -> list[str]:
    """Return the components; the rules and texts are those of GitLab's `ProjectCiCdSetting`."""
    if given is None:
        raise invalid(f"{SETTING} are missing, at least one parameter must be provided")
    components: list[Any] = cast("list[Any]", given) if isinstance(given, list) else []
    if not isinstance(given, list) or not all(isinstance(each, str) for each in components):
        raise invalid(f"{SETTING} is invalid")
    if any(each not in _ALLOWED for each in components):
        raise invalid(f"{SETTING} does not have a valid value")
    flaws = [] if components else ["is too short (minimum is 1 character)"]
    if not components or components[0] not in _FIRST:
        flaws.append("project_path or project_id must be the first element of the sub claim")
    if flaws:
        raise refusal(400, {"ci_cd_settings.id_token_sub_claim_components": flaws})
    return components


def _entity(project: Document, caller: Caller | None) -> Document:
    path: str = project["path_with_namespace"]
    group, _, name = path.rpartition("/")
    level = caller.level if caller else 0
    entity = {
        "id": project["id"],
        "name": name,
        "path": name,
        "path_with_namespace": path,
        "namespace": {"id": number(group), "path": group.rpartition("/")[2], "full_path": group, "kind": "group"},
        "web_url": f"https://gitlab.com/{path}",
        "default_branch": "main",
        "visibility": "private",
        "archived": False,
        "permissions": {"project_access": {"access_level": level}, "group_access": None},
    }
    # GitLab shows the CI/CD settings to those alone who may change them (`API::Entities::Project`).
    return entity | ({SETTING: project["components"]} if level >= MAINTAINER else {})
