"""Who calls GitLab's API, and what they may (GitLab docs, "REST API authentication", "Roles and permissions")."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..cloud import Cloud
from ..refusal import Refusal

DEVELOPER, MAINTAINER = 30, 40


@dataclass(frozen=True)
class Caller:
    """A token's owner: the token's scopes, and the access level (GitLab's number) that it has in every project."""

    scopes: tuple[str, ...]
    level: int


def caller(cloud: Cloud, headers: Mapping[str, str]) -> Caller | None:
    """Return whose token the request carries, None where it carries none. Raises Refusal for one that is unknown.

    Beside the deployer's own token the store may hold others: kind `gitlab-token`, {scopes, level} by token.
    """
    token = headers.get("private-token") or headers.get("authorization", "").partition("Bearer ")[2].strip()
    if not token:
        return None
    if token == cloud.gitlab_token:
        return Caller(("api",), MAINTAINER)
    known = cloud.store.get("gitlab-token", token)
    if known is None:
        raise unauthorized()
    return Caller(tuple(known["scopes"]), known["level"])


def allow(who: Caller | None, *, write: bool, level: int = 0) -> None:
    """Raise Refusal unless somebody asks, with a token whose scope permits the request, and of at least this level."""
    if who is None:
        raise unauthorized()
    if not {"api", "read_api"}.intersection(who.scopes) or (write and "api" not in who.scopes):
        words = "The request requires higher privileges than provided by the access token."
        scope = "api" if write else "api read_api"
        raise Refusal(403, {"error": "insufficient_scope", "error_description": words, "scope": scope})
    if who.level < level:
        raise refusal(403, "403 Forbidden")


def unauthorized() -> Refusal:
    """Return GitLab's answer to a request without a (known) token."""
    return refusal(401, "401 Unauthorized")


def refusal(status: int, message: object) -> Refusal:
    """Return an error in the envelope of GitLab's own checks; those of a parameter's form say `error`."""
    return Refusal(status, {"message": message})
