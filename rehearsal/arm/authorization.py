"""Role definitions and role assignments, and the question that ARM and the vault ask of them.

Azure docs, "Assign Azure roles using the REST API", "List Azure role assignments using the REST API" and
"Troubleshoot Azure RBAC".
"""

import re
import uuid
from collections.abc import Iterator

from ..cloud import Cloud
from ..entra.access_token import Caller
from ..store import Document
from . import roles
from .rbac import Assignment, Permissions, Plane, covers, decide, enclosing
from .request import Answer, Call, Handlers, refusal
from .resources import find, remove, save, under

TYPE = "Microsoft.Authorization/roleAssignments"
SHAPES = {TYPE.lower(): dict.fromkeys(("principalId", "principalType", "roleDefinitionId"), str)}
"""The types of the properties that decide, by type of resource."""


def allowed(cloud: Cloud, caller: Caller, operation: str, resource: str, plane: Plane) -> bool:
    """Tell whether the caller's role assignments permit the operation on the resource (an ARM id)."""
    return decide(_held_at(cloud, resource), caller.object_id, operation, resource, plane) is not None


def _held_at(cloud: Cloud, resource: str) -> Iterator[Assignment]:
    """Yield everybody's assignments at the resource and the scopes above it."""
    for scope in enclosing(resource):
        yield from map(_assignment, under(cloud, f"{scope.rstrip('/')}/providers/{TYPE}", TYPE))


def has_a_role(cloud: Cloud, caller: Caller) -> bool:
    """Tell whether the caller has a role anywhere in the subscription."""
    return any(found["properties"]["principalId"] == caller.object_id for found in under(cloud, "/", TYPE))


def _assignment(document: Document) -> Assignment:
    properties = document["properties"]
    role = roles.named(properties["roleDefinitionId"])
    return Assignment(properties["principalId"], properties["scope"], role.permissions if role else Permissions())


def _definitions(call: Call) -> Answer:
    wanted = re.search(r"roleName eq '([^']*)'", call.filter, re.IGNORECASE)
    found = [role for role in roles.BUILT_IN.values() if wanted is None or role.name.lower() == wanted[1].lower()]
    return 200, {"value": [role.body(call.path.scope) for role in found]}


def _definition(call: Call) -> Answer:
    return 200, _known_role(call.path.name).body(call.path.text)


def _permissions(call: Call) -> Answer:
    """List what the caller may do at the scope, role by role."""
    held = (each for each in _held_at(call.cloud, call.path.scope) if each.principal == call.caller.object_id)
    return 200, {"value": [roles.shown(each.permissions) for each in held]}


def _known_role(definition: str) -> roles.Role:
    role = roles.named(definition)
    if role is None:
        guid = definition.rpartition("/")[2]
        message = f"The specified role definition with ID '{guid}' does not exist."
        raise refusal(404, "RoleDefinitionDoesNotExist", message)
    return role


def _list(call: Call) -> Answer:
    """List the assignments that hold at the scope (at it or above), and below it unless `atScope()` is asked."""
    here = call.path.scope
    principal = re.search(r"(?:principalId eq|assignedTo\()\s*'([^']*)'", call.filter, re.IGNORECASE)
    below = "atscope()" not in call.filter.lower()

    def wanted(scope: str, holder: str) -> bool:
        holds = covers(scope, here) or (below and covers(here, scope))
        return holds and (principal is None or holder.lower() == principal[1].lower())

    found = [(document, document["properties"]) for document in under(call.cloud, "/", TYPE)]
    return 200, {"value": [document for document, its in found if wanted(its["scope"], its["principalId"])]}


def _get(call: Call) -> Answer:
    document = find(call.cloud, call.path.text)
    if document is None:
        raise refusal(404, "RoleAssignmentNotFound", f"The role assignment '{call.path.name}' is not found.")
    return 200, document


def _delete(call: Call) -> Answer:
    document = find(call.cloud, call.path.text)
    remove(call.cloud, call.path.text)
    return (200 if document else 204), document


def _put(call: Call) -> Answer:
    _check_name(call.path.name)
    scope = f"/{'/'.join(call.path.segments[:-4])}"
    principal = str(call.properties.get("principalId") or "")
    role = _known_role(str(call.properties.get("roleDefinitionId") or ""))
    kind = _principal_type(call, principal)
    existing = find(call.cloud, call.path.text)
    _check_unique(call, existing, principal, role)
    fixed = {
        "roleDefinitionId": role.body(scope)["id"],
        "principalId": principal,
        "principalType": kind,
        "scope": scope,
    }
    document = {"id": call.path.text, "name": call.path.name, "type": TYPE, "properties": {**call.properties, **fixed}}
    return (200 if existing else 201), save(call.cloud, document)


def _check_name(name: str) -> None:
    try:
        uuid.UUID(name)
    except ValueError:
        message = f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."
        raise refusal(400, "InvalidRoleAssignmentId", message) from None


def _principal_type(call: Call, principal: str) -> str:
    """Return the principal's type; one that is named spares a new principal the look-up in the directory."""
    named = call.properties.get("principalType")
    known = call.cloud.store.get("servicePrincipal", principal.lower()) is not None
    if not known and named is None:
        raise refusal(
            400,
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory {call.cloud.tenant}. Check that "
            "you have the correct principal ID. If you are creating this principal and then immediately assigning a "
            "role, this error might be related to a replication delay. In this case, set the role assignment "
            "principalType property to a value, such as ServicePrincipal, User, or Group. "
            "See https://aka.ms/docs-principaltype",
        )
    if known and named not in (None, "ServicePrincipal"):
        raise refusal(
            400,
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal.replace('-', '')}' has type 'ServicePrincipal' , which is different from "
            f"specified PrinciaplType '{named}'.",  # the service's own spelling
        )
    return named or "ServicePrincipal"


def _check_unique(call: Call, existing: Document | None, principal: str, role: roles.Role) -> None:
    wanted = (principal.lower(), role)
    if existing and _given(existing) != wanted:
        message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
        raise refusal(400, "RoleAssignmentUpdateNotPermitted", message)
    siblings = under(call.cloud, call.path.text.rpartition("/")[0], TYPE)
    twin = next((document for document in siblings if not existing and _given(document) == wanted), None)
    if twin:
        name = twin["name"].replace("-", "")
        message = f"The role assignment already exists. The ID of the existing role assignment is {name}."
        raise refusal(409, "RoleAssignmentExists", message)


def _given(document: Document) -> tuple[str, roles.Role | None]:
    properties = document["properties"]
    return properties["principalId"].lower(), roles.named(properties["roleDefinitionId"])


TYPES: dict[str, Handlers] = {
    "microsoft.authorization/permissions": {"GET/": _permissions},
    "microsoft.authorization/roledefinitions": {"GET": _definition, "GET/": _definitions},
    "microsoft.authorization/roleassignments": {"PUT": _put, "GET": _get, "DELETE": _delete, "GET/": _list},
}
