"""Start a provider for the engine: `python -m rehearsal.plugins azure-native|azuread|gitlab VERSION`."""

import importlib
import importlib.util
import sys
from types import ModuleType


def _without_the_sdk() -> None:
    """Let `pulumi.runtime.proto` be imported without the SDK around it, which costs half a second at every start."""
    spec = importlib.util.find_spec("pulumi")
    locations = (spec and spec.submodule_search_locations) or []
    for name, below in (("pulumi", ""), ("pulumi.runtime", "/runtime")):
        module = ModuleType(name)
        module.__path__ = [location + below for location in locations]
        sys.modules[name] = module


def main() -> None:
    """Serve until the engine ends."""
    name, version = sys.argv[1:3]
    _without_the_sdk()
    from .provider import Provider
    from .server import serve

    module = importlib.import_module(f"rehearsal.plugins.{name.replace('-', '_')}")
    serve(Provider(version, module.service))


if __name__ == "__main__":
    main()
