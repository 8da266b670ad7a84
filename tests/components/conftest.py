"""A played engine: it records what the program registers and gives each resource the outputs that Azure would."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import pulumi
import pytest
from pulumi.runtime import get_root_resource, mocks, reset_options, rpc, set_all_config, set_mocks
from pulumi.runtime.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
TENANT = "22222222-2222-2222-2222-222222222222"


@dataclass
class Registered:
    """A resource as the program registered it."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    protect: bool
    retained: bool
    after: list[str]


def signed_in(token: str) -> dict[str, Any]:
    """Answer what the program asks: who deploys, which vault it is to adopt, and which project is meant."""
    answers: dict[str, dict[str, Any]] = {
        "azure-native:authorization:getClientConfig": {
            "tenantId": TENANT,
            "clientId": "",
            "objectId": "",
            "subscriptionId": SUBSCRIPTION.split("/")[2],
        },
        "azure-native:authorization:getClientToken": {"token": "a token"},
        "pulumi:pulumi:readStackResourceOutputs": {"outputs": {}},
        "gitlab:index/getProject:getProject": {"id": "4242", "ciIdTokenSubClaimComponents": ["project_path"]},
        "azure-native:keyvault:getVault": {
            "id": f"{SUBSCRIPTION}/resourceGroups/shared/providers/Microsoft.KeyVault/vaults/kv-old",
            "properties": {
                "tenantId": TENANT,
                "vaultUri": "https://kv-old.vault.azure.net/",
                "enableRbacAuthorization": True,
                "sku": {"family": "A", "name": "standard"},
            },
        },
    }
    return answers[token]


@dataclass
class PlayedAzure(mocks.Mocks):
    answer: Callable[[str], dict[str, Any]]

    def new_resource(self, args: Any) -> tuple[str | None, dict[str, Any]]:
        made = str(uuid.uuid5(uuid.NAMESPACE_OID, args.name))
        group = f"{SUBSCRIPTION}/resourceGroups/{args.inputs.get('resourceGroupName')}"
        match args.typ:
            case "azure-native:resources:ResourceGroup":
                return group, {**args.inputs, "name": args.inputs["resourceGroupName"]}
            case "azure-native:keyvault:Vault":
                name = args.inputs["vaultName"]
                url = f"https://{name}.vault.azure.net/"
                properties = {**args.inputs["properties"], "vaultUri": url}
                return f"{group}/providers/Microsoft.KeyVault/vaults/{name}", {**args.inputs, "properties": properties}
            case "azuread:index/application:Application":
                return f"/applications/{made}", {**args.inputs, "clientId": f"client-of-{args.name}"}
            case "azuread:index/servicePrincipal:ServicePrincipal":
                return made, {**args.inputs, "objectId": f"principal-of-{args.name}"}
            case "azure-native:managedidentity:UserAssignedIdentity":
                ids = {"clientId": f"client-of-{args.name}", "principalId": f"principal-of-{args.name}"}
                return made, {**args.inputs, **ids, "name": args.inputs["resourceName"]}
            case "azure-native:network:PrivateEndpoint":
                return made, {**args.inputs, "name": args.inputs["privateEndpointName"]}
            case "azure-native:privatedns:PrivateZone":
                return made, {**args.inputs, "name": args.inputs["privateZoneName"]}
            case _:
                return made, args.inputs

    def call(self, args: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return self.answer(args.token), []


class RecordingMonitor(mocks.MockMonitor):
    def __init__(self, answer: Callable[[str], dict[str, Any]]) -> None:
        super().__init__(PlayedAzure(answer))
        self.registered: list[Registered] = []
        self.outputs: dict[str, dict[str, Any]] = {}

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        response = super().RegisterResource(request)  # pyright: ignore[reportUnknownMemberType]  # pulumi leaves it untyped
        inputs = rpc.deserialize_properties(request.object)
        self.registered.append(
            Registered(
                request.type,
                request.name,
                response.urn,
                request.parent,
                inputs,
                protect=request.protect,
                retained=request.retainOnDelete,
                after=[*request.dependencies],
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        self.outputs[request.urn] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # pyright: ignore[reportUnknownMemberType]  # as above


@dataclass
class Deployment:
    """What one run of a program registered and exported."""

    resources: list[Registered]
    outputs_by_urn: dict[str, dict[str, Any]]
    exports: dict[str, Any] = field(default_factory=dict[str, Any])

    def of_type(self, suffix: str) -> list[Registered]:
        """Return the resources of a type by their names: they are registered in any order."""
        found = (resource for resource in self.resources if resource.type.endswith(suffix))
        return sorted(found, key=lambda resource: resource.name)

    def one(self, name: str) -> Registered:
        (found,) = (resource for resource in self.resources if resource.name == name)
        return found

    def outputs(self, name: str) -> dict[str, Any]:
        return self.outputs_by_urn[self.one(name).urn]


class PlayedEngine:
    """Run programs as the engine does, each on an empty stack; `last` is what came of the last one, failed or not."""

    def __init__(self, environment: pytest.MonkeyPatch) -> None:
        self._environment = environment
        self.last = Deployment([], {})

    def __call__(
        self,
        program: Callable[[], object],
        config: dict[str, str] | None = None,
        *,
        call: Callable[[str], dict[str, Any]] = signed_in,
    ) -> Deployment:
        monitor = RecordingMonitor(call)
        self.last = deployment = Deployment(monitor.registered, monitor.outputs)
        values = {f"gitlab-keyvault:{key}": value for key, value in (config or {}).items()}
        self._environment.setenv("PULUMI_CONFIG", json.dumps(values))
        # Nothing leaves the machine: whoever asks the real Azure finds nobody there.
        self._environment.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        reset_options()
        set_all_config(values)
        set_mocks(monitor.mocks, project="gitlab-keyvault", stack="test", monitor=monitor)

        def run_and_export() -> pulumi.Output[None]:
            program()
            stack = get_root_resource()
            assert isinstance(stack, Stack)
            return pulumi.Output.from_input(stack.outputs).apply(deployment.exports.update)

        pulumi.runtime.test(run_and_export)()  # pyright: ignore[reportUnknownMemberType]  # as above
        return deployment


@pytest.fixture(scope="session")
def event_loop() -> Generator[None]:
    """The thread's event loop, which Pulumi asks for and Python from 3.12 on makes only with a warning."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()


class RefusedError(grpc.RpcError):
    """What the engine answers where a provider fails."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self.args[0])


@pytest.fixture
def azure() -> Callable[[str], dict[str, Any]]:
    """What is answered to the program's questions where a test does not say otherwise."""
    return signed_in


@pytest.fixture
def refusing() -> Callable[[str], Callable[[str], dict[str, Any]]]:
    """Make a cloud that refuses every question in these words."""

    def refuse(words: str) -> Callable[[str], dict[str, Any]]:
        def answer(_token: str) -> dict[str, Any]:
            raise RefusedError(words)

        return answer

    return refuse


@pytest.fixture
def deploy(monkeypatch: pytest.MonkeyPatch, event_loop: None) -> PlayedEngine:  # noqa: ARG001
    return PlayedEngine(monkeypatch)
