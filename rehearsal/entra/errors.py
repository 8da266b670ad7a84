"""The refusals of Entra's token endpoint: a code, its HTTP status, OAuth error and text, and the JSON around them.

Source of codes and texts: Microsoft identity platform docs, "Microsoft Entra authentication and authorization error
codes", and error messages quoted in public issue threads.
"""

import uuid
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse

_NO_RECORD = "No matching federated identity record found for presented assertion"
_CHECK = (
    "Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. "
    "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
)
_NOR_EXPRESSION = " or no federated identity credential expression matched."
_NOT_FOUND = (
    "This can happen if the application has not been installed by the administrator of the tenant or consented to by "
    "any user in the tenant. You"
)
_PARAMETER = "The request body must contain the following parameter:"

# The texts by HTTP status and `error`. Codes marked * have not been seen on the wire: they wear a neighbour's envelope.
_TEXTS = {
    (400, "invalid_request"): {
        50027: "JWT token is invalid or malformed.",
        5002727: "Invalid JWT token. '{type}' is not a supported token type. Supported types are: 'JWT'.",  # *
        5002738: "Invalid JWT token. '{algorithm}' is not a supported signature algorithm. Supported signing "  # *
        "algorithms are: 'RS256'.",
        90002: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
        "the correct cloud. Check with your subscription administrator, this may happen if there are no active "
        "subscriptions for the tenant.",
        501661: "Request to External OIDC endpoint failed.",
        900144: f"{_PARAMETER} '{{name}}'.",
    },
    (400, "unsupported_grant_type"): {70003: "The app requested an unsupported grant type '{grant}'."},
    (400, "invalid_resource"): {
        500011: "The resource principal named {resource} was not found in the tenant named {tenant}. "
        f"{_NOT_FOUND} might have sent your authentication request to the wrong tenant.",
    },
    (400, "unauthorized_client"): {
        700016: "Application with identifier '{app}' was not found in the directory '{tenant}'. "
        f"{_NOT_FOUND} may have sent your authentication request to the wrong tenant.",
    },
    (400, "invalid_scope"): {
        1002012: "The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
        "with /.default suffixed to the resource identifier (application ID URI).",
    },
    (400, "invalid_client"): {
        7000229: "The client application {app} is missing service principal in the tenant {tenant}. See instructions "
        "here: https://go.microsoft.com/fwlink/?linkid=2225119",
    },
    (401, "invalid_client"): {
        70025: "The client '{app}'({name}) has no configured federated identity credentials.",  # *
        700024: "Client assertion is not within its valid time range. Current time: {now}, assertion valid from "
        "{starts}, expiry time of assertion {ends}. Review the documentation at "
        "https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
        700027: "Client assertion failed signature validation. [Reason - The provided signature value did not "  # *
        "match the expected signature value., Thumbprint of key used by client: '{kid}']",
        700211: f"{_NO_RECORD} issuer '{{issuer}}'. {_CHECK}",
        700212: f"{_NO_RECORD} audience '{{audience}}'. {_CHECK}",
        700213: f"{_NO_RECORD} subject '{{subject}}'. {_CHECK}",
        7000215: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        "value, not the client secret ID, for a secret added to app '{app}'.",
        7000218: f"{_PARAMETER} 'client_assertion' or 'client_secret'.",
        7000272: "The certificate with identifier {kid} used to sign the federated credential could not be found in "
        "the metadata of identity provider {issuer}. Please validate that your Identity Provider's metadata exposes "
        "the key used to sign the incoming token.",
        7002121: f"{_NO_RECORD} audience '{{audience}}'{_NOR_EXPRESSION} {_CHECK}",  # *
        7002131: f"{_NO_RECORD} subject '{{subject}}'{_NOR_EXPRESSION} {_CHECK}",  # *
        7002138: f"{_NO_RECORD} subject '{{subject}}'. The subject matches with case-insensitive comparison, but not "
        f"with case-sensitive comparison. {_CHECK}",  # *
    },
}
_REFUSALS = {code: (*envelope, text) for envelope, texts in _TEXTS.items() for code, text in texts.items()}


class SignInError(Exception):
    """A sign-in that Entra refuses, by its AADSTS code; `values` are those that the code's text names."""

    def __init__(self, code: int, **values: str) -> None:
        self.code = code
        self.status, self.error, text = _REFUSALS[code]
        super().__init__(f"AADSTS{code}: {text.format(**values)}")


async def answer_sign_in_error(request: Request, error: Exception) -> JSONResponse:
    """Turn a SignInError into its response (registered as Starlette's exception handler)."""
    if not isinstance(error, SignInError):
        raise error
    timestamp = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
    trace, correlation = str(uuid.uuid4()), request.headers.get("client-request-id") or str(uuid.uuid4())
    body = {
        # Discovery words an unknown tenant unlike the token endpoint.
        "error": "invalid_tenant" if error.code == 90002 and request.method == "GET" else error.error,
        "error_description": f"{error} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {timestamp}",
        "error_codes": [error.code],
        "timestamp": timestamp,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={error.code}",
    }
    return JSONResponse(body, error.status)
