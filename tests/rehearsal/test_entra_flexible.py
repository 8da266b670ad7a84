"""Sign-in by flexible credentials over the wire, made through Graph as a person would make them."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
import requests

from rehearsal.entra.access_token import Principal, issue
from rehearsal.server import Running

ISSUER = "https://gitlab.com"
Mint = Callable[..., str]


@dataclass
class Trusting:
    """An application made through Graph, and what it takes to ask for its tokens."""

    cloud: Running
    http: requests.Session
    app_id: str
    path: str

    def trust(self, name: str, **properties: Any) -> requests.Response:
        body = {"name": name, "issuer": ISSUER, "audiences": [ISSUER], **properties}
        return self.http.post(self.path, json=body, headers=deployer(self.cloud), timeout=10)

    def sign_in(self, assertion: str) -> int:
        """Return the AADSTS code of the refusal, 0 for none."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.app_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            "scope": "https://vault.azure.net/.default",
        }
        url = f"https://login.microsoftonline.com/{self.cloud.cloud.tenant}/oauth2/v2.0/token"
        answer = self.http.post(url, data=form, timeout=10)
        return 0 if answer.ok else answer.json()["error_codes"][0]


def deployer(cloud: Running) -> dict[str, str]:
    mine = next(each for each in cloud.cloud.store.all("servicePrincipal") if each["appId"] == cloud.cloud.client_id)
    token = issue(cloud.cloud, Principal(mine["appId"], mine["id"]), "https://graph.microsoft.com")
    return {"Authorization": f"Bearer {token}"}


def flexible(expression: str) -> dict[str, Any]:
    return {"claimsMatchingExpression": {"value": expression, "languageVersion": 1}}


@pytest.fixture
def trusting(cloud: Running, http: requests.Session) -> Trusting:
    graph, headers = "https://graph.microsoft.com/beta", deployer(cloud)
    name = {"displayName": f"flexible-{uuid.uuid4().hex[:8]}"}
    made = http.post(f"{graph}/applications", json=name, headers=headers, timeout=10).json()
    principal = {"appId": made["appId"]}
    assert http.post(f"{graph}/servicePrincipals", json=principal, headers=headers, timeout=10).status_code == 201
    path = f"{graph}/applications/{made['id']}/federatedIdentityCredentials"
    return Trusting(cloud, http, made["appId"], path)


def test_a_wildcard_trusts_every_ref_that_it_matches_and_no_other_project(trusting: Trusting, job_token: Mint):
    claims = jwt.decode(job_token("acme/shop"), options={"verify_signature": False})
    pinned = f"claims['project_id'] eq '{claims['project_id']}'"
    matching = "claims['sub'] matches 'project_path:acme/shop:ref_type:branch:ref:release/*'"
    assert trusting.trust("release", **flexible(f"{matching} and {pinned}")).status_code == 201
    assert trusting.sign_in(job_token("acme/shop", "release/1.4")) == 0
    for project, ref, options in (
        ("acme/shop", "main", {}),
        ("acme/shop", "Release/1.4", {}),
        ("acme/shop", "release/1.4", {"ref_type": "tag"}),
        ("evil/shop", "release/1.4", {}),
        # Whoever took the path over has another id.
        ("acme/shop", "release/1.4", {"claims": {"project_id": "1"}}),
    ):
        assert trusting.sign_in(job_token(project, ref, **options)) == 7002131
    assert trusting.sign_in(job_token("acme/shop", "release/1.4", audience="other")) == 7002121


def test_exact_and_flexible_credentials_trust_side_by_side(trusting: Trusting, job_token: Mint):
    main = "project_path:acme/shop:ref_type:branch:ref:main"
    assert trusting.trust("main", subject=main).status_code == 201
    assert trusting.sign_in(job_token("acme/shop", "v1")) == 700213
    tags = "claims['sub'] matches 'project_path:acme/shop:ref_type:tag:ref:v?' and claims['user_id'] eq '4242'"
    assert trusting.trust("tags", **flexible(tags)).status_code == 201
    assert trusting.sign_in(job_token("acme/shop")) == 0
    assert trusting.sign_in(job_token("acme/shop", "v1", ref_type="tag")) == 0
    assert trusting.sign_in(job_token("acme/shop", "v10", ref_type="tag")) == 7002131
    assert trusting.sign_in(job_token("Acme/shop")) == 7002138
