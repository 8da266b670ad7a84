"""From an error to its cause: looks the code up and fills in what is known (pure)."""

import json
import re
import shlex

from .catalogue import CATALOGUE, OTHER_ENTRA, OTHER_NOT_FOUND, OTHER_VAULT, UNAVAILABLE
from .claims import Claims, decode
from .environment import Access
from .outcome import Cause, Failure, Outcome, ServiceError, Wanted
from .service_error import printable
from .vault_url import vault_name

_RESOURCE = re.compile(r"Resource: '(/[^']*/vaults/[^/']+/secrets/[^/']+)", re.IGNORECASE)
_CALLER = re.compile(r"appid=([0-9A-Fa-f-]+)")
_ADDRESS = re.compile(r"Client address: ([0-9A-Fa-f.:]+)")


def failed(wanted: Wanted, error: ServiceError, access: Access) -> Outcome:
    """Return the outcome of a secret that met this error."""
    return Outcome(wanted, failure=Failure(error, diagnose(error, access, wanted)))


def diagnose(error: ServiceError, access: Access, wanted: Wanted) -> Cause:
    """Return the cause, its texts filled in; commands are quoted for a POSIX shell."""
    template = CATALOGUE.get(error.code) or _by_kind(error)
    words = _words(error, access, wanted)
    quoted = {key: shlex.quote(value) for key, value in words.items()} | _command_parts(error, access, wanted)
    meaning = printable(" ".join(template.meaning.format_map(words).split()))
    return Cause(template.id, meaning, printable(template.mend.format_map(quoted)), template.exit_code)


def _by_kind(error: ServiceError) -> Cause:
    status = error.status or 0
    if status == 429 or status >= 500:
        return UNAVAILABLE
    if error.code.startswith("AADSTS") or error.code == "EntraRefused" or error.code.islower():
        return OTHER_ENTRA
    return OTHER_VAULT if status in (401, 403) else OTHER_NOT_FOUND if status in (400, 404) else UNAVAILABLE


def _words(error: ServiceError, access: Access, wanted: Wanted) -> dict[str, str]:
    claims = decode(access.token)
    caller = _CALLER.search(error.message)
    address = _ADDRESS.search(error.message)
    return {
        "client": access.client_id,
        "tenant": access.tenant_id,
        "url": access.vault_url,
        "vault": vault_name(access.vault_url),
        "variable": wanted.variable,
        "name": wanted.name,
        "version_words": f" of version {wanted.version}" if wanted.version else "",
        "presented": str(claims) if claims else "nothing that can be decoded",
        "presented_or_not": f"It presents {claims}." if claims else "It cannot be decoded here either.",
        "issuer": (claims and claims.issuer) or "ISSUER",
        "assignee": caller[1] if caller else access.client_id,
        "address": address[1] if address else "RUNNER_ADDRESS",
    }


def _command_parts(error: ServiceError, access: Access, wanted: Wanted) -> dict[str, str]:
    vault, name = shlex.quote(vault_name(access.vault_url)), shlex.quote(wanted.name)
    resource = _RESOURCE.search(error.message)
    vault_id = f'"$(az keyvault show --name {vault} --query id -o tsv)"'
    return {
        "scope": shlex.quote(resource[1]) if resource else f"{vault_id}/secrets/{name}",
        "version_option": f" --version {shlex.quote(wanted.version)}" if wanted.version else "",
        "credential": shlex.quote(_credential(decode(access.token))),
    }


def _credential(claims: Claims | None) -> str:
    """Return the JSON of a federated credential that would trust the token (`az ad app federated-credential`)."""
    subject = (claims and claims.subject) or "SUBJECT"
    slug = re.sub(r"[^0-9A-Za-z]+", "-", subject.removeprefix("project_path:")).strip("-")
    credential = {
        "name": f"gitlab-{slug}"[:120],
        "issuer": (claims and claims.issuer) or "ISSUER",
        "subject": subject,
        "audiences": [(claims and claims.audience) or "AUDIENCE"],
    }
    return json.dumps(credential)
