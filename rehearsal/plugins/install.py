"""Put the rehearsal's providers where the engine looks for plugins (Pulumi docs, 'Plugins')."""

import importlib.metadata
import shlex
import sys
from pathlib import Path

_SDKS = {"azure-native": "pulumi-azure-native", "azuread": "pulumi-azuread"}
_ROOT = Path(__file__).parents[2]


def install(pulumi_home: Path) -> None:
    """Write the providers' executables into a PULUMI_HOME, for the versions of the installed SDKs.

    They run this interpreter and this copy of the rehearsal, from any directory.
    """
    for name, sdk in _SDKS.items():
        version = importlib.metadata.version(sdk)
        executable = pulumi_home / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}"
        executable.parent.mkdir(parents=True, exist_ok=True)
        path, python = shlex.quote(str(_ROOT)), shlex.quote(sys.executable)
        executable.write_text(
            f"#!/bin/sh\nPYTHONPATH={path} exec {python} -m rehearsal.plugins {name} {version}\n", encoding="utf-8"
        )
        executable.chmod(0o755)
