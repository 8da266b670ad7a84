"""Role definitions and role assignments, and the question that ARM and the vault ask of them.

Azure docs, "Assign Azure roles using the REST API", "List Azure role assignments using the REST API" and
"Troubleshoot Azure RBAC".
"""

import re
import uuid
from datetime import UTC, datetime

from ..cloud import Cloud
from ..entra.access_token import Caller
from ..store import Document
from . import roles
from .documents import children, find, remove, save
from .rbac import Assignment, Permissions, Plane, covers, decide, enclosing
from .request import Answer, Call, Handlers, refusal, unplayed

TYPE = "Microsoft.Authorization/roleAssignments"


def allowed(cloud: Cloud, caller: Caller, operation: str, resource: str, plane: Plane) -> bool:
    """Tell whether the caller's role assignments permit the operation on the resource (an ARM id)."""
    found: list[Document] = []
    for scope in enclosing(resource):
        found += children(cloud, f"{scope.rstrip('/')}/providers/{TYPE}")
    return decide(map(_assignment, found), caller.object_id, operation, resource, plane) is not None


def assigned_somewhere(cloud: Cloud, caller: Caller) -> bool:
    """Tell whether the caller has a role anywhere in the subscription."""
    return any(d["properties"]["principalId"] == caller.object_id for d in _all(cloud))


def _all(cloud: Cloud) -> list[Document]:
    return [document for document in children(cloud, "/") if document["type"] == TYPE]


def _assignment(document: Document) -> Assignment:
    properties = document["properties"]
    role = roles.named(properties["roleDefinitionId"])
    return Assignment(properties["principalId"], properties["scope"], role.permissions if role else Permissions())


def _definitions(call: Call) -> Answer:
    wanted = re.search(r"roleName eq '([^']*)'", call.filter, re.IGNORECASE)
    custom = "customrole" in call.filter.lower()
    return 200, {
        "value": [
            role.body(call.path.scope)
            for role in roles.BUILT_IN.values()
            if not custom and (wanted is None or role.name.lower() == wanted[1].lower())
        ]
    }


def _definition(call: Call) -> Answer:
    return 200, _known_role(call.path.name).body(call.path.text)


def _known_role(definition: str) -> roles.Role:
    role = roles.named(definition)
    if role is None:
        guid = definition.rpartition("/")[2]
        raise refusal(
            404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{guid}' does not exist."
        )
    return role


def _list(call: Call) -> Answer:
    """List the assignments that hold at the scope (at it or above), and below it unless `atScope()` is asked."""
    scope = call.path.scope
    principal = re.search(r"(?:principalId eq|assignedTo\()\s*'([^']*)'", call.filter, re.IGNORECASE)
    below = "atscope()" not in call.filter.lower()
    return 200, {
        "value": [
            document
            for document in _all(call.cloud)
            if (covers(document["properties"]["scope"], scope) or (below and covers(scope, _scope(document))))
            and (principal is None or document["properties"]["principalId"].lower() == principal[1].lower())
        ]
    }


def _scope(document: Document) -> str:
    return document["properties"]["scope"]


def _get(call: Call) -> Answer:
    document = find(call.cloud, call.path.text)
    if document is None:
        raise refusal(404, "RoleAssignmentNotFound", f"The role assignment '{call.path.name}' is not found.")
    return 200, document


def _delete(call: Call) -> Answer:
    document = find(call.cloud, call.path.text)
    return (200, document) if remove(call.cloud, call.path.text) else (204, None)


def _put(call: Call) -> Answer:
    name = call.path.name
    try:
        uuid.UUID(name)
    except ValueError:
        raise refusal(
            400,
            "InvalidRoleAssignmentId",
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
        ) from None
    scope = f"/{'/'.join(call.path.segments[:-4])}"
    principal = str(call.properties.get("principalId") or "")
    role = _known_role(str(call.properties.get("roleDefinitionId") or ""))
    kind = _principal_type(call, principal)
    existing = find(call.cloud, call.path.text)
    _check_unique(call, existing, principal, role)
    now = datetime.fromtimestamp(call.cloud.now(), UTC).isoformat()
    old: Document = existing["properties"] if existing else {}
    document: Document = {
        "id": call.path.text,
        "name": name,
        "type": TYPE,
        "properties": {
            "roleDefinitionId": role.body(scope)["id"],
            "principalId": principal,
            "principalType": kind,
            "scope": scope,
            "condition": call.properties.get("condition"),
            "conditionVersion": call.properties.get("conditionVersion"),
            "description": call.properties.get("description"),
            "createdOn": old.get("createdOn", now),
            "updatedOn": now,
            "createdBy": old.get("createdBy", call.caller.object_id),
            "updatedBy": call.caller.object_id,
        },
    }
    return (200 if existing else 201), save(call.cloud, document)


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
        raise refusal(
            400,
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    siblings = children(call.cloud, call.path.text.rpartition("/")[0])
    twin = next((d for d in siblings if not existing and _given(d) == wanted), None)
    if twin:
        raise refusal(
            409,
            "RoleAssignmentExists",
            "The role assignment already exists. The ID of the existing role assignment is "
            f"{twin['name'].replace('-', '')}.",
        )


def _given(document: Document) -> tuple[str, roles.Role | None]:
    properties = document["properties"]
    return properties["principalId"].lower(), roles.named(properties["roleDefinitionId"])


HANDLERS: Handlers = {
    "GET microsoft.authorization/roledefinitions/": _definitions,
    "GET microsoft.authorization/roledefinitions": _definition,
    "PUT microsoft.authorization/roledefinitions": unplayed,
    "DELETE microsoft.authorization/roledefinitions": unplayed,
    "GET microsoft.authorization/roleassignments/": _list,
    "GET microsoft.authorization/roleassignments": _get,
    "PUT microsoft.authorization/roleassignments": _put,
    "PATCH microsoft.authorization/roleassignments": unplayed,
    "DELETE microsoft.authorization/roleassignments": _delete,
}
