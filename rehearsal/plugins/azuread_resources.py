"""What azuread has to know of each type of Graph object, as data (Microsoft Graph reference; azuread 6.10)."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A type of Graph object: its inputs (`fields`) and what the service adds (`outputs`), with their paths in Graph.

    `unique` is an input that only the provider knows, and the input whose value it is about: no other object may have
    it (where `adopts`, such an object is taken over instead). Owned objects have the input `owners` on top.
    """

    collection: str
    fields: Mapping[str, str]
    outputs: Mapping[str, str]
    replace_on: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    owned: bool = False
    local: str | None = None


def _same(names: str) -> dict[str, str]:
    return {name: name for name in names.split()}


APPLICATION = Row(
    "/applications",
    fields={
        **_same("displayName description notes serviceManagementReference signInAudience tags identifierUris"),
        **{name: f"info.{name}" for name in ("marketingUrl", "privacyStatementUrl", "supportUrl", "termsOfServiceUrl")},
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
    owned=True,
    local="preventDuplicateNames",
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
    replace_on=("clientId", "useExisting"),
    sets=("tags", "alternativeNames", "notificationEmailAddresses", "owners"),
    owned=True,
    local="useExisting",
)

CREDENTIAL = Row(
    "/federatedIdentityCredentials",
    fields={**_same("audiences description issuer subject"), "displayName": "name"},
    outputs={"credentialId": "id"},
    replace_on=("applicationId", "displayName"),
    local="applicationId",
)
