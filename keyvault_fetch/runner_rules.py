"""What GitLab and its Runner do with a job's secrets before any request (facts of their sources, pure)."""

import re

from . import clouds, vault_url
from .job import Job
from .outcome import ServiceError

ANY_TENANT = "organizations"
_TENANT = re.compile(r"[0-9A-Za-z.-]+")


def token_reference(job: Job) -> str:
    """Return the `token:` that serves the whole job, unexpanded.

    GitLab builds the server block once a job (memoized in its runner API), from the first secret in the YAML; a
    secret without `token:` takes the job's first ID token.
    """
    written = job.secrets[0].token
    return f"${job.id_tokens[0]}" if written is None else written


def tenant_refusal(tenant_id: str) -> ServiceError | None:
    """Return the error that azidentity raises for a tenant id, None for one that it would use."""
    if _TENANT.fullmatch(tenant_id):
        return None
    words = (
        "invalid tenantID. You can locate your tenantID by following the instructions listed here: "
        "https://learn.microsoft.com/partner-center/find-ids-and-domain-names"
    )
    return ServiceError(None, "InvalidTenantId", words)


def tenant_mismatch(configured: str, asked: str) -> ServiceError | None:
    """Return azidentity's error for a vault whose challenge asks for another tenant than AZURE_TENANT_ID, else None.

    The two are compared letter by letter; `organizations` goes with any tenant (azidentity, resolveTenant).
    """
    if asked in ("", configured) or configured == ANY_TENANT:
        return None
    words = (
        f'ClientAssertionCredential isn\'t configured to acquire tokens for tenant "{asked}". To enable'
        " acquiring tokens for this tenant add it to the AdditionallyAllowedTenants on the credential options,"
        ' or add "*" to allow acquiring tokens for any tenant'
    )
    return ServiceError(None, "TenantMismatch", words)


def authority_refusal(authority: str) -> ServiceError | None:
    """Return azidentity's error for an AZURE_AUTHORITY_HOST without https://, and ours for a host that is not Entra's.

    The Runner sends the token to any https host; we do not.
    """
    if authority and not authority.lower().startswith("https://"):
        words = f"cannot use an authority host without https (AZURE_AUTHORITY_HOST is {authority})"
        return ServiceError(None, "AuthorityNotHttps", words)
    if clouds.of_login(authority):
        return None
    return ServiceError(None, "UnknownAuthority", f"AZURE_AUTHORITY_HOST is {authority}")


def refusal(url: str, tenant_id: str, name: str, authority: str = "") -> ServiceError | None:
    """Return the first error that the Go SDK raises by itself for a secret, before any request, in the SDK's order."""
    empty = None if name else ServiceError(None, "EmptySecretName", "parameter name cannot be empty")
    return tenant_refusal(tenant_id) or authority_refusal(authority) or empty or vault_url.refusal(url)
