"""Subscriptions, resource groups, and every resource that is only kept: nobody asks a question of it."""

import re
from collections.abc import Mapping

from ..cloud import Cloud
from ..store import Document
from . import vaults
from .authorization import assigned_somewhere
from .documents import children, existing, find, remove, save
from .request import Answer, Call, Handlers, refusal, unplayed

_GROUP = "Microsoft.Resources/resourceGroups"
_PROVIDERS = ("Microsoft.Authorization", "Microsoft.KeyVault", "Microsoft.ManagedIdentity", "Microsoft.Resources")


def _subscription(cloud: Cloud) -> Document:
    return {
        "id": f"/subscriptions/{cloud.subscription}",
        "subscriptionId": cloud.subscription,
        "tenantId": cloud.tenant,
        "displayName": "Rehearsal",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "PayAsYouGo_2014-09-01"},
    }


def _subscriptions(call: Call) -> Answer:
    given = assigned_somewhere(call.cloud, call.caller)
    return 200, {"value": [_subscription(call.cloud)] if given else []}


def _tenants(call: Call) -> Answer:
    tenant = call.cloud.tenant
    return 200, {"value": [{"id": f"/tenants/{tenant}", "tenantId": tenant, "displayName": "Rehearsal"}]}


def _provider(call: Call, namespace: str) -> Document:
    return {
        "id": f"/subscriptions/{call.cloud.subscription}/providers/{namespace}",
        "namespace": namespace,
        "registrationState": "Registered",
        "resourceTypes": [],
    }


def _providers(call: Call) -> Answer:
    return 200, {"value": [_provider(call, namespace) for namespace in _PROVIDERS]}


def _act(call: Call) -> Answer:
    if call.path.name.lower() != "register":
        unplayed(call)
    return 200, _provider(call, call.path.segments[-2])


def _put_group(call: Call) -> Answer:
    old = find(call.cloud, call.path.text)
    if old and old["location"] != call.location:
        raise refusal(
            409,
            "InvalidResourceGroupLocation",
            f"Invalid resource group location '{call.location}'. The Resource group already exists in location "
            f"'{old['location']}'.",
        )
    group = {
        "id": old["id"] if old else call.path.text,
        "name": old["name"] if old else call.path.name,
        "type": _GROUP,
        "location": call.location,
        "tags": call.body.get("tags") or {},
        "properties": {"provisioningState": "Succeeded"},
    }
    return (200 if old else 201), save(call.cloud, group)


def _get_group(call: Call) -> Answer:
    group = find(call.cloud, call.path.text)
    if group is None:
        raise group_not_found(call.path.name)
    return 200, group


def group_not_found(name: str) -> Exception:
    """Return ARM's 404 for a resource group."""
    return refusal(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def _groups(call: Call) -> Answer:
    return 200, {"value": [d for d in children(call.cloud, call.path.scope) if d["type"] == _GROUP]}


def _delete_group(call: Call) -> Answer:
    _get_group(call)
    for document in children(call.cloud, call.path.text):
        if document["type"] == vaults.TYPE:
            vaults.soft_delete(call.cloud, document)
    remove(call.cloud, call.path.text)
    return 200, None


def _resources(call: Call) -> Answer:
    """List what lies in a group or the subscription (`resourceType eq '…'` is the filter that clients send)."""
    wanted = re.search(r"resourceType eq '([^']*)'", call.filter, re.IGNORECASE)
    return 200, {
        "value": [
            {key: document[key] for key in ("id", "name", "type", "location", "tags") if key in document}
            for document in children(call.cloud, call.path.scope)
            if "location" in document
            and document["type"] != _GROUP
            and (wanted is None or document["type"].lower() == wanted[1].lower())
        ]
    }


def _put(call: Call) -> Answer:
    old = find(call.cloud, call.path.text)
    document = {**call.body, "id": call.path.text, "name": call.path.name, "type": call.path.type}
    if "properties" in call.body:
        document["properties"] = {**call.properties, "provisioningState": "Succeeded"}
    return (200 if old else 201), save(call.cloud, document)


def _patch(call: Call) -> Answer:
    old = existing(call)
    document = {**old, **call.body}
    if "properties" in old:
        document["properties"] = {**old["properties"], **call.properties}
    return 200, save(call.cloud, document)


def _get(call: Call) -> Answer:
    return 200, existing(call)


def _delete(call: Call) -> Answer:
    return (200 if remove(call.cloud, call.path.text) else 204), None


def _list(call: Call) -> Answer:
    wanted = call.path.type.lower()
    return 200, {"value": [d for d in children(call.cloud, call.path.scope) if d["type"].lower() == wanted]}


KEPT: Mapping[str, Handlers] = {
    "resource": {"PUT": _put, "PATCH": _patch, "GET": _get, "DELETE": _delete},
    "collection": {"GET": _list, "POST": _act},
}
"""What happens to a type that no table below or beside this one names."""

HANDLERS: Handlers = {
    "GET tenants/": _tenants,
    "GET subscriptions/": _subscriptions,
    "GET subscriptions": lambda call: (200, _subscription(call.cloud)),
    "GET subscriptions/providers/": _providers,
    "GET subscriptions/providers": lambda call: (200, _provider(call, call.path.name)),
    "GET subscriptions/resources/": _resources,
    "GET subscriptions/resourcegroups/": _groups,
    "GET subscriptions/resourcegroups/resources/": _resources,
    "PUT subscriptions/resourcegroups": _put_group,
    "PATCH subscriptions/resourcegroups": _patch,
    "GET subscriptions/resourcegroups": _get_group,
    "DELETE subscriptions/resourcegroups": _delete_group,
}
