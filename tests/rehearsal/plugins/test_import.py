"""Things that somebody made by hand, taken over by a stack as Pulumi documents it: preview, fill in the ids, import."""

import json
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation
from pulumi_azure_native import authorization, keyvault
from pulumi_azuread import Application, ApplicationFederatedIdentityCredential, ServicePrincipal
from pulumi_azuread import ApplicationFlexibleFederatedIdentityCredential as FlexibleCredential

from rehearsal.plugins.azure_native import ARM
from rehearsal.plugins.azuread import GRAPH
from rehearsal.plugins.client import Client, Credentials
from rehearsal.plugins.install import install
from rehearsal.server import Running

SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
ISSUER = "https://gitlab.com"
SUBJECT = "project_path:acme/legacy:ref_type:branch:ref:main"
EXPRESSION = "claims['sub'] matches 'project_path:acme/legacy:*' and claims['project_id'] eq '7'"


@dataclass
class ByHand:
    """A vault and an application with all that belongs to it, made without Pulumi; `ids` by name in the program."""

    cloud: Running
    mark: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    ids: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.cloud.cloud.subscription}"

    @property
    def role(self) -> str:
        return f"{self.scope}/providers/Microsoft.Authorization/roleDefinitions/{SECRETS_USER}"

    def make(self) -> None:
        client = Client(Credentials.of({}))
        group = f"{self.scope}/resourceGroups/rg-{self.mark}"
        vault = f"{group}/providers/Microsoft.KeyVault/vaults/kv-{self.mark}"
        client.call("PUT", f"{ARM}{group}?api-version=2024-03-01", {"location": "westeurope"})
        rbac = {"enableRbacAuthorization": True, "tenantId": self.cloud.cloud.tenant}
        client.call("PUT", f"{ARM}{vault}?api-version=2024-11-01", {"location": "westeurope", "properties": rbac})
        application = client.call("POST", f"{GRAPH}/v1.0/applications", {"displayName": f"legacy-{self.mark}"})
        principal = client.call("POST", f"{GRAPH}/v1.0/servicePrincipals", {"appId": application["appId"]})
        # The program names no owners, and azuread would take them away.
        for path in (f"applications/{application['id']}", f"servicePrincipals/{principal['id']}"):
            client.call("DELETE", f"{GRAPH}/v1.0/{path}/owners/{client.object_id(GRAPH)}/$ref")
        trust = {"issuer": ISSUER, "audiences": [ISSUER]}
        path = f"/applications/{application['id']}/federatedIdentityCredentials"
        exact = client.call("POST", f"{GRAPH}/v1.0{path}", {"name": "main", "subject": SUBJECT, **trust})
        expression = {"claimsMatchingExpression": {"value": EXPRESSION, "languageVersion": 1}}
        flexible = client.call("POST", f"{GRAPH}/beta{path}", {"name": "any", **expression, **trust})
        assignment = f"{vault}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        given = {"principalId": principal["id"], "roleDefinitionId": self.role, "principalType": "ServicePrincipal"}
        client.call("PUT", f"{ARM}{assignment}?api-version=2022-04-01", {"properties": given})
        self.ids = {
            "vault": vault,
            "application": f"/applications/{application['id']}",
            "principal": f"/servicePrincipals/{principal['id']}",
            "main": f"{application['id']}/federatedIdentityCredential/{exact['id']}",
            "any": f"{path}/{flexible['id']}",
            "access": assignment,
        }

    def __call__(self) -> None:
        parent = pulumi.ComponentResource("tests:index:Onboarding", "legacy")
        within = pulumi.ResourceOptions(parent=parent)
        vault = keyvault.Vault(
            "vault",
            resource_group_name=f"rg-{self.mark}",
            vault_name=f"kv-{self.mark}",
            location="westeurope",
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=self.cloud.cloud.tenant,
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                access_policies=[],
                soft_delete_retention_in_days=90,
                public_network_access="Enabled",
            ),
            opts=within,
        )
        application = Application("application", display_name=f"legacy-{self.mark}", opts=within)
        principal = ServicePrincipal("principal", client_id=application.client_id, opts=within)
        trust: dict[str, Any] = {"application_id": application.id, "issuer": ISSUER, "opts": within}
        ApplicationFederatedIdentityCredential(
            "main", display_name="main", subject=SUBJECT, audiences=[ISSUER], **trust
        )
        FlexibleCredential("any", display_name="any", claims_matching_expression=EXPRESSION, audience=ISSUER, **trust)
        authorization.RoleAssignment(
            "access",
            scope=vault.id,
            role_assignment_name=self.ids["access"].rpartition("/")[2],
            principal_id=principal.object_id,
            principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
            role_definition_id=self.role,
            opts=within,
        )


@pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH (scripts/test puts it there)")
def test_what_was_made_by_hand_is_imported_by_the_file_of_a_preview_and_nothing_changes(
    cloud: Running, environment: dict[str, str], tmp_path: Path
):
    install(Path(environment["PULUMI_HOME"]))
    made = ByHand(cloud)
    made.make()
    stack = automation.create_stack(
        "dev",
        project_name=f"import-{made.mark}",
        program=made,
        opts=automation.LocalWorkspaceOptions(work_dir=str(tmp_path)),
    )
    stack.preview(import_file=str(tmp_path / "import.json"))
    wanted = json.loads((tmp_path / "import.json").read_text())
    assert {each["name"] for each in wanted["resources"]} == {"legacy", *made.ids}
    for each in wanted["resources"]:
        if each["name"] in made.ids:
            each["id"] = made.ids[each["name"]]
    stack.import_resources(
        resources=wanted["resources"], name_table=wanted.get("nameTable"), protect=False, generate_code=False
    )
    stack.up(expect_no_changes=True)
    stack.destroy()
    assert cloud.cloud.store.get("arm", made.ids["vault"].lower()) is None
