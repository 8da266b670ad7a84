"""Virtual networks, whose subnets are resources of their own and shown in them (Azure REST reference)."""

from ..payload import Shape
from ..store import Document
from .request import Answer, Call, Handlers, refusal
from .resources import KEPT, existing, find, keep, remove, save, under

_NETWORK = "Microsoft.Network/virtualNetworks"
_SUBNET = f"{_NETWORK}/subnets"
SHAPES: dict[str, Shape] = {_NETWORK.lower(): {"subnets": [{"name": str, "properties": {}}]}}
"""The types of the properties that decide, by type of resource."""


def _put(call: Call) -> Answer:
    """Write the network; where the call names subnets, they are all that it has."""
    given: list[Document] | None = call.properties.get("subnets")
    if not all(subnet.get("name") for subnet in given or ()):
        raise refusal(400, "InvalidRequestFormat", "Cannot parse the request.")
    status = 200 if find(call.cloud, call.path.text) else 201
    network = keep(call, call.body, {key: value for key, value in call.properties.items() if key != "subnets"})
    if given is not None:
        for gone in under(call.cloud, network["id"], _SUBNET):
            remove(call.cloud, gone["id"])
        for subnet in given:
            place = {"id": f"{network['id']}/subnets/{subnet['name']}", "name": subnet["name"], "type": _SUBNET}
            save(call.cloud, {**place, "properties": subnet.get("properties") or {}})
    return status, _shown(call, network)


def _get(call: Call) -> Answer:
    return 200, _shown(call, existing(call))


def _list(call: Call) -> Answer:
    return 200, {"value": [_shown(call, network) for network in under(call.cloud, call.path.scope, _NETWORK)]}


def _shown(call: Call, network: Document) -> Document:
    subnets = under(call.cloud, network["id"], _SUBNET)
    return {**network, "properties": {**network["properties"], "subnets": subnets}}


TYPES: dict[str, Handlers] = {_NETWORK.lower(): {**KEPT, "PUT": _put, "GET": _get, "GET/": _list}}
