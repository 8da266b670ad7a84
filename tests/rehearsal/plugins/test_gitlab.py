"""The provider for GitLab as the engine calls it."""

import uuid
from collections.abc import Callable

import pytest
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.gitlab.registry import create
from rehearsal.plugins import gitlab
from rehearsal.plugins.client import ServiceError
from rehearsal.plugins.provider import Provider
from rehearsal.plugins.values import Properties, pack, unpack
from rehearsal.server import Running

URN = "urn:pulumi:dev::tests::gitlab:index/projectVariable:ProjectVariable::thing"
CANARY = "glpat-canary-of-nobody"


@pytest.fixture
def project(cloud: Running) -> str:
    """The path of a project of this test's own."""
    return create(cloud.cloud.store, f"acme/own-{uuid.uuid4().hex[:8]}")["path_with_namespace"]


@pytest.fixture
def number(cloud: Running, project: str) -> str:
    """The project's number."""
    return str((cloud.cloud.store.get("project", project) or {})["id"])


def configured(**config: str) -> Provider:
    provider = Provider("10.4.0", gitlab.service)
    provider.configure(pb.ConfigureRequest(args=pack(config)))
    return provider


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ServiceError) as told:
        call()
    return told.value.message


def project_of(provider: Provider, **named: str) -> Properties:
    request = pb.InvokeRequest(tok="gitlab:index/getProject:getProject", args=pack(named))
    return unpack(getattr(provider.invoke(request), "return"))


@pytest.mark.usefixtures("environment")
def test_a_variable_lives_with_the_providers_id_and_is_replaced_by_another_scope(number: str):
    provider = configured()
    inputs = {"project": number, "key": "A", "value": "one", "environmentScope": "production", "raw": True}
    made = provider.create(pb.CreateRequest(urn=URN, properties=pack(inputs)))
    assert made.id == f"{number}:A:production"
    assert unpack(made.properties).items() >= inputs.items()
    again = refused(lambda: provider.create(pb.CreateRequest(urn=URN, properties=pack(inputs))))
    where = f"https://gitlab.com/api/v4/projects/{number}/variables"
    assert again == f"POST {where}: 400 {{message: {{key: [(A) has already been taken]}}}}"
    changed = {**inputs, "value": "two"}
    updated = provider.update(pb.UpdateRequest(id=made.id, urn=URN, news=pack(changed), old_inputs=pack(inputs)))
    assert unpack(updated.properties)["value"] == "two"
    adopted = unpack(provider.read(pb.ReadRequest(id=made.id, urn=URN)).inputs)
    assert adopted.items() >= changed.items()
    moved = pb.DiffRequest(urn=URN, old_inputs=pack(inputs), news=pack({**inputs, "environmentScope": "staging"}))
    assert list(provider.diff(moved).replaces) == ["environmentScope"]
    for _ in range(2):  # what is gone already is fine
        provider.delete(pb.DeleteRequest(id=made.id, urn=URN))
    assert provider.read(pb.ReadRequest(id=made.id, urn=URN)).id == ""
    assert "expected format project:key" in refused(lambda: provider.read(pb.ReadRequest(id="7:A", urn=URN)))


@pytest.mark.usefixtures("environment")
def test_a_variable_of_an_input_that_is_not_played_is_refused_by_name():
    request = pb.CheckRequest(urn=URN, news=pack({"project": "7", "key": "A", "value": "", "hidden": True}))
    (failure,) = configured().check(request).failures
    assert "does not play the input hidden" in failure.reason


@pytest.mark.usefixtures("environment")
def test_a_project_is_told_by_id_or_path(project: str, number: str):
    provider = configured()
    told = project_of(provider, pathWithNamespace=project)
    assert told == project_of(provider, id=number)
    assert (told["id"], told["ciIdTokenSubClaimComponents"]) == (number, ["project_path", "ref_type", "ref"])
    assert refused(lambda: project_of(provider, pathWithNamespace="acme/none")) == "404 Not Found"


def test_the_providers_token_comes_from_its_configuration_or_gitlab_token_and_is_never_told(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    told = refused(lambda: configured(token=CANARY))
    assert told == "GET https://gitlab.com/api/v4/user: 401 {message: 401 Unauthorized}"
    configured(token=CANARY, earlyAuthCheck="false")
    monkeypatch.setenv("GITLAB_TOKEN", "")
    assert "Set GITLAB_TOKEN" in refused(configured)
    configured(token=environment["GITLAB_TOKEN"])
    nowhere = refused(lambda: configured(token=CANARY, baseUrl="https://127.0.0.1:9/api/v4/"))
    assert nowhere.startswith("GET https://127.0.0.1:9/api/v4/user: ")
    assert CANARY not in nowhere
