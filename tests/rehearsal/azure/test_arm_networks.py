"""Virtual networks as one prepares them by hand, and the subnets in them."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

Refused = Callable[[requests.Response, int, str], str]


@pytest.fixture
def network(group: str) -> str:
    return f"{group}/providers/Microsoft.Network/virtualNetworks/vnet"


def body(*subnets: str) -> dict[str, Any]:
    given = [{"name": name, "properties": {"addressPrefix": "10.0.0.0/24"}} for name in subnets]
    return {
        "location": "westeurope",
        "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": given},
    }


def names(network: Any) -> list[str]:
    return [subnet["name"] for subnet in network["properties"]["subnets"]]


def test_a_networks_subnets_are_resources_of_their_own(azure: Any, network: str, refused: Refused) -> None:
    made = azure.arm("PUT", network, body("a", "b"))
    assert (made.status_code, names(made.json())) == (201, ["a", "b"])
    endpoint = {"properties": {"addressPrefix": "10.0.2.0/24", "serviceEndpoints": [{"service": "Microsoft.KeyVault"}]}}
    assert azure.arm("PUT", f"{network}/subnets/c", endpoint).status_code == 201
    read = azure.arm("GET", network).json()
    assert names(read) == ["a", "b", "c"]
    assert read["properties"]["subnets"][2] == azure.arm("GET", f"{network}/subnets/c").json()
    assert azure.arm("GET", network.rpartition("/")[0]).json()["value"] == [read]
    assert names(azure.arm("PUT", network, body("c")).json()) == ["c"]
    refused(azure.arm("GET", f"{network}/subnets/a"), 404, "ResourceNotFound")
    assert names(azure.arm("PUT", network, {"location": "westeurope"}).json()) == ["c"]
    assert azure.arm("DELETE", network).status_code == 200
    refused(azure.arm("GET", f"{network}/subnets/c"), 404, "ResourceNotFound")


def test_a_subnet_without_a_name_is_refused(azure: Any, network: str, refused: Refused) -> None:
    refused(azure.arm("PUT", network, body("")), 400, "InvalidRequestFormat")
