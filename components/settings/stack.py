"""A stack's configuration as frozen types. Pure.

The types below (with `vault.py` and `trust.py`) are the one place where a key is declared: they are read
(`reading.py`), described to editors (`schema.py`) and checked against each other (`consistency.py`), all of it together
by `components/stack/parse.py`. The defaults are the safest: the branch main alone, one role a secret, full retention,
purge protection.
"""

from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

from components.roles import DEFAULT_ROLE, role_flaw
from components.settings import rules, vault_rules
from components.settings.keys import Key, keys_of
from components.settings.trust import TrustSettings
from components.settings.vault import VaultSettings
from keyvault_fetch.trust.subjects import COMPONENTS, DEFAULT_COMPONENTS, components_flaw, project_path_flaw

__all__ = ["KEYS", "Access", "Identity", "ProjectSettings", "SecretSettings", "Settings"]

Access = Literal["secrets", "vault"]
Identity = Literal["application", "shared", "managed"]


@dataclass(frozen=True)
class SecretSettings:
    """A secret of the vault and the CI/CD variable that a job gets it in."""

    variable: Annotated[str, Key("CI/CD variable, like DATABASE_PASSWORD.", rule=rules.variable_flaw)]
    name: Annotated[
        str,
        Key(
            "Name of the secret in the vault, never its value.",
            rule=rules.secret_name_flaw,
            required="write the secret's name, or an object with `name`, `version` and `file`",
            example="shop-database-password",
        ),
    ]
    version: Annotated[
        str,
        Key("The 32 hexadecimal digits of one version, in quotes. Left out, the latest.", rule=rules.version_flaw),
    ] = ""
    file: Annotated[bool, Key("true: the variable holds a file's path. false: it holds the value.")] = True


@dataclass(frozen=True)
class ProjectSettings:
    """A GitLab project: whose jobs are trusted, and what they may read."""

    path: Annotated[
        str,
        Key(
            "group/project as GitLab writes it.",
            rule=project_path_flaw,
            required="write the project's path, like group/project",
            example="acme/shop",
        ),
    ]
    secrets: Annotated[
        tuple[SecretSettings, ...],
        Key(
            "The job's CI/CD variables, each with a secret's name or {name, version, file}.",
            required="write what the project reads, like DATABASE_PASSWORD: shop-database-password",
            form="write an object of CI/CD variables and secret names, like DATABASE_PASSWORD: shop-database-password",
            empty="a project reads at least one secret",
            by_name=("variable", "name"),
        ),
    ]
    project_id: Annotated[
        int | None,
        Key(
            "The project's number, from its page in GitLab. Patterns need it; with environment_scope GitLab is asked.",
            between=(1, None),
            example=4242,
        ),
    ] = None
    sub_components: Annotated[
        tuple[str, ...],
        Key(
            "What the project's `sub` claim is made of (GitLab's ci_id_token_sub_claim_components). With project_id "
            "first, a renamed project's path is worth nothing to who takes it.",
            choices=COMPONENTS,
            whole=components_flaw,
            form="write a list that starts with project_path or project_id, like [project_path, ref_type, ref]",
            empty="a subject starts with project_path or project_id",
        ),
    ] = DEFAULT_COMPONENTS
    identity: Annotated[
        Identity,
        Key(
            "application: one of the project's own. shared: one that all such projects share, with all they may read. "
            "managed: a user-assigned managed identity, for who may not create applications; it takes no patterns."
        ),
    ] = "application"
    trust: Annotated[
        tuple[TrustSettings, ...],
        Key(
            "Whose jobs are trusted. Left out: the branch main.",
            form="write `- branch: NAME` or `- tag: NAME`, or leave the key out to trust the branch main",
            empty="no job is trusted",
        ),
    ] = (TrustSettings(branch="main"),)
    access: Annotated[
        Access,
        Key(
            "secrets: a role on each listed secret alone. vault: a role on the whole vault. Default is secrets; vault "
            "where the project has a vault of its own.",
            rule=vault_rules.access_flaw,
            derived=lambda values: "vault" if values["vault"] else "secrets",
        ),
    ] = "secrets"
    role: Annotated[str, Key("A built-in role on what a vault holds, by name.", rule=role_flaw)] = DEFAULT_ROLE
    condition: Annotated[
        str, Key("A condition (ABAC, version 2.0) of the role assignments.", rule=vault_rules.condition_flaw)
    ] = ""
    vault: Annotated[
        VaultSettings | None,
        Key(
            "A vault of the project's own, with the keys of the stack's.",
            form="write an object with a `name` or an `id`",
        ),
    ] = None


@dataclass(frozen=True)
class Settings:
    """All that a stack's configuration says."""

    location: Annotated[
        str,
        Key(
            "Azure region of what the stack makes, like westeurope.",
            rule=rules.location_flaw,
            required="write the region, like westeurope",
            example="westeurope",
        ),
    ]
    resource_group: Annotated[
        str,
        Key(
            "Resource group: the name of one to make, or the ARM id of one that exists and is not changed.",
            rule=vault_rules.name_or_id_of("resourceGroups", vault_rules.resource_group_flaw),
            required="write the name of the resource group to make, like rg-gitlab-keyvault",
            example="rg-gitlab-keyvault",
        ),
    ]
    gitlab_url: Annotated[
        str,
        Key(
            "URL of the GitLab instance, without a slash at its end; a path is allowed.",
            rule=rules.gitlab_url_flaw,
            example="https://gitlab.example.com",
        ),
    ] = rules.DEFAULT_GITLAB_URL
    issuer: Annotated[
        str,
        Key(
            "The `iss` of the ID tokens, where the instance sets ci_id_tokens_issuer_url. Default is gitlab_url.",
            rule=rules.gitlab_url_flaw,
            derived=lambda values: values["gitlab_url"],
        ),
    ] = ""
    audience: Annotated[
        str,
        Key(
            "The `aud` of the jobs' ID tokens. Default is gitlab_url.",
            rule=rules.audience_flaw,
            derived=lambda values: values["gitlab_url"],
        ),
    ] = ""
    environment_scope: Annotated[
        str,
        Key(
            "The GitLab environment of this stack. Set, the stack writes each project's three CI/CD variables with "
            "this scope, and its `sub` setting (with GITLAB_TOKEN or gitlab:token). Left out, GitLab is left alone.",
            rule=rules.environment_scope_flaw,
            example="production",
        ),
    ] = ""
    tags: Annotated[
        dict[str, str],
        Key(
            "Tags of all Azure resources that take tags.",
            whole=vault_rules.tags_flaw,
            form="write an object of names and texts, like owner: platform",
            example={"owner": "platform"},
        ),
    ] = field(default_factory=dict[str, str])
    protect: Annotated[bool, Key("Pulumi refuses to delete or replace the vault and its resource group.")] = True
    vault: Annotated[
        VaultSettings | None,
        Key(
            "The vault of all projects that have none of their own.",
            form="write an object with a `name` or an `id`",
            example={"name": "kv-acme-gitlab-dev"},
        ),
    ] = None
    projects: Annotated[
        tuple[ProjectSettings, ...],
        Key(
            "The GitLab projects whose jobs may read secrets.",
            form="write a list, each item an object with a `path` and `secrets`",
        ),
    ] = ()

    @property
    def vaults(self) -> dict[str, VaultSettings]:
        """The stack's vault and the projects' own, by their keys."""
        stacks = {"vault": self.vault} if self.vault else {}
        return stacks | {f"projects[{at}].vault": one.vault for at, one in enumerate(self.projects) if one.vault}

    def vault_name(self, project: ProjectSettings) -> str:
        """Return the name in Azure of the vault that holds a project's secrets: its own, or the stack's."""
        vault = project.vault or self.vault
        return vault.azure_name if vault else ""


KEYS: Final = tuple(keys_of(Settings))
"""The keys of a stack, without their namespace."""
