"""The providers as the engine calls them: the installed executables over gRPC, against the running rehearsal."""

import contextlib
import os
import subprocess
import uuid
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from pulumi.runtime.proto import provider_pb2 as pb

from rehearsal.plugins.install import install
from rehearsal.plugins.values import Properties, pack, unpack
from rehearsal.server import Running

Answer = TypeVar("Answer", bound=Message)
Start = Callable[..., AbstractContextManager["Plugin"]]


@dataclass
class Plugin:
    """A provider's process and the calls of the engine to it."""

    channel: grpc.Channel

    @staticmethod
    def urn(token: str) -> str:
        return f"urn:pulumi:dev::tests::{token}::thing"

    def call(self, rpc: str, request: Message, answer: type[Answer]) -> Answer:
        method: Callable[..., Answer] = self.channel.unary_unary(
            f"/pulumirpc.ResourceProvider/{rpc}", type(request).SerializeToString, answer.FromString
        )
        return method(request, timeout=20)

    def check(self, token: str, news: Properties, olds: Properties | None = None) -> pb.CheckResponse:
        urn, seed = self.urn(token), os.urandom(16)
        request = pb.CheckRequest(urn=urn, olds=pack(olds or {}), news=pack(news), randomSeed=seed)
        return self.call("Check", request, pb.CheckResponse)

    def diff(self, token: str, olds: Properties, news: Properties, ignored: list[str] | None = None) -> pb.DiffResponse:
        request = pb.DiffRequest(urn=self.urn(token), old_inputs=pack(olds), news=pack(news), ignoreChanges=ignored)
        return self.call("Diff", request, pb.DiffResponse)

    def create(self, token: str, news: Properties, *, preview: bool = False) -> tuple[str, Properties]:
        inputs = self.check(token, news).inputs
        request = pb.CreateRequest(urn=self.urn(token), properties=inputs, preview=preview)
        answer = self.call("Create", request, pb.CreateResponse)
        return answer.id, unpack(answer.properties)

    def read(self, token: str, identifier: str, inputs: Properties, outputs: Properties) -> pb.ReadResponse:
        request = pb.ReadRequest(id=identifier, urn=self.urn(token), inputs=pack(inputs), properties=pack(outputs))
        return self.call("Read", request, pb.ReadResponse)

    def imported(self, token: str, identifier: str) -> Properties:
        """Return the inputs that an import of the id gives, checked as the engine does."""
        found = unpack(self.read(token, identifier, {}, {}).inputs)
        return unpack(self.check(token, found, found).inputs)

    def update(self, token: str, identifier: str, olds: Properties, news: Properties) -> Properties:
        request = pb.UpdateRequest(id=identifier, urn=self.urn(token), news=pack(news), old_inputs=pack(olds))
        return unpack(self.call("Update", request, pb.UpdateResponse).properties)

    def delete(self, token: str, identifier: str) -> None:
        self.call("Delete", pb.DeleteRequest(id=identifier, urn=self.urn(token)), Empty)

    def invoke(self, token: str, **arguments: str) -> Properties:
        answer = self.call("Invoke", pb.InvokeRequest(tok=token, args=pack(arguments)), pb.InvokeResponse)
        return unpack(getattr(answer, "return"))


@contextlib.contextmanager
def _started(name: str, environment: dict[str, str], **changed: str) -> Generator[Plugin]:
    home = Path(environment["PULUMI_HOME"])
    install(home)
    executable = next(home.glob(f"plugins/resource-{name}-v*/pulumi-resource-{name}"))
    process = subprocess.Popen([executable], env=environment | changed, cwd="/", stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process, grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
        plugin = Plugin(channel)
        try:
            plugin.call("Configure", pb.ConfigureRequest(), pb.ConfigureResponse)
            yield plugin
        finally:
            process.kill()


@pytest.fixture(scope="session")
def started() -> Start:
    """A function (name, environment, **changed) → context manager with a configured provider's process."""
    return _started


@pytest.fixture(scope="session")
def azure(cloud: Running) -> Generator[Plugin]:
    with _started("azure-native", cloud.environment) as plugin:
        yield plugin


@pytest.fixture(scope="session")
def entra(cloud: Running) -> Generator[Plugin]:
    with _started("azuread", cloud.environment) as plugin:
        yield plugin


@pytest.fixture(scope="session")
def group(azure: Plugin) -> str:
    name = f"rg-{uuid.uuid4().hex[:8]}"
    azure.create("azure-native:resources:ResourceGroup", {"resourceGroupName": name, "location": "westeurope"})
    return name


@pytest.fixture
def vault_inputs(cloud: Running, group: str) -> Callable[..., Properties]:
    """A function (**properties) → the inputs of a vault of a new name."""

    def inputs(**properties: Any) -> Properties:
        sku = {"family": "A", "name": "standard"}
        given = {"tenantId": cloud.cloud.tenant, "sku": sku, "enableRbacAuthorization": True, **properties}
        return {"resourceGroupName": group, "vaultName": f"kv-{uuid.uuid4().hex[:8]}", "properties": given}

    return inputs


@pytest.fixture
def error_of() -> Callable[[Callable[[], object]], str]:
    """A function (call) → the text of the error that the engine prints."""

    def ask(call: Callable[[], object]) -> str:
        with pytest.raises(grpc.RpcError) as refused:
            call()
        return refused.value.details() or ""

    return ask
