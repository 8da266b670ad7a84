"""The providers' pure parts: values on the wire, differences, names, paths."""

import io
import json
import uuid
from typing import Any

import pytest
import requests
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.plugins.azure_native import ArmResource
from rehearsal.plugins.azure_native_resources import ROWS, Row
from rehearsal.plugins.client import Client, Credentials, ServiceError
from rehearsal.plugins.diff import after_refresh, changes, replacing
from rehearsal.plugins.values import UNKNOWN, Properties, at, known, merged, pack, unpack, with_value

KEYS = st.sampled_from(["a", "b", "c", "location"])
SCALARS = st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
OBJECTS = st.recursive(
    st.dictionaries(KEYS, SCALARS | st.lists(SCALARS, max_size=3), max_size=4),
    lambda inner: st.dictionaries(KEYS, SCALARS | inner, max_size=4),
    max_leaves=8,
)
CREDENTIALS = Credentials("tenant", "client", "secret", "sub")
CLIENT = Client(CREDENTIALS)
TOKENS = sorted(ROWS)


def resource(token: str) -> ArmResource:
    return ArmResource(ROWS[token], CLIENT, "westeurope")


@given(OBJECTS)
def test_properties_survive_the_wire(properties: dict[str, Any]):
    assert unpack(pack(properties)) == properties


def test_whole_numbers_come_back_as_int_and_nulls_not_at_all():
    struct = Struct()
    struct.update({"list": [7.0, 7.5, {"gone": None}], "gone": None})
    assert repr(unpack(struct)) == "{'list': [7, 7.5, {}]}"


def test_a_wrapped_secret_is_laid_open():
    struct = Struct()
    wrapped = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": {"a": 1}}
    struct.update({"outer": {"inner": wrapped}})
    assert unpack(struct) == {"outer": {"inner": {"a": 1}}}


def test_a_value_with_an_unknown_inside_is_not_known():
    assert known({"a": [{"b": 1}]})
    assert not known({"a": [{"b": UNKNOWN}]})


@given(OBJECTS, KEYS, KEYS, SCALARS)
def test_a_value_that_was_put_at_a_path_is_found_there(inner: dict[str, Any], outer: str, key: str, value: object):
    properties = {outer: inner}
    assert at(with_value(properties, f"{outer}.{key}", value), f"{outer}.{key}") == value
    assert at(with_value(properties, f"{outer}.{key}", None), f"{outer}.{key}") is None
    assert at(with_value({}, f"{outer}.{key}", value), f"{outer}.{key}") == value


@given(OBJECTS, OBJECTS)
def test_a_merge_has_all_of_what_decides_it(below: dict[str, Any], above: dict[str, Any]):
    assert set(changes(merged(below, above), above).values()) <= {"DELETE"}


@given(OBJECTS)
def test_equal_inputs_do_not_differ(inputs: dict[str, Any]):
    assert changes(inputs, inputs) == {}


@given(OBJECTS, OBJECTS)
def test_a_difference_is_the_same_from_both_sides_with_add_and_delete_exchanged(
    old: dict[str, Any], new: dict[str, Any]
):
    exchanged = {"ADD": "DELETE", "DELETE": "ADD", "UPDATE": "UPDATE"}
    assert changes(new, old) == {path: exchanged[kind] for path, kind in changes(old, new).items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"location": "West Europe"}, {"location": "westeurope"}, {}),
        ({"location": "westeurope"}, {"location": "northeurope"}, {"location": "UPDATE"}),
        ({"scope": "/subscriptions/S/resourceGroups/G"}, {"scope": "/SUBSCRIPTIONS/s/resourcegroups/g"}, {}),
        ({"subject": "Project"}, {"subject": "project"}, {"subject": "UPDATE"}),
        ({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, {}),
        ({"audiences": ["a", "b"]}, {"audiences": ["b", "a"]}, {"audiences": "UPDATE"}),
        ({"properties": {"sku": {"name": "standard"}}}, {"properties": {"sku": {}}}, {"properties.sku.name": "DELETE"}),
        ({"__createBeforeDelete": True}, {}, {}),
    ],
)
def test_what_azure_does_not_tell_apart_does_not_differ(
    old: dict[str, Any], new: dict[str, Any], expected: dict[str, str]
):
    assert changes(old, new, sets=("tags",)) == expected


def test_a_change_below_a_path_replaces_like_a_change_of_it_but_not_one_of_a_longer_name():
    assert replacing(["subnet.id", "subnetwork", "scope"], ["subnet", "scope"]) == ["subnet.id", "scope"]


@given(OBJECTS, OBJECTS)
def test_a_refresh_that_finds_nothing_new_leaves_the_inputs_alone(inputs: dict[str, Any], outputs: dict[str, Any]):
    assert after_refresh(inputs, outputs, outputs) == inputs


@given(OBJECTS, OBJECTS)
def test_inputs_that_are_echoed_follow_the_service(before: dict[str, Any], now: dict[str, Any]):
    assert after_refresh(before, before, now) == now


@given(OBJECTS, OBJECTS)
def test_a_refresh_writes_only_what_changed(before: dict[str, Any], now: dict[str, Any]):
    assert changes({}, after_refresh({}, before, now)).keys() <= changes({}, now).keys()


PLAIN = st.text("abcXYZ019-_", min_size=1, max_size=12)


@pytest.mark.parametrize("token", TOKENS)
@given(data=st.data())
def test_an_id_gives_back_the_parameters_it_was_made_of(token: str, data: st.DataObject):
    row = ROWS[token]
    scope = PLAIN.map("/subscriptions/s/resourceGroups/{}".format)
    wide = {"scope", "resourceUri"}
    parameters = {name: data.draw(scope if name in wide else PLAIN) for name in row.parameters()}
    identifier = row.path.replace("{subscriptionId}", "sub")
    for name, value in parameters.items():
        identifier = identifier.replace(f"{{{name}}}", value.strip("/"))
    assert row.parse(identifier) == parameters
    assert row.parse(identifier.replace("providers", "PROVIDERS")) == parameters


@pytest.mark.parametrize(
    ("token", "other"), [("keyvault:Vault", "keyvault:Secret"), ("keyvault:Secret", "keyvault:Vault")]
)
def test_an_id_of_another_type_is_refused(token: str, other: str):
    identifier = ROWS[other].path.replace("{", "").replace("}", "")
    with pytest.raises(ValueError, match="is not of the form"):
        ROWS[token].parse(identifier)


def named(row: Row, seed: bytes, olds: dict[str, Any] | None = None) -> dict[str, Any]:
    return ArmResource(row, CLIENT, "westeurope").check("kv", seed, olds or {}, {})


@given(st.binary(min_size=1, max_size=32))
def test_a_name_left_out_is_made_from_the_seed(seed: bytes):
    vault = named(ROWS["keyvault:Vault"], seed)
    assert vault["vaultName"].startswith("kv")
    assert len(vault["vaultName"]) == len("kv") + 8
    assert vault["__createBeforeDelete"] is True
    assert vault == named(ROWS["keyvault:Vault"], seed)
    assert uuid.UUID(named(ROWS["authorization:RoleAssignment"], seed)["roleAssignmentName"]).version == 4


def test_a_name_below_a_resource_of_another_name_is_the_logical_one():
    secret = named(ROWS["keyvault:Secret"], b"seed")
    assert secret["secretName"] == "kv"
    assert "__createBeforeDelete" not in secret


def test_a_made_name_stays_while_the_resource_lives():
    before = named(ROWS["keyvault:Vault"], b"first")
    assert named(ROWS["keyvault:Vault"], b"second", before) == before


def test_a_name_of_the_program_makes_way_for_its_replacement_first():
    inputs = resource("keyvault:Vault").check("kv", b"seed", {}, {"vaultName": "mine"})
    assert inputs["vaultName"] == "mine"
    assert "__createBeforeDelete" not in inputs


@pytest.mark.parametrize("token", TOKENS)
def test_every_parameter_of_a_path_needs_a_new_resource(token: str):
    assert set(ROWS[token].parameters()) <= set(resource(token).replace_on)


def test_a_location_left_out_is_the_old_one_then_the_configured_one():
    vault = resource("keyvault:Vault")
    assert vault.check("kv", b"seed", {"location": "northeurope"}, {})["location"] == "northeurope"
    assert vault.check("kv", b"seed", {}, {})["location"] == "westeurope"
    assert "location" not in resource("keyvault:Secret").check("s", b"seed", {}, {})


class Scripted(Client):
    """A client that answers what it was told to: (status, headers, body) for each request in turn."""

    def __init__(self, *answers: tuple[int, dict[str, str], Properties]) -> None:
        super().__init__(CREDENTIALS)
        self._answers = list(answers)
        self.asked: list[str] = []

    def send(self, method: str, url: str, body: Properties | None = None) -> requests.Response:  # noqa: ARG002
        status, headers, answered = self._answers.pop(0)
        self.asked.append(f"{method} {url.rpartition('/')[2]}")
        answer = requests.Response()
        answer.status_code, answer.raw = status, io.BytesIO(json.dumps(answered).encode())
        answer.headers.update(headers)
        return answer


SLOW = {"Azure-AsyncOperation": "https://management.azure.com/operations/1", "Retry-After": "0"}
IDENTITY = {"resourceGroupName": "g", "resourceName": "i", "location": "westeurope"}


def test_a_creation_that_takes_its_time_is_waited_for():
    client = Scripted(
        (404, {}, {}),
        (202, SLOW, {}),
        (200, {"Retry-After": "0"}, {"status": "InProgress"}),
        (200, {}, {"status": "Succeeded"}),
        (200, {}, {"id": "/i", "name": "i", "properties": {"clientId": "c"}}),
    )
    made = ArmResource(ROWS["managedidentity:UserAssignedIdentity"], client, None).create(IDENTITY)
    assert made == ("/i", {"name": "i", "clientId": "c", "azureApiVersion": "2023-01-31"})
    there = "i?api-version=2023-01-31"
    assert client.asked == [f"GET {there}", f"PUT {there}", "GET 1", "GET 1", f"GET {there}"]


def test_a_creation_that_fails_in_the_end_is_an_error_of_the_service():
    failed = {"status": "Failed", "error": {"code": "QuotaExceeded", "message": "no more"}}
    client = Scripted((404, {}, {}), (202, SLOW, {}), (200, {}, failed))
    with pytest.raises(ServiceError, match="no more") as refused:
        ArmResource(ROWS["managedidentity:UserAssignedIdentity"], client, None).create(IDENTITY)
    assert refused.value.code == "QuotaExceeded"


def test_a_deletion_that_takes_its_time_is_waited_for():
    client = Scripted((202, {"Location": SLOW["Azure-AsyncOperation"], "Retry-After": "0"}, {}), (204, {}, {}))
    ArmResource(ROWS["resources:ResourceGroup"], client, None).delete("/subscriptions/s/resourceGroups/g", {})
    assert client.asked == ["DELETE g?api-version=2024-03-01", "GET 1"]
