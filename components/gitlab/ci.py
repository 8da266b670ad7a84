"""The block of a project's `.gitlab-ci.yml` that reads its secrets, ready to paste. Pure.

Source: GitLab docs, "Use Azure Key Vault secrets in GitLab CI/CD" and the YAML reference of `secrets` and `id_tokens`.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict

import yaml

__all__ = ["SecretArgs", "render"]


class SecretArgs(TypedDict):
    """A secret of the vault, as a job gets it."""

    name: str
    """Name of the secret in the vault."""

    version: NotRequired[str]
    """Its version, 32 hexadecimal digits. Absent or empty: the latest."""

    file: NotRequired[bool]
    """Whether the variable holds the path of a file with the value (GitLab's default), or the value itself."""


def render(
    *,
    audience: str,
    vault_url: str,
    client_id: str,
    tenant_id: str,
    secrets: Mapping[str, SecretArgs],
    environment_scope: str = "",
) -> str:
    """Return the YAML of a job `read-secrets`; `secrets` maps each CI/CD variable to its secret.

    With an environment scope the project has the three variables already, for jobs of that environment: the job names
    it, where it is one name and no pattern.
    """
    variables = {
        "AZURE_KEY_VAULT_SERVER_URL": vault_url,
        "AZURE_CLIENT_ID": client_id,
        "AZURE_TENANT_ID": tenant_id,
    }
    job = {
        "id_tokens": {"AZURE_JWT": {"aud": audience}},
        **({"environment": {"name": environment_scope}} if environment_scope and "*" not in environment_scope else {}),
        **({} if environment_scope else {"variables": variables}),
        "secrets": {variable: _secret(secret) for variable, secret in secrets.items()},
        # A first run proves that every secret arrives; `-s` asks for a file with something in it, `-n` for a value.
        "script": [
            f'test {"-s" if secret.get("file", True) else "-n"} "${variable}"' for variable, secret in secrets.items()
        ],
    }
    return yaml.safe_dump({"read-secrets": job}, sort_keys=False, allow_unicode=True, width=1000)


def _secret(secret: SecretArgs) -> dict[str, object]:
    version = secret.get("version")
    vault_secret = {"name": secret["name"], "version": version} if version else {"name": secret["name"]}
    as_value = {} if secret.get("file", True) else {"file": False}
    return {"token": "$AZURE_JWT", **as_value, "azure_key_vault": vault_secret}
