"""A Pulumi provider's side of the engine's protocol (Pulumi, 'Provider implementer's guide')."""

from collections.abc import Callable
from typing import Any

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from .client import ServiceError
from .diff import Change, after_refresh, changes, replacing
from .resource import Resource, Service
from .values import UNKNOWN, Properties, merged, pack, unpack, with_value


class Provider:
    """A provider of the resources of one Service, which `configure` makes from the provider's configuration.

    Secrets are not accepted: the engine sends plain values, keeps its own record of what is secret, and encrypts
    the outputs of the same names again.
    """

    def __init__(self, version: str, configure: Callable[[Properties], Service]) -> None:
        self._version = version
        self._configure = configure
        self._service: Service | None = None

    @property
    def service(self) -> Service:
        """The service, once the engine has configured the provider."""
        if self._service is None:
            raise ServiceError(0, "NotConfigured", "the engine has not configured the provider yet")
        return self._service

    def describe(self, error: ServiceError) -> str:
        """Return the error as the real provider words it."""
        return self._service.describe(error) if self._service else f"{error.code}: {error.message}"

    def resource(self, urn: str) -> Resource:
        """Return the type of resource that an URN names. Raises ServiceError for one that is not played."""
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        if token not in self.service.resources:
            raise ServiceError(0, "NotPlayed", f"the rehearsal does not play {token} (rehearsal/COVERAGE.md)")
        return self.service.resources[token]

    def handshake(self, _request: pb.ProviderHandshakeRequest) -> pb.ProviderHandshakeResponse:
        """Accept every default of the protocol."""
        return pb.ProviderHandshakeResponse()

    def get_plugin_info(self, _request: Empty) -> plugin_pb2.PluginInfo:
        """Tell the version, which must be the SDK's."""
        return plugin_pb2.PluginInfo(version=self._version)

    def check_config(self, request: pb.CheckRequest) -> pb.CheckResponse:
        """Take the configuration as it is."""
        return pb.CheckResponse(inputs=request.news)

    def diff_config(self, _request: pb.DiffRequest) -> pb.DiffResponse:
        """Report no change: a new configuration replaces no resource."""
        return pb.DiffResponse()

    def configure(self, request: pb.ConfigureRequest) -> pb.ConfigureResponse:
        """Make the service from the configuration."""
        self._service = self._configure(unpack(request.args))
        return pb.ConfigureResponse(supportsPreview=True)

    def cancel(self, _request: Empty) -> Empty:
        """Go on: requests are short, and the engine ends the process."""
        return Empty()

    def invoke(self, request: pb.InvokeRequest) -> pb.InvokeResponse:
        """Call a function."""
        function = self.service.functions.get(request.tok)
        if function is None:
            raise ServiceError(0, "NotPlayed", f"the rehearsal does not play {request.tok} (rehearsal/COVERAGE.md)")
        response = pb.InvokeResponse()
        getattr(response, "return").CopyFrom(pack(function(unpack(request.args))))
        return response

    def check(self, request: pb.CheckRequest) -> pb.CheckResponse:
        """Fill in names and defaults; what is not played is a failure."""
        name = request.name or request.urn.rsplit("::", 1)[-1]
        olds, news = unpack(request.olds), unpack(request.news)
        try:
            inputs = self.resource(request.urn).check(name, request.randomSeed, olds, news)
        except ValueError as error:
            return pb.CheckResponse(inputs=request.news, failures=[pb.CheckFailure(reason=str(error))])
        return pb.CheckResponse(inputs=pack(inputs))

    def diff(self, request: pb.DiffRequest) -> pb.DiffResponse:
        """Compare the old inputs with the new ones."""
        resource = self.resource(request.urn)
        olds, news = ({**resource.defaults, **unpack(inputs)} for inputs in (request.old_inputs, request.news))
        for path in request.ignoreChanges:
            olds, news = with_value(olds, path, None), with_value(news, path, None)
        changed = changes(olds, news, resource.sets)
        replaces = replacing(changed, resource.replace_on)
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE,
            diffs=list(changed),
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and not news.get("__createBeforeDelete"),
            detailedDiff={path: _property_diff(kind, replace=path in replaces) for path, kind in changed.items()},
            hasDetailedDiff=True,
        )

    def create(self, request: pb.CreateRequest) -> pb.CreateResponse:
        """Create a resource, or plan it in a preview."""
        resource, inputs = self.resource(request.urn), unpack(request.properties)
        if request.preview:
            return pb.CreateResponse(properties=pack(_planned(resource, inputs, {})))
        identifier, outputs = resource.create(inputs)
        return pb.CreateResponse(id=identifier, properties=pack(outputs))

    def read(self, request: pb.ReadRequest) -> pb.ReadResponse:
        """Read a resource, for a refresh (there are inputs) or an import (there are none)."""
        resource = self.resource(request.urn)
        outputs = resource.read(request.id)
        if outputs is None:
            return pb.ReadResponse()
        before, inputs = unpack(request.properties), unpack(request.inputs)
        if inputs:
            now = outputs
            for path in resource.computed:
                before, now = with_value(before, path, None), with_value(now, path, None)
            inputs = after_refresh(inputs, before, now)
        else:
            try:
                inputs = resource.adopted(request.id, outputs)
            except ValueError as error:  # the id is of another type
                raise ServiceError(0, "", str(error)) from error
        return pb.ReadResponse(id=request.id, properties=pack(outputs), inputs=pack(inputs))

    def update(self, request: pb.UpdateRequest) -> pb.UpdateResponse:
        """Update a resource in place, or plan that in a preview."""
        resource, news = self.resource(request.urn), unpack(request.news)
        if request.preview:
            return pb.UpdateResponse(properties=pack(_planned(resource, news, unpack(request.olds))))
        return pb.UpdateResponse(properties=pack(resource.update(request.id, news, unpack(request.old_inputs))))

    def delete(self, request: pb.DeleteRequest) -> Empty:
        """Delete a resource."""
        self.resource(request.urn).delete(request.id, unpack(request.old_inputs))
        return Empty()


def _planned(resource: Resource, inputs: Properties, olds: Properties) -> Properties:
    """Return the outputs that a preview can tell; the engine takes those left out as unknown."""
    inputs = {key: value for key, value in inputs.items() if not key.startswith("__")}
    if olds:
        return merged(olds, inputs)
    for path in resource.computed:
        if path.partition(".")[0] in inputs:
            inputs = with_value(inputs, path, UNKNOWN)
    return inputs


def _property_diff(change: Change, *, replace: bool) -> pb.PropertyDiff:
    kind: Any = getattr(pb.PropertyDiff, f"{change}_REPLACE" if replace else change)
    return pb.PropertyDiff(kind=kind, inputDiff=True)
