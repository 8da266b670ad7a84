"""The providers under the real engine: one stack through its life."""

import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation
from pulumi_azure_native import authorization, keyvault, resources
from pulumi_azuread import Application, ApplicationFederatedIdentityCredential, ServicePrincipal

from rehearsal.plugins.azure_native import ARM
from rehearsal.plugins.client import Client, Credentials
from rehearsal.plugins.install import install
from rehearsal.server import Running

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
CANARY = "canary-5b1f9c"


@dataclass
class Program:
    """A stack with every kind of thing that onboarding makes, and one vault that was there before."""

    cloud: Running
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    tags: dict[str, str] = field(default_factory=dict[str, str])
    vault: str = "a"
    again: bool = False
    urls: list[str] = field(default_factory=list[str])

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.cloud.cloud.subscription}"

    @property
    def adopted(self) -> str:
        vaults = f"{self.scope}/resourceGroups/rg-old-{self.mark}/providers/Microsoft.KeyVault/vaults"
        return f"{vaults}/kv-old-{self.mark}"

    @property
    def trust(self) -> dict[str, Any]:
        issuer = "https://gitlab.com"
        return {"issuer": issuer, "audiences": [issuer], "subject": f"project_path:acme/{self.mark}:ref_type:branch"}

    def properties(self) -> dict[str, Any]:
        sku = {"family": "A", "name": "standard"}
        return {"tenantId": self.cloud.cloud.tenant, "sku": sku, "enableRbacAuthorization": True, "accessPolicies": []}

    def __call__(self) -> None:
        group = resources.ResourceGroup(
            "group", resource_group_name=f"rg-{self.mark}", location="westeurope", tags=self.tags
        )
        properties = keyvault.VaultPropertiesArgs(
            tenant_id=authorization.get_client_config().tenant_id,
            sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
            enable_rbac_authorization=True,
            access_policies=[],
        )
        vault = keyvault.Vault(
            "vault",
            resource_group_name=group.name,
            vault_name=f"kv-{self.vault}-{self.mark}",
            properties=properties,
        )
        keyvault.Vault(
            "old",
            resource_group_name=f"rg-old-{self.mark}",
            vault_name=f"kv-old-{self.mark}",
            location="westeurope",
            properties=properties,
            opts=pulumi.ResourceOptions(import_=self.adopted, retain_on_delete=True),
        )
        keyvault.Secret(
            "secret",
            resource_group_name=group.name,
            vault_name=vault.name,
            properties=keyvault.SecretPropertiesArgs(value=pulumi.Output.secret(CANARY)),
        )
        application = Application("application", display_name=f"app-{self.mark}")
        principal = ServicePrincipal("principal", client_id=application.client_id)
        ApplicationFederatedIdentityCredential(
            "trust", application_id=application.id, display_name="main", **self.trust
        )
        authorization.RoleAssignment(
            "access",
            scope=vault.id,
            principal_id=principal.object_id,
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=f"{self.scope}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}",
        )
        vault.properties.apply(lambda known: self.urls.append(known.vault_uri))
        if self.again:
            resources.ResourceGroup("again", resource_group_name=f"rg-old-{self.mark}", location="westeurope")


def changed(result: automation.UpResult) -> dict[str, int]:
    counts = result.summary.resource_changes or {}
    return {kind: count for kind, count in counts.items() if kind != "same"}


# A failed run leaves a coroutine of the SDK's own behind.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH (scripts/test puts it there)")
def test_a_stack_is_previewed_made_kept_mended_replaced_and_removed(
    cloud: Running, environment: dict[str, str], tmp_path: Path
):
    install(Path(environment["PULUMI_HOME"]))
    program = Program(cloud)
    by_hand = Client(Credentials.of({}))
    by_hand.call(
        "PUT", f"{ARM}{program.adopted.partition('/providers/')[0]}?api-version=2024-03-01", {"location": "westeurope"}
    )
    existing = {"location": "westeurope", "properties": {**program.properties(), "enableSoftDelete": True}}
    by_hand.call("PUT", f"{ARM}{program.adopted}?api-version=2024-11-01", existing)
    stack = automation.create_stack(
        "dev",
        project_name=f"life-{program.mark}",
        program=program,
        opts=automation.LocalWorkspaceOptions(work_dir=str(tmp_path)),
    )

    preview = stack.preview()
    # The SDK's defaults (enabledForDeployment and its like) make an update of what is imported.
    assert preview.change_summary == {"create": 8, "import": 1, "update": 1}
    assert program.urls == []

    assert changed(stack.up()) == {"create": 8, "import": 1, "update": 1}
    assert program.urls == [f"https://kv-a-{program.mark}.vault.azure.net/"]
    state = "".join(path.read_text() for path in Path(environment["REHEARSAL_STATE"]).glob("pulumi-state/**/*.json"))
    assert f"kv-a-{program.mark}" in state
    assert CANARY not in state

    stack.up(refresh=True, expect_no_changes=True)

    application = next(
        each for each in cloud.cloud.store.all("application") if each["displayName"] == f"app-{program.mark}"
    )
    by_hand.call("PATCH", f"https://graph.microsoft.com/v1.0/applications/{application['id']}", {"notes": "by hand"})
    program.tags, program.vault = {"team": "platform"}, "b"
    assert changed(stack.up(refresh=True)) == {"update": 2, "replace": 3}
    assert (cloud.cloud.store.get("application", application["id"]) or {})["notes"] is None

    program.again = True
    with pytest.raises(automation.CommandError, match="cannot create already existing resource '/subscriptions/"):
        stack.up()

    stack.destroy()
    left = [each["id"] for each in cloud.cloud.store.all("arm") if program.mark in each["id"]]
    assert left == [program.adopted.partition("/providers/")[0], program.adopted]
    assert cloud.cloud.store.get("application", application["id"]) is None
