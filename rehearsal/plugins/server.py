"""A provider as a gRPC server on loopback."""

import os
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pulumi.runtime.proto import provider_pb2 as pb

from .client import ServiceError
from .provider import Provider

_WORKERS = 16
_RPCS: dict[str, Callable[[Provider, Any], Message]] = {
    "Handshake": Provider.handshake,
    "GetPluginInfo": Provider.get_plugin_info,
    "CheckConfig": Provider.check_config,
    "DiffConfig": Provider.diff_config,
    "Configure": Provider.configure,
    "Cancel": Provider.cancel,
    "Invoke": Provider.invoke,
    "Check": Provider.check,
    "Diff": Provider.diff,
    "Create": Provider.create,
    "Read": Provider.read,
    "Update": Provider.update,
    "Delete": Provider.delete,
}


def serve(provider: Provider) -> None:
    """Serve on a free port of loopback, tell the engine which one on standard output, and end with the engine."""
    engine = os.getppid()
    server = grpc.server(futures.ThreadPoolExecutor(_WORKERS))
    service = pb.DESCRIPTOR.services_by_name["ResourceProvider"]
    handlers = {name: _handler(provider, service.methods_by_name[name], rpc) for name, rpc in _RPCS.items()}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while os.getppid() == engine:
        server.wait_for_termination(timeout=1)


def _handler(
    provider: Provider, method: MethodDescriptor, rpc: Callable[[Provider, Any], Message]
) -> "grpc.RpcMethodHandler[Message, Message]":
    def call(request: Message, context: grpc.ServicerContext) -> Message:
        try:
            return rpc(provider, request)
        except ServiceError as error:
            context.abort(grpc.StatusCode.UNKNOWN, provider.describe(error))
        except Exception as error:  # noqa: BLE001 a person gets a sentence; the message may hold a secret value
            fault = f"the rehearsal's provider failed: {type(error).__name__} in {method.name}"
            context.abort(grpc.StatusCode.INTERNAL, fault)

    read = GetMessageClass(method.input_type).FromString
    return grpc.unary_unary_rpc_method_handler(call, read, lambda answer: answer.SerializeToString())
