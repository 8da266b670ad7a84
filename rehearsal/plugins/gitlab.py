"""The provider for `gitlab`: the engine's calls as requests to GitLab's REST API (pulumi-gitlab 10)."""

import os
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote, unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from .client import ServiceError, body_of
from .resource import Resource, Service
from .values import Properties

_DEFAULT_URL = "https://gitlab.com/api/v4/"
_TIMEOUT = 60  # seconds
_PARTS_OF_AN_ID = 3
# The inputs of a variable with their names in GitLab's API.
_VARIABLE = {
    "key": "key",
    "value": "value",
    "environmentScope": "environment_scope",
    "description": "description",
    "masked": "masked",
    "protected": "protected",
    "raw": "raw",
    "variableType": "variable_type",
}
_PROJECT = {
    "name": "name",
    "path": "path",
    "pathWithNamespace": "path_with_namespace",
    "webUrl": "web_url",
    "defaultBranch": "default_branch",
    "visibilityLevel": "visibility",
    "archived": "archived",
    "ciIdTokenSubClaimComponents": "ci_id_token_sub_claim_components",
}


def service(config: Properties) -> Service:
    """Return the provider's service for its configuration. Raises ServiceError where GitLab does not know the token."""
    gitlab = GitLab(config)
    if str(config.get("earlyAuthCheck", "true")).lower() == "true":
        gitlab.call("GET", "user")

    def project(args: Properties) -> Properties:
        named = args.get("id") or args.get("pathWithNamespace") or ""
        body = gitlab.call("GET", f"projects/{quote(str(named), safe='')}")
        there = {name: body[at] for name, at in _PROJECT.items() if at in body}
        return {"ciIdTokenSubClaimComponents": [], **there, "id": str(body["id"])}

    return Service(
        {"gitlab:index/projectVariable:ProjectVariable": ProjectVariable(gitlab)},
        {"gitlab:index/getProject:getProject": project},
        lambda error: error.message,
    )


class GitLab:
    """Requests to one GitLab with one token, tried again while it is busy. Safe for many threads."""

    def __init__(self, config: Properties) -> None:
        token = config.get("token") or os.environ.get("GITLAB_TOKEN")
        if not token:
            raise ServiceError(0, "NoToken", "Set GITLAB_TOKEN: the provider has no token.")
        self._url: str = config.get("baseUrl") or os.environ.get("GITLAB_BASE_URL") or _DEFAULT_URL
        self._headers = {"Authorization": f"Bearer {token}"}
        busy = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
        retry = Retry(4, connect=0, status_forcelist=busy, allowed_methods=None, raise_on_status=False)
        self._session = requests.Session()
        self._session.mount("https://", HTTPAdapter(pool_maxsize=16, max_retries=retry))

    def call(self, method: str, path: str, body: Properties | None = None) -> Properties:
        """Return the JSON object answered. Raises ServiceError, worded as GitLab's Go client does."""
        url = f"{self._url}{path}"
        shown = f"{method} {unquote(urlsplit(url)._replace(query='').geturl())}"
        try:
            answer = self._session.request(method, url, headers=self._headers, json=body, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise ServiceError(0, type(error).__name__, f"{shown}: {error}") from error
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise ServiceError(answer.status_code, "NotFound", "404 Not Found")
        if not answer.ok:
            raise ServiceError(answer.status_code, "", f"{shown}: {answer.status_code} {_words(body_of(answer))}")
        return body_of(answer)


class ProjectVariable(Resource):
    """A project's CI/CD variable; its id in the state is `{project}:{key}:{environment_scope}`."""

    replace_on = ("project", "key", "environmentScope")
    defaults = {  # noqa: RUF012 nobody changes it
        "environmentScope": "*",
        "variableType": "env_var",
        **dict.fromkeys(("masked", "protected", "raw"), False),
    }

    def __init__(self, gitlab: GitLab) -> None:
        self._gitlab = gitlab

    def check(self, name: str, seed: bytes, olds: Properties, news: Properties) -> Properties:  # noqa: ARG002
        """Take the inputs as they are; one that is not played is refused, not forgotten."""
        for unknown in sorted(key for key in news.keys() - {"project", *_VARIABLE} if not key.startswith("__")):
            raise ValueError(f"the rehearsal's gitlab does not play the input {unknown} (rehearsal/COVERAGE.md)")
        return news

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Post the variable."""
        project = inputs["project"]
        made = self._gitlab.call("POST", f"projects/{quote(project, safe='')}/variables", _body(inputs))
        return f"{project}:{made['key']}:{made['environment_scope']}", _outputs(project, made)

    def read(self, identifier: str) -> Properties | None:
        """Get the variable of exactly this scope."""
        try:
            project, path = _place(identifier)
            return _outputs(project, self._gitlab.call("GET", path))
        except ServiceError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def adopted(self, identifier: str, outputs: Properties) -> Properties:  # noqa: ARG002
        """Take all that a variable has."""
        return {name: value for name, value in outputs.items() if value is not None}

    def update(self, identifier: str, inputs: Properties, olds: Properties) -> Properties:  # noqa: ARG002
        """Put the variable; key and scope stay."""
        project, path = _place(identifier)
        return _outputs(project, self._gitlab.call("PUT", path, _body(inputs)))

    def delete(self, identifier: str, inputs: Properties) -> None:  # noqa: ARG002
        """Delete the variable."""
        try:
            self._gitlab.call("DELETE", _place(identifier)[1])
        except ServiceError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise


def _place(identifier: str) -> tuple[str, str]:
    """Return the project and the path below the API of the variable with an id. Raises ServiceError for another id."""
    parts = identifier.split(":", 2)
    if len(parts) != _PARTS_OF_AN_ID:
        form = "expected format project:key:environment_scope"
        raise ServiceError(0, "", f"Failed to parse project variable ID {identifier!r}: {form}")
    project, key, scope = (quote(part, safe="") for part in parts)
    return parts[0], f"projects/{project}/variables/{key}?filter[environment_scope]={scope}"


def _body(inputs: Properties) -> Properties:
    return {there: inputs[name] for name, there in _VARIABLE.items() if name in inputs}


def _outputs(project: str, body: Properties) -> Properties:
    return {"project": project, **{name: body.get(there) for name, there in _VARIABLE.items()}}


def _words(error: object) -> str:
    """Return the body of a refusal as GitLab's Go client prints it: `{message: {key: [has already been taken]}}`."""
    if isinstance(error, dict):
        fields = cast("dict[str, Any]", error)
        return ", ".join(sorted(f"{{{key}: {_words(value)}}}" for key, value in fields.items()))
    if isinstance(error, list):
        return f"[{', '.join(_words(item) for item in cast('list[object]', error))}]"
    return str(error)
