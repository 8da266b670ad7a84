"""Federated identity credentials: what Graph accepts, and how it refuses."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
import requests

Refused = Callable[[requests.Response, int, str], str]
INVALID = "InvalidFederatedIdentityCredentialValue"
SUBJECT = "project_path:acme/shop:ref_type:branch:ref:main"


def trust(name: str = "main", **changes: Any) -> dict[str, Any]:
    given = {"name": name, "issuer": "https://gitlab.com", "subject": SUBJECT, "audiences": ["https://gitlab.com"]}
    return {**given, "description": None, **changes}


@pytest.fixture
def path(azure: Any) -> str:
    """The federated identity credentials of a new application."""
    made = azure.graph("POST", "/v1.0/applications", {"displayName": "shop"}).json()
    return f"/v1.0/applications/{made['id']}/federatedIdentityCredentials"


def test_a_credential_reads_back_as_it_was_given(azure: Any, path: str) -> None:
    answer = azure.graph("POST", path, trust())
    assert answer.status_code == 201
    made = answer.json()
    for key in (made["id"], "main"):
        read = azure.graph("GET", f"{path}/{key}").json()
        assert {name: read[name] for name in trust()} == trust()
        assert read["id"] == made["id"]
    assert [each["id"] for each in azure.graph("GET", path).json()["value"]] == [made["id"]]


def test_an_update_changes_everything_but_the_name(azure: Any, path: str, refused: Refused) -> None:
    made = azure.graph("POST", path, trust()).json()
    assert azure.graph("PATCH", f"{path}/{made['id']}", trust(subject="other")).status_code == 204
    assert azure.graph("GET", f"{path}/{made['id']}").json()["subject"] == "other"
    refused(azure.graph("PATCH", f"{path}/{made['id']}", {"name": "renamed"}), 400, INVALID)


def test_a_deleted_credential_is_gone(azure: Any, path: str, refused: Refused) -> None:
    made = azure.graph("POST", path, trust()).json()
    assert azure.graph("DELETE", f"{path}/{made['id']}").status_code == 204
    refused(azure.graph("GET", f"{path}/{made['id']}"), 404, "Request_ResourceNotFound")


def test_issuer_and_subject_are_unique_in_an_application(azure: Any, path: str, refused: Refused) -> None:
    azure.graph("POST", path, trust())
    message = refused(azure.graph("POST", path, trust("twin")), 400, INVALID)
    assert message == (
        "The combination of issuer and subject must be unique for the application. Issuer https://gitlab.com and "
        f"Subject: {SUBJECT} already exist. paramName: FederatedIdentityCredential.Subject, paramValue: {SUBJECT}, "
        "objectType: Microsoft.Online.DirectoryServices.Application"
    )
    assert azure.graph("POST", path, trust("other", issuer="https://gitlab.example.com")).status_code == 201
    changed = azure.graph("PATCH", f"{path}/other", {"issuer": "https://gitlab.com"})
    refused(changed, 400, INVALID)


def test_a_name_is_unique_in_an_application(azure: Any, path: str, refused: Refused) -> None:
    azure.graph("POST", path, trust())
    message = refused(azure.graph("POST", path, trust(subject="other")), 409, "Request_MultipleObjectsWithSameKeyValue")
    assert message == "FederatedIdentityCredential with name main already exists."


def test_an_application_takes_twenty_credentials(azure: Any, path: str, refused: Refused) -> None:
    for number in range(20):
        assert azure.graph("POST", path, trust(f"fic-{number}", subject=f"s{number}")).status_code == 201
    refused(azure.graph("POST", path, trust("fic-20", subject="s20")), 400, INVALID)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "ab"},
        {"name": "a" * 121},
        {"name": "-main"},
        {"name": "ma in"},
        {"name": None},
        {"audiences": []},
        {"audiences": ["a", "b"]},
        {"audiences": None},
        {"audiences": ["a" * 601]},
        {"issuer": None},
        {"issuer": "https://" + "a" * 600},
        {"subject": None},
        {"subject": "s" * 601},
        {"description": "d" * 601},
    ],
)
def test_what_breaks_a_rule_is_refused(azure: Any, path: str, refused: Refused, changes: dict[str, Any]) -> None:
    refused(azure.graph("POST", path, trust(**changes)), 400, INVALID)


def test_the_longest_values_are_accepted(azure: Any, path: str) -> None:
    longest = trust("a" * 120, subject="s" * 600, description="d" * 600, audiences=["a" * 600])
    assert azure.graph("POST", path, longest).status_code == 201


def test_an_exact_credential_made_in_beta_is_not_flexible(azure: Any, path: str) -> None:
    for number, more in enumerate(({}, {"claimsMatchingExpression": None})):
        made = azure.graph("POST", path.replace("v1.0", "beta"), trust(f"fic-{number}", subject=f"s{number}", **more))
        assert "claimsMatchingExpression" not in made.json()


def test_a_credential_of_a_missing_application_is_not_found(azure: Any, refused: Refused) -> None:
    missing = f"/v1.0/applications/{uuid.uuid4()}/federatedIdentityCredentials"
    refused(azure.graph("POST", missing, trust()), 404, "Request_ResourceNotFound")
