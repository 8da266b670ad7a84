"""Applications, service principals and their owners, asked as azuread and az ask."""

import uuid
from collections.abc import Callable
from typing import Any

import requests

from rehearsal.entra.access_token import Principal

Refused = Callable[[requests.Response, int, str], str]
APPLICATIONS = "/v1.0/applications"
PRINCIPALS = "/v1.0/servicePrincipals"


def make(azure: Any, **given: Any) -> dict[str, Any]:
    answer = azure.graph("POST", APPLICATIONS, {"displayName": f"shop-{uuid.uuid4()}", **given})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_null_properties_come_back_as_null(azure: Any) -> None:
    made = make(azure, notes=None, tokenEncryptionKeyId=None, tags=[])
    read = azure.graph("GET", f"{APPLICATIONS}/{made['id']}").json()
    assert {key: read[key] for key in ("notes", "tokenEncryptionKeyId", "tags")} == {
        "notes": None,
        "tokenEncryptionKeyId": None,
        "tags": [],
    }
    changed = azure.graph("PATCH", f"{APPLICATIONS}/{made['id']}", {"notes": "x", "displayName": None})
    assert changed.status_code == 204
    read = azure.graph("GET", f"/beta/applications/{made['id']}").json()
    assert (read["notes"], read["displayName"]) == ("x", None)


def test_odata_annotations_are_not_kept(azure: Any) -> None:
    made = make(azure, **{"@odata.type": "#microsoft.graph.application", "owners@odata.bind": []})
    read = azure.graph("GET", f"{APPLICATIONS}/{made['id']}").json()
    assert [key for key in read if "@odata" in key] == ["@odata.context"]


def test_applications_are_found_by_name_by_app_id_and_by_the_beginning_of_a_name(azure: Any) -> None:
    made = make(azure, displayName=f"it's-{uuid.uuid4()}")
    name = made["displayName"].replace("'", "''")
    for wanted in (f"displayName eq '{name}'", f"appId eq '{made['appId']}'", f"startswith(displayName,'{name[:20]}')"):
        found = azure.graph("GET", f"{APPLICATIONS}?$filter={wanted}").json()["value"]
        assert [each["id"] for each in found] == [made["id"]]


def test_select_answers_only_what_was_asked(azure: Any) -> None:
    made = make(azure)
    answer = azure.graph("GET", f"/beta/applications/{made['id']}?$select=oauth2RequirePostResponse")
    assert answer.json() == {
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#applications/$entity",
        "oauth2RequirePostResponse": False,
    }


def test_who_makes_an_application_becomes_its_owner(azure: Any, application: Callable[..., Any]) -> None:
    other = application()
    bound = f"https://graph.microsoft.com/v1.0/directoryObjects/{other.principal_id}"
    made = make(azure, **{"owners@odata.bind": [bound]})
    owners = f"{APPLICATIONS}/{made['id']}/owners"
    assert {each["id"] for each in azure.graph("GET", owners).json()["value"]} == {
        azure.principal.object_id,
        other.principal_id,
    }
    assert azure.graph("DELETE", f"{owners}/{azure.principal.object_id}/$ref").status_code == 204
    assert [each["id"] for each in azure.graph("GET", owners).json()["value"]] == [other.principal_id]


def test_an_owner_is_added_once(azure: Any, refused: Refused) -> None:
    made = make(azure)
    owners = f"{APPLICATIONS}/{made['id']}/owners"
    reference = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{azure.principal.object_id}"}
    message = refused(azure.graph("POST", f"{owners}/$ref", reference), 400, "Request_BadRequest")
    assert "already exist" in message
    azure.graph("DELETE", f"{owners}/{azure.principal.object_id}/$ref")
    assert azure.graph("POST", f"{owners}/$ref", reference).status_code == 204
    missing = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{uuid.uuid4()}"}
    refused(azure.graph("POST", f"{owners}/$ref", missing), 404, "Request_ResourceNotFound")


def test_a_service_principal_needs_its_application(azure: Any, refused: Refused) -> None:
    unknown = str(uuid.uuid4())
    message = refused(azure.graph("POST", PRINCIPALS, {"appId": unknown}), 400, "Request_BadRequest")
    assert message == f"The appId '{unknown}' of the service principal does not reference a valid application object."


def test_an_application_has_one_service_principal(azure: Any, refused: Refused) -> None:
    made = make(azure)
    principal = azure.graph("POST", PRINCIPALS, {"appId": made["appId"], "accountEnabled": True}).json()
    assert principal["displayName"] == made["displayName"]
    found = azure.graph("GET", f"{PRINCIPALS}?$filter=appId eq '{made['appId']}'").json()["value"]
    assert [each["id"] for each in found] == [principal["id"]]
    refused(azure.graph("POST", PRINCIPALS, {"appId": made["appId"]}), 409, "Request_MultipleObjectsWithSameKeyValue")


def test_az_finds_a_service_principal_by_any_of_its_names_and_by_its_id(azure: Any) -> None:
    made = make(azure)
    principal = azure.graph("POST", PRINCIPALS, {"appId": made["appId"]}).json()
    wanted = f"servicePrincipalNames/any(c:c eq '{made['appId']}')"
    found = azure.graph("GET", f"{PRINCIPALS}?$filter={wanted}").json()["value"]
    assert [each["id"] for each in found] == [principal["id"]]
    answer = azure.graph("POST", "/v1.0/directoryObjects/getByIds", {"ids": [principal["id"], str(uuid.uuid4())]})
    assert [each["displayName"] for each in answer.json()["value"]] == [made["displayName"]]


def test_a_filter_that_is_not_played_is_refused(azure: Any, refused: Refused) -> None:
    answer = azure.graph("GET", f"{APPLICATIONS}?$filter=displayName ne 'x'")
    refused(answer, 400, "Request_UnsupportedQuery")


def test_with_an_application_go_its_credentials_and_its_service_principal(azure: Any, refused: Refused) -> None:
    made = make(azure)
    principal = azure.graph("POST", PRINCIPALS, {"appId": made["appId"]}).json()
    credentials = f"{APPLICATIONS}/{made['id']}/federatedIdentityCredentials"
    trust = {"name": "main", "issuer": "https://gitlab.com", "subject": "s", "audiences": ["a"]}
    assert azure.graph("POST", credentials, trust).status_code == 201
    assert azure.graph("DELETE", f"{APPLICATIONS}/{made['id']}").status_code == 204
    for path in (f"{APPLICATIONS}/{made['id']}", f"{PRINCIPALS}/{principal['id']}", credentials):
        message = refused(azure.graph("GET", path), 404, "Request_ResourceNotFound")
        assert "does not exist or one of its queried reference-property objects are not present" in message
    assert azure.cloud.store.all("fic", f"{made['id']}/") == []


def test_a_principal_without_graph_permissions_is_refused(stranger: Any, refused: Refused) -> None:
    refused(stranger.graph("GET", APPLICATIONS), 403, "Authorization_RequestDenied")


def test_a_token_for_another_audience_is_refused(azure: Any, http: requests.Session, refused: Refused) -> None:
    other = azure.asking_for("https://management.azure.com").graph("GET", APPLICATIONS)
    assert "Invalid audience" in refused(other, 401, "InvalidAuthenticationToken")
    bare = http.get(f"https://graph.microsoft.com{APPLICATIONS}", timeout=10)
    assert refused(bare, 401, "InvalidAuthenticationToken") == "Access token is empty."


def test_a_body_that_is_not_json_is_refused(azure: Any, http: requests.Session, refused: Refused) -> None:
    token = azure.token("https://graph.microsoft.com")
    url = f"https://graph.microsoft.com{APPLICATIONS}"
    refused(http.post(url, "{", headers={"Authorization": f"Bearer {token}"}, timeout=10), 400, "BadRequest")


def test_an_application_needs_a_name(azure: Any, refused: Refused) -> None:
    refused(azure.graph("POST", APPLICATIONS, {}), 400, "Request_BadRequest")


def test_a_service_principal_is_nobody_without_its_own_permissions(azure: Any, refused: Refused) -> None:
    made = make(azure)
    principal = azure.graph("POST", PRINCIPALS, {"appId": made["appId"]}).json()
    job = azure.acting_as(Principal(made["appId"], principal["id"]))
    refused(job.graph("GET", f"{APPLICATIONS}/{made['id']}"), 403, "Authorization_RequestDenied")
