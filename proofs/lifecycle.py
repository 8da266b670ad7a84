"""Proofs about the stack: it settles, it notices what was changed by hand, it mends it, and it goes away."""

from collections.abc import Iterator

from .jobs import Job
from .proof import Proof, Scene
from .reading import read_back
from .refusals import PAYMENTS, SHOP, refusal
from .tools import NOTHING, changes, destroy, mint_token, must, pulumi


def settled_proofs(scene: Scene) -> Iterator[Proof]:
    """Prove that a second `up` and a `refresh` find nothing to do, and that the state holds no secret."""
    again = pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    yield Proof("a second `pulumi up` changes nothing", NOTHING, changes(again))
    refreshed = pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    yield Proof("`pulumi refresh` finds no drift", NOTHING, changes(refreshed))
    state = must(pulumi("stack", "export")).output
    leaked = [name for name, secret in scene.stored.items() if secret.value.strip() in state]
    yield Proof("the engine's state holds no secret value", "none", ", ".join(leaked) or "none")


def drift_proofs(scene: Scene) -> Iterator[Proof]:
    """Change a federated credential and remove a role assignment by hand; prove that both are found and mended."""
    shop = Job.pasted(scene.projects[SHOP], mint_token(SHOP, "main"))
    payments = Job.pasted(scene.projects[PAYMENTS], mint_token(PAYMENTS, "main"))
    point_credential_elsewhere(scene, scene.projects[SHOP])
    remove_role_assignments(scene, scene.projects[PAYMENTS])
    yield refusal(("a subject changed by hand: the job is refused", "AADSTS700213", lambda: shop))
    yield refusal(("a role assignment removed by hand: the job is refused", "ForbiddenByRbac", lambda: payments))
    drift = changes(pulumi("refresh", "--preview-only"))
    yield Proof("`pulumi refresh --preview-only` finds both", "1 to update, 1 to delete", drift)
    mended = changes(pulumi("up", "--refresh", "--yes", "--skip-preview"))
    yield Proof("`pulumi up --refresh` mends both", "1 created, 1 updated", mended)
    yield read_back(scene, f"{SHOP} reads its secrets again", lambda: shop)
    yield read_back(scene, f"{PAYMENTS} reads its secret again", lambda: payments)


def point_credential_elsewhere(scene: Scene, project: dict[str, str]) -> None:
    """Change the subject of the credential that trusts the project's branch main, as a hand in the portal might."""
    administrator = scene.administrator
    credentials = administrator.federated_credentials(project["client_id"])
    credential = next(one for one in credentials if one["subject"].endswith(":ref_type:branch:ref:main"))
    application = administrator.application(project["client_id"])
    path = f"/applications/{application['id']}/federatedIdentityCredentials/{credential['id']}"
    administrator.graph("PATCH", path, {"subject": f"{credential['subject']}-changed-by-hand"})


def remove_role_assignments(scene: Scene, project: dict[str, str]) -> None:
    """Delete the role assignments of the project's service principal."""
    for assignment in scene.administrator.role_assignments(project["client_id"]):
        scene.administrator.arm("DELETE", assignment["id"])


def destruction_proofs(scene: Scene) -> Iterator[Proof]:
    """Destroy the stack; prove that nothing is left but the vault in its soft-deleted state, and purge that."""
    destroyed = destroy()
    left = must(pulumi("stack", "export")).output.count('"urn"')
    yield Proof("`pulumi destroy` leaves nothing in the state", "0 resources", f"{left} resources")
    administrator = scene.administrator
    applications = [path for path, project in scene.projects.items() if administrator.application(project["client_id"])]
    group = administrator.arm("GET", f"{administrator.subscription}/resourceGroups/{scene.outputs['resource_group']}")
    leftovers = [*applications, *([scene.outputs["resource_group"]] if group else [])]
    yield Proof(
        f"… and no application or resource group in the cloud ({changes(destroyed)})",
        "none left",
        ", ".join(leftovers) or "none left",
    )
    yield Proof("… but the vault may still be recovered", "soft-deleted", what_is_kept_of_the_vault(scene))
    administrator.purge_vaults()
    yield Proof("… until the administrator purges it", "gone", what_is_kept_of_the_vault(scene))


def what_is_kept_of_the_vault(scene: Scene) -> str:
    """Tell whether the destroyed vault can still be recovered."""
    name = scene.outputs["vault_id"].rpartition("/")[2]
    return "soft-deleted" if name in scene.administrator.deleted_vaults() else "gone"
