"""What a job's environment gives: three CI/CD variables, the ID token, and values for `$VAR` in the YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .ci.variables import values
from .expansion import expand
from .job import SERVER, Job
from .outcome import ServiceError, Wanted
from .runner_rules import token_reference

VAULT_URL, CLIENT_ID, TENANT_ID = SERVER
_PURPOSE = {
    VAULT_URL: "the vault's URL, such as https://NAME.vault.azure.net",
    CLIENT_ID: "the application (client) id that trusts this project",
    TENANT_ID: "the id of the Entra tenant that holds the application",
}
_THE_JOBS_OWN = "the job's ID token, which GitLab sets by id_tokens:"
# What GitLab shows when one of the three is missing or empty: it then does not create the job.
_GITLAB_SAYS = "The secrets provider can not be found. Check your CI/CD variables and try again."


@dataclass(frozen=True)
class Access:
    """The one server block that serves a whole job; the token shows in no repr.

    `authority` is the login host's URL of a national cloud, empty for the public one.
    """

    vault_url: str
    client_id: str
    tenant_id: str
    token: str = field(repr=False)
    authority: str = ""


@dataclass(frozen=True)
class Surroundings:
    """A job seen with its environment: access, expanded secrets, and what is missing (variable → purpose)."""

    access: Access
    wanted: tuple[Wanted, ...]
    missing: Mapping[str, str]

    def error(self) -> ServiceError | None:
        """Return the refusal of a job whose variables are missing, None where all are there."""
        if not self.missing:
            return None
        words = _GITLAB_SAYS if _PURPOSE.keys() & self.missing.keys() else "The job's variables are incomplete."
        missing = "\n".join(f"{variable} is not set: {purpose}" for variable, purpose in self.missing.items())
        return ServiceError(None, "MissingVariable", f"{words}\n{missing}")


def look_around(job: Job, environ: Mapping[str, str]) -> Surroundings:
    """Take from the environment and the YAML's variables what the job needs; `$VAR` is expanded as the Runner does."""
    known = values(job.variables, environ)
    missing = {name: purpose for name, purpose in _PURPOSE.items() if not known.get(name)}

    def filled(text: str, purpose: str) -> str:
        for name in known.missing(text):
            missing.setdefault(name, purpose)
        return expand(text, known.get)

    for name in SERVER:
        filled(f"${name}" if known.get(name) else "", f"part of {name}")
    reference = token_reference(job)
    token = filled(reference, _THE_JOBS_OWN)
    if not token:
        missing.setdefault(reference.strip("${}"), _THE_JOBS_OWN)
    wanted = tuple(
        Wanted(
            variable=secret.variable,
            name=filled(secret.name, f"part of the secret name of {secret.variable}"),
            version=filled(secret.version or "", f"the secret version of {secret.variable}") or None,
            file=secret.file,
        )
        for secret in job.secrets
    )
    url, client, tenant = map(known.get, SERVER)
    access = Access(url, client, tenant, token, environ.get("AZURE_AUTHORITY_HOST", ""))
    return Surroundings(access, wanted, missing)
