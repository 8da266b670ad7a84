"""The three CI/CD variables by which a job of a project finds the vault, scoped to the stack's environment."""

from typing import TypedDict

import pulumi
import pulumi_gitlab as gitlab

__all__ = ["GitLabVariables", "GitLabVariablesArgs"]


class GitLabVariablesArgs(TypedDict):
    """Where the variables go and what they say."""

    project_id: pulumi.Input[str]
    """The project's number."""

    environment_scope: pulumi.Input[str]
    """The environments whose jobs get them: a name, or a pattern like `review/*`."""

    client_id: pulumi.Input[str]
    """`AZURE_CLIENT_ID`."""

    tenant_id: pulumi.Input[str]
    """`AZURE_TENANT_ID`."""

    vault_url: pulumi.Input[str]
    """`AZURE_KEY_VAULT_SERVER_URL`."""


class GitLabVariables(pulumi.ComponentResource):
    """`AZURE_CLIENT_ID`, `AZURE_TENANT_ID` and `AZURE_KEY_VAULT_SERVER_URL` in a project, for one environment scope.

    Not masked: they are no secrets, and a masked URL makes every log about the vault unreadable. Not protected: which
    refs may read is for Entra's credentials to decide, and a protected variable would be missing, without a word, from
    a trusted job on an unprotected ref. Raw: nothing in them is to be expanded.
    """

    keys: pulumi.Output[list[str]]
    """The variables' names."""

    def __init__(self, name: str, args: GitLabVariablesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gitlab-keyvault:index:GitLabVariables", name, {}, opts)
        values = {
            "AZURE_CLIENT_ID": args["client_id"],
            "AZURE_TENANT_ID": args["tenant_id"],
            "AZURE_KEY_VAULT_SERVER_URL": args["vault_url"],
        }
        variables = [
            gitlab.ProjectVariable(
                f"{name}-{key}",
                project=args["project_id"],
                key=key,
                value=value,
                environment_scope=args["environment_scope"],
                variable_type="env_var",
                description="Set by gitlab-keyvault",
                masked=False,
                protected=False,
                raw=True,
                # Given to the component, `depends_on` does not reach its children by itself.
                opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None),
            )
            for key, value in values.items()
        ]
        self.keys = pulumi.Output.all(*(variable.key for variable in variables))
        self.register_outputs({"keys": self.keys})
