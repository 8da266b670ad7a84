"""The other side for the fetch module: a rehearsal with a vault, its secrets, and applications that may read them."""

import io
import json
import logging
import os
import re
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from keyvault_fetch import cli
from keyvault_fetch.patience import Patience
from rehearsal.gitlab import id_tokens
from rehearsal.server import Running, running

VALUES = {"db": "canary-db-Zk3\nsecond line\n", "api": "canary-api-Qp9", "off": "canary-off-Tt1"}
SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
IMPATIENT = Patience(retries=1, backoff=0, connect_timeout=2, read_timeout=5)
JWT = re.compile(r"eyJ[\w-]+\.[\w-]+")


class Administrator:
    """The person who may deploy, over HTTPS."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.subscription = environment["AZURE_SUBSCRIPTION_ID"]
        self._environment = environment
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.proxies = {"https": environment["HTTPS_PROXY"]}
        self._http.verify = environment["REQUESTS_CA_BUNDLE"]
        self._tokens: dict[str, str] = {}

    def put(self, url: str, body: dict[str, Any], resource: str = "https://management.azure.com") -> dict[str, Any]:
        return self.send("PUT", url, body, resource)

    def send(self, method: str, url: str, body: dict[str, Any], resource: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token(resource)}"}
        answer = self._http.request(method, url, json=body, headers=headers)
        assert answer.ok, answer.text
        return answer.json()

    def close(self) -> None:
        self._http.close()

    def _token(self, resource: str) -> str:
        if resource not in self._tokens:
            url = f"https://login.microsoftonline.com/{self._environment['AZURE_TENANT_ID']}/oauth2/v2.0/token"
            form = {
                "grant_type": "client_credentials",
                "client_id": self._environment["AZURE_CLIENT_ID"],
                "client_secret": self._environment["AZURE_CLIENT_SECRET"],
                "scope": f"{resource}/.default",
            }
            self._tokens[resource] = self._http.post(url, form).json()["access_token"]
        return self._tokens[resource]


@dataclass(frozen=True)
class Chain:
    """What a deployed stack leaves: a vault, an application that reads all of it and one that reads only `db`."""

    running: Running
    tenant: str
    vault_id: str
    vault_url: str
    reader: str
    narrow: str
    versions: dict[str, str]

    def environ(self, **changes: str) -> dict[str, str]:
        """Return a job's environment: of project acme/shop on branch main, with the changes."""
        return {
            "PATH": os.environ["PATH"],
            "AZURE_KEY_VAULT_SERVER_URL": self.vault_url,
            "AZURE_CLIENT_ID": self.reader,
            "AZURE_TENANT_ID": self.tenant,
            "AZURE_JWT": self.token(),
            **changes,
        }

    def token(self, project: str = "acme/shop", ref: str = "main", **options: Any) -> str:
        """Return an ID token of a job."""
        return id_tokens.job_token(self.running.cloud, project, ref, **options)


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Generator[Chain]:
    with running(tmp_path_factory.mktemp("rehearsal") / "state") as started:
        administrator = Administrator(started.environment)
        yield deploy(started, administrator)
        administrator.close()


def deploy(started: Running, administrator: Administrator) -> Chain:
    arm = "https://management.azure.com"
    group = f"/subscriptions/{administrator.subscription}/resourceGroups/rg-fetch"
    administrator.put(f"{arm}{group}?api-version=2024-03-01", {"location": "westeurope"})
    vault_id = f"{group}/providers/Microsoft.KeyVault/vaults/kv-fetch"
    properties = {"tenantId": started.cloud.tenant, "sku": {"family": "A", "name": "standard"}}
    vault = {"location": "westeurope", "properties": {**properties, "enableRbacAuthorization": True}}
    administrator.put(f"{arm}{vault_id}?api-version=2024-11-01", vault)
    reader, narrow = application(started), application(started)
    grant(administrator, vault_id, reader[1])
    grant(administrator, f"{vault_id}/secrets/db", narrow[1])
    url = "https://kv-fetch.vault.azure.net/"
    versions: dict[str, str] = {}
    for name, value in {"old": "canary-old", **VALUES}.items():
        secret = "db" if name == "old" else name
        attributes = {"enabled": name != "off"}
        body = {"value": value}
        set_ = administrator.put(f"{url}secrets/{secret}?api-version=7.4", body, "https://vault.azure.net")
        versions[name] = set_["id"].rsplit("/", 1)[1]
        if not attributes["enabled"]:
            where = f"{url}secrets/{secret}/{versions[name]}?api-version=7.4"
            administrator.send("PATCH", where, {"attributes": attributes}, "https://vault.azure.net")
    for name, times in {"expired": {"exp": 1577934245}, "early": {"nbf": 4102444800}}.items():
        body = {"value": f"canary-{name}", "attributes": times}
        administrator.put(f"{url}secrets/{name}?api-version=7.4", body, "https://vault.azure.net")
    return Chain(started, started.cloud.tenant, vault_id, url, reader[0], narrow[0], versions)


def application(started: Running) -> tuple[str, str]:
    """Return (client id, principal id) of a new application that trusts acme/shop's branch main."""
    object_id, app_id, principal = (str(uuid.uuid4()) for _ in range(3))
    store = started.cloud.store
    store.put("application", object_id, {"id": object_id, "appId": app_id, "displayName": "fetch"})
    store.put("servicePrincipal", principal, {"id": principal, "appId": app_id, "displayName": "fetch"})
    credential = {
        "id": "1",
        "name": "main",
        "issuer": "https://gitlab.com",
        "subject": "project_path:acme/shop:ref_type:branch:ref:main",
        "audiences": ["https://gitlab.com"],
    }
    store.put("fic", f"{object_id}/1", credential)
    return app_id, principal


def grant(administrator: Administrator, scope: str, principal: str) -> None:
    role = (
        f"/subscriptions/{administrator.subscription}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}"
    )
    body = {"roleDefinitionId": role, "principalId": principal, "principalType": "ServicePrincipal"}
    url = f"https://management.azure.com{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    administrator.put(f"{url}?api-version=2022-04-01", {"properties": body})


class Stream(io.StringIO):
    """A stream in memory that may pretend to be a terminal."""

    def __init__(self, terminal: bool) -> None:  # noqa: FBT001
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@dataclass
class Said:
    """What a call of the command line left: exit code, both streams, and every log record from DEBUG up."""

    code: int
    out: str
    err: str
    logged: str
    document: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def only(self) -> dict[str, Any]:
        """The single secret of a `--json` report."""
        (secret,) = self.document["secrets"]
        return secret


Fetch = Callable[..., Said]


@pytest.fixture
def fetch(chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Fetch:
    """A function (*secrets, verb="check", options…, **changes of the environment) that runs the command line on a job.

    A secret is (variable, name[, more of its YAML]). Whatever happens, no value and no token may show.
    """
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, chain.running.environment[name])
    caplog.set_level(logging.DEBUG)
    # The served side runs in this process; its HTTP library's own log is not ours.
    caplog.set_level(logging.INFO, "asyncio")

    def run(
        *secrets: tuple[str, ...], args: tuple[str, ...] = ("check", "--json"), terminal: bool = False, **changes: str
    ) -> Said:
        path = ci_file(tmp_path, secrets)
        environ = chain.environ(**changes)
        out, err = Stream(terminal), io.StringIO()
        verb, *rest = args
        code = cli.main([verb, "--job", "job", "--file", str(path), *rest], environ, out, err, IMPATIENT)
        said = Said(code, out.getvalue(), err.getvalue(), caplog.text)
        assert_nothing_secret(said.out + said.err + said.logged, environ["AZURE_JWT"])
        if "--json" in args:
            said.document = json.loads(said.out)
            assert said.document["exit_code"] == code
        return said

    return run


def ci_file(directory: Path, secrets: tuple[tuple[str, ...], ...]) -> Path:
    lines = ["job:", "  id_tokens: {AZURE_JWT: {aud: 'https://gitlab.com'}}", "  secrets:"]
    for variable, name, *more in secrets:
        vault, *rest = [*more, ""]
        lines.append(f"    {variable}: {{azure_key_vault: {{name: '{name}', {vault}}}, {', '.join(rest)}}}")
    path = directory / ".gitlab-ci.yml"
    path.write_text("\n".join(lines))
    return path


def assert_nothing_secret(text: str, token: str) -> None:
    assert "canary" not in text
    assert not JWT.search(text)
    # A mangled or literal token is no JWT: it is looked for itself.
    assert len(token) < 20 or token not in text
