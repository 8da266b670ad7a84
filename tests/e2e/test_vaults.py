"""A stack's vaults through their lives, under the real engine: left behind, protected, deleted, taken back."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Script = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vaults")


@pytest.fixture(scope="module")
def said(script: Script, root: Path, files: Path) -> dict[str, str]:
    """What Pulumi said, step by step of `vaults.sh`."""
    done = script("scripts/rehearse", "--", "bash", str(root / "tests/e2e/vaults.sh"), str(files))
    assert done.returncode == 0, done.stdout
    parts = re.split(r"^=== (\w+)\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def sku(files: Path, state: str) -> str:
    resources = json.loads((files / state).read_text())["deployment"]["resources"]
    (vault,) = (one for one in resources if one["type"] == "azure-native:keyvault:Vault")
    return vault["outputs"]["properties"]["sku"]["name"]


def test_offboarding_removes_identity_and_roles_and_leaves_the_vault_and_its_log(said: dict[str, str]):
    assert "exit code" not in said["deploy"] + said["offboard"]
    assert re.search(r"Application acme-own-identity-application deleted", said["offboard"])
    assert re.search(r"RoleAssignment acme-own-access-vault deleted", said["offboard"])
    assert re.search(r"Vault vault-kv-own-vault .*retain", said["offboard"])
    assert re.search(r"Workspace workspace-log-own .*retain", said["offboard"])


def test_what_azure_does_not_know_is_told_at_preview_without_a_traceback(said: dict[str, str]):
    assert "1 thing stands in the way. Nothing was created or changed." in said["unknown"]
    assert "gitlab-keyvault:vault.diagnostics.workspace: there is no such workspace" in said["unknown"]
    assert "problem: HTTP 404 ResourceGroupNotFound: Resource group 'nowhere' could not be found." in said["unknown"]
    assert "Traceback" not in said["unknown"]


def test_pulumi_refuses_to_delete_a_protected_vault(said: dict[str, str]):
    assert "exit code" not in said["protect"] + said["unprotect"]
    assert "exit code" in said["refused"]
    assert "protect" in said["refused"]


def test_the_name_of_a_deleted_vault_is_told_at_preview(said: dict[str, str]):
    assert "exit code" not in said["destroy"]
    assert "gitlab-keyvault:vault.name: a deleted vault still holds the name 'kv-vaults'" in said["held"]


def test_a_deleted_vault_is_taken_back_and_given_its_settings_by_the_next_deployment(said: dict[str, str], files: Path):
    assert "The deleted vault kv-vaults is taken back as it was" in said["recover"]
    assert "RoleAssignment acme-shop-access-secret-shop-key created" in said["recover"]
    assert sku(files, "recovered.json") == "standard"
    assert "~ 1 updated" in said["settle"]
    assert sku(files, "settled.json") == "premium"
    assert "exit code" not in said["settled"]
