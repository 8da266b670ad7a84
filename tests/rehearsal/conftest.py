"""A running rehearsal a test process, and what tests of every service need of it."""

import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from rehearsal.gitlab import id_tokens
from rehearsal.server import Running, running

ISSUER = "https://gitlab.com"


@dataclass(frozen=True)
class Application:
    """An application of the store: its own id, its appId, and the ids beside it."""

    object_id: str
    app_id: str
    principal_id: str


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A rehearsal of this test process; its state is shared by the tests, so use names of your own."""
    with running(tmp_path_factory.mktemp("rehearsal") / "state") as started:
        yield started


@pytest.fixture(scope="session")
def state(cloud: Running) -> Path:
    """The state directory of the running rehearsal."""
    return Path(cloud.environment["REHEARSAL_STATE"])


@pytest.fixture
def environment(cloud: Running, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The rehearsal's environment, set in this process for the test (Azure's own clients read it)."""
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return cloud.environment


@pytest.fixture(scope="session")
def http(cloud: Running) -> Generator[requests.Session]:
    """A session that reaches the played hosts by their real names."""
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": cloud.environment["HTTPS_PROXY"]}
        session.verify = cloud.environment["SSL_CERT_FILE"]
        yield session


@pytest.fixture
def job_token(cloud: Running) -> Callable[..., str]:
    """A function (project_path, ref="main", **options of id_tokens.job_token) that mints a job's ID token."""

    def mint(project_path: str, ref: str = "main", **options: Any) -> str:
        return id_tokens.job_token(cloud.cloud, project_path, ref, **options)

    return mint


@pytest.fixture
def application(cloud: Running) -> Callable[..., Application]:
    """A function (subjects…, principal=True) that puts an application into the store, trusting GitLab's subjects."""

    def create(*subjects: str, issuer: str = ISSUER, audience: str = ISSUER, principal: bool = True) -> Application:
        created = Application(str(uuid.uuid4()), str(uuid.uuid4()), str(uuid.uuid4()))
        store = cloud.cloud.store
        names = {"appId": created.app_id, "displayName": f"test-{created.app_id[:8]}"}
        store.put("application", created.object_id, {"id": created.object_id, **names})
        if principal:
            store.put("servicePrincipal", created.principal_id, {"id": created.principal_id, **names})
        for subject in subjects:
            credential = str(uuid.uuid4())
            store.put(
                "fic",
                f"{created.object_id}/{credential}",
                {
                    "id": credential,
                    "name": f"fic-{credential[:8]}",
                    "issuer": issuer,
                    "subject": subject,
                    "audiences": [audience],
                    "description": None,
                },
            )
        return created

    return create
