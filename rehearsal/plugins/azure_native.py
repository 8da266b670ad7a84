"""The provider for `azure-native`: the engine's calls as requests to Azure Resource Manager."""

import hashlib
import re
import time
import urllib.parse
import uuid
from http import HTTPStatus

from .azure_native_resources import ROWS, Row
from .client import Client, Credentials, ServiceError, body_of
from .resource import Resource, Service
from .values import Properties, at, known, with_value

ARM = "https://management.azure.com"
# Never inside ARM's `properties`.
_TOP = {"id", "name", "type", "location", "tags", "identity", "managedBy", "extendedLocation"}
_RUNNING = {"InProgress", "Running", "Accepted"}
_POLL = 1.0  # seconds, where the service names none


def service(config: Properties) -> Service:
    """Return the provider's service for its configuration."""
    client = Client(Credentials.of(config))

    def client_config(_args: Properties) -> Properties:
        who = client.credentials
        ids = {"clientId": who.client_id, "subscriptionId": who.subscription, "tenantId": who.tenant}
        return {**ids, "objectId": client.object_id(ARM)}

    resources = {token: ArmResource(row, client, config.get("location")) for token, row in ROWS.items()}
    lookups = {token.replace(":", ":get"): resource.look_up for token, resource in resources.items()}
    return Service(
        {f"azure-native:{token}": resource for token, resource in resources.items()},
        {
            **{f"azure-native:{token}": look_up for token, look_up in lookups.items()},
            "azure-native:authorization:getClientConfig": client_config,
            "azure-native:authorization:getClientToken": lambda args: {
                "token": client.token(args.get("endpoint") or ARM)
            },
        },
        describe,
    )


def describe(error: ServiceError) -> str:
    """Word an error as azure-native does."""
    return f'Status={error.status} Code="{error.code}" Message="{error.message}"' if error.status else error.message


class ArmResource(Resource):
    """Any resource of ARM, as its row describes it."""

    def __init__(self, row: Row, client: Client, location: str | None) -> None:
        self._row = row
        self._client = client
        self._location = location
        self.replace_on = (*row.parameters(), *row.replace_on)
        self.computed = (*row.computed, "systemData", "provisioningState", "etag")

    def check(self, name: str, seed: bytes, olds: Properties, news: Properties) -> Properties:
        """Name the resource where the program does not, and give it a location (pulumi-azure-native, `Check`)."""
        inputs = {**news, "azureApiVersion": self._row.version}
        last = self._row.parameters()[-1]
        if last not in news:
            inputs |= _named(self._row.path, last, name, seed, olds)
        if "location" in self._row.inputs.split() and "location" not in news:
            inputs["location"] = olds.get("location") or self._location or self._location_of_group(news)
        return inputs

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Put the resource where ARM says that there is none yet."""
        identifier = self._identifier(inputs)
        present = self._client.send("GET", self._url(identifier))
        if present.ok:
            raise ServiceError(0, "", f"cannot create already existing resource '{identifier}'")
        if present.status_code != HTTPStatus.NOT_FOUND:
            refused = describe(ServiceError.of(present))
            raise ServiceError(0, "", f"cannot check existence of resource '{identifier}': {refused}")
        answer = self._finish("PUT", identifier, self._body(inputs, {}))
        return answer.get("id", identifier), self._outputs(answer)

    def read(self, identifier: str) -> Properties | None:
        """Get the resource."""
        body = self._client.get(self._url(identifier))
        return None if body is None else self._outputs(body)

    def look_up(self, arguments: Properties) -> Properties:
        """Return the outputs, and the id, of an existing resource: the function `get…` of its type."""
        body = self._client.call("GET", self._url(self._identifier(arguments)))
        return {**self._outputs(body), "id": body["id"]}

    def adopted(self, identifier: str, outputs: Properties) -> Properties:
        """Take the path's parameters from the id and the rest from the outputs that are inputs too and not empty."""
        names = ("azureApiVersion", *self._row.inputs.split())
        inputs = self._row.parse(identifier) | {name: outputs[name] for name in names if outputs.get(name)}
        for path in self.computed:
            inputs = with_value(inputs, path, None)
        return inputs

    def update(self, identifier: str, inputs: Properties, olds: Properties) -> Properties:  # noqa: ARG002
        """Put the resource again."""
        present = (self._client.get(self._url(identifier)) or {}) if self._row.maintained else {}
        return self._outputs(self._finish("PUT", identifier, self._body(inputs, present)))

    def delete(self, identifier: str, inputs: Properties) -> None:  # noqa: ARG002
        """Delete the resource; ARM has no deletion of a secret, the vault has."""
        if self._row.deleted_in_vault:
            ids = self._row.parse(identifier)
            vault = f"https://{ids['vaultName']}.vault.azure.net"
            self._client.delete(f"{vault}/secrets/{ids['secretName']}?api-version=7.4")
        else:
            self._finish("DELETE", identifier)

    def _finish(self, method: str, identifier: str, body: Properties | None = None) -> Properties:
        """Send, and wait for an asynchronous operation's end (ARM docs, 'Track asynchronous Azure operations')."""
        answer = self._client.send(method, self._url(identifier), body)
        operation = answer.headers.get("Azure-AsyncOperation") or answer.headers.get("Location")
        if answer.status_code != HTTPStatus.ACCEPTED or operation is None:
            if answer.ok or (method == "DELETE" and answer.status_code == HTTPStatus.NOT_FOUND):
                return body_of(answer)
            raise ServiceError.of(answer)
        while answer.status_code == HTTPStatus.ACCEPTED or body_of(answer).get("status") in _RUNNING:
            time.sleep(float(answer.headers.get("Retry-After", _POLL)))
            answer = self._client.send("GET", operation)
        if not answer.ok or body_of(answer).get("status") in {"Failed", "Canceled"}:
            raise ServiceError.of(answer)
        return {} if method == "DELETE" else self._client.call("GET", self._url(identifier))

    def _location_of_group(self, inputs: Properties) -> str | None:
        group = inputs.get("resourceGroupName")
        if group is None or not known(group):
            return None
        row = ROWS["resources:ResourceGroup"]
        path = row.path.format(subscriptionId=self._client.credentials.subscription, resourceGroupName=group)
        return (self._client.get(f"{ARM}{path}?api-version={row.version}") or {}).get("location")

    def _identifier(self, inputs: Properties) -> str:
        path = self._row.path.replace("{subscriptionId}", self._client.credentials.subscription)
        for name in self._row.parameters():
            if name not in inputs:
                raise ServiceError(0, "", f"missing required property '{name}'")
            path = path.replace(f"{{{name}}}", urllib.parse.quote(inputs[name].strip("/"), safe="/"))
        return path

    def _url(self, identifier: str) -> str:
        return f"{ARM}{identifier}?api-version={self._row.version}"

    def _body(self, inputs: Properties, present: Properties) -> Properties:
        own = {*self._row.parameters(), "azureApiVersion"}
        body = {key: value for key, value in inputs.items() if key not in own and not key.startswith("__")}
        for name in self._row.flat_lists:
            body |= {name: [_folded(item) for item in body[name]]} if name in body else {}
        if self._row.flat:
            body = _folded(body)
        if self._row.maintained and at(body, self._row.maintained) is None:
            body = with_value(body, self._row.maintained, at(present, self._row.maintained) or [])
        return body

    def _outputs(self, body: Properties) -> Properties:
        outputs = {key: value for key, value in body.items() if key != "id"}
        if self._row.flat:
            outputs = _unfolded(outputs)
        for name in self._row.flat_lists:
            outputs |= {name: [_unfolded(item) for item in outputs[name]]} if name in outputs else {}
        return {**outputs, "azureApiVersion": self._row.version}


def _folded(item: Properties) -> Properties:
    """Put under `properties` what ARM wants there."""
    top = {key: value for key, value in item.items() if key in _TOP}
    return {**top, "properties": {key: value for key, value in item.items() if key not in _TOP}}


def _unfolded(item: Properties) -> Properties:
    return {**item.get("properties", {}), **{key: value for key, value in item.items() if key != "properties"}}


def _named(path: str, parameter: str, name: str, seed: bytes, olds: Properties) -> Properties:
    """Return the name of a resource that the program leaves unnamed: the old one, or one made from the seed.

    A name with a random part lets the engine create a replacement before it deletes what is replaced.
    """
    last_service = re.split(r"Microsoft\.", path)[-1]
    digest = hashlib.sha256(seed + name.encode()).digest()
    if parameter == "roleAssignmentName":
        made = str(uuid.UUID(bytes=digest[:16], version=4))
    elif "Microsoft." not in path or last_service.count("{") == 1:
        made = f"{name}{digest.hex()[:8]}"
    else:
        return {parameter: olds.get(parameter, name)}
    return {parameter: olds.get(parameter, made), "__createBeforeDelete": True}
