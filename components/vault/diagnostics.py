"""Who read what: a vault's audit log in a Log Analytics workspace."""

from typing import TypedDict

import pulumi
from pulumi_azure_native import monitor

__all__ = ["VaultDiagnostics", "VaultDiagnosticsArgs"]


class VaultDiagnosticsArgs(TypedDict):
    """Which vault reports where."""

    vault_id: pulumi.Input[str]
    """ARM id of the vault."""

    workspace_id: pulumi.Input[str]
    """ARM id of the Log Analytics workspace."""


class VaultDiagnostics(pulumi.ComponentResource):
    """A diagnostic setting that sends every access (`AuditEvent`) and all metrics of a vault to a workspace."""

    workspace_id: pulumi.Output[str]
    """ARM id of the workspace."""

    def __init__(self, name: str, args: VaultDiagnosticsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:VaultDiagnostics", name, {}, opts)
        monitor.DiagnosticSetting(
            f"{name}-setting",
            name="gitlab-keyvault",
            resource_uri=args["vault_id"],
            workspace_id=args["workspace_id"],
            logs=[monitor.DiagnosticsLogSettingsArgs(category="AuditEvent", enabled=True)],
            metrics=[monitor.DiagnosticsMetricSettingsArgs(category="AllMetrics", enabled=True)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.workspace_id = pulumi.Output.from_input(args["workspace_id"])
        self.register_outputs({"workspace_id": self.workspace_id})
