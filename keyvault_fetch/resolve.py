"""Fetching a job's secrets with azure-keyvault-secrets: one credential, one client, one outcome per secret."""

from collections.abc import Iterable
from datetime import UTC, datetime

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError
from azure.keyvault.secrets import KeyVaultSecret, SecretClient

from .causes import failed
from .credential import JobCredential, TokenRefused, Transport
from .environment import Access
from .notices import of_validity
from .outcome import Outcome, ServiceError, Wanted
from .patience import Patience
from .service_error import UNANSWERED, from_connection, from_vault, unexpected


def resolve(
    access: Access, wanted: Iterable[Wanted], patience: Patience, transport: Transport | None = None
) -> list[Outcome]:
    """Return one outcome per secret, in order; `transport` replaces azure-core's own (requests).

    Every secret is tried, where GitLab Runner stops at its first error. A vault that could not be reached for one
    secret is not waited for again.
    """
    outcomes: list[Outcome] = []
    silent: ServiceError | None = None
    with (
        JobCredential(access, patience, transport) as credential,
        SecretClient(
            access.vault_url,
            credential,  # pyright: ignore[reportArgumentType]: it takes SupportsTokenInfo too, its annotation lags
            permit_redirects=False,
            transport=transport,
            **patience.options(),
        ) as client,
    ):
        for each in wanted:
            outcome = failed(each, silent, access) if silent else _fetch(client, access, each)
            outcomes.append(outcome)
            if outcome.failure and outcome.failure.error.code in UNANSWERED:
                silent = outcome.failure.error
    return outcomes


def _fetch(client: SecretClient, access: Access, wanted: Wanted) -> Outcome:
    try:
        return _accept(wanted, client.get_secret(wanted.name, wanted.version), access)
    except TokenRefused as refused:
        error = refused.error
    except DecodeError as undecoded:
        error = unexpected(undecoded.status_code)
    except HttpResponseError as refusal:
        error = _refusal(refusal)
    except (AzureError, OSError) as broken:  # requests lets a plain OSError out where its CA bundle is unusable
        error = from_connection(broken, access.vault_url)
    except (ValueError, TypeError, KeyError, AttributeError):  # the SDK's model meets an answer that is not Azure's
        error = unexpected(None)
    return failed(wanted, error, access)


def _accept(wanted: Wanted, secret: KeyVaultSecret, access: Access) -> Outcome:
    if secret.value is None:
        return failed(wanted, ServiceError(None, "NullValue", "the vault's answer holds no value"), access)
    properties = secret.properties
    notices = of_validity(properties.not_before, properties.expires_on, datetime.now(UTC))
    return Outcome(wanted, secret.value, properties.version, notices=notices)


def _refusal(refusal: HttpResponseError) -> ServiceError:
    status = refusal.status_code or 0
    if 300 <= status < 400:
        return ServiceError(status, "Redirected", "the vault's address answered with a redirect")
    return from_vault(status, refusal.response.text() if refusal.response else "")
