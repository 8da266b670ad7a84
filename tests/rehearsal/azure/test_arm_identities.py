"""User-assigned managed identities: principal, federated credentials, sign-in, roles."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential
from azure.keyvault.secrets import SecretClient

Refused = Callable[[requests.Response, int, str], str]
ISSUER = "https://gitlab.com"
MAIN = "project_path:acme/shop:ref_type:branch:ref:main"
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


def trust(subject: str | None = MAIN, **changes: Any) -> dict[str, Any]:
    return {"properties": {"issuer": ISSUER, "subject": subject, "audiences": [ISSUER], **changes}}


@pytest.fixture
def identity(group: str) -> str:
    return f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop"


@pytest.fixture
def made(azure: Any, identity: str) -> Any:
    """The properties of a new identity."""
    answer = azure.arm("PUT", identity, {"location": "westeurope"})
    assert answer.status_code == 201
    return answer.json()["properties"]


def test_an_identity_keeps_its_ids_and_has_a_principal_in_the_directory(azure: Any, identity: str, made: Any) -> None:
    assert made["tenantId"] == azure.cloud.tenant
    taken = {"location": "northeurope", "tags": {"a": "b"}, "properties": {"principalId": str(uuid.uuid4())}}
    again = azure.arm("PUT", identity, taken).json()
    assert (again["properties"], again["location"], again["tags"]) == (made, "westeurope", {"a": "b"})
    assert azure.arm("PATCH", identity, {"properties": {"clientId": "x"}}).json()["properties"] == made
    principal = azure.graph("GET", f"/v1.0/servicePrincipals/{made['principalId']}").json()
    assert (principal["appId"], principal["servicePrincipalType"]) == (made["clientId"], "ManagedIdentity")
    assert principal["alternativeNames"] == ["isExplicit=True", identity]


def test_a_job_signs_in_as_the_identity_and_reads_what_its_role_permits(
    azure: Any,
    identity: str,
    made: Any,
    new_vault: Callable[..., str],
    environment: dict[str, str],
    job_token: Callable[..., str],
) -> None:
    vault = new_vault()
    name = vault.rpartition("/")[2]
    azure.vault(name, "PUT", "/secrets/a", {"value": "v"})
    principal = type(azure.principal)(made["clientId"], made["principalId"])
    assert azure.give(SECRETS_USER, f"{vault}/secrets/a", principal).status_code == 201

    def read(branch: str) -> str | None:
        job = job_token("acme/shop", branch)
        with (
            ClientAssertionCredential(environment["AZURE_TENANT_ID"], made["clientId"], lambda: job) as credential,
            SecretClient(f"https://{name}.vault.azure.net", credential) as client,
        ):
            return client.get_secret("a").value

    with pytest.raises(ClientAuthenticationError, match="AADSTS70025"):
        read("main")
    assert azure.arm("PUT", f"{identity}/federatedIdentityCredentials/main", trust()).status_code == 201
    assert read("main") == "v"
    with pytest.raises(ClientAuthenticationError, match="AADSTS700213"):
        read("feature")
    assert azure.arm("DELETE", identity).status_code == 200
    with pytest.raises(ClientAuthenticationError, match="AADSTS700016"):
        read("main")


def test_a_deletion_takes_the_principal_and_the_credentials(
    azure: Any, group: str, identity: str, made: Any, refused: Refused
) -> None:
    path = f"{identity}/federatedIdentityCredentials/main"
    azure.arm("PUT", path, trust())
    azure.arm("DELETE", group)
    refused(azure.graph("GET", f"/v1.0/servicePrincipals/{made['principalId']}"), 404, "Request_ResourceNotFound")
    azure.arm("PUT", group, {"location": "westeurope"})
    assert azure.arm("PUT", identity, {"location": "westeurope"}).json()["properties"] != made
    refused(azure.arm("GET", path), 404, "ResourceNotFound")


def test_an_identity_has_no_secret(azure: Any, http: requests.Session, made: Any) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": made["clientId"],
        "client_secret": "x",
        "scope": "https://vault.azure.net/.default",
    }
    url = f"https://login.microsoftonline.com/{azure.cloud.tenant}/oauth2/v2.0/token"
    assert http.post(url, data=form, timeout=10).json()["error_codes"] == [7000215]


@pytest.mark.usefixtures("made")
def test_a_credential_reads_back_and_changes(azure: Any, identity: str) -> None:
    path = f"{identity}/federatedIdentityCredentials/main"
    assert azure.arm("PUT", path, trust()).status_code == 201
    assert azure.arm("PUT", path, trust("other", unknown=1)).status_code == 200
    read = azure.arm("GET", path).json()
    assert (read["name"], read["type"]) == (
        "main",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    )
    assert {key: read["properties"][key] for key in trust()["properties"]} == trust("other")["properties"]
    assert "unknown" not in read["properties"]
    assert azure.arm("GET", path.rpartition("/")[0]).json()["value"] == [read]
    assert [azure.arm("DELETE", path).status_code for _ in range(2)] == [200, 204]


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("ab", trust(), "3 to 120"),
        ("-main", trust(), "3 to 120"),
        ("main", trust(None), "must specify 'issuer', 'subject' and 'audience'"),
        # As flexible as can be: an identity takes no expression.
        ("main", trust(None, claimsMatchingExpression={"value": "x", "languageVersion": 1}), "must specify"),
        ("main", trust(issuer=""), "must specify"),
        ("main", trust(audiences=[]), "must specify"),
        ("main", trust(audiences=["a", "b"]), "Exactly one audience"),
        ("main", trust("s" * 601), "600 characters"),
    ],
)
def test_what_breaks_a_rule_of_credentials_is_refused(
    azure: Any, identity: str, refused: Refused, name: str, given: dict[str, Any], told: str
) -> None:
    answer = azure.arm("PUT", f"{identity}/federatedIdentityCredentials/{name}", given)
    assert told in refused(answer, 400, "BadRequest")


@pytest.mark.usefixtures("made")
def test_issuer_and_subject_are_unique_and_twenty_the_limit(azure: Any, identity: str, refused: Refused) -> None:
    path = f"{identity}/federatedIdentityCredentials"
    for number in range(20):
        assert azure.arm("PUT", f"{path}/fic-{number}", trust(f"s{number}")).status_code == 201
    assert azure.arm("PUT", f"{path}/fic-0", trust("s0")).status_code == 200
    message = refused(azure.arm("PUT", f"{path}/fic-0", trust("s1")), 400, "BadRequest")
    assert message == "Issuer and subject combination already exists for this Managed Identity."
    refused(azure.arm("PUT", f"{path}/fic-20", trust("s20")), 400, "BadRequest")


@pytest.mark.usefixtures("made")
def test_overlapping_writes_of_one_identitys_credentials_are_refused(
    azure: Any, group: str, identity: str, refused: Refused
) -> None:
    other = f"{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-other"
    azure.arm("PUT", other, {"location": "westeurope"})

    def write(number: int) -> requests.Response:
        return azure.arm("PUT", f"{identity}/federatedIdentityCredentials/fic-{number}", trust(f"s{number}"))

    with ThreadPoolExecutor(8) as pool:
        beside = pool.submit(azure.arm, "PUT", f"{other}/federatedIdentityCredentials/main", trust())
        answers = list(pool.map(write, range(6)))
    assert beside.result().status_code == 201
    lost = [answer for answer in answers if answer.status_code != 201]
    assert 0 < len(lost) < 6
    code = "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"
    for answer in lost:
        message = refused(answer, 409, code)
        assert message.startswith("Too many Federated Identity Credentials are written concurrently for the managed ")
        assert f"'{identity.lower()}'" in message
    assert write(9).status_code == 201


def test_a_credential_needs_its_identity(azure: Any, identity: str, refused: Refused) -> None:
    answer = azure.arm("PUT", f"{identity}/federatedIdentityCredentials/main", trust())
    refused(answer, 404, "ParentResourceNotFound")
