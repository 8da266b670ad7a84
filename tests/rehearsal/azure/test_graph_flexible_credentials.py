"""Flexible federated credentials: what Graph's beta takes, what it refuses, and what its v1.0 makes of them."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

Refused = Callable[[requests.Response, int, str], str]
INVALID = "InvalidFederatedIdentityCredentialValue"
EXPRESSION = "claims['sub'] matches 'project_path:acme/shop:*' and claims['project_id'] eq '7'"


def flexible(value: str | None = EXPRESSION, version: int | None = 1, **changes: Any) -> dict[str, Any]:
    given = {"name": "release", "issuer": "https://gitlab.com", "audiences": ["https://gitlab.com"], "subject": None}
    return {**given, "claimsMatchingExpression": {"value": value, "languageVersion": version}, **changes}


@pytest.fixture
def path(azure: Any) -> str:
    """The credentials of a new application, in beta."""
    made = azure.graph("POST", "/v1.0/applications", {"displayName": "shop"}).json()
    return f"/beta/applications/{made['id']}/federatedIdentityCredentials"


def test_a_flexible_credential_reads_back_in_beta_as_it_was_given(azure: Any, path: str) -> None:
    without_subject = {key: value for key, value in flexible().items() if key != "subject"}
    for given in (flexible(), {**without_subject, "name": "as-azuread-sends-it"}):
        made = azure.graph("POST", path, given).json()
        read = azure.graph("GET", f"{path}/{made['id']}").json()
        assert (read["subject"], read["claimsMatchingExpression"]) == (None, given["claimsMatchingExpression"])


def test_v1_0_takes_no_expression(azure: Any, path: str, refused: Refused) -> None:
    refused(azure.graph("POST", path.replace("beta", "v1.0"), flexible()), 400, "Request_BadRequest")


def test_v1_0_breaks_off_where_it_meets_a_flexible_credential(azure: Any, path: str) -> None:
    azure.graph("POST", path, flexible())
    answer = azure.graph("GET", path.replace("beta", "v1.0"))
    assert answer.status_code == 200
    assert '"issuer":"https://gitlab.com"{"error":{"code":"InternalServerError","message":"The property ' in answer.text
    assert "'subject[Nullable=False]' of type 'Edm.String' has a null value, which is not allowed." in answer.text
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_an_expression_without_an_immutable_claim_is_refused_as_observed(
    azure: Any, path: str, refused: Refused
) -> None:
    message = refused(azure.graph("POST", path, flexible("claims['sub'] matches 'project_path:acme/*'")), 400, INVALID)
    assert message.startswith(
        "Expression configured for issuer 'https://gitlab.com' either lacks all required claims or contains unallowed "
        "claims. paramName: FederatedIdentityCredential.ClaimsMatchingExpression, paramValue: claims['sub'] matches "
    )


@pytest.mark.parametrize(
    "given",
    [
        flexible(subject="project_path:acme/shop:ref_type:branch:ref:main"),
        flexible(issuer="https://git.example.com"),
        flexible("claims['sub'] like 'a' and claims['project_id'] eq '7'"),
        flexible(""),
        flexible(None),
        flexible(version=2),
        flexible(version=None),
        flexible(audiences=["a", "b"]),
        flexible(name="no"),
    ],
)
def test_what_breaks_a_rule_of_flexible_credentials_is_refused(
    azure: Any, path: str, refused: Refused, given: dict[str, Any]
) -> None:
    refused(azure.graph("POST", path, given), 400, INVALID)


def test_a_credential_may_become_flexible_and_exact_again(azure: Any, path: str, refused: Refused) -> None:
    made = azure.graph("POST", path, flexible()).json()
    here = f"{path}/{made['id']}"
    refused(azure.graph("PATCH", here, {"subject": "exact"}), 400, INVALID)
    exact = {"subject": "exact", "claimsMatchingExpression": None}
    assert azure.graph("PATCH", here, exact).status_code == 204
    assert azure.graph("GET", here.replace("beta", "v1.0")).json()["subject"] == "exact"
    back = {"subject": None, "claimsMatchingExpression": {"value": EXPRESSION, "languageVersion": 1}}
    assert azure.graph("PATCH", here, back).status_code == 204


def test_it_is_one_of_twenty(azure: Any, path: str, refused: Refused) -> None:
    for number in range(20):
        assert azure.graph("POST", path, flexible(name=f"fic-{number}")).status_code == 201
    refused(azure.graph("POST", path, flexible(name="fic-20")), 400, INVALID)
