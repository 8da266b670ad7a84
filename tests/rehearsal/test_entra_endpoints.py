"""Discovery, keys, the client secret, and the requests that Azure's client would not send."""

import re
from typing import Any

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential, EnvironmentCredential

from rehearsal.server import Running

LOGIN = "https://login.microsoftonline.com"


@pytest.fixture
def form(cloud: Running) -> dict[str, str]:
    """The deploying person's token request."""
    return {
        "grant_type": "client_credentials",
        "client_id": cloud.environment["AZURE_CLIENT_ID"],
        "client_secret": cloud.environment["AZURE_CLIENT_SECRET"],
        "scope": "https://management.azure.com/.default",
    }


@pytest.fixture
def ask(cloud: Running, http: requests.Session):
    """A function (form, tenant=…, **headers) → the token endpoint's response."""

    def post(form: dict[str, str], tenant: str = cloud.cloud.tenant, **headers: str) -> requests.Response:
        return http.post(f"{LOGIN}/{tenant}/oauth2/v2.0/token", data=form, headers=headers, timeout=10)

    return post


def outcome(response: requests.Response) -> tuple[int, int, str]:
    body = response.json()
    return body["error_codes"][0], response.status_code, body["error"]


def test_the_environment_signs_in_with_azures_own_client(environment: dict[str, str]):
    with EnvironmentCredential() as credential:
        token = credential.get_token("https://management.azure.com/.default").token
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["appid"] == environment["AZURE_CLIENT_ID"]
    assert claims["idtyp"] == "app"


def test_a_wrong_secret_is_refused_with_7000215(environment: dict[str, str]):
    tenant, client = environment["AZURE_TENANT_ID"], environment["AZURE_CLIENT_ID"]
    with (
        ClientSecretCredential(tenant, client, "wrong") as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215: Invalid client secret provided"),
    ):
        credential.get_token("https://management.azure.com/.default")


def test_an_access_token_verifies_against_the_published_keys(form: dict[str, str], ask: Any, http: requests.Session):
    token = ask(form).json()["access_token"]
    configuration = http.get(f"{LOGIN}/{form['client_id']}/v2.0/.well-known/openid-configuration", timeout=10)
    assert configuration.status_code == 400
    tenant = jwt.decode(token, options={"verify_signature": False})["tid"]
    document = http.get(f"{LOGIN}/{tenant}/v2.0/.well-known/openid-configuration", timeout=10).json()
    keys = jwt.PyJWKSet.from_dict(http.get(document["jwks_uri"], timeout=10).json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    assert jwt.decode(token, key, ["RS256"], audience="https://management.azure.com")["tid"] == tenant


def test_an_answer_tells_type_and_lifetime_of_the_token(form: dict[str, str], ask: Any):
    body = ask(form).json()
    assert (body["token_type"], body["expires_in"], body["ext_expires_in"]) == ("Bearer", 3599, 3599)


@pytest.mark.parametrize("host", ["login.microsoftonline.com", "login.windows.net"])
def test_instance_discovery_leads_to_the_tenants_configuration(cloud: Running, http: requests.Session, host: str):
    tenant = cloud.cloud.tenant
    query = {"api-version": "1.1", "authorization_endpoint": f"https://{host}/{tenant}/oauth2/v2.0/authorize"}
    found = http.get(f"https://{host}/common/discovery/instance", params=query, timeout=10).json()
    configuration = http.get(found["tenant_discovery_endpoint"], timeout=10).json()
    assert configuration["token_endpoint"] == f"{LOGIN}/{tenant}/oauth2/v2.0/token"
    assert configuration["issuer"] == f"{LOGIN}/{tenant}/v2.0"


@pytest.mark.parametrize(
    ("scope", "audience"),
    [
        ("https://vault.azure.net/.default openid offline_access profile", "https://vault.azure.net"),
        ("https://management.core.windows.net//.default", "https://management.core.windows.net/"),
        ("https://graph.microsoft.com/.default", "https://graph.microsoft.com"),
    ],
)
def test_the_scope_decides_the_audience(form: dict[str, str], ask: Any, scope: str, audience: str):
    token = ask({**form, "scope": scope}).json()["access_token"]
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == audience


def test_an_unknown_resource_is_refused_with_500011(form: dict[str, str], ask: Any):
    answer = ask({**form, "scope": "https://example.com/.default"})
    assert outcome(answer) == (500011, 400, "invalid_resource")
    assert "The resource principal named https://example.com was not found" in answer.json()["error_description"]


@pytest.mark.parametrize(
    "scope",
    ["https://vault.azure.net/user_impersonation", "openid", "https://vault.azure.net/.default https://x/.default"],
)
def test_a_scope_that_is_not_one_default_is_refused_with_1002012(form: dict[str, str], ask: Any, scope: str):
    assert outcome(ask({**form, "scope": scope})) == (1002012, 400, "invalid_scope")


def test_an_unknown_tenant_is_refused_with_90002(form: dict[str, str], ask: Any, http: requests.Session):
    unknown = "00000000-0000-0000-0000-000000000000"
    assert outcome(ask(form, unknown)) == (90002, 400, "invalid_request")
    discovery = http.get(f"{LOGIN}/{unknown}/v2.0/.well-known/openid-configuration", timeout=10)
    assert outcome(discovery) == (90002, 400, "invalid_tenant")


def test_an_unknown_application_is_refused_with_700016(form: dict[str, str], ask: Any):
    answer = ask({**form, "client_id": "11111111-1111-1111-1111-111111111111"})
    assert outcome(answer) == (700016, 400, "unauthorized_client")


@pytest.mark.parametrize("name", ["grant_type", "client_id", "scope"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_empty_parameter_is_refused_with_900144(
    form: dict[str, str], ask: Any, name: str, value: str | None
):
    del form[name]
    answer = ask(form if value is None else {**form, name: value})
    assert outcome(answer) == (900144, 400, "invalid_request")
    assert f"must contain the following parameter: '{name}'" in answer.json()["error_description"]


def test_an_empty_assertion_is_refused_with_900144(form: dict[str, str], ask: Any):
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    answer = ask({**form, "client_assertion_type": kind, "client_assertion": ""})
    assert outcome(answer)[0] == 900144


def test_no_credential_at_all_is_refused_with_7000218(form: dict[str, str], ask: Any):
    del form["client_secret"]
    assert outcome(ask(form)) == (7000218, 401, "invalid_client")


def test_another_grant_is_refused_with_70003(form: dict[str, str], ask: Any):
    assert outcome(ask({**form, "grant_type": "password"})) == (70003, 400, "unsupported_grant_type")


def test_a_refusal_echoes_the_request_id_and_never_the_secret(form: dict[str, str], ask: Any):
    answer = ask({**form, "client_secret": "hunter2"}, **{"client-request-id": "c0ffee"}).json()
    assert answer["correlation_id"] == "c0ffee"
    description = (
        rf"AADSTS7000215: .* Trace ID: {answer['trace_id']} Correlation ID: c0ffee Timestamp: {answer['timestamp']}"
    )
    assert re.fullmatch(description, answer["error_description"])
    assert answer["error_uri"] == f"{LOGIN}/error?code=7000215"
    assert "hunter2" not in str(answer)


def test_a_body_that_is_no_text_is_refused_as_a_missing_parameter(cloud: Running, http: requests.Session):
    url = f"{LOGIN}/{cloud.cloud.tenant}/oauth2/v2.0/token"
    answer = http.post(url, data=b"\xff\xfe", timeout=10)
    assert outcome(answer)[0] == 900144
