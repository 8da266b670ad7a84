"""The Azure account that deploys."""

import pulumi
from pulumi_azure_native import authorization

__all__ = ["tenant_id"]


def tenant_id() -> str:
    """Return the id of the Entra tenant that the deploying person or pipeline is signed in to.

    Raises pulumi.RunError, with Azure's own words, where nobody is: the engine prints that without a traceback.
    """
    try:
        return authorization.get_client_config().tenant_id
    except Exception as error:  # noqa: BLE001 - Pulumi raises a plain Exception, whatever the provider met
        raise pulumi.RunError(
            f"Azure does not take the sign-in. Nothing was created or changed.\n\n  {error}\n\n"
            "  mend: sign in with `az login`, or set the ARM_TENANT_ID, ARM_SUBSCRIPTION_ID, ARM_CLIENT_ID and\n"
            "        ARM_CLIENT_SECRET of a service principal that may deploy"
        ) from None
