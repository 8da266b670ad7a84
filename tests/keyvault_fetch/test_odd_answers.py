"""What no rehearsal plays: answers that are cut, of the wrong kind, redirected, or a proxy's."""

import io
import json
from collections.abc import Callable, Generator, Mapping

import pytest
import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import BaseAdapter

from keyvault_fetch.environment import Access
from keyvault_fetch.outcome import Outcome, Wanted
from keyvault_fetch.patience import Patience
from keyvault_fetch.resolve import resolve

TENANT = "11111111-2222-3333-4444-555555555555"
ACCESS = Access("https://odd.vault.azure.net", "client", TENANT, "canary.id.token")
TOKEN: dict[str, object] = {"access_token": "canary-access-token", "expires_in": 3599, "token_type": "Bearer"}
SECRET: dict[str, object] = {"value": "canary", "id": "https://odd.vault.azure.net/secrets/x/v1", "attributes": {}}
CHALLENGE = f'Bearer authorization="https://login.windows.net/{TENANT}", resource="https://vault.azure.net"'
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
GRANTED = (200, JSON, json.dumps(TOKEN))
FOUND = (200, JSON, json.dumps(SECRET))

Answer = tuple[int, Mapping[str, str], str]


class Services(BaseAdapter):
    """Entra and a vault that give fixed answers; counts requests by host."""

    def __init__(self, entra: Answer, vault: Answer) -> None:
        super().__init__()
        self.entra, self.vault = entra, vault
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, *_args: object, **_kwargs: object) -> requests.Response:
        host = str(request.url).split("/")[2]
        self.asked.append(host)
        if host == "login.microsoftonline.com":
            answer = self.entra
        elif "Authorization" in request.headers:
            answer = self.vault
        else:
            answer = 401, {"WWW-Authenticate": CHALLENGE}, "{}"
        status, headers, body = answer
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = io.BytesIO(body.encode())
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        pass


Ask = Callable[..., tuple[list[Outcome], list[str]]]


@pytest.fixture
def ask() -> Generator[Ask]:
    """A function (entra=, vault=, names=) → the outcomes, and the hosts that were asked."""
    with requests.Session() as session:

        def run(
            entra: Answer = GRANTED, vault: Answer = FOUND, names: tuple[str, ...] = ("x",)
        ) -> tuple[list[Outcome], list[str]]:
            services = Services(entra, vault)
            session.mount("https://", services)
            transport = RequestsTransport(session=session, session_owner=False)
            wanted = [Wanted(name.upper(), name, None, file=True) for name in names]
            return resolve(ACCESS, wanted, Patience(retries=1, backoff=0), transport), services.asked

        yield run


def test_one_token_serves_all_secrets(ask: Ask):
    outcomes, asked = ask(names=("x", "y", "z"))
    assert [outcome.value for outcome in outcomes] == ["canary"] * 3
    assert asked.count("login.microsoftonline.com") == 1


REDIRECT = {"Location": "https://elsewhere.example/secrets/x"}
ODD = {
    "no value": ((200, JSON, '{"id": "https://odd.vault.azure.net/secrets/x/v1"}'), "NullValue", 7),
    "a null value": ((200, JSON, json.dumps({**SECRET, "value": None})), "NullValue", 7),
    "a list": ((200, JSON, '["canary"]'), "UnexpectedAnswer", 8),
    "an id that is none": ((200, JSON, json.dumps({**SECRET, "id": "canary"})), "UnexpectedAnswer", 8),
    "cut JSON": ((200, JSON, '{"value": "canary'), "UnexpectedAnswer", 8),
    "a proxy's page": ((200, HTML, "<html>canary</html>"), "UnexpectedAnswer", 8),
    "a proxy's refusal": ((403, HTML, "<html>canary</html>"), "UnexpectedAnswer", 8),
    "a redirect": ((302, REDIRECT, ""), "Redirected", 8),
    "too many requests": (
        (429, {**JSON, "Retry-After": "0"}, '{"error": {"code": "Throttled", "message": "slower"}}'),
        "Throttled",
        8,
    ),
    "a server's error": ((500, JSON, '{"error": {"code": "InternalError", "message": "oops"}}'), "InternalError", 8),
    "a token for another cloud": (
        (401, JSON, '{"error": {"code": "Unauthorized", "message": "AKV10022: Invalid audience."}}'),
        "AKV10022",
        6,
    ),
    "a firewall": (
        (403, JSON, '{"error": {"code": "Forbidden", "message": "no", "innererror": {"code": "ForbiddenByFirewall"}}}'),
        "ForbiddenByFirewall",
        6,
    ),
}


@pytest.mark.parametrize(("vault", "code", "exit_code"), ODD.values(), ids=ODD)
def test_an_odd_answer_of_the_vault_is_an_outcome(ask: Ask, vault: Answer, code: str, exit_code: int):
    (outcome,), asked = ask(vault=vault)
    assert outcome.failure is not None
    assert (outcome.failure.error.code, outcome.failure.cause.exit_code) == (code, exit_code)
    assert "canary" not in repr(outcome)
    assert "elsewhere.example" not in asked


def test_an_odd_answer_for_one_secret_does_not_keep_the_next_from_being_asked(ask: Ask):
    outcomes, asked = ask(vault=(200, JSON, '["canary"]'), names=("x", "y"))
    assert [outcome.failure is None for outcome in outcomes] == [False, False]
    assert asked[-2:] == ["odd.vault.azure.net"] * 2


ODD_TOKENS = {
    "a proxy's page": ((200, HTML, "<html>canary</html>"), "UnexpectedAnswer", 8),
    "a proxy's refusal": ((403, HTML, "<html>canary error</html>"), "UnexpectedAnswer", 8),
    "no token": ((200, JSON, "{}"), "UnexpectedAnswer", 8),
    "a token that breaks the header": (
        (200, JSON, json.dumps({**TOKEN, "access_token": "canary\n"})),
        "UnexpectedAnswer",
        8,
    ),
    "a number for a token": ((200, JSON, json.dumps({**TOKEN, "access_token": 5})), "UnexpectedAnswer", 8),
    "a word for a lifetime": ((200, JSON, json.dumps({**TOKEN, "expires_in": "soon"})), "UnexpectedAnswer", 8),
    "cut JSON": ((200, JSON, '{"access_token": "canary'), "UnexpectedAnswer", 8),
    "an error without a code": (
        (400, JSON, '{"error": "invalid_client", "error_description": "no"}'),
        "invalid_client",
        5,
    ),
    "a redirect": ((307, REDIRECT, ""), "UnexpectedAnswer", 8),
    "an outage": (
        (503, JSON, '{"error": "temporarily_unavailable", "error_description": "AADSTS90033: later"}'),
        "AADSTS90033",
        8,
    ),
}


@pytest.mark.parametrize(("entra", "code", "exit_code"), ODD_TOKENS.values(), ids=ODD_TOKENS)
def test_an_odd_answer_of_entra_is_an_outcome_of_every_secret(ask: Ask, entra: Answer, code: str, exit_code: int):
    outcomes, asked = ask(entra=entra, names=("x", "y"))
    assert len(outcomes) == 2
    for outcome in outcomes:
        assert outcome.failure is not None
        assert (outcome.failure.error.code, outcome.failure.cause.exit_code) == (code, exit_code)
        assert "canary" not in repr(outcome)
    assert "elsewhere.example" not in asked
    assert asked.count("login.microsoftonline.com") <= 2  # a retry of an outage, never a second exchange
