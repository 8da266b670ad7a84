"""The provider for `azuread`: the engine's calls as requests to Microsoft Graph.

The requests are the real provider's, but for the waits for replication, which the rehearsal does not need.
"""

from http import HTTPStatus

from .azuread_resources import APPLICATION, CREDENTIAL, SERVICE_PRINCIPAL, Row
from .client import Client, Credentials, ServiceError
from .resource import Resource, Service
from .values import Properties, at

GRAPH = "https://graph.microsoft.com"


def service(config: Properties) -> Service:
    """Return the provider's service for its configuration."""
    client = Client(Credentials.of(config))

    def client_config(_args: Properties) -> Properties:
        who, caller = client.credentials, client.object_id(GRAPH)
        ids = {"clientId": who.client_id, "tenantId": who.tenant, "objectId": caller}
        return {**ids, "id": f"{who.tenant}-{who.client_id}-{caller}"}

    return Service(
        {
            "azuread:index/application:Application": Application(APPLICATION, client),
            "azuread:index/servicePrincipal:ServicePrincipal": ServicePrincipal(SERVICE_PRINCIPAL, client),
            "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential": Credential(
                CREDENTIAL, client
            ),
        },
        {"azuread:index/getClientConfig:getClientConfig": client_config},
        describe,
    )


def describe(error: ServiceError) -> str:
    """Word an error as azuread does."""
    if not error.status:
        return error.message
    status = f"{error.status} ({error.status} {HTTPStatus(error.status).phrase})"
    return f"unexpected status {status} with error: {error.code}: {error.message}"


class GraphResource(Resource):
    """An object of Graph, as its row describes it. Its id in the state is its path in Graph."""

    version = "v1.0"

    def __init__(self, row: Row, client: Client) -> None:
        self._row = row
        self._client = client
        self.replace_on = row.replace_on
        self.sets = row.sets
        self.computed = tuple(row.outputs)

    def check(self, name: str, seed: bytes, olds: Properties, news: Properties) -> Properties:  # noqa: ARG002
        """Take the inputs as they are; one that is not played is refused, not forgotten."""
        played = {*self._row.fields, "owners" if self._row.owned else "", self._row.local}
        for unknown in sorted(key for key in news if key not in played and not key.startswith("__")):
            raise ValueError(f"the rehearsal's azuread does not play the input {unknown} (rehearsal/COVERAGE.md)")
        return news

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Post the object with its owners; the caller, who becomes one with it, stays only where the program says."""
        body, wanted = self._body(inputs), inputs.get("owners", [])
        if self._row.owned:
            caller = self._client.object_id(GRAPH)
            body["owners@odata.bind"] = [self._object(owner) for owner in {caller: 1, **dict.fromkeys(wanted)}]
        identifier = self.identifier(inputs, self._client.call("POST", self._url(self.collection(inputs)), body)["id"])
        if self._row.owned:
            self._set_owners(identifier, wanted)
        return identifier, self._read(identifier)

    def read(self, identifier: str) -> Properties | None:
        """Get the object and its owners."""
        body = self._client.get(self._url(self.path(identifier)))
        if body is None:
            return None
        outputs = {name: at(body, path) for name, path in {**self._row.fields, **self._row.outputs}.items()}
        if self._row.owned:
            outputs["owners"] = self._owners(identifier)
        return outputs

    def adopted(self, identifier: str, outputs: Properties) -> Properties:  # noqa: ARG002
        """Take the outputs that are inputs too and not empty."""
        names = [*self._row.fields, "owners"]
        return {name: outputs[name] for name in names if outputs.get(name) not in (None, "", [], False)}

    def update(self, identifier: str, inputs: Properties, olds: Properties) -> Properties:
        """Patch the object; what the program no longer names becomes null, or empty."""
        gone: Properties = {name: [] if name in self.sets else None for name in olds}
        self._client.call("PATCH", self._url(self.path(identifier)), self._body({**gone, **inputs}))
        if self._row.owned:
            self._set_owners(identifier, inputs.get("owners", []))
        return self._read(identifier)

    def delete(self, identifier: str, inputs: Properties) -> None:  # noqa: ARG002
        """Delete the object."""
        answer = self._client.send("DELETE", self._url(self.path(identifier)))
        if not answer.ok and answer.status_code != HTTPStatus.NOT_FOUND:
            raise ServiceError.of(answer)

    def collection(self, inputs: Properties) -> str:  # noqa: ARG002
        """Return the Graph path to post to."""
        return self._row.collection

    def identifier(self, inputs: Properties, object_id: str) -> str:
        """Return the id in the state of a new object."""
        return f"{self.collection(inputs)}/{object_id}"

    def path(self, identifier: str) -> str:
        """Return the Graph path that an id in the state stands for."""
        return identifier

    def find(self, name: str, value: str) -> list[Properties]:
        """Return the objects of the collection whose property has the value."""
        quoted = value.replace("'", "''")
        return self._client.call("GET", self._url(f"{self._row.collection}?$filter={name} eq '{quoted}'"))["value"]

    def _read(self, identifier: str) -> Properties:
        outputs = self.read(identifier)
        if outputs is None:
            raise ServiceError(0, "", f"{identifier} is gone right after it was written")
        return outputs

    def _body(self, inputs: Properties) -> Properties:
        body: Properties = {}
        for name, path in self._row.fields.items():
            if name in inputs:
                parent, _, leaf = path.rpartition(".")
                (body.setdefault(parent, {}) if parent else body)[leaf] = inputs[name]
        return body

    def _owners(self, identifier: str) -> list[str]:
        owners = self._client.call("GET", self._url(f"{self.path(identifier)}/owners"))
        return [owner["id"] for owner in owners["value"]]

    def _set_owners(self, identifier: str, wanted: list[str]) -> None:
        present, owners = self._owners(identifier), self._url(f"{self.path(identifier)}/owners")
        for owner in set(wanted) - set(present):
            self._client.call("POST", f"{owners}/$ref", {"@odata.id": self._object(owner)})
        for owner in set(present) - set(wanted):
            self._client.call("DELETE", f"{owners}/{owner}/$ref")

    def _object(self, object_id: str) -> str:
        return self._url(f"/directoryObjects/{object_id}")

    def _url(self, path: str) -> str:
        return f"{GRAPH}/{self.version}{path}"


class Application(GraphResource):
    """An application registration."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create it, unless its name must be unique and is not."""
        for present in self.find("displayName", inputs["displayName"]) if inputs.get("preventDuplicateNames") else []:
            name, there = inputs["displayName"], f"/applications/{present['id']}"
            raise ServiceError(0, "", f"an application named {name!r} exists already: import it ({there})")
        return super().create(inputs)


class ServicePrincipal(GraphResource):
    """A service principal of an application."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create it, or take over the one there is where the program says so."""
        for present in self.find("appId", inputs["clientId"]):
            identifier = self.identifier(inputs, present["id"])
            if not inputs.get("useExisting"):
                raise ServiceError(0, "", f"the application has a service principal already: import it ({identifier})")
            return identifier, self.update(identifier, inputs, {})
        return super().create(inputs)


class Credential(GraphResource):
    """A federated identity credential of an application, whose id in the state is of an older form.

    Flexible credentials will be another class beside this one: version `beta`, and ids that are paths.
    """

    def collection(self, inputs: Properties) -> str:
        """Return the credentials of the application that `applicationId` (its path) names."""
        return inputs["applicationId"] + self._row.collection

    def identifier(self, inputs: Properties, object_id: str) -> str:
        """Return `{application}/federatedIdentityCredential/{credential}`."""
        return f"{inputs['applicationId'].removeprefix('/applications/')}/federatedIdentityCredential/{object_id}"

    def path(self, identifier: str) -> str:
        """Return the credential's path below its application."""
        application, credential = identifier.split("/federatedIdentityCredential/")
        return f"/applications/{application}{self._row.collection}/{credential}"

    def read(self, identifier: str) -> Properties | None:
        """Get the credential."""
        outputs = super().read(identifier)
        application = identifier.split("/", maxsplit=1)[0]
        return outputs and {**outputs, "applicationId": f"/applications/{application}"}

    def adopted(self, identifier: str, outputs: Properties) -> Properties:
        """Name the application, too."""
        return {**super().adopted(identifier, outputs), "applicationId": outputs["applicationId"]}
