"""Put providers where the engine looks for plugins (Pulumi docs, 'Plugins')."""

import importlib.metadata
import shlex
import subprocess
import sys
from pathlib import Path

_SDKS = {name: f"pulumi-{name}" for name in ("azure-native", "azuread", "gitlab")}
_ROOT = Path(__file__).parents[2]


class PluginUnavailable(Exception):
    """An official plugin cannot be installed; the text has Pulumi's own words."""


def install(pulumi_home: Path) -> None:
    """Write the rehearsal's own providers into a PULUMI_HOME, for the versions of the installed SDKs.

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


def install_official() -> None:
    """Let Pulumi install its own plugins, those of the installed SDKs' versions. Raises PluginUnavailable."""
    for name, sdk in _SDKS.items():
        command = ("pulumi", "plugin", "install", "resource", name, importlib.metadata.version(sdk))
        try:
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
        except OSError as error:
            raise PluginUnavailable(
                f"pulumi cannot be run: {error.strerror}. scripts/setup finds or fetches it."
            ) from None
        if ended.returncode:
            words = ended.stderr.strip().rpartition("\n")[2]
            raise PluginUnavailable(
                f"`{' '.join(command)}` failed: {words}\n"
                "Leave --plugins out: the rehearsal's own providers need no download."
            )
