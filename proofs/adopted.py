"""Proofs about a vault that another team made: the stack gives roles on it, and leaves it as it is."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .administrator import Administrator
from .jobs import Job
from .proof import Proof, Scene, Stored
from .reading import read_back
from .tools import deploy, destroy, mint_token, outputs

STACK = "rehearsal-adopted"
ADOPTED_GROUP, ADOPTED_VAULT = "rg-platform-rehearsal", "kv-platform-rehearsal"
LEGACY = "acme/legacy"
LEGACY_SECRET = "legacy-key"  # noqa: S105 - its name
NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"


def stack_file() -> str:
    """Write the stack's file with this rehearsal's subscription in it; return its path."""
    committed = Path(f"stacks/Pulumi.{STACK}.yaml").read_text()
    written = Path(os.environ["REHEARSAL_STATE"], f"Pulumi.{STACK}.yaml")
    written.write_text(committed.replace(NO_SUBSCRIPTION, os.environ["AZURE_SUBSCRIPTION_ID"]))
    return str(written)


def adopted_proofs(administrator: Administrator, vault_url: str, stored: Stored) -> Iterator[Proof]:
    """Deploy on the vault that is there, read from it, and take the project off again."""
    before = vault(administrator)
    config = f"--config-file={stack_file()}"
    deploy(STACK, config)
    scene = Scene(administrator, outputs(STACK), {LEGACY_SECRET: stored})
    yield Proof("the stack puts out the adopted vault's URL", vault_url, scene.outputs["vault_url"])
    yield read_back(
        scene,
        f"{LEGACY} reads its secret from it",
        lambda: Job.pasted(scene.projects[LEGACY], mint_token(LEGACY, "main")),
    )
    destroy(STACK, config)
    same = "as it was" if vault(administrator) == before else "changed"
    yield Proof("… and is left by `pulumi destroy` as it was", "as it was", same)


def vault(administrator: Administrator) -> dict[str, Any]:
    """Return the vault as ARM tells it."""
    group = f"{administrator.subscription}/resourceGroups/{ADOPTED_GROUP}"
    return administrator.arm("GET", f"{group}/providers/Microsoft.KeyVault/vaults/{ADOPTED_VAULT}")
