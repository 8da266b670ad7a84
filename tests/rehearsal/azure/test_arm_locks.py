"""Locks, and what they forbid to whom every role would permit it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

Refused = Callable[[requests.Response, int, str], str]
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
LOCK = "/providers/Microsoft.Authorization/locks/keep"


def locked(azure: Any, scope: str, level: str = "CanNotDelete") -> None:
    assert azure.arm("PUT", f"{scope}{LOCK}", {"properties": {"level": level}}).status_code == 201


def test_a_locked_vault_is_changed_but_not_deleted(azure: Any, new_vault: Callable[..., str], refused: Refused) -> None:
    vault = new_vault()
    locked(azure, vault)
    assert azure.arm("PATCH", vault, {"tags": {"a": "b"}}).status_code == 200
    message = refused(azure.arm("DELETE", vault), 409, "ScopeLocked")
    assert message == (
        f"The scope '{vault}' cannot perform delete operation because following scope(s) are locked: '{vault}'. Please "
        "remove the lock and try again."
    )
    assert azure.arm("DELETE", f"{vault}{LOCK}").status_code == 200
    assert azure.arm("DELETE", vault).status_code == 200


def test_a_group_with_something_locked_in_it_is_not_deleted_even_in_part(
    azure: Any, group: str, new_vault: Callable[..., str], refused: Refused
) -> None:
    kept, beside = new_vault(), new_vault()
    locked(azure, kept)
    message = refused(azure.arm("DELETE", group), 409, "ScopeLocked")
    assert f"The scope '{group}' cannot perform delete operation" in message
    assert f"are locked: '{kept}'" in message
    assert azure.arm("GET", beside).status_code == 200
    assert azure.arm("DELETE", beside).status_code == 200


def test_what_lies_in_a_locked_group_or_extends_a_locked_vault_is_not_deleted(
    azure: Any, group: str, new_vault: Callable[..., str], stranger: Any, refused: Refused
) -> None:
    vault = new_vault()
    assignment = azure.give(READER, vault, stranger.principal).json()["id"]
    for scope in (group, vault):
        locked(azure, scope)
        message = refused(azure.arm("DELETE", assignment), 409, "ScopeLocked")
        assert message.split("'")[3] == scope
        azure.arm("DELETE", f"{scope}{LOCK}")
    assert azure.arm("DELETE", assignment).status_code == 200


def test_a_read_only_lock_forbids_writes_too_but_not_on_the_data_plane(
    azure: Any, group: str, new_vault: Callable[..., str], stranger: Any, refused: Refused
) -> None:
    vault = new_vault()
    locked(azure, group, "ReadOnly")
    for answer in (
        azure.arm("PATCH", vault, {"tags": {}}),
        azure.arm("PUT", f"{group}/providers/Microsoft.Foo/bars/a", {}),
        azure.give(READER, vault, stranger.principal),
    ):
        assert " cannot perform write operation because " in refused(answer, 409, "ScopeLocked")
    refused(azure.arm("DELETE", vault), 409, "ScopeLocked")
    assert azure.arm("GET", vault).status_code == 200
    assert azure.vault(vault.rpartition("/")[2], "PUT", "/secrets/a", {"value": "v"}).status_code == 200
    assert azure.arm("DELETE", f"{group}{LOCK}").status_code == 200


def test_a_lock_on_one_resource_leaves_its_namesake_alone(azure: Any, group: str) -> None:
    bars = f"{group}/providers/Microsoft.Foo/bars/a"
    for path in (bars, f"{bars}b"):
        azure.arm("PUT", path, {})
    locked(azure, bars)
    assert azure.arm("DELETE", f"{bars}b").status_code == 200


@pytest.mark.parametrize("properties", [{}, {"level": "Forever"}])
def test_a_lock_has_one_of_two_levels(azure: Any, group: str, refused: Refused, properties: dict[str, str]) -> None:
    refused(azure.arm("PUT", f"{group}{LOCK}", {"properties": properties}), 400, "BadRequest")


def test_who_may_write_may_not_unlock(azure: Any, stranger: Any, group: str, refused: Refused) -> None:
    contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c"
    azure.give(contributor, group, stranger.principal)
    locked(azure, group)
    refused(stranger.arm("DELETE", f"{group}{LOCK}"), 403, "AuthorizationFailed")
    assert azure.arm("GET", f"{group}{LOCK}").json()["properties"]["level"] == "CanNotDelete"
    assert stranger.arm("PUT", f"{group}/providers/Microsoft.Foo/bars/{uuid.uuid4().hex}", {}).status_code == 201
