from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from components.explain.__main__ import main
from components.explain.answers import Answer, explain
from components.stack.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

EVERY = ["project_path", "ref_type", "ref", "ref_protected", "environment_protected", "deployment_tier"]
SHOP: dict[str, Any] = {"path": "acme/shop", "secrets": {"A": "shop-a", "B": "shop-b"}}


def answers(*projects: dict[str, Any]) -> dict[str, Answer]:
    """Return the answers of a stack by `project: job`."""
    stack = {"location": "westeurope", "resource_group": "rg", "vault": {"name": "kv-acme"}, "projects": [*projects]}
    return {f"{one.project.path}: {one.asked.label}": one for one in explain(parse(stack))}


def reads(answer: Answer) -> list[str]:
    return [f"{one.vault}: {', '.join(one.words)}" for one in answer.may_read]


def codes(found: dict[str, Answer]) -> dict[str, int | None]:
    return {job.partition(": ")[2]: one.prediction.code for job, one in found.items()}


def test_a_trusted_branch_is_shown_with_the_jobs_that_people_take_for_it():
    found = answers(SHOP)
    assert codes(found) == {
        "branch main": None,
        "branch develop": 700213,
        "tag main": 700213,
        "merge request from main": None,
        "merge request from main of a fork": 700213,
    }
    assert reads(found["acme/shop: branch main"]) == ["kv-acme: shop-a, shop-b"]
    assert reads(found["acme/shop: tag main"]) == []
    assert "ref_type is 'tag', it wants 'branch'" in found["acme/shop: tag main"].why
    assert "project_path is 'fork/shop'" in found["acme/shop: merge request from main of a fork"].why


def test_each_kind_of_entry_is_shown_by_a_job_that_it_trusts():
    expression = "claims['sub'] matches 'project_path:acme/shop:*:ref:main:*' and claims['project_id'] eq '7'"
    trust: list[dict[str, object]] = [
        {"branch": "release/*"},
        {"tag": "v?.*"},
        {"merge_request": "feature/x"},
        {"protected": True},
        {"deployment_tier": "production", "environment_protected": True},
        {"expression": expression, "allow_broad": True, "reason": "the branch main, whatever its environment"},
    ]
    found = answers({**SHOP, "project_id": 7, "sub_components": EVERY, "trust": trust})
    shown = dict(list(codes(found).items())[: len(trust)])
    assert shown == {
        "branch release/1.0, for release/*": None,
        "tag v1.1.0, for v?.*": None,
        "merge request from feature/x": None,
        "branch main, protected": None,
        "branch main, in a protected environment, of tier production": None,
        "branch main, by an expression": None,
    }


def test_a_condition_of_an_entry_is_shown_with_the_job_that_lacks_it():
    trust = [{"branch": "main", "protected": True, "deployment_tier": "production"}]
    found = codes(answers({**SHOP, "sub_components": EVERY, "trust": trust}))
    assert found["branch main, protected, of tier production"] is None
    assert found["branch main, not protected, not of tier production"] == 700213


def test_jobs_of_a_shared_identity_may_read_what_all_its_projects_may():
    web = {"path": "acme/web", "identity": "shared", "secrets": {"C": "web-c"}}
    own = {"path": "acme/own", "secrets": {"D": "own-d"}}
    found = answers({**SHOP, "identity": "shared"}, web, own)
    both = ["kv-acme: shop-a, shop-b, web-c"]
    assert reads(found["acme/shop: branch main"]) == reads(found["acme/web: branch main"]) == both
    assert reads(found["acme/own: branch main"]) == ["kv-acme: own-d"]
    (all_of_it,) = answers({**SHOP, "identity": "shared"}, {**web, "access": "vault"})[
        "acme/shop: branch main"
    ].may_read
    assert all_of_it.words == ["every secret"]


GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"


@pytest.mark.parametrize(
    ("keys", "may_read"),
    [
        ({"vault": {"name": "kv-shop"}}, ["kv-shop: every secret"]),
        (
            {"vault": {"id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv-x"}, "access": "secrets"},
            ["kv-x: shop-a, shop-b"],
        ),
        (
            {"access": "vault", "condition": "@Request[a:b] StringEquals 'c'"},
            ["kv-acme: every secret, if the condition holds"],
        ),
        ({"role": "Key Vault Reader"}, []),
    ],
)
def test_what_may_be_read_follows_vault_access_role_and_condition(keys: dict[str, Any], may_read: list[str]):
    assert reads(answers({**SHOP, **keys})["acme/shop: branch main"]) == may_read


@pytest.fixture
def stacks(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.dev.yaml").write_text("""
config:
  gitlab-keyvault:location: westeurope
  gitlab-keyvault:resource_group: rg
  gitlab-keyvault:environment_scope: dev
  gitlab-keyvault:vault: {name: kv-acme}
  gitlab-keyvault:projects:
    - path: acme/shop
      sub_components: [project_id, ref_type, ref]
      trust: [{branch: main}, {tag: v*}]
      secrets: {KEY: shop-key}
    - path: acme/web
      secrets: {KEY: web-key}
""")
    (tmp_path / "Pulumi.bad.yaml").write_text("config: {'gitlab-keyvault:location': West Europe}")
    return tmp_path


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_the_table_shows_every_job_its_secrets_and_its_subject(
    stacks: Path, columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["--stack", "dev"], stacks) == 0
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= columns
    assert "acme/shop · an application of its own" in shown
    assert all(text in shown for text in ("kv-acme", "· shop-key", "· web-key"))
    assert "project_id:<id-of-acme/shop>" in shown
    assert "AADSTS700213" in shown


def test_a_name_that_rests_on_an_unknown_number_is_shown_without_its_hash(
    stacks: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["--stack", "dev", "--project", "acme/shop", "--json", "--branch", "main"], stacks) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["credential"] == "branch-main-…"
    assert answer["sub"] == "project_id:<id-of-acme/shop>:ref_type:branch:ref:main"


def test_json_tells_the_same_to_programs(stacks: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["--stack", "dev", "--project", "acme/web", "--json"], stacks) == 0
    first, *others = json.loads(capsys.readouterr().out)
    assert {job["project"] for job in others} == {"acme/web"}
    assert first == {
        "project": "acme/web",
        "job": "branch main",
        "runs_in": "acme/web",
        "ref_type": "branch",
        "ref": "main",
        "ref_protected": False,
        "environment_protected": None,
        "deployment_tier": None,
        "sub": "project_path:acme/web:ref_type:branch:ref:main",
        "trusted": True,
        "credential": first["credential"],
        "code": None,
        "why": f"credential {first['credential']}",
        "identity": "application",
        "role": "Key Vault Secrets User",
        "may_read": [{"vault": "kv-acme", "secrets": ["web-key"]}],
    }


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (["--branch", "main"], 0),
        (["--tag", "v1.2"], 0),
        (["--branch", "v1.2"], 1),
        (["--merge-request", "main"], 0),
        (["--merge-request", "main", "--fork", "someone/shop"], 1),
    ],
)
def test_a_job_of_ones_own_is_answered_by_the_exit_code_too(
    stacks: Path, job: list[str], code: int, capsys: pytest.CaptureFixture[str]
):
    assert main(["--stack", "dev", "--project", "Acme/Shop", "--json", *job], stacks) == code
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["trusted"] is (code == 0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--protected --environment-protected", (True, True, "other")),
        ("--tier staging", (False, False, "staging")),
        ("", (False, None, None)),
    ],
)
def test_protection_and_environment_of_a_job_of_ones_own_stand_in_its_answer(
    stacks: Path, options: str, expected: tuple[Any, ...], capsys: pytest.CaptureFixture[str]
):
    main([*["--stack", "dev", "--project", "acme/web", "--json", "--branch", "main"], *options.split()], stacks)
    (answer,) = json.loads(capsys.readouterr().out)
    assert (answer["ref_protected"], answer["environment_protected"], answer["deployment_tier"]) == expected


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("--stack dev --project acme/other", 2, "has no project 'acme/other'. It has: acme/shop, acme/web"),
        ("--stack nowhere", 3, "The stacks are: bad, dev."),
        ("--stack bad", 3, "gitlab-keyvault:location\n  problem: 'West Europe' is no region's name"),
    ],
)
def test_what_cannot_be_explained_is_told_without_a_traceback(
    stacks: Path, arguments: str, code: int, message: str, capsys: pytest.CaptureFixture[str]
):
    assert main(arguments.split(), stacks) == code
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "--stack"),
        ("--stack dev --branch main", "a job needs its project"),
        ("--stack dev --project acme/web --branch main --tag v1", "not allowed with"),
        ("--stack dev --project acme/web --branch main --fork a/b", "--fork goes with --merge-request"),
        ("--stack dev --project acme/web --protected", "go with --branch, --tag or --merge-request"),
        ("--stack dev --project acme/web --branch main --tier prod", "invalid choice: 'prod'"),
    ],
)
def test_options_that_do_not_go_together_are_refused_with_the_usage(
    stacks: Path, arguments: str, message: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as left:
        main(arguments.split(), stacks)
    assert left.value.code == 2
    assert message in capsys.readouterr().err
