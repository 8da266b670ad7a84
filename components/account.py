"""The Azure account that deploys."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization

__all__ = ["Account", "management_token", "signed_in"]


@dataclass(frozen=True)
class Account:
    """Who deploys, and where: ids of the Entra tenant, of the subscription, and of the person or service principal."""

    tenant_id: str
    subscription_id: str
    object_id: str


def signed_in() -> Account:
    """Return the account that the deploying person or pipeline is signed in with.

    Raises pulumi.RunError, with Azure's own words, where nobody is: the engine prints that without a traceback.
    """
    try:
        known = authorization.get_client_config()
    except Exception as error:  # noqa: BLE001 - Pulumi raises a plain Exception, whatever the provider met
        raise _refused(error) from None
    return Account(known.tenant_id, known.subscription_id, known.object_id)


def management_token() -> str:
    """Return an access token of the account for Azure Resource Manager. Raises pulumi.RunError as `signed_in` does."""
    try:
        return authorization.get_client_token().token
    except Exception as error:  # noqa: BLE001 - as above
        raise _refused(error) from None


def _refused(error: Exception) -> pulumi.RunError:
    return pulumi.RunError(
        f"Azure does not take the sign-in. Nothing was created or changed.\n\n  {error}\n\n"
        "  mend: sign in with `az login`, or set the ARM_TENANT_ID, ARM_SUBSCRIPTION_ID, ARM_CLIENT_ID and\n"
        "        ARM_CLIENT_SECRET of a service principal that may deploy"
    )
