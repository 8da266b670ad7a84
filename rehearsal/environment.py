"""The environment of a person who may deploy, in the variables that Azure's and GitLab's own tools read."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from .cloud import Cloud

Plugins = Literal["ours", "official"]


def variables(state: Path, cloud: Cloud, proxy_port: int, ca_bundle: Path, plugins: Plugins) -> dict[str, str]:
    """Return what a client needs to reach the rehearsal that runs on `state` (an absolute path).

    Some clients read SSL_CERT_FILE, others REQUESTS_CA_BUNDLE; NO_PROXY keeps Pulumi's gRPC away from the proxy. With
    `official` plugins PULUMI_HOME stays the person's own.
    """
    who = {
        "TENANT_ID": cloud.tenant,
        "CLIENT_ID": cloud.client_id,
        "CLIENT_SECRET": cloud.client_secret,
        "SUBSCRIPTION_ID": cloud.subscription,
    }
    proxy = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy_port}", "NO_PROXY": "127.0.0.1,localhost"}
    return {
        **{f"{prefix}_{name}": value for name, value in who.items() for prefix in ("AZURE", "ARM")},
        "AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com",  # whatever cloud the person's own tools go to
        "GITLAB_TOKEN": cloud.gitlab_token,
        # Whatever GitLab the person's own tools go to: pulumi-gitlab's address, glab's, and files that name another.
        "GITLAB_BASE_URL": "https://gitlab.com/api/v4/",
        "GITLAB_HOST": "https://gitlab.com",
        "GITLAB_CONFIG_FILE": "",
        "GITLAB_CONTEXT": "",
        **proxy,
        **{name.lower(): value for name, value in proxy.items()},
        "SSL_CERT_FILE": str(ca_bundle),
        "REQUESTS_CA_BUNDLE": str(ca_bundle),
        "PULUMI_BACKEND_URL": f"file://{state / 'pulumi-state'}",
        "PULUMI_CONFIG_PASSPHRASE": "rehearsal",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        **({"PULUMI_HOME": str(state / "pulumi-home")} if plugins == "ours" else {}),
        "REHEARSAL_STATE": str(state),
    }


def exports(environment: Mapping[str, str]) -> str:
    """Return the variables as lines for a shell to source."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
