"""The components that write to GitLab, under the real engine and on the wire."""

import json
import os
import re
import shutil
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

from components.gitlab.api import GitLabApi, GitLabError
from components.gitlab.projects import connect, look_up
from components.gitlab.sub_claim import SubClaimComponents
from components.gitlab.variables import GitLabVariables
from rehearsal.gitlab.registry import create
from rehearsal.plugins.install import install
from rehearsal.server import Running

ROOT = Path(__file__).parents[2]
CANARY = "glpat-canary-of-nobody"
SCOPE_AND_ROLE = "a token in GITLAB_TOKEN with the scope api and the role Maintainer"
needs_engine = pytest.mark.skipif(
    shutil.which("pulumi") is None, reason="pulumi is not on PATH (scripts/test puts it there)"
)


@pytest.fixture
def project(cloud: Running) -> str:
    """The path of a project of this test's own."""
    return create(cloud.cloud.store, f"acme/own-{uuid.uuid4().hex[:8]}")["path_with_namespace"]


@pytest.fixture
def number(cloud: Running, project: str) -> str:
    """The project's number."""
    return str((cloud.cloud.store.get("project", project) or {})["id"])


@dataclass
class Program:
    """A stack that writes to GitLab: a project's variables and its setting."""

    project: str
    components: list[str] = field(default_factory=lambda: ["project_id", "ref_type", "ref"])

    def __call__(self) -> None:
        provider = connect("https://gitlab.com")
        number = str(look_up(provider, [self.project])[self.project].number)
        setting = SubClaimComponents(
            "claim", {"gitlab_url": "https://gitlab.com", "project_id": number, "components": self.components}
        )
        GitLabVariables(
            "variables",
            {
                "project_id": number,
                "environment_scope": "production",
                "client_id": "c",
                "tenant_id": "t",
                "vault_url": "https://kv.vault.azure.net/",
            },
            pulumi.ResourceOptions(providers=[provider]),
        )
        pulumi.export("components", setting.components)


@dataclass
class Stack:
    """The program's stack, its state and what its commands printed."""

    stack: automation.Stack
    files: Path
    printed: list[str] = field(default_factory=list[str])

    def up(self, **options: Any) -> dict[str, int]:
        """Update; return the changes but for what stays the same."""
        ended = self.stack.up(on_output=self.printed.append, **options)
        return {kind: count for kind, count in (ended.summary.resource_changes or {}).items() if kind != "same"}

    def refusal(self) -> str:
        """Return what an update that fails says."""
        with pytest.raises(automation.CommandError) as told:
            self.up()
        self.printed.append(str(told.value))
        return str(told.value)

    def everything(self) -> str:
        """Return all that was printed and all that lies in the state's files, history and backups included."""
        states = (path.read_text() for path in self.files.glob("**/*") if path.is_file())
        return "".join((*self.printed, *states))


@pytest.fixture
def program(project: str) -> Program:
    return Program(project)


@pytest.fixture
def stack(environment: dict[str, str], program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # of a program without a directory of its own
    install(Path(environment["PULUMI_HOME"]))
    name = f"gitlab-{uuid.uuid4().hex[:8]}"
    made = automation.create_stack(
        "dev", project_name=name, program=program, opts=automation.LocalWorkspaceOptions(work_dir=str(tmp_path))
    )
    return Stack(made, Path(environment["REHEARSAL_STATE"]) / "pulumi-state")


def setting_of(cloud: Running, project: str) -> list[str]:
    return (cloud.cloud.store.get("project", project) or {})["components"]


@needs_engine
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of a failed run's coroutine
def test_a_stack_writes_variables_and_setting_finds_drift_and_leaves_the_setting(
    cloud: Running, stack: Stack, program: Program, environment: dict[str, str], number: str
):
    assert stack.stack.preview(on_output=stack.printed.append).change_summary == {"create": 7}
    assert setting_of(cloud, program.project) == ["project_path", "ref_type", "ref"]

    stack.up()
    assert setting_of(cloud, program.project) == program.components
    variables = cloud.cloud.store.all("gitlab-variable", f"{number}/")
    assert {each["environment_scope"] for each in variables} == {"production"}
    assert len(variables) == 3
    stack.up(expect_no_changes=True)

    # by hand
    store = cloud.cloud.store
    store.put(
        "project", program.project, {**(store.get("project", program.project) or {}), "components": ["project_path"]}
    )
    store.delete("gitlab-variable", f"{number}/AZURE_CLIENT_ID/production")
    assert stack.up(refresh=True) == {"update": 1, "create": 1}
    assert setting_of(cloud, program.project) == program.components

    program.components = ["ref"]
    told = stack.refusal()
    assert "must be the first element of the sub claim" in told
    assert "mend: choose components that this GitLab knows" in told
    assert "Traceback" not in told

    stack.stack.destroy(on_output=stack.printed.append)
    assert store.all("gitlab-variable", f"{number}/") == []
    assert setting_of(cloud, program.project) == ["project_id", "ref_type", "ref"]
    assert environment["GITLAB_TOKEN"] not in stack.everything()


@needs_engine
def test_a_state_with_another_pickle_of_the_provider_is_read_and_needs_no_change(stack: Stack):
    stack.up()
    exported = stack.stack.export_stack()
    present = json.dumps(exported.deployment)
    # as another Python, or another release of pickle, would have written it: protocol 2
    other = "gAJjY29tcG9uZW50cy5naXRsYWIuc3ViX2NsYWltClN1YkNsYWltUHJvdmlkZXIKcQApUnEBLg=="
    old = re.sub(r'(?<="__provider": ")[^"]+', other, present)
    assert old != present
    stack.stack.import_stack(automation.Deployment(version=exported.version, deployment=json.loads(old)))
    stack.up(expect_no_changes=True, refresh=True)


@needs_engine
def test_a_token_in_the_stacks_configuration_is_used_and_kept_encrypted(
    stack: Stack, cloud: Running, program: Program, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GITLAB_TOKEN", "")
    stack.stack.set_config("gitlab:token", automation.ConfigValue(environment["GITLAB_TOKEN"], secret=True))
    stack.up()
    assert setting_of(cloud, program.project) == program.components
    assert environment["GITLAB_TOKEN"] not in stack.everything()


@needs_engine
@pytest.mark.parametrize(
    ("token", "told"),
    [
        ({"scopes": ["read_api"], "level": 40}, "The GitLab token has the scope read_api, which may not change"),
        ({"scopes": ["api"], "level": 30}, "shows its CI/CD settings to Maintainers"),
        (None, "GET https://gitlab.com/api/v4/user: 401 {message: 401 Unauthorized}"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_token_that_may_not_write_is_refused_at_preview_with_the_scope_and_role_it_needs(
    stack: Stack, cloud: Running, monkeypatch: pytest.MonkeyPatch, token: dict[str, Any] | None, told: str
):
    monkeypatch.setenv("GITLAB_TOKEN", CANARY)
    cloud.cloud.store.delete("gitlab-token", CANARY)
    if token:
        cloud.cloud.store.put("gitlab-token", CANARY, token)
    with pytest.raises(automation.CommandError) as refusal:
        stack.stack.preview(on_output=stack.printed.append)
    assert told in str(refusal.value)
    assert "scope api" in str(refusal.value)
    assert "Traceback" not in str(refusal.value)
    assert CANARY not in stack.everything() + str(refusal.value)


@needs_engine
def test_the_setting_is_written_from_any_directory_below_a_project_with_the_packages_of_its_environment(
    cloud: Running, environment: dict[str, str], project: str, tmp_path: Path
):
    install(Path(environment["PULUMI_HOME"]))
    options = {"toolchain": "pip", "virtualenv": str(ROOT / ".venv")}
    name = f"local-{uuid.uuid4().hex[:8]}"
    (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": name, "runtime": {"name": "python", "options": options}}))
    for room in ("components", "keyvault_fetch"):
        (tmp_path / room).symlink_to(ROOT / room)
    (tmp_path / "__main__.py").write_text(
        f"""
from components.gitlab.projects import connect, look_up
from components.gitlab.sub_claim import SubClaimComponents

number = str(look_up(connect("https://gitlab.com"), ["{project}"])["{project}"].number)
SubClaimComponents("claim", {{"gitlab_url": "https://gitlab.com", "project_id": number, "components": ["project_id"]}})
"""
    )
    below = tmp_path / "stacks"
    below.mkdir()
    for command in (
        ("stack", "init", "dev"),
        ("up", "--yes", "--skip-preview"),
        ("destroy", "--yes", "--skip-preview"),
    ):
        ended = subprocess.run(
            ("pulumi", *command, "--non-interactive"),
            cwd=below,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert setting_of(cloud, project) == ["project_id"]


def test_a_gitlab_that_refuses_or_does_not_answer_is_told_in_its_words_without_the_token(
    environment: dict[str, str], number: str
):
    def told(url: str, token: str, project: str) -> str:
        with pytest.raises(GitLabError) as refusal:
            GitLabApi(url, token).set_sub_components(project, ["project_path"])
        return str(refusal.value)

    own = environment["GITLAB_TOKEN"]
    setting = f"PUT https://gitlab.com/api/v4/projects/{number}"
    unknown = told("https://gitlab.com", CANARY, number)
    assert unknown.startswith(f'{setting} was answered 401: {{"message": "401 Unauthorized"}}\n  mend: give a valid')
    assert "404 Project Not Found" in told("https://gitlab.com", own, "7")
    nowhere = told("https://127.0.0.1:9", CANARY, number)
    assert "got no answer" in nowhere
    assert "see that https://127.0.0.1:9 can be reached" in nowhere
    assert "was answered 501: no JSON object" in told("https://gitlab.com/elsewhere", own, number)
    assert CANARY not in unknown + nowhere


def test_a_project_that_is_gone_has_no_setting_and_one_of_a_developer_is_not_shown(
    environment: dict[str, str], cloud: Running, number: str
):
    assert GitLabApi("https://gitlab.com", environment["GITLAB_TOKEN"]).sub_components("7") is None
    cloud.cloud.store.put("gitlab-token", "glpat-developer", {"scopes": ["api"], "level": 30})
    with pytest.raises(GitLabError, match=rf"project {number}\.(?s:.*)mend: give {SCOPE_AND_ROLE}"):
        GitLabApi("https://gitlab.com", "glpat-developer").sub_components(number)
