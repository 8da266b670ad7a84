"""GitLab's REST API as clients call it, and what a project's setting makes of its jobs' tokens."""

import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import jwt
import pytest
import requests

from rehearsal.server import Running

API = "https://gitlab.com/api/v4"
SETTING = "ci_id_token_sub_claim_components"


class GitLab:
    """Requests of a token's owner."""

    def __init__(self, http: requests.Session, token: str) -> None:
        self._http, self._headers = http, {"PRIVATE-TOKEN": token} if token else {}

    def __call__(
        self, method: str, path: str, headers: dict[str, str] | None = None, **content: Any
    ) -> requests.Response:
        its = {**self._headers, **(headers or {})}
        return self._http.request(method, f"{API}{path}", headers=its, timeout=10, **content)


@pytest.fixture
def gitlab(http: requests.Session, cloud: Running) -> GitLab:
    return GitLab(http, cloud.environment["GITLAB_TOKEN"])


@pytest.fixture
def another(http: requests.Session, cloud: Running) -> Callable[..., GitLab]:
    """A function that gives the API to the owner of another token."""

    def make(*scopes: str, level: int = 40) -> GitLab:
        token = f"glpat-{uuid.uuid4().hex}"
        cloud.cloud.store.put("gitlab-token", token, {"scopes": scopes, "level": level})
        return GitLab(http, token)

    return make


@pytest.fixture
def project(gitlab: GitLab) -> str:
    """The path of a new project in the group acme."""
    group = gitlab("GET", "/projects/acme%2Fshop").json()["namespace"]["id"]
    made = gitlab("POST", "/projects", json={"path": f"made-{uuid.uuid4().hex[:8]}", "namespace_id": group})
    assert made.status_code == 201
    return made.json()["path_with_namespace"]


def at(project: str, below: str = "") -> str:
    return f"/projects/{quote(project, safe='')}{below}"


def told(answer: requests.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def test_a_project_is_found_by_its_id_and_by_its_encoded_path(gitlab: GitLab):
    by_path = gitlab("GET", "/projects/acme%2Fshop").json()
    by_id = gitlab("GET", f"/projects/{by_path['id']}").json()
    assert by_path == by_id == gitlab("GET", "/projects/ACME%2FShop").json()
    assert by_path["path_with_namespace"] == "acme/shop"
    assert told(gitlab("GET", "/projects/acme/shop")) == (404, {"error": "404 Not Found"})


def test_a_projects_id_is_that_of_its_jobs_tokens(gitlab: GitLab, job_token: Callable[..., str]):
    claims = jwt.decode(job_token("acme/shop"), options={"verify_signature": False})
    assert claims["project_id"] == str(gitlab("GET", "/projects/acme%2Fshop").json()["id"])


@pytest.mark.parametrize("path", ["/projects/acme%2Fnone", "/projects/4", "/projects/acme%2Fnone/variables"])
def test_an_unknown_project_is_not_found(gitlab: GitLab, path: str):
    assert told(gitlab("GET", path)) == (404, {"message": "404 Project Not Found"})


def test_a_project_can_be_made_once_in_a_group_that_is_there(gitlab: GitLab, project: str):
    made = gitlab("GET", at(project)).json()
    body = {"path": made["path"], "namespace_id": made["namespace"]["id"]}
    assert told(gitlab("POST", "/projects", json=body)) == (400, {"message": {"path": ["has already been taken"]}})
    assert told(gitlab("POST", "/projects", json={**body, "namespace_id": 5})) == (
        404,
        {"message": "404 Namespace Not Found"},
    )


def test_a_token_is_taken_in_either_header_and_an_unknown_one_is_not(http: requests.Session, cloud: Running):
    token = cloud.environment["GITLAB_TOKEN"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert http.get(f"{API}/user", headers=bearer, timeout=10).json()["username"] == "rehearsal"
    assert GitLab(http, token)("GET", "/user").status_code == 200
    for wrong in ("glpat-wrong", ""):
        for path in ("/user", at("acme/shop", "/variables")):
            assert told(GitLab(http, wrong)("GET", path)) == (401, {"message": "401 Unauthorized"})


def test_a_private_project_is_not_there_for_one_who_does_not_sign_in(http: requests.Session):
    assert told(GitLab(http, "")("GET", "/projects/acme%2Fshop")) == (404, {"message": "404 Project Not Found"})


def test_a_token_that_may_only_read_changes_nothing(another: Callable[..., GitLab], project: str):
    reader = another("read_api")
    assert reader("GET", at(project)).status_code == 200
    assert reader("GET", "/personal_access_tokens/self").json()["scopes"] == ["read_api"]
    status, body = told(reader("PUT", at(project), json={SETTING: ["project_path"]}))
    assert (status, body["error"], body["scope"]) == (403, "insufficient_scope", "api")
    assert another("read_repository")("GET", "/user").status_code == 403


def test_a_developer_neither_sees_nor_changes_variables_and_the_setting(another: Callable[..., GitLab], project: str):
    developer = another("api", level=30)
    assert SETTING not in developer("GET", at(project)).json()
    forbidden = (403, {"message": "403 Forbidden"})
    assert told(developer("PUT", at(project), json={SETTING: ["project_path"]})) == forbidden
    assert told(developer("GET", at(project, "/variables"))) == forbidden


def test_the_setting_makes_the_subject_of_the_next_token(gitlab: GitLab, project: str, job_token: Callable[..., str]):
    def sub(**job: Any) -> str:
        return jwt.decode(job_token(project, **job), options={"verify_signature": False})["sub"]

    assert gitlab("GET", at(project)).json()[SETTING] == ["project_path", "ref_type", "ref"]
    assert sub() == f"project_path:{project}:ref_type:branch:ref:main"
    number = gitlab("GET", at(project)).json()["id"]
    components = ["project_id", "ref_protected", "environment_protected", "deployment_tier"]
    assert gitlab("PUT", at(project), json={SETTING: components}).json()[SETTING] == components
    deploys = {"environment": "Prod/eu", "environment_protected": True, "ref_protected": False}
    expected = f"project_id:{number}:ref_protected:false:environment_protected:true:deployment_tier:production"
    assert sub(**deploys) == expected
    assert sub() == f"project_id:{number}:ref_protected:true:environment_protected::deployment_tier:"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"json": {SETTING: ["ref", "project_path"]}}, "must be the first element of the sub claim"),
        ({"json": {SETTING: []}}, "is too short (minimum is 1 character)"),
        ({"json": {SETTING: ["project_path", "environment"]}}, f"{SETTING} does not have a valid value"),
        ({"json": {SETTING: "project_path"}}, f"{SETTING} is invalid"),
        ({"json": {SETTING: ["project_path", 5]}}, f"{SETTING} is invalid"),
        ({"json": {}}, "at least one parameter must be provided"),
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, "body is invalid"),
    ],
)
def test_a_setting_that_gitlab_does_not_allow_is_refused_in_its_words(
    gitlab: GitLab, project: str, content: dict[str, Any], error: str
):
    answer = gitlab("PUT", at(project), **content)
    assert answer.status_code == 400
    assert error in answer.text
    assert gitlab("GET", at(project)).json()[SETTING] == ["project_path", "ref_type", "ref"]


@pytest.mark.parametrize(
    "content",
    [
        {"json": {SETTING: ["project_id"]}},
        {"data": {f"{SETTING}[]": "project_id"}},
        {"params": {f"{SETTING}[]": "project_id"}},
    ],
)
def test_the_setting_may_come_as_json_as_a_form_and_in_the_query(gitlab: GitLab, project: str, content: dict[str, Any]):
    assert gitlab("PUT", at(project), **content).json()[SETTING] == ["project_id"]


def test_another_field_of_a_project_is_refused_by_name(gitlab: GitLab, project: str):
    status, body = told(gitlab("PUT", at(project), json={SETTING: ["project_path"], "visibility": "public"}))
    assert status == 501
    assert "not visibility" in body["message"]


def test_a_variable_is_made_read_changed_and_deleted(gitlab: GitLab, project: str):
    variables = at(project, "/variables")
    body = {"key": "AZURE_CLIENT_ID", "value": "one", "environment_scope": "production", "raw": True}
    made = gitlab("POST", variables, json=body)
    assert made.status_code == 201
    assert made.json() == {
        **body,
        "variable_type": "env_var",
        "protected": False,
        "masked": False,
        "hidden": False,
        "description": None,
    }
    assert gitlab("GET", f"{variables}/AZURE_CLIENT_ID").json() == made.json()
    changed = gitlab("PUT", f"{variables}/AZURE_CLIENT_ID", json={"value": "two", "protected": "true"}).json()
    assert (changed["value"], changed["protected"], changed["raw"]) == ("two", True, True)
    assert gitlab("DELETE", f"{variables}/AZURE_CLIENT_ID").status_code == 204
    gone = (404, {"message": "404 Variable Not Found"})
    for method in ("GET", "PUT", "DELETE"):
        assert told(gitlab(method, f"{variables}/AZURE_CLIENT_ID")) == gone


def test_a_key_may_stand_once_in_each_environment_scope_and_the_filter_tells_them_apart(gitlab: GitLab, project: str):
    variables = at(project, "/variables")
    for scope in ("staging", "production"):
        gitlab("POST", variables, json={"key": "A", "value": scope, "environment_scope": scope})
    again = gitlab("POST", variables, json={"key": "A", "value": "x", "environment_scope": "staging"})
    assert told(again) == (400, {"message": {"key": ["(A) has already been taken"]}})
    assert gitlab("GET", f"{variables}/A").status_code == 409
    one = {"filter[environment_scope]": "production"}
    assert gitlab("GET", f"{variables}/A", params=one).json()["value"] == "production"
    in_body = {"value": "by its body", "filter": {"environment_scope": "production"}}  # as python-gitlab writes it
    assert gitlab("PUT", f"{variables}/A", json=in_body).json()["value"] == "by its body"
    moved = gitlab("PUT", f"{variables}/A", params=one, json={"environment_scope": "staging"})
    assert moved.status_code == 400
    assert gitlab("DELETE", f"{variables}/A", params=one).status_code == 204
    assert gitlab("GET", f"{variables}/A").json()["value"] == "staging"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, {"error": "key is missing, value is missing"}),
        ({"key": "A", "value": 5}, {"error": "value is invalid"}),
        ({"key": "A", "value": "", "raw": "maybe"}, {"error": "raw is invalid"}),
        ({"key": "A", "value": "", "variable_type": "x"}, {"error": "variable_type does not have a valid value"}),
        ({"key": "A-B", "value": ""}, {"message": {"key": ["can contain only letters, digits and '_'."]}}),
        ({"key": "A", "value": "short", "masked": True}, {"message": {"value": ["is invalid"]}}),
    ],
)
def test_a_variable_that_gitlab_does_not_allow_is_refused_in_its_words(
    gitlab: GitLab, project: str, body: dict[str, Any], error: dict[str, Any]
):
    assert told(gitlab("POST", at(project, "/variables"), json=body)) == (400, error)
    assert gitlab("GET", at(project, "/variables")).json() == []


def test_a_scope_has_only_the_characters_of_an_environments_name(gitlab: GitLab, project: str):
    body = {"key": "A", "value": "", "environment_scope": "a:b"}
    status, answer = told(gitlab("POST", at(project, "/variables"), json=body))
    assert status == 400
    assert "can contain only letters" in answer["message"]["environment_scope"][0]


def test_variables_come_in_pages(gitlab: GitLab, project: str):
    variables = at(project, "/variables")
    for index in range(22):
        gitlab("POST", variables, json={"key": f"V{index}", "value": ""})
    first = gitlab("GET", variables)
    assert (len(first.json()), first.headers["X-Next-Page"], first.headers["X-Total"]) == (20, "2", "22")
    second = gitlab("GET", variables, params={"page": 2})
    assert ([each["key"] for each in second.json()], second.headers["X-Next-Page"]) == (["V20", "V21"], "")
    assert len(gitlab("GET", variables, params={"per_page": 22}).json()) == 22
    assert gitlab("GET", variables, params={"page": 0}).status_code == 400
    assert gitlab("GET", variables, params={"page": "9" * 5000}).status_code == 400


@pytest.mark.parametrize("number", ["²", "9" * 5000, "٣"])
def test_a_number_that_is_no_projects_is_not_found(gitlab: GitLab, number: str):
    assert told(gitlab("GET", f"/projects/{number}")) == (404, {"message": "404 Project Not Found"})
