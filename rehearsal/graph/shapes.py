"""What Graph adds to the properties with which an application or a service principal is made.

Microsoft Graph REST reference, "application resource type" and "servicePrincipal resource type". What neither the
client nor this table gives reads as absent, which clients take for null.
"""

import uuid
from datetime import UTC, datetime

from ..cloud import Cloud
from ..store import Document


def application(cloud: Cloud, given: Document) -> Document:
    """Return a new application with the given properties."""
    return {
        **_common(cloud),
        "appId": str(uuid.uuid4()),
        "api": {"knownClientApplications": [], "oauth2PermissionScopes": [], "preAuthorizedApplications": []},
        "identifierUris": [],
        "oauth2RequirePostResponse": False,
        "publicClient": {"redirectUris": []},
        "publisherDomain": f"{cloud.tenant}.onmicrosoft.com",
        "requiredResourceAccess": [],
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": []},
        "web": {"redirectUris": []},
        **given,
    }


def service_principal(cloud: Cloud, given: Document, of: Document) -> Document:
    """Return a new service principal of the application, with the given properties."""
    return {
        **_common(cloud),
        "accountEnabled": True,
        "alternativeNames": [],
        "appDisplayName": of["displayName"],
        "appOwnerOrganizationId": cloud.tenant,
        "appRoleAssignmentRequired": False,
        "displayName": of["displayName"],
        "notificationEmailAddresses": [],
        "oauth2PermissionScopes": [],
        "replyUrls": [],
        "servicePrincipalNames": [of["appId"], *of.get("identifierUris", [])],
        "servicePrincipalType": "Application",
        "signInAudience": of.get("signInAudience"),
        **given,
    }


def _common(cloud: Cloud) -> Document:
    return {
        "id": str(uuid.uuid4()),
        "createdDateTime": datetime.fromtimestamp(cloud.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "description": None,
        "notes": None,
        **{key: [] for key in ("appRoles", "keyCredentials", "passwordCredentials", "tags")},
    }
