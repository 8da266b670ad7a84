"""The few calls to GitLab's REST API that no Pulumi resource makes: a project's sub claim setting, a token's scopes.

Source: GitLab docs, "Projects API" (`ci_id_token_sub_claim_components`), "Personal access tokens API" (`self`).
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["GitLabApi", "GitLabError"]

_SETTING: Final = "ci_id_token_sub_claim_components"
_TIMEOUT_SECONDS: Final = 30
_BUSY: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE)
_MENDS: Final[dict[int, str]] = {
    HTTPStatus.BAD_REQUEST: "choose components that this GitLab knows (before 18.7: project_path, ref_type, ref)",
    HTTPStatus.UNAUTHORIZED: "give a valid token in GITLAB_TOKEN; this one is unknown, revoked or expired",
    HTTPStatus.FORBIDDEN: "give a token in GITLAB_TOKEN with the scope api and the role Maintainer in the project",
    HTTPStatus.NOT_FOUND: "look the project up: it was deleted, or the token in GITLAB_TOKEN may not see it",
}


class GitLabError(Exception):
    """GitLab refused or could not be reached; the text says so in GitLab's own words, and how to mend it."""


class GitLabApi:
    """A GitLab instance, asked with one token. The token is in no text that leaves this class."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers["PRIVATE-TOKEN"] = token
        retry = Retry(4, connect=1, status_forcelist=_BUSY, allowed_methods=None, backoff_factor=0.5)
        self._session.mount("https://", HTTPAdapter(max_retries=retry))

    def sub_components(self, project_id: str) -> list[str] | None:
        """Return what the project's `sub` is made of, None where there is no such project.

        Raises GitLabError, also where GitLab does not show the setting: then the token may not change it either.
        """
        answer = self._send("GET", f"projects/{project_id}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        components = self._object(answer).get(_SETTING)
        if not components:
            raise GitLabError(
                f"GitLab does not show the setting {_SETTING} of project {project_id}.\n"
                "  meaning: the token's owner is no Maintainer there, or GitLab is older than 17.3, which brought it\n"
                f"  mend: {_MENDS[HTTPStatus.FORBIDDEN]}"
            )
        return cast("list[str]", components)

    def set_sub_components(self, project_id: str, components: Sequence[str]) -> list[str]:
        """Write that one setting of the project; return it as GitLab keeps it. Raises GitLabError."""
        answer = self._send("PUT", f"projects/{project_id}", {_SETTING: list(components)})
        return cast("list[str]", self._object(answer).get(_SETTING))

    def check_scope(self) -> None:
        """Raise GitLabError if the token's scopes are known and do not permit to write."""
        answer = self._send("GET", "personal_access_tokens/self")
        if not answer.ok:  # an OAuth token has no such page
            return
        scopes = cast("list[str]", self._object(answer).get("scopes") or [])
        if scopes and "api" not in scopes:
            raise GitLabError(
                f"The GitLab token has the scope {', '.join(scopes)}, which may not change a project's setting.\n"
                f"  mend: {_MENDS[HTTPStatus.FORBIDDEN]}"
            )

    def _send(self, method: str, path: str, body: dict[str, object] | None = None) -> requests.Response:
        url = f"{self._url}/api/v4/{path}"
        try:
            # A redirect would carry the token to wherever it points.
            return self._session.request(method, url, json=body, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise GitLabError(
                f"{method} {url} got no answer: {type(error).__name__}.\n"
                f"  mend: see that {self._url} can be reached from here, and run the command again"
            ) from None

    def _object(self, answer: requests.Response) -> dict[str, Any]:
        asked = f"{answer.request.method} {answer.url.partition('?')[0]}"
        try:
            body: object = answer.json()
        except requests.JSONDecodeError:
            body = None
        if answer.status_code < HTTPStatus.MULTIPLE_CHOICES and isinstance(body, dict):
            return cast("dict[str, Any]", body)
        words = json.dumps(body) if isinstance(body, dict) else "no JSON object"
        mend = _MENDS.get(answer.status_code, f"see that {self._url} is the address of GitLab, and what it says above")
        raise GitLabError(f"{asked} was answered {answer.status_code}: {words}\n  mend: {mend}")
