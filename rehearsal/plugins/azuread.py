"""The provider for `azuread`: the engine's calls as requests to Microsoft Graph.

The requests are the real provider's, but for its waits for replication, which the rehearsal does not need.
"""

from http import HTTPStatus

from .azuread_resources import APPLICATION, CREDENTIAL, FLEXIBLE, SERVICE_PRINCIPAL, Row
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

    credential = "applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
    flexible = "applicationFlexibleFederatedIdentityCredential:ApplicationFlexibleFederatedIdentityCredential"
    return Service(
        {
            "azuread:index/application:Application": GraphResource(APPLICATION, client),
            "azuread:index/servicePrincipal:ServicePrincipal": GraphResource(SERVICE_PRINCIPAL, client),
            f"azuread:index/{credential}": Credential(CREDENTIAL, client),
            f"azuread:index/{flexible}": FlexibleCredential(FLEXIBLE, client),
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
        self._inputs = {*row.fields, *(["owners"] if row.owned else []), *([row.parent] if row.parent else [])}
        self.replace_on = row.replace_on
        self.sets = row.sets
        self.computed = tuple(row.outputs)
        self.defaults = row.defaults

    def check(self, name: str, seed: bytes, olds: Properties, news: Properties) -> Properties:  # noqa: ARG002
        """Take the inputs as they are; one that is not played is refused, not forgotten."""
        for unknown in sorted(key for key in news.keys() - self._inputs if not key.startswith("__")):
            raise ValueError(f"the rehearsal's azuread does not play the input {unknown} (rehearsal/COVERAGE.md)")
        return news

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Post the object with its owners; the caller, who becomes one with it, stays only where the program says."""
        collection, body = inputs.get(self._row.parent, "") + self._row.collection, self._body(inputs)
        owners = inputs.get("owners", [])
        if self._row.owned:
            body["owners@odata.bind"] = [self._object(owner) for owner in {self._client.object_id(GRAPH), *owners}]
        path = f"{collection}/{self._client.call('POST', self._url(collection), body)['id']}"
        return self.identifier(path), self._settled(path, owners)

    def read(self, identifier: str) -> Properties | None:
        """Get the object and its owners."""
        path = self.path(identifier)
        body = self._client.get(self._url(path))
        if body is None:
            return None
        outputs = self._read(body)
        if self._row.parent:
            outputs[self._row.parent] = path.partition(self._row.collection)[0]
        return {**outputs, "owners": self._owners(path)} if self._row.owned else outputs

    def adopted(self, identifier: str, outputs: Properties) -> Properties:  # noqa: ARG002
        """Take the outputs that are inputs too and not empty."""
        return {name: value for name, value in outputs.items() if name in self._inputs and value}

    def update(self, identifier: str, inputs: Properties, olds: Properties) -> Properties:
        """Patch the object; what the program no longer names becomes null, or empty."""
        gone: Properties = {name: [] if name in self.sets else self.defaults.get(name) for name in olds}
        path = self.path(identifier)
        self._client.call("PATCH", self._url(path), self._body({**gone, **inputs}))
        return self._settled(path, inputs.get("owners", []))

    def delete(self, identifier: str, inputs: Properties) -> None:  # noqa: ARG002
        """Delete the object."""
        self._client.delete(self._url(self.path(identifier)))

    def identifier(self, path: str) -> str:
        """Return the id in the state of the object at a path in Graph."""
        return path

    def path(self, identifier: str) -> str:
        """Return the path in Graph of the object with an id in the state."""
        return identifier

    def _settled(self, path: str, owners: list[str]) -> Properties:
        present = self._owners(path) if self._row.owned else owners
        for owner in set(owners) - set(present):
            self._client.call("POST", self._url(f"{path}/owners/$ref"), {"@odata.id": self._object(owner)})
        for owner in set(present) - set(owners):
            self._client.call("DELETE", self._url(f"{path}/owners/{owner}/$ref"))
        return self.read(self.identifier(path)) or {}

    def _owners(self, path: str) -> list[str]:
        return [owner["id"] for owner in self._client.call("GET", self._url(f"{path}/owners"))["value"]]

    def _body(self, inputs: Properties) -> Properties:
        return {there: inputs[name] for name, there in self._row.fields.items() if name in inputs}

    def _read(self, body: Properties) -> Properties:
        return {name: body.get(there) for name, there in {**self._row.fields, **self._row.outputs}.items()}

    def _object(self, object_id: str) -> str:
        return self._url(f"/directoryObjects/{object_id}")

    def _url(self, path: str) -> str:
        return f"{GRAPH}/{self.version}{path}"


class Credential(GraphResource):
    """A federated identity credential of an application; its ids in the state are of azuread's older form."""

    def identifier(self, path: str) -> str:
        """Return `{application}/federatedIdentityCredential/{credential}`."""
        return path.removeprefix("/applications/").replace(CREDENTIAL.collection, "/federatedIdentityCredential")

    def path(self, identifier: str) -> str:
        """Return the credential's path below its application."""
        return f"/applications/{identifier.replace('/federatedIdentityCredential', CREDENTIAL.collection)}"


class FlexibleCredential(GraphResource):
    """A flexible credential: only beta knows it, and its id in the state is its path."""

    version = "beta"

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Post the credential; as the real provider, hide what Graph says to a wrong one."""
        try:
            return super().create(inputs)
        except ServiceError as error:
            application = inputs[self._row.parent].rpartition("/")[2]
            told = f'adding flexible federated identity credential for Application (Application: "{application}")'
            raise ServiceError(0, "", told) from error

    def _body(self, inputs: Properties) -> Properties:
        body = super()._body(inputs)
        expression = {"value": body["claimsMatchingExpression"], "languageVersion": 1}
        return {**body, "audiences": [body["audiences"]], "claimsMatchingExpression": expression}

    def _read(self, body: Properties) -> Properties:
        expression = at(body, "claimsMatchingExpression.value")
        return super()._read({**body, "audiences": body["audiences"][0], "claimsMatchingExpression": expression})
