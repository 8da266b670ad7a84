"""The environment of a person who may deploy, in the variables that Azure's own tools read."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from .seed import Identity

Plugins = Literal["ours", "official"]


def variables(state: Path, identity: Identity, proxy_port: int, ca_bundle: Path, plugins: Plugins) -> dict[str, str]:
    """Return what a client needs to reach the rehearsal that runs on `state` (an absolute path).

    Clients differ in which of SSL_CERT_FILE and REQUESTS_CA_BUNDLE they read, so both are set; NO_PROXY keeps
    Pulumi's gRPC away from the proxy. With `official` plugins PULUMI_HOME stays the person's own.
    """
    proxy = f"http://127.0.0.1:{proxy_port}"
    ours = {
        "PULUMI_HOME": str(state / "pulumi-home"),
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    return {
        **_twins("TENANT_ID", identity.tenant),
        **_twins("CLIENT_ID", identity.client_id),
        **_twins("CLIENT_SECRET", identity.client_secret),
        **_twins("SUBSCRIPTION_ID", identity.subscription),
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "SSL_CERT_FILE": str(ca_bundle),
        "REQUESTS_CA_BUNDLE": str(ca_bundle),
        "PULUMI_BACKEND_URL": f"file://{state / 'pulumi-state'}",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **(ours if plugins == "ours" else {}),
        "REHEARSAL_STATE": str(state),
    }


def exports(environment: Mapping[str, str]) -> str:
    """Return the variables as lines for a shell to source."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())


def _twins(name: str, value: str) -> dict[str, str]:
    return {f"AZURE_{name}": value, f"ARM_{name}": value}
