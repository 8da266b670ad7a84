"""Warnings: what works, or would, and is yet not what it seems (pure). They never change the exit code."""

from datetime import datetime

from . import clouds
from .environment import Access
from .job import Job
from .outcome import Notice
from .runner_rules import token_reference


def of_job(job: Job) -> tuple[Notice, ...]:
    """Return where the YAML suggests something else than what GitLab and its Runner do."""
    return (*(Notice("ci-file", words) for words in job.warnings), *_of_tokens(job))


def of_clouds(access: Access) -> tuple[Notice, ...]:
    """Return whether the vault is of another cloud than the sign-in: Entra then knows no such tenant or vault."""
    vault, login = clouds.of_vault(access.vault_url), clouds.of_login(access.authority)
    if vault is None or login is None or vault == login:
        return ()
    words = (
        f"the vault is of the {vault.name} cloud, but sign-in is at the {login.name} cloud's; set AZURE_AUTHORITY_HOST="
        f"https://{vault.login_hosts[0]} here and for the runner's process"
    )
    return (Notice("other-cloud", words),)


def of_validity(not_before: datetime | None, expires_on: datetime | None, now: datetime) -> tuple[Notice, ...]:
    """Return whether now is outside a secret's times (aware): Key Vault enforces them for keys, never for secrets.

    Source: Microsoft's 'About Azure Key Vault secrets', date-time controlled operations.
    """
    found: list[Notice] = []
    if expires_on is not None and expires_on <= now:
        words = f"expired on {_day(expires_on)}; Key Vault gives it out all the same, so the job gets it"
        found.append(Notice("expired", words))
    if not_before is not None and now < not_before:
        words = f"is not valid before {_day(not_before)}; Key Vault gives it out all the same, so the job gets it"
        found.append(Notice("not-yet-valid", words))
    return tuple(found)


def _day(time: datetime) -> str:
    return time.isoformat(timespec="seconds")


def _of_tokens(job: Job) -> list[Notice]:
    sent, first, unasked = token_reference(job), job.secrets[0], f"${job.id_tokens[0]}"
    found: list[Notice] = []
    if first.token is None and len(job.id_tokens) > 1:
        words = f"{first.variable} has no token:, so GitLab sends the first of id_tokens, {sent}, for all secrets"
        found.append(Notice("token-implied", words))
    for secret in job.secrets[1:]:
        if (secret.token or unasked) != sent:
            own = "has its own token:" if secret.token else "has no token:"
            words = f"{secret.variable} {own}, but GitLab sends the one of {first.variable} for all secrets"
            found.append(Notice("token-ignored", words))
    if "$" not in sent:
        mend = f"write token: ${sent}" if sent in job.id_tokens else "name an ID token with a dollar sign"
        words = f"token: of {first.variable} has no $, so the word itself is sent as the token; {mend}"
        found.append(Notice("token-literal", words))
    return found
