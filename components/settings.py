"""A stack's configuration as frozen types. Pure: a mapping goes in, `Settings` or every mistake at once comes out.

Pulumi.yaml describes the keys, stacks/ shows them filled in. The defaults are the safest: the branch main alone, one
role a secret, full retention, purge protection.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, cast

from components import rules
from components.mistakes import Entry, SettingsError
from keyvault_fetch.trust.subjects import Flaw, RefType, project_path_flaw, ref_flaw, subject

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KEYS", "Access", "ProjectSettings", "SecretSettings", "Settings", "TrustSettings", "VaultSettings", "parse"]

Access = Literal["secrets", "vault"]

KEYS: Final = ("location", "resource_group", "gitlab_url", "audience", "vault", "projects")


@dataclass(frozen=True)
class VaultSettings:
    """The vault: its name, the days in which deleted things can be recovered, whether nobody may purge them before."""

    name: str
    retention_days: int
    purge_protection: bool


@dataclass(frozen=True)
class TrustSettings:
    """A branch or tag whose jobs are trusted."""

    ref_type: RefType
    ref: str


@dataclass(frozen=True)
class SecretSettings:
    """A secret of the vault and the CI/CD variable that a job gets it in; an empty `version` is the latest."""

    variable: str
    name: str
    version: str
    file: bool


@dataclass(frozen=True)
class ProjectSettings:
    """A GitLab project: whose jobs are trusted, and what they may read (each listed secret, or the whole vault)."""

    path: str
    trust: tuple[TrustSettings, ...]
    access: Access
    secrets: tuple[SecretSettings, ...]

    @property
    def subjects(self) -> list[str]:
        """The subjects of the project's trusted jobs, in the order of `trust`."""
        return [subject(self.path, entry.ref_type, entry.ref) for entry in self.trust]


@dataclass(frozen=True)
class Settings:
    """All that a stack's configuration says."""

    location: str
    resource_group: str
    gitlab_url: str
    audience: str
    vault: VaultSettings
    projects: tuple[ProjectSettings, ...]


def parse(values: Mapping[str, object], namespace: str = "gitlab-keyvault") -> Settings:
    """Turn configuration values (by their keys without the namespace) into settings.

    Raises SettingsError with every mistake that the values have.
    """
    root = Entry(namespace, dict(values))
    entries = root.fields(KEYS, "write the keys that Pulumi.yaml describes", join=":")
    gitlab_url = entries["gitlab_url"].text(rules.gitlab_url_flaw, rules.DEFAULT_GITLAB_URL)
    settings = Settings(
        location=entries["location"].text(rules.location_flaw, required="write the region, like westeurope"),
        resource_group=entries["resource_group"].text(
            rules.resource_group_flaw,
            required="write the name of the resource group to create, like rg-gitlab-keyvault",
        ),
        gitlab_url=gitlab_url,
        audience=entries["audience"].text(rules.audience_flaw, gitlab_url),
        vault=_vault(entries["vault"]),
        projects=_projects(entries["projects"]),
    )
    if root.mistakes:
        raise SettingsError(root.mistakes)
    return settings


def _vault(entry: Entry) -> VaultSettings:
    fields = entry.default({}).fields(("name", "retention_days", "purge_protection"), "write an object with a `name`")
    return VaultSettings(
        name=fields["name"].text(rules.vault_name_flaw, required="write the vault's name, like kv-acme-gitlab-dev"),
        retention_days=fields["retention_days"].whole(*rules.RETENTION_DAYS, fallback=rules.RETENTION_DAYS[1]),
        purge_protection=fields["purge_protection"].flag(fallback=True),
    )


def _projects(entry: Entry) -> tuple[ProjectSettings, ...]:
    items = entry.default([]).items("write a list, each item an object with a `path` and `secrets`")
    projects = [_project(item) for item in items]
    _refuse_twins(items, [project.path for project in projects])
    return tuple(projects)


def _project(entry: Entry) -> ProjectSettings:
    fields = entry.fields(("path", "trust", "access", "secrets"), "write an object with a `path` and `secrets`")
    path = fields["path"].text(project_path_flaw, required="write the project's path, like group/project")
    return ProjectSettings(
        path=path,
        trust=_trust(fields["trust"], path),
        access=cast("Access", fields["access"].choice(("secrets", "vault"), "secrets")),
        secrets=_secrets(fields["secrets"]),
    )


def _trust(entry: Entry, path: str) -> tuple[TrustSettings, ...]:
    if entry.value is None:
        return (TrustSettings("branch", "main"),)
    mend = "write a list of `branch: NAME` and `tag: NAME`, or leave the key out to trust the branch main"
    items = entry.items(mend)
    if isinstance(entry.value, list) and not items:
        entry.refuse(Flaw("is empty: no job is trusted", mend))
    if len(items) > rules.TRUST_LIMIT:
        limit = f"has {len(items)} entries; an Entra application takes {rules.TRUST_LIMIT} federated credentials"
        entry.refuse(Flaw(limit, "trust fewer branches and tags; tags of past releases need none"))
    trust = [_trust_entry(item, path) for item in items]
    _refuse_twins(items, [f"{one.ref_type} {one.ref}" if one.ref else "" for one in trust])
    return tuple(trust)


def _trust_entry(entry: Entry, path: str) -> TrustSettings:
    mend = "write `branch: NAME` or `tag: NAME`"
    mistakes_before = len(entry.mistakes)
    fields = entry.fields(("branch", "tag"), mend)
    given = [name for name, field in fields.items() if field.value is not None]
    if len(given) > 1:
        entry.refuse(Flaw("has a branch and a tag: which one is meant?", "write two entries, one for each"))
    elif not given and len(entry.mistakes) == mistakes_before:
        entry.refuse(Flaw("names no branch and no tag", mend))
    refs = {name: fields[name].text(ref_flaw, required="write the name of one branch or tag") for name in given}
    ref_type: RefType = "tag" if "tag" in refs else "branch"
    ref = refs.get(ref_type, "")
    if path and ref:
        fields[ref_type].refuse(rules.subject_flaw(subject(path, ref_type, ref)))
    return TrustSettings(ref_type, ref)


def _secrets(entry: Entry) -> tuple[SecretSettings, ...]:
    mend = "write an object of CI/CD variables and secret names, like DATABASE_PASSWORD: shop-database-password"
    if entry.value is None or entry.value == {}:
        entry.refuse(Flaw("is not set: a project reads at least one secret", mend))
        return ()
    return tuple(_secret(variable, secret) for variable, secret in entry.mapping(mend).items())


def _secret(variable: str, entry: Entry) -> SecretSettings:
    entry.refuse(rules.variable_flaw(variable))
    mend = "write the secret's name, or an object with `name`, `version` and `file`"
    if not isinstance(entry.value, dict):
        return SecretSettings(variable, entry.text(rules.secret_name_flaw, required=mend), version="", file=True)
    fields = entry.fields(("name", "version", "file"), mend)
    return SecretSettings(
        variable,
        name=fields["name"].text(rules.secret_name_flaw, required="write the secret's name"),
        version=fields["version"].text(rules.version_flaw),
        file=fields["file"].flag(fallback=True),
    )


def _refuse_twins(entries: list[Entry], names: list[str]) -> None:
    """Note each entry whose name an earlier one has, case aside; an empty name was refused before.

    GitLab tells no two projects apart by case alone, and two refs that differ so are taken for each other by people.
    """
    first: dict[str, tuple[Entry, str]] = {}
    for entry, name in zip(entries, names, strict=True):
        twin, twin_name = first.setdefault(name.lower(), (entry, name))
        if not name or twin is entry:
            continue
        if name == twin_name:
            entry.refuse(Flaw(f"repeats {twin.key}", "keep one of the two"))
        else:
            entry.refuse(Flaw(f"differs from {twin.key} by case alone", "keep the one that GitLab shows"))
