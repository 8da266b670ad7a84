"""A job's ID token exchanged for an access token: once, and refused once (azure-identity does the exchange)."""

import re
from types import TracebackType
from typing import Self

from azure.core.credentials import AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import AzureError, ServiceRequestError, ServiceResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.transport import HttpTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import ClientAssertionCredential

from .environment import Access
from .outcome import ServiceError
from .patience import Patience
from .runner_rules import ANY_TENANT, tenant_mismatch
from .service_error import from_connection, from_entra, unexpected

Transport = HttpTransport[HttpRequest, HttpResponse]
_PUBLIC_CLOUD = "https://login.microsoftonline.com"


class TokenRefused(Exception):
    """No access token is to be had; carries the reason. Not an AzureError, so that no pipeline retries it."""

    def __init__(self, error: ServiceError) -> None:
        super().__init__(error.code)
        self.error = error


class JobCredential:
    """The credential of one job, as azure-keyvault-secrets asks for it. A refusal is final and asked for only once."""

    def __init__(self, access: Access, patience: Patience, transport: Transport | None = None) -> None:
        self._tenant_id = access.tenant_id
        self._authority = access.authority or _PUBLIC_CLOUD
        self._refused: TokenRefused | None = None
        self._answer: tuple[int, str] | None = None
        self._inner = ClientAssertionCredential(
            access.tenant_id,
            access.client_id,
            lambda: access.token,
            authority=self._authority,
            additionally_allowed_tenants=["*"] if access.tenant_id == ANY_TENANT else [],
            raw_response_hook=self._remember,
            transport=transport,
            **patience.options(),
        )

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """Return the access token; raises TokenRefused."""
        if self._refused:
            raise self._refused
        try:
            return self._request(scopes, options or {})
        except TokenRefused as refused:
            self._refused = refused
            raise

    def _request(self, scopes: tuple[str, ...], options: TokenRequestOptions) -> AccessTokenInfo:
        if mismatch := tenant_mismatch(self._tenant_id, options.get("tenant_id") or ""):
            raise TokenRefused(mismatch)
        try:
            info = self._inner.get_token_info(*scopes, options=options)
        except (ServiceRequestError, ServiceResponseError, OSError) as error:
            raise TokenRefused(from_connection(error, self._authority)) from None
        except (AzureError, ValueError, TypeError, KeyError, AttributeError):
            raise TokenRefused(from_entra(*self._answer) if self._answer else unexpected(None)) from None
        if not re.fullmatch(r"[!-~]+", info.token):
            raise TokenRefused(unexpected(200))
        return info

    def _remember(self, response: PipelineResponse[HttpRequest, HttpResponse]) -> None:
        self._answer = (response.http_response.status_code, response.http_response.text())

    def close(self) -> None:
        """Close the connection to Entra."""
        self._inner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()
