"""What azuread has to know of each type of Graph object, as data (Microsoft Graph reference; azuread 6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """A type of Graph object: its inputs (`fields`) and what the service adds (`outputs`), with their names in Graph.

    `parent` is the input that holds the Graph path of the object it belongs to. Where `owned`, `owners` is an input.
    `defaults` are inputs that the provider fills in where the program leaves them out.
    """

    collection: str
    fields: Mapping[str, str]
    outputs: Mapping[str, str]
    replace_on: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    owned: bool = False
    parent: str = ""
    defaults: Mapping[str, object] = field(default_factory=dict[str, object])


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


APPLICATION = Row(
    "/applications",
    fields={
        **_same("displayName description notes serviceManagementReference signInAudience tags identifierUris"),
        "deviceOnlyAuthEnabled": "isDeviceOnlyAuthSupported",
        "fallbackPublicClientEnabled": "isFallbackPublicClient",
    },
    outputs={
        "clientId": "appId",
        "objectId": "id",
        "publisherDomain": "publisherDomain",
        "disabledByMicrosoft": "disabledByMicrosoftStatus",
    },
    sets=("tags", "identifierUris", "owners"),
    defaults={"signInAudience": "AzureADMyOrg"},
    owned=True,
)
SERVICE_PRINCIPAL = Row(
    "/servicePrincipals",
    fields={
        **_same("accountEnabled alternativeNames appRoleAssignmentRequired description loginUrl notes tags"),
        **_same("notificationEmailAddresses preferredSingleSignOnMode"),
        "clientId": "appId",
    },
    outputs={
        **_same("displayName logoutUrl servicePrincipalNames signInAudience"),
        "objectId": "id",
        "applicationTenantId": "appOwnerOrganizationId",
        "homepageUrl": "homepage",
        "redirectUris": "replyUrls",
        "type": "servicePrincipalType",
    },
    replace_on=("clientId",),
    sets=("tags", "alternativeNames", "notificationEmailAddresses", "owners"),
    defaults={"accountEnabled": True},
    owned=True,
)
CREDENTIAL = Row(
    "/federatedIdentityCredentials",
    fields={**_same("audiences description issuer subject"), "displayName": "name"},
    outputs={"credentialId": "id"},
    replace_on=("applicationId", "displayName"),
    parent="applicationId",
)
FLEXIBLE = Row(
    "/federatedIdentityCredentials",
    fields={
        **_same("claimsMatchingExpression description issuer"),
        "audience": "audiences",
        "displayName": "name",
    },
    outputs={"credentialId": "id"},
    replace_on=("applicationId", "displayName"),
    parent="applicationId",
)
