import json
import re
import shlex

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvault_fetch import catalogue, claims, service_error
from keyvault_fetch.causes import diagnose
from keyvault_fetch.environment import Access
from keyvault_fetch.outcome import Cause, ExitCode, ServiceError, Wanted

KEY = "0" * 32
CLAIMS = {"iss": "https://gitlab.com", "sub": "project_path:a/b:ref_type:branch:ref:it's", "aud": "api", "exp": 1000}
TOKEN = jwt.encode(CLAIMS, KEY, "HS256")
ACCESS = Access("https://kv.vault.azure.net/", "client-id", "tenant-id", TOKEN)
WANTED = Wanted("PASSWORD", "db", None, file=True)
RBAC = (
    "Caller is not authorized to perform action on resource.\r\nCaller: appid=0f-1a;oid=2;iss=x\r\n"
    "Resource: '/subscriptions/s/resourcegroups/my group/providers/microsoft.keyvault/vaults/kv/secrets/db'\r\n"
)


def cause_of(code: str, status: int | None = None, message: str = "", wanted: Wanted = WANTED) -> Cause:
    return diagnose(ServiceError(status, code, message), ACCESS, wanted)


@pytest.mark.parametrize("code", catalogue.CATALOGUE)
def test_every_cause_of_the_catalogue_reads_well(code: str):
    cause = cause_of(code, 400)
    assert re.fullmatch(r"[a-z-]+", cause.id)
    assert not re.search(r"[{}]", cause.meaning)
    assert cause.mend
    assert cause.exit_code in (4, 5, 6, 7, 8)


def test_causes_of_one_id_have_one_exit_code():
    codes: dict[str, set[ExitCode]] = {}
    for cause in catalogue.CATALOGUE.values():
        codes.setdefault(cause.id, set()).add(cause.exit_code)
    assert all(len(each) == 1 for each in codes.values())


@pytest.mark.parametrize(
    ("status", "code", "exit_code"),
    [
        (400, "AADSTS99999999", ExitCode.ENTRA),
        (401, "invalid_client", ExitCode.ENTRA),
        (503, "AADSTS90033", ExitCode.UNREACHABLE),
        (429, "TooManyRequests", ExitCode.UNREACHABLE),
        (403, "ForbiddenBySomethingNew", ExitCode.VAULT),
        (404, "VaultNotFound", ExitCode.NOT_FOUND),
        (500, "InternalError", ExitCode.UNREACHABLE),
        (None, "Strange", ExitCode.UNREACHABLE),
    ],
)
def test_a_code_that_is_not_in_the_catalogue_is_classed_by_its_kind(status: int, code: str, exit_code: ExitCode):
    assert cause_of(code, status).exit_code == exit_code


def test_an_untrusted_subject_is_shown_with_issuer_and_audience_and_a_credential_to_add():
    cause = cause_of("AADSTS700213", 401)
    for value in (CLAIMS["iss"], CLAIMS["sub"], CLAIMS["aud"]):
        assert str(value) in cause.meaning
    words = shlex.split(cause.mend.splitlines()[1].partition(": ")[2])
    credential = json.loads(words[words.index("--parameters") + 1])
    assert (credential["issuer"], credential["subject"]) == (CLAIMS["iss"], CLAIMS["sub"])
    assert credential["audiences"] == [CLAIMS["aud"]]
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}", credential["name"])


def test_a_missing_role_is_mended_at_the_narrowest_scope_with_the_errors_own_values():
    words = shlex.split(cause_of("ForbiddenByRbac", 403, RBAC).mend)
    assert words[words.index("--assignee") + 1] == "0f-1a"
    assert words[words.index("--role") + 1] == "Key Vault Secrets User"
    assert words[words.index("--scope") + 1].endswith(
        "/resourcegroups/my group/providers/microsoft.keyvault/vaults/kv/secrets/db"
    )


def test_a_missing_role_is_mended_at_the_secret_when_the_error_names_no_resource():
    mend = cause_of("ForbiddenByRbac", 403).mend
    assert "--assignee client-id" in mend
    assert mend.endswith('--scope "$(az keyvault show --name kv --query id -o tsv)"/secrets/db')


def test_a_disabled_version_is_enabled_as_that_version():
    pinned = Wanted("PASSWORD", "db", "v1", file=True)
    assert "--name db --version v1 --enabled true" in cause_of("SecretDisabled", 403, wanted=pinned).mend


@given(
    st.characters().flatmap(lambda odd: st.text(odd + "'\" $`\\;|", max_size=9)),
    st.sampled_from(sorted(catalogue.CATALOGUE)),
)
def test_no_name_breaks_out_of_a_command(odd: str, code: str):
    name = service_error.printable(f"mark{odd}mark")
    mend = cause_of(code, 403, RBAC, Wanted("V", name, name, file=True)).mend
    assert "mark" not in mend.replace(shlex.quote(name), "")


@given(st.text(max_size=20))
def test_what_is_told_holds_no_control_characters(name: str):
    cause = cause_of("SecretNotFound", 404, wanted=Wanted("V", name, name, file=True))
    assert service_error.printable(cause.meaning + cause.mend) == cause.meaning + cause.mend


def test_a_token_that_is_not_a_jwt_still_has_a_cause():
    cause = diagnose(ServiceError(400, "AADSTS50027", "x"), Access("", "", "", "AZURE_JWT"), WANTED)
    assert cause.id == "malformed-token"
    assert "16.6" in cause.meaning


def test_claims_are_decoded_without_a_key():
    assert claims.decode(TOKEN) == claims.Claims(
        "https://gitlab.com", str(CLAIMS["sub"]), "api", "1970-01-01T00:16:40+00:00"
    )


@pytest.mark.parametrize("exp", [True, "soon", 1e300, float("nan"), None, -1e18])
def test_a_time_that_is_none_is_left_out(exp: object):
    decoded = claims.decode(jwt.encode({"aud": ["a", "b"], "when": exp}, KEY).replace("when", "exp"))
    assert decoded is not None
    assert decoded.audience == "a, b"
    assert decoded.issuer is None


@given(st.text(max_size=50) | st.tuples(*[st.text("abcdeyJw0_-=", max_size=20)] * 3).map(".".join))
def test_any_text_decodes_or_does_not(token: str):
    decoded = claims.decode(token)
    assert decoded is None or str(decoded)


ENTRA = {"error": "invalid_client", "error_description": "AADSTS700213: No match. Trace ID: t1 Timestamp: now"}


def test_entras_whole_description_is_kept_with_its_trace_id():
    error = service_error.from_entra(401, json.dumps(ENTRA))
    assert error == ServiceError(401, "AADSTS700213", ENTRA["error_description"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "Forbidden", "message": "m", "innererror": {"code": "ForbiddenByRbac"}}, "ForbiddenByRbac"),
        ({"code": "Unauthorized", "message": "AKV10022: Invalid audience."}, "AKV10022"),
        ({"code": "SecretNotFound", "message": "m"}, "SecretNotFound"),
        ({"code": "Forbidden", "message": "m", "innererror": None}, "Forbidden"),
        ({"code": 5, "message": "m"}, "UnexpectedAnswer"),
        ("no object", "UnexpectedAnswer"),
    ],
)
def test_a_vaults_inner_code_counts_first(body: object, code: str):
    assert service_error.from_vault(403, json.dumps({"error": body})).code == code


members = st.sampled_from(["error", "code", "message", "innererror", "error_description"])
json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(members, inner),
)


@given(st.text() | json_values.map(json.dumps))
def test_any_answer_is_an_error_with_a_code_and_words(body: str):
    for read in (service_error.from_entra, service_error.from_vault):
        error = read(400, body)
        assert (error.code, error.message) == (
            service_error.printable(error.code),
            service_error.printable(error.message),
        )


def test_a_token_in_a_services_words_is_not_repeated():
    assert TOKEN not in service_error.printable(f"bad assertion {TOKEN}!")


@given(st.text())
def test_printed_words_hold_no_control_characters(text: str):
    assert all(char == "\n" or char.isprintable() or char > "\x9f" for char in service_error.printable(text))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Unable to connect to proxy', OSError('Tunnel connection failed: 403 Forbidden')", "ProxyRefused"),
        ("HTTPSConnection(host='kv', port=443): Failed to resolve 'kv' ([Errno -2] unknown)", "HostNotFound"),
        ("SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate')", "CertificateNotTrusted"),
        ("Could not find a suitable TLS CA certificate bundle, invalid path: /nowhere", "CaBundleUnusable"),
        ("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found (_ssl.c:4154)", "CaBundleUnusable"),
        ("Read timed out. (read timeout=30)", "TimedOut"),
        ("Connection reset by peer", "ConnectionFailed"),
    ],
)
def test_what_kept_a_request_from_being_answered_is_named(words: str, code: str):
    assert service_error.from_connection(OSError(words), "https://kv").code == code
