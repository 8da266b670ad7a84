"""What must hold between the keys of a stack. Pure: each check yields a key below the stack's namespace and its flaw.

The settings may come from values with mistakes, which were read as their defaults: a caller drops the flaw of a key
that has a mistake already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keyvault_fetch.trust.subjects import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from components.settings.stack import Settings
    from components.settings.vault import VaultSettings

__all__ = ["KeyFlaw", "flaws"]

KeyFlaw = tuple[str, Flaw]


def flaws(settings: Settings) -> Iterator[KeyFlaw]:
    """Yield what is wrong between keys, trust aside (`components/trust/stack.py`)."""
    projects = dict(enumerate(settings.projects))
    yield from _missing_vault(settings)
    yield from _path_twins({f"projects[{index}].path": project.path for index, project in projects.items()})
    yield from _twins(
        ((f"projects[{index}].project_id", str(project.project_id or "")) for index, project in projects.items()),
        "a project's number is its own: copy this one's from its page in GitLab",
    )
    yield from _shared_conditions(settings)
    yield from _vault_twins(settings.vaults)
    for key, vault in settings.vaults.items():
        yield from _unreachable(key, vault)


def _missing_vault(settings: Settings) -> Iterator[KeyFlaw]:
    without = next((project.path for project in settings.projects if not project.vault), "")
    if not settings.vault and (without or not settings.projects):
        reason = f", and {without!r} has none of its own" if without else ""
        yield "vault", Flaw(f"is not set{reason}", "write the vault, like {name: kv-acme-gitlab-dev}")


def _shared_conditions(settings: Settings) -> Iterator[KeyFlaw]:
    """Refuse two conditions of one role: projects that share an application have each role at a vault once."""
    first: dict[tuple[str, str], int] = {}
    for index, project in enumerate(settings.projects):
        if project.identity != "shared":
            continue
        twin = first.setdefault((settings.vault_name(project).lower(), project.role), index)
        if project.condition != settings.projects[twin].condition:
            problem = f"differs from that of projects[{twin}], and the two share an application with one role"
            mend = "write the same, or give one of them `identity: application`"
            yield f"projects[{index}].condition", Flaw(problem, mend)


def _path_twins(paths: Mapping[str, str]) -> Iterator[KeyFlaw]:
    """Refuse what GitLab takes for one project: no two paths differ by case alone."""
    first: dict[str, str] = {}
    for key, path in paths.items():
        twin = first.setdefault(path.lower(), key)
        if not path or twin == key:
            continue
        if path == paths[twin]:
            yield key, Flaw(f"repeats {twin}", "keep one of the two projects")
        else:
            yield key, Flaw(f"differs from {twin} by case alone", "keep the one that GitLab shows")


def _vault_twins(vaults: Mapping[str, VaultSettings]) -> Iterator[KeyFlaw]:
    """Refuse a vault that is to be made twice, or made while it exists; one that exists may serve many projects."""
    adopted = {vault.azure_name.lower(): key for key, vault in vaults.items() if not vault.name}
    made = {f"{key}.name": vault.name for key, vault in vaults.items() if vault.name}
    for key, name in made.items():
        if name.lower() in adopted:
            other = f"{adopted[name.lower()]}.id"
            yield (
                key,
                Flaw(f"is also the name of the vault in {other}", "names are unique in all of Azure: choose another"),
            )
    yield from _twins(
        made.items(), "names are unique in all of Azure: choose another, or leave it to the stack's vault"
    )


def _twins(values: Iterable[tuple[str, str]], mend: str) -> Iterator[KeyFlaw]:
    """Refuse each value that an earlier key has, case aside; an empty one is none."""
    first: dict[str, str] = {}
    for key, value in values:
        if value and (twin := first.setdefault(value.lower(), key)) != key:
            yield key, Flaw(f"repeats {twin}", mend)


def _unreachable(key: str, vault: VaultSettings) -> Iterator[KeyFlaw]:
    if not vault.network:
        return
    allowed = vault.network.allowed_ips or vault.network.allowed_subnets
    if allowed and not vault.network.public_access:
        problem = "lets addresses in and shuts them out with `public_access: false`"
        yield f"{key}.network", Flaw(problem, "keep one of the two")
    elif not allowed and not vault.private_endpoint:
        mend = "name the runners in `allowed_ips` or `allowed_subnets`, or give the vault a `private_endpoint`"
        yield f"{key}.network", Flaw("lets nobody in: no job could read a secret", mend)
