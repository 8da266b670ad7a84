"""The catalogue of causes: a service's code → id, meaning, mend, exit code; `{fields}` are filled in by causes.py.

Sources: Microsoft's 'Microsoft Entra authentication and authorization error codes' and 'Azure Key Vault REST API error
codes', GitLab's troubleshooting of Azure Key Vault secrets. In a mend every field is quoted for a shell.
"""

from .outcome import Cause, ExitCode

_PRESENTED = "The token presents {presented}."
_LIST = "az ad app federated-credential list --id {client} --output table"
_ADD = "az ad app federated-credential create --id {client} --parameters {credential}"
_VAULT_URL = "set AZURE_KEY_VAULT_SERVER_URL to one of: az keyvault list --query '[].properties.vaultUri' -o tsv"
_LOGIN = "check that the runner's proxy lets the host through: curl -sSI {url} (HTTPS_PROXY, NO_PROXY, the allow-list)"
_SET_TENANT = "set AZURE_TENANT_ID to: az account show --query tenantId -o tsv"
_MALFORMED = Cause(
    "malformed-token",
    "What was sent as the ID token is not a JWT that Entra can read. {presented_or_not} GitLab Runner before 16.6"
    " mangled it; a token: without $ sends the word itself.",
    "upgrade GitLab Runner to 16.6 or later, and write token: $AZURE_JWT with the name from id_tokens",
    ExitCode.ENTRA,
)
_ISSUER_UNREACHABLE = Cause(
    "issuer-unreachable",
    f"Entra could not fetch the issuer's OpenID configuration or its keys from the public internet. {_PRESENTED}",
    "curl -sS {issuer}/.well-known/openid-configuration (from outside your network; ci_id_tokens_issuer_url helps)",
    ExitCode.ENTRA,
)


def _entra(name: str, meaning: str, mend: str) -> Cause:
    return Cause(name, meaning, mend, ExitCode.ENTRA)


_UNTRUSTED_SUBJECT = _entra(
    "untrusted-subject",
    f"No federated credential of application {{client}} trusts this project, branch or tag. {_PRESENTED}"
    " The subject is compared character by character, upper and lower case too. Where a stack onboards the project, add"
    " the ref to its trust: and run pulumi up; the commands do it by hand.",
    f"see what is trusted: {_LIST}\nif this very ref shall read secrets: {_ADD}",
)
_BAD_SIGNATURE = _entra(
    "bad-signature",
    f"The ID token's signature is not by one of its issuer's keys: it was altered, or signed elsewhere. {_PRESENTED}",
    "take this job's own token from id_tokens; the issuer's keys: curl -sS {issuer}/oauth/discovery/keys",
)
_UNTRUSTED_AUDIENCE = _entra(
    "untrusted-audience",
    f"The application trusts the issuer and subject, but another audience. {_PRESENTED}",
    f"make aud: of id_tokens equal to the credential's audience, shown by: {_LIST}",
)

_ENTRA = {
    "AADSTS700211": _entra(
        "untrusted-issuer",
        f"No federated credential of application {{client}} trusts this GitLab instance. {_PRESENTED}"
        " The issuer is compared exactly; a trailing slash counts.",
        f"see what is trusted: {_LIST}\nif this instance is yours: {_ADD}",
    ),
    "AADSTS700212": _UNTRUSTED_AUDIENCE,
    "AADSTS7002121": _UNTRUSTED_AUDIENCE,
    "AADSTS700213": _UNTRUSTED_SUBJECT,
    "AADSTS7002131": _UNTRUSTED_SUBJECT,
    "AADSTS7002138": _entra(
        "subject-case",
        f"A federated credential differs from the subject only in upper and lower case. {_PRESENTED}",
        f"{_LIST}\nthen replace that credential's subject by the one that the token presents",
    ),
    "AADSTS70021": _entra(
        "no-matching-credential",
        f"No federated credential matches; one made in the last minutes may not have reached Entra yet. {_PRESENTED}",
        f"wait ten minutes if it is new; else compare (a trailing slash on the issuer counts): {_LIST}",
    ),
    "AADSTS70025": _entra(
        "no-credentials",
        f"Application {{client}} trusts no GitLab job at all: it has no federated credential. {_PRESENTED}",
        _ADD,
    ),
    "AADSTS700027": _BAD_SIGNATURE,
    "AADSTS7000272": _BAD_SIGNATURE,
    "AADSTS700016": _entra(
        "unknown-application",
        "Tenant {tenant} has no application {client}: AZURE_CLIENT_ID or AZURE_TENANT_ID is another environment's.",
        "az ad app show --id {client} --query displayName (after az login --tenant {tenant})",
    ),
    "AADSTS7000229": _entra(
        "no-service-principal",
        "The application exists but has no service principal in tenant {tenant}.",
        "az ad sp create --id {client}",
    ),
    "AADSTS7000112": _entra(
        "application-disabled",
        "The application is disabled in its tenant.",
        "az ad sp update --id {client} --set accountEnabled=true",
    ),
    "AADSTS700024": _entra(
        "token-expired",
        f"The ID token's time is over (or not yet come). {_PRESENTED} It lives as long as the job's timeout, five"
        " minutes without one; a clock that is wrong on the GitLab server has the same effect.",
        "take a fresh token: retry the job; fetch secrets early in long jobs; compare clocks with: date --utc",
    ),
    "AADSTS90002": _entra("unknown-tenant", "There is no tenant {tenant} in this cloud.", _SET_TENANT),
    "AADSTS50027": _MALFORMED,
    "AADSTS5002727": _MALFORMED,
    "AADSTS5002738": _MALFORMED,
    "AADSTS501661": _ISSUER_UNREACHABLE,
    "AADSTS90061": _ISSUER_UNREACHABLE,
    "AADSTS900612": _entra(
        "issuer-keys",
        f"Entra fetched the issuer's signing keys and could not parse them. {_PRESENTED}",
        "curl -sS {issuer}/oauth/discovery/keys (a proxy in front of GitLab may rewrite it)",
    ),
    "AADSTS500011": _entra(
        "unknown-resource",
        "Key Vault is not known to this tenant or cloud: vault {url} and the login host are of different clouds.",
        "set AZURE_AUTHORITY_HOST for the runner's cloud: az cloud show --query endpoints.activeDirectory -o tsv",
    ),
    "AADSTS53003": _entra(
        "conditional-access",
        "A Conditional Access policy for workload identities blocks application {client} from here.",
        "have the tenant's administrator look up the trace id in Entra's sign-in logs, service principal sign-ins",
    ),
}

_BEFORE_ANY_REQUEST = {
    "MissingVariable": ("missing-variable", "GitLab would not create the job, or would send an empty token."),
    "InvalidTenantId": ("invalid-tenant", "AZURE_TENANT_ID is empty or holds a character that no tenant id has."),
    "TenantMismatch": (
        "tenant-mismatch",
        "The vault belongs to another tenant than AZURE_TENANT_ID names ({tenant}; only the id in lower case will do).",
    ),
    "NoHostInUrl": ("vault-url", "AZURE_KEY_VAULT_SERVER_URL is {url}: it needs https:// and a host."),
    "InvalidUrl": (
        "vault-url",
        "AZURE_KEY_VAULT_SERVER_URL holds a line break, a control character or a blank before it: often pasted along.",
    ),
    "UnsupportedScheme": ("vault-url", "AZURE_KEY_VAULT_SERVER_URL is {url}: it must begin with https://."),
    "NotHttps": ("vault-url", "AZURE_KEY_VAULT_SERVER_URL begins with http://; tokens travel only by https."),
    "ChallengeResourceMismatch": (
        "vault-url",
        "{url} is not a Key Vault host (NAME.vault.azure.net, or China's or US Government's, in lower case); a private"
        " link's or a custom domain's name does not do.",
    ),
    "EmptySecretName": ("empty-name", "The name of {variable} is empty once its variables are expanded."),
    "AuthorityNotHttps": (
        "authority",
        "AZURE_AUTHORITY_HOST has no https:// before the host, which GitLab Runner needs.",
    ),
    "UnknownAuthority": ("authority", "AZURE_AUTHORITY_HOST is not a login host of Entra; no token is sent there."),
}
_MENDS = {
    "MissingVariable": "set it in Settings > CI/CD > Variables (or export it here); the ID token comes from id_tokens",
    "InvalidTenantId": _SET_TENANT,
    "TenantMismatch": "set AZURE_TENANT_ID to: az keyvault show --name {vault} --query properties.tenantId -o tsv",
    "EmptySecretName": "give the variable in its name: a value; names: az keyvault secret list --vault-name {vault}",
    "AuthorityNotHttps": "set it to: az cloud show --query endpoints.activeDirectory -o tsv",
    "UnknownAuthority": "set it to: az cloud show --query endpoints.activeDirectory -o tsv",
}

_VAULT = {
    "ForbiddenByRbac": Cause(
        "role-missing",
        "The token is fine, but application {client} has no role that reads secret {name}. A role assigned within the"
        " last ten minutes may still be on its way. Where a stack onboards the project, list the secret under its"
        " secrets: and run pulumi up; the command does it by hand.",
        'az role assignment create --assignee {assignee} --role "Key Vault Secrets User" --scope {scope}',
        ExitCode.VAULT,
    ),
    "AccessDenied": Cause(
        "access-policy-missing",
        "The vault goes by access policies, where roles count for nothing, and none lets the application get secrets.",
        "az keyvault set-policy --name {vault} --spn {client} --secret-permissions get",
        ExitCode.VAULT,
    ),
    "ForbiddenByFirewall": Cause(
        "vault-firewall",
        "The vault's firewall does not know the runner's address.",
        "az keyvault network-rule add --name {vault} --ip-address {address}",
        ExitCode.VAULT,
    ),
    "ForbiddenByConnection": Cause(
        "private-vault",
        "The vault answers only through its private endpoint, and this runner came by the public network.",
        "use a runner inside the vault's network (tags:), or: az keyvault update --name {vault}"
        " --public-network-access Enabled",
        ExitCode.VAULT,
    ),
    "SecretDisabled": Cause(
        "secret-disabled",
        "The secret, or this version of it, is disabled.",
        "az keyvault secret set-attributes --vault-name {vault} --name {name}{version_option} --enabled true",
        ExitCode.VAULT,
    ),
    "AKV10022": Cause(
        "vault-audience",
        "The access token is for another cloud's Key Vault.",
        "az cloud show --query endpoints.activeDirectory -o tsv, for AZURE_AUTHORITY_HOST of the runner",
        ExitCode.VAULT,
    ),
    "AKV10032": Cause(
        "vault-issuer",
        "The vault trusts another tenant than {tenant}.",
        _MENDS["TenantMismatch"],
        ExitCode.VAULT,
    ),
    "SecretNotFound": Cause(
        "secret-not-found",
        "Vault {vault} has no secret {name}{version_words}.",
        "az keyvault secret list-versions --vault-name {vault} --name {name} --query '[].id' -o tsv\n"
        "if it was deleted: az keyvault secret recover --vault-name {vault} --name {name}",
        ExitCode.NOT_FOUND,
    ),
    "BadParameter": Cause(
        "bad-name",
        "The name or version of {variable} is not one that a secret can have (letters, digits, dashes; 32 hex digits).",
        "az keyvault secret list --vault-name {vault} --query '[].name' -o tsv",
        ExitCode.NOT_FOUND,
    ),
    "NullValue": Cause(
        "null-value",
        "The vault answered without a value; GitLab Runner fails the job (FF_SECRET_RESOLVING_FAILS_IF_MISSING).",
        "az keyvault secret show --vault-name {vault} --name {name} --query attributes",
        ExitCode.NOT_FOUND,
    ),
}

_UNREACHABLE = {
    "Throttled": (
        "throttled",
        "The vault has had more than its 4,000 requests in ten seconds; retries did not help.",
        "spread the jobs, or give each environment its own vault",
    ),
    "HostNotFound": (
        "host-not-found",
        "The host's name is not known here: a mistyped vault, a deleted one, or no DNS for a private one.",
        _VAULT_URL,
    ),
    "ProxyRefused": ("proxy", "The proxy named by HTTPS_PROXY refused the connection, or is not there.", _LOGIN),
    "CertificateNotTrusted": (
        "tls-interception",
        "The certificate presented is not one this machine trusts; mostly a proxy that opens TLS.",
        "put the proxy's CA into the bundle that REQUESTS_CA_BUNDLE names; verification stays on",
    ),
    "CaBundleUnusable": (
        "ca-bundle",
        "There is no file of certificates where REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE says.",
        'unset the variable, or name a PEM file of CA certificates in it: ls -l "$REQUESTS_CA_BUNDLE"',
    ),
    "TimedOut": ("timeout", "No answer came in time.", _LOGIN),
    "ConnectionFailed": ("connection", "The connection could not be made, or broke.", _LOGIN),
    "Redirected": ("redirect", "The vault's address answered with a redirect, which is not followed.", _VAULT_URL),
    "UnexpectedAnswer": (
        "unexpected-answer",
        "Something that is not Azure answered, or its answer was cut: mostly a proxy's error page.",
        _LOGIN,
    ),
}

CATALOGUE: dict[str, Cause] = {
    **_ENTRA,
    **_VAULT,
    **{
        code: Cause(name, meaning, _MENDS.get(code, _VAULT_URL), ExitCode.ENVIRONMENT)
        for code, (name, meaning) in _BEFORE_ANY_REQUEST.items()
    },
    **{code: Cause(*texts, ExitCode.UNREACHABLE) for code, texts in _UNREACHABLE.items()},
}

OTHER_ENTRA = _entra(
    "entra-refused",
    f"Entra refused the token. {_PRESENTED}",
    "look the code up: https://login.microsoftonline.com/error",
)
OTHER_VAULT = Cause(
    "vault-refused",
    "The vault refused application {client}.",
    "az keyvault show --name {vault} --query properties",
    ExitCode.VAULT,
)
OTHER_NOT_FOUND = Cause(
    "not-found",
    "The vault has nothing of this name and version.",
    "az keyvault secret list --vault-name {vault} --query '[].name' -o tsv",
    ExitCode.NOT_FOUND,
)
UNAVAILABLE = Cause(
    "service-unavailable",
    "The service could not answer, and retries did not help.",
    "retry the job later; https://azure.status.microsoft tells of outages",
    ExitCode.UNREACHABLE,
)
