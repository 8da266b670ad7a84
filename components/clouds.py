"""Azure's clouds: where each is managed, and what its vaults are called inside a private network. Pure.

Sources: Microsoft Learn, "Azure Private Endpoint private DNS zone values"; pulumi-azure-native, setting `environment`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Cloud", "cloud"]


@dataclass(frozen=True)
class Cloud:
    """A cloud: the URL of its Azure Resource Manager, and the private DNS zone of its vaults."""

    management: str
    vault_zone: str


_PUBLIC: Final = Cloud("https://management.azure.com", "privatelink.vaultcore.azure.net")
_CLOUDS: Final = {
    "usgovernment": Cloud("https://management.usgovcloudapi.net", "privatelink.vaultcore.usgovcloudapi.net"),
    "china": Cloud("https://management.chinacloudapi.cn", "privatelink.vaultcore.azure.cn"),
}


def cloud(environment: str | None) -> Cloud:
    """Return the cloud that azure-native deploys to, by the name that its setting `environment` has."""
    return _CLOUDS.get((environment or "").lower().removeprefix("azure").removesuffix("cloud"), _PUBLIC)
