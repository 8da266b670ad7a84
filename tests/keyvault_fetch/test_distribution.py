"""What is installed with `pip install` is the whole of the fetch module."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_package_of_the_fetch_module_is_installed_and_no_other():
    found = {".".join(file.parent.relative_to(ROOT).parts) for file in ROOT.glob("keyvault_fetch/**/__init__.py")}
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    assert set(setuptools["packages"]) == found
