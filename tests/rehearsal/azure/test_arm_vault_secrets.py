"""Secrets through the control plane: written there, read on the data plane."""

from collections.abc import Callable
from typing import Any

import requests

Refused = Callable[[requests.Response, int, str], str]


def test_a_secret_set_through_arm_is_read_from_the_vault(
    azure: Any, new_vault: Callable[..., str], refused: Refused
) -> None:
    vault = new_vault()
    name = vault.rpartition("/")[2]
    path = f"{vault}/secrets/db-password"
    refused(azure.arm("GET", path), 404, "ResourceNotFound")
    given = {"tags": {"a": "b"}, "properties": {"value": "hunter2", "attributes": {"exp": 2_000_000_000}}}
    made = azure.arm("PUT", path, given)
    assert made.status_code == 200
    assert "hunter2" not in made.text
    assert made.json()["properties"]["secretUri"] == f"https://{name}.vault.azure.net/secrets/db-password"
    read = azure.vault(name, "GET", "/secrets/db-password").json()
    assert (read["value"], read["tags"], read["attributes"]["exp"]) == ("hunter2", {"a": "b"}, 2_000_000_000)
    assert read["id"] == made.json()["properties"]["secretUriWithVersion"]
    assert azure.arm("GET", path).json() == made.json()
    assert azure.arm("DELETE", path).status_code == 501


def test_a_secret_without_a_value_or_with_a_bad_name_is_refused(
    azure: Any, new_vault: Callable[..., str], refused: Refused
) -> None:
    vault = new_vault()
    refused(azure.arm("PUT", f"{vault}/secrets/a", {"properties": {}}), 400, "BadRequest")
    answer = azure.arm("PUT", f"{vault}/secrets/a_b", {"properties": {"value": "hunter2"}})
    assert "hunter2" not in refused(answer, 400, "BadRequest")
