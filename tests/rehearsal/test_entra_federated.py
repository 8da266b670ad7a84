"""Federated sign-in over the wire; Azure's own client is the oracle wherever it sends the request at all."""

import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientAssertionCredential
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from rehearsal.keys import signing_key
from rehearsal.server import Running

VAULT = "https://vault.azure.net/.default"
MAIN = "project_path:acme/shop:ref_type:branch:ref:main"

Mint = Callable[..., str]
SignIn = Callable[[Any, str], str]
Refused = Callable[[Any, str], dict[str, Any]]


@pytest.fixture(scope="module")
def other_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def sign_in(environment: dict[str, str]) -> SignIn:
    """A function (application, assertion) → access token, through azure-identity."""

    def ask(application: Any, assertion: str) -> str:
        credential = ClientAssertionCredential(environment["AZURE_TENANT_ID"], application.app_id, lambda: assertion)
        with credential:
            return credential.get_token(VAULT).token

    return ask


@pytest.fixture
def refused(sign_in: SignIn) -> Refused:
    """A function (application, assertion) → the JSON of the refusal, beside `status`."""

    def ask(application: Any, assertion: str) -> dict[str, Any]:
        with pytest.raises(ClientAuthenticationError) as error:
            sign_in(application, assertion)
        response = error.value.response
        assert response is not None
        return {**json.loads(response.text()), "status": response.status_code}

    return ask


def outcome(refusal: dict[str, Any]) -> tuple[int, int, str]:
    return refusal["error_codes"][0], refusal["status"], refusal["error"]


def signed(cloud: Running, claims: dict[str, Any], **headers: Any) -> str:
    return signing_key(cloud.cloud.store, "gitlab").sign(claims, headers)


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_a_job_of_the_trusted_branch_gets_a_vault_token(
    cloud: Running, application: Any, job_token: Mint, sign_in: SignIn
):
    trusted = application(MAIN)
    claims = claims_of(sign_in(trusted, job_token("acme/shop")))
    assert (claims["appid"], claims["oid"], claims["tid"]) == (
        trusted.app_id,
        trusted.principal_id,
        cloud.cloud.tenant,
    )
    assert claims["aud"] == "https://vault.azure.net"
    assert claims["iss"] == f"https://sts.windows.net/{cloud.cloud.tenant}/"


def test_a_job_of_the_trusted_tag_gets_a_token(application: Any, job_token: Mint, sign_in: SignIn):
    trusted = application(MAIN, "project_path:acme/shop:ref_type:tag:ref:v1.0.0")
    assert sign_in(trusted, job_token("acme/shop", "v1.0.0", ref_type="tag"))


def test_a_token_of_another_branch_is_refused_with_700213(application: Any, job_token: Mint, refused: Refused):
    refusal = refused(application(MAIN), job_token("acme/shop", "feature"))
    assert outcome(refusal) == (700213, 401, "invalid_client")
    assert (
        "presented assertion subject 'project_path:acme/shop:ref_type:branch:ref:feature'."
        in (refusal["error_description"])
    )


def test_a_tag_of_the_trusted_branchs_name_is_refused_with_700213(application: Any, job_token: Mint, refused: Refused):
    assert outcome(refused(application(MAIN), job_token("acme/shop", ref_type="tag")))[0] == 700213


def test_a_token_of_another_project_is_refused_with_700213(application: Any, job_token: Mint, refused: Refused):
    assert outcome(refused(application(MAIN), job_token("evil/shop")))[0] == 700213


def test_a_subject_in_another_case_is_refused_with_7002138(application: Any, job_token: Mint, refused: Refused):
    refusal = refused(application(MAIN), job_token("Acme/Shop"))
    assert outcome(refusal)[0] == 7002138
    assert "but not with case-sensitive comparison" in refusal["error_description"]


def test_another_audience_is_refused_with_700212(application: Any, job_token: Mint, refused: Refused):
    refusal = refused(application(MAIN), job_token("acme/shop", audience="api://AzureADTokenExchange"))
    assert outcome(refusal) == (700212, 401, "invalid_client")
    assert "presented assertion audience 'api://AzureADTokenExchange'." in refusal["error_description"]


def test_an_issuer_that_the_application_does_not_name_is_refused_with_700211(
    application: Any, job_token: Mint, refused: Refused
):
    refusal = refused(application(MAIN), job_token("acme/shop", claims={"iss": "https://gitlab.example.com"}))
    assert outcome(refusal) == (700211, 401, "invalid_client")
    assert "presented assertion issuer 'https://gitlab.example.com'." in refusal["error_description"]


def test_an_issuer_out_of_reach_is_refused_with_501661(application: Any, job_token: Mint, refused: Refused):
    elsewhere = "https://gitlab.example.com"
    refusal = refused(
        application(MAIN, issuer=elsewhere, audience=elsewhere), job_token("acme/shop", claims={"iss": elsewhere})
    )
    assert outcome(refusal) == (501661, 400, "invalid_request")


def test_an_issuer_without_tls_is_refused_with_501661(application: Any, job_token: Mint, refused: Refused):
    plain = "http://gitlab.com"
    refusal = refused(application(MAIN, issuer=plain), job_token("acme/shop", claims={"iss": plain}))
    assert outcome(refusal)[0] == 501661


def test_an_expired_token_is_refused_with_700024(application: Any, job_token: Mint, refused: Refused):
    refusal = refused(application(MAIN), job_token("acme/shop", lifetime=-3600))
    assert outcome(refusal) == (700024, 401, "invalid_client")


def test_a_token_of_the_future_is_refused_with_700024(application: Any, job_token: Mint, refused: Refused):
    later = int(time.time()) + 3600
    refusal = refused(application(MAIN), job_token("acme/shop", claims={"nbf": later, "exp": later + 300}))
    assert outcome(refusal)[0] == 700024


def test_a_token_that_ended_a_minute_ago_still_holds(application: Any, job_token: Mint, sign_in: SignIn):
    assert sign_in(application(MAIN), job_token("acme/shop", lifetime=-60))


def test_a_token_signed_by_an_unknown_key_is_refused_with_7000272(
    application: Any, job_token: Mint, refused: Refused, other_key: RSAPrivateKey
):
    forged = jwt.encode(claims_of(job_token("acme/shop")), other_key, "RS256", {"kid": "forger"})
    refusal = refused(application(MAIN), forged)
    assert outcome(refusal) == (7000272, 401, "invalid_client")
    assert "The certificate with identifier forger used to sign" in refusal["error_description"]


def test_a_token_signed_by_another_key_under_gitlabs_kid_is_refused_with_700027(
    cloud: Running, application: Any, job_token: Mint, refused: Refused, other_key: RSAPrivateKey
):
    kid = signing_key(cloud.cloud.store, "gitlab").kid
    forged = jwt.encode(claims_of(job_token("acme/shop")), other_key, "RS256", {"kid": kid})
    assert outcome(refused(application(MAIN), forged))[0] == 700027


def test_claims_changed_after_signing_are_refused_with_700027(application: Any, job_token: Mint, refused: Refused):
    header, _, signature = job_token("acme/shop", "feature").split(".")
    payload = job_token("acme/shop").split(".")[1]
    assert outcome(refused(application(MAIN), f"{header}.{payload}.{signature}"))[0] == 700027


@pytest.mark.parametrize("mangled", ["AZURE_JWT", "a.b.c", "not a token at all", "eyJhbGciOiJSUzI1NiJ9.e30", "é.è.ê"])
def test_a_mangled_token_is_refused_with_50027(application: Any, refused: Refused, mangled: str):
    refusal = refused(application(MAIN), mangled)
    assert outcome(refusal) == (50027, 400, "invalid_request")
    assert mangled not in refusal["error_description"]


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp"])
def test_a_token_without_a_claim_that_decides_is_refused_with_50027(
    cloud: Running, application: Any, job_token: Mint, refused: Refused, claim: str
):
    claims = claims_of(job_token("acme/shop"))
    del claims[claim]
    assert outcome(refused(application(MAIN), signed(cloud, claims)))[0] == 50027


@pytest.mark.parametrize(
    "changed", [{"exp": "soon"}, {"exp": 1e300}, {"nbf": "x"}, {"aud": 7}, {"sub": ["x"]}, {"sub": "\ud800"}]
)
def test_a_token_with_a_claim_of_the_wrong_type_is_refused_with_50027(
    cloud: Running, application: Any, job_token: Mint, refused: Refused, changed: dict[str, Any]
):
    claims = {**claims_of(job_token("acme/shop")), **changed}
    assert outcome(refused(application(MAIN), signed(cloud, claims)))[0] == 50027


@pytest.mark.parametrize(("algorithm", "key"), [("none", ""), ("HS256", "secret" * 8)])
def test_another_algorithm_than_rs256_is_refused_with_5002738(
    cloud: Running, application: Any, job_token: Mint, refused: Refused, algorithm: str, key: str
):
    kid = signing_key(cloud.cloud.store, "gitlab").kid
    forged = jwt.encode(claims_of(job_token("acme/shop")), key, algorithm, {"kid": kid})
    refusal = refused(application(MAIN), forged)
    assert outcome(refusal) == (5002738, 400, "invalid_request")
    assert f"'{algorithm}' is not a supported signature algorithm" in refusal["error_description"]


def test_another_type_than_jwt_is_refused_with_5002727(
    cloud: Running, application: Any, job_token: Mint, refused: Refused
):
    refusal = refused(application(MAIN), signed(cloud, claims_of(job_token("acme/shop")), typ="at+jwt"))
    assert outcome(refusal) == (5002727, 400, "invalid_request")


@pytest.mark.parametrize("odd", [{"kid": "\ud800"}, {"typ": 5}, {"crit": ["x"], "x": 1}])
def test_a_header_of_odd_content_is_refused_with_50027(
    cloud: Running, application: Any, job_token: Mint, refused: Refused, odd: dict[str, Any]
):
    token = signed(cloud, claims_of(job_token("acme/shop")), **odd)
    assert outcome(refused(application(MAIN), token)) == (50027, 400, "invalid_request")


def test_an_application_without_federated_credentials_is_refused_with_70025(
    application: Any, job_token: Mint, refused: Refused
):
    assert outcome(refused(application(), job_token("acme/shop"))) == (70025, 401, "invalid_client")


def test_an_application_without_principal_is_refused_with_7000229(application: Any, job_token: Mint, refused: Refused):
    assert outcome(refused(application(MAIN, principal=False), job_token("acme/shop"))) == (
        7000229,
        400,
        "invalid_client",
    )


def test_gitlabs_keys_are_fetched_through_the_tunnel_and_kept(
    application: Any, job_token: Mint, sign_in: SignIn, http: requests.Session
):
    jwks = http.get("https://gitlab.com/oauth/discovery/keys", timeout=10).json()
    token = job_token("acme/shop")
    assert jwt.get_unverified_header(token)["kid"] in {key["kid"] for key in jwks["keys"]}
    assert sign_in(application(MAIN), token)
    assert sign_in(application(MAIN), job_token("acme/shop"))
