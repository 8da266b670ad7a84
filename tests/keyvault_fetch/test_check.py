"""`check` against a rehearsal: a job that reads its secrets, and each way in which one does not."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keyvault_fetch import cli

DB = ("DATABASE_PASSWORD", "db")
Fetch = Callable[..., Any]


def test_the_documented_example_resolves_with_the_version_that_the_vault_gave(fetch: Fetch, chain: Any):
    said = fetch((*DB, f"version: '{chain.versions['old']}'"))
    assert said.code == 0
    assert said.document["ok"]
    assert said.only == {
        "variable": "DATABASE_PASSWORD",
        "name": "db",
        "requested_version": chain.versions["old"],
        "file": True,
        "resolved": True,
        "version": chain.versions["old"],
        "length": len("canary-old"),
        "error": None,
        "cause": None,
        "warnings": [],
    }


def test_without_a_version_the_newest_is_resolved(fetch: Fetch, chain: Any):
    said = fetch(DB)
    assert (said.only["requested_version"], said.only["version"]) == (None, chain.versions["db"])


def test_lines_for_people_name_variable_version_and_length(fetch: Fetch, chain: Any):
    said = fetch(DB, ("API_KEY", "api", "", "file: false"), args=("check",))
    assert said.code == 0
    first, second, *_ = said.out.splitlines()
    assert " ".join(first.split()) == f"ok DATABASE_PASSWORD db {chain.versions['db']} 26 characters file"
    assert second.split()[-3:] == ["14", "characters", "value"]
    assert said.out.splitlines()[-1] == "job job: 2 of 2 secrets resolved"


def test_a_terminal_shows_a_table(fetch: Fetch):
    said = fetch(DB, ("OFF", "off"), args=("check",), terminal=True)
    assert "Version or error" in said.out
    assert "DATABASE_PASSWORD" in said.out.partition("─")[2]
    assert "OFF: HTTP 403 SecretDisabled" in said.out


REFUSED_TOKENS = {
    "another branch": ({"ref": "feature/x"}, "AADSTS700213", "untrusted-subject"),
    "another project": ({"project": "acme/payments"}, "AADSTS700213", "untrusted-subject"),
    "a tag": ({"ref_type": "tag"}, "AADSTS700213", "untrusted-subject"),
    "another case": ({"project": "Acme/shop"}, "AADSTS7002138", "subject-case"),
    "another audience": ({"audience": "https://vault.example.com"}, "AADSTS700212", "untrusted-audience"),
    "another issuer": ({"claims": {"iss": "https://gitlab.com/"}}, "AADSTS700211", "untrusted-issuer"),
    "an expired one": ({"lifetime": -3600}, "AADSTS700024", "token-expired"),
}  # fmt: skip


@pytest.mark.parametrize(("options", "code", "cause"), REFUSED_TOKENS.values(), ids=REFUSED_TOKENS)
def test_a_refused_token_is_told_in_entras_words_with_its_own_claims(
    fetch: Fetch, chain: Any, options: dict[str, Any], code: str, cause: str
):
    said = fetch(DB, AZURE_JWT=chain.token(**options))
    assert said.code == 5
    assert said.only["error"]["code"] == code
    assert said.only["error"]["message"].startswith(f"{code}: ")
    assert "Trace ID: " in said.only["error"]["message"]
    assert said.only["cause"]["id"] == cause
    assert "issuer 'https://gitlab.com" in said.only["cause"]["meaning"]


MANGLED: dict[str, tuple[Callable[[str], str], str]] = {
    "quoted, as old Runners sent it": (lambda token: f'"{token}"', "AADSTS50027"),
    "a word": (lambda _token: "AZURE_JWT", "AADSTS50027"),
    "cut": (lambda token: token.rpartition(".")[0], "AADSTS50027"),
    "altered": (lambda token: token.rpartition(".")[0] + "." + "A" * 342, "AADSTS700027"),
}


@pytest.mark.parametrize(("mangle", "code"), MANGLED.values(), ids=MANGLED)
def test_a_mangled_token_is_sent_and_refused_by_entra(
    fetch: Fetch, chain: Any, mangle: Callable[[str], str], code: str
):
    said = fetch(DB, AZURE_JWT=mangle(chain.token()))
    assert (said.code, said.only["error"]["code"]) == (5, code)


def test_a_literal_token_is_sent_as_it_stands_and_warned_of(fetch: Fetch):
    said = fetch((*DB, "", "token: AZURE_JWT"))
    assert said.only["error"]["code"] == "AADSTS50027"
    assert "write token: $AZURE_JWT" in said.document["warnings"][0]["message"]


def test_entra_is_asked_once_and_every_secret_shows_its_refusal(fetch: Fetch, chain: Any):
    said = fetch(DB, ("API_KEY", "api"), ("OFF", "off"), AZURE_JWT=chain.token(ref="dev"))
    messages = {secret["error"]["message"] for secret in said.document["secrets"]}
    assert len(said.document["secrets"]) == 3
    assert len(messages) == 1  # each answer has a trace id of its own


def test_a_refusal_of_all_secrets_is_told_once_to_people(fetch: Fetch, chain: Any):
    said = fetch(DB, ("API_KEY", "api"), args=("check",), AZURE_JWT=chain.token(ref="dev"))
    assert "DATABASE_PASSWORD, API_KEY: HTTP 401 AADSTS700213" in said.out
    assert said.out.count("Trace ID") == 1
    assert "mend:  see what is trusted: az ad app federated-credential list" in said.out


def test_an_application_that_is_not_there_is_refused_by_entra(fetch: Fetch):
    said = fetch(DB, AZURE_CLIENT_ID="00000000-0000-0000-0000-000000000000")
    assert (said.code, said.only["error"]["code"]) == (5, "AADSTS700016")
    assert said.only["cause"]["id"] == "unknown-application"


def test_a_missing_role_is_mended_for_that_application_at_that_secret(fetch: Fetch, chain: Any):
    said = fetch(DB, ("API_KEY", "api"), AZURE_CLIENT_ID=chain.narrow)
    resolved, refused = said.document["secrets"]
    assert said.code == 6
    assert resolved["resolved"]
    assert (refused["error"]["status"], refused["error"]["code"]) == (403, "ForbiddenByRbac")
    scope = f"{chain.vault_id}/secrets/api".lower()
    assert refused["cause"]["mend"] == (
        f'az role assignment create --assignee {chain.narrow} --role "Key Vault Secrets User" --scope {scope}'
    )


REFUSED_SECRETS = {
    "disabled": (("OFF", "off"), 6, 403, "SecretDisabled", "secret-disabled"),
    "not there": (("GONE", "gone"), 7, 404, "SecretNotFound", "secret-not-found"),
    "no such version": ((*DB, f"version: '{'0' * 32}'"), 7, 404, "SecretNotFound", "secret-not-found"),
    "no name of a secret": (("ODD", "a/b_c"), 7, 400, "BadParameter", "bad-name"),
}


@pytest.mark.parametrize(
    ("secret", "exit_code", "status", "code", "cause"), REFUSED_SECRETS.values(), ids=REFUSED_SECRETS
)
def test_a_vaults_refusal_is_told_in_its_own_words(
    fetch: Fetch, secret: tuple[str, ...], exit_code: int, status: int, code: str, cause: str
):
    said = fetch(secret)
    assert said.code == exit_code
    assert (said.only["error"]["status"], said.only["error"]["code"]) == (status, code)
    assert said.only["cause"]["id"] == cause


def test_every_secret_is_tried_and_the_earliest_stage_gives_the_exit_code(fetch: Fetch):
    said = fetch(("GONE", "gone"), ("OFF", "off"), DB)
    assert [secret["resolved"] for secret in said.document["secrets"]] == [False, False, True]
    assert said.code == 6


@pytest.mark.parametrize("tenant", ["99999999-2222-3333-4444-555555555555", "contoso.onmicrosoft.com"])
def test_a_vault_of_another_tenant_is_no_business_of_the_credential(fetch: Fetch, tenant: str):
    said = fetch(DB, AZURE_TENANT_ID=tenant)
    assert (said.code, said.only["error"]["code"]) == (4, "TenantMismatch")


def test_the_tenant_organizations_goes_with_any_vault(fetch: Fetch):
    assert fetch(DB, AZURE_TENANT_ID="organizations").only["resolved"]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://vault.example.com", "ChallengeResourceMismatch"),
        ("http://kv-fetch.vault.azure.net", "NotHttps"),
        ("kv-fetch.vault.azure.net", "NoHostInUrl"),
        ("https://kv-fetch.vault.azure.net\n", "InvalidUrl"),
    ],
)
def test_a_url_that_the_sdk_refuses_is_never_asked(fetch: Fetch, url: str, code: str):
    said = fetch(DB, AZURE_KEY_VAULT_SERVER_URL=url)
    assert (said.code, said.only["error"]["status"], said.only["error"]["code"]) == (4, None, code)
    assert "Request URL" not in said.logged


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AZURE_TENANT_ID": "no tenant"}, "InvalidTenantId"),
        ({"AZURE_AUTHORITY_HOST": "login.microsoftonline.us"}, "AuthorityNotHttps"),
        ({"AZURE_AUTHORITY_HOST": "https://login.example.com"}, "UnknownAuthority"),
        ({"NOTHING": ""}, "EmptySecretName"),
    ],
)
def test_what_the_sdk_refuses_of_the_environment_is_never_asked(fetch: Fetch, changes: dict[str, str], code: str):
    said = fetch(("DB", "$NOTHING"), **{"NOTHING": "db", **changes})
    assert (said.code, said.only["error"]["status"], said.only["error"]["code"]) == (4, None, code)
    assert "Request URL" not in said.logged


def test_missing_variables_are_reported_for_every_secret_in_gitlabs_words(fetch: Fetch):
    said = fetch(DB, ("API_KEY", "$NAME"), AZURE_CLIENT_ID="", AZURE_JWT="")
    assert said.code == 4
    for secret in said.document["secrets"]:
        assert secret["error"]["message"].startswith("The secrets provider can not be found.")
        assert all(name in secret["error"]["message"] for name in ("AZURE_CLIENT_ID", "AZURE_JWT", "NAME"))


def test_a_proxy_that_refuses_the_host_is_named(fetch: Fetch):
    said = fetch(DB, ("API_KEY", "api"), AZURE_KEY_VAULT_SERVER_URL="https://kv.vault.azure.cn")
    assert said.code == 8
    assert {secret["error"]["code"] for secret in said.document["secrets"]} == {"ProxyRefused"}
    assert "403" in said.document["secrets"][0]["error"]["message"]


def test_a_proxy_that_is_not_there_is_named(fetch: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    said = fetch(DB)
    assert (said.code, said.only["cause"]["id"]) == (8, "proxy")


def test_a_certificate_of_an_unknown_authority_is_named(fetch: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("SSL_CERT_FILE")
    said = fetch(DB)
    assert (said.code, said.only["cause"]["id"]) == (8, "tls-interception")


def test_a_bundle_of_certificates_that_is_not_there_is_named(fetch: Fetch, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    said = fetch(DB)
    assert (said.code, said.only["cause"]["id"]) == (8, "ca-bundle")


@pytest.mark.parametrize(("output", "code", "words"), [("/dev/full", 1, "No space left"), ("closed pipe", 141, "")])
def test_a_report_that_cannot_be_written_ends_without_a_traceback(tmp_path: Path, output: str, code: int, words: str):
    file = tmp_path / "ci.yml"
    file.write_text("job: {id_tokens: {T: {aud: x}}, secrets: {A: {azure_key_vault: {name: x}}}}")
    command = [sys.executable, "-m", "keyvault_fetch", "check", "--job", "job", "--file", str(file)]
    if output == "closed pipe":
        reader, writer = os.pipe()
        os.close(reader)
    else:
        writer = os.open(output, os.O_WRONLY)
    done = subprocess.run(command, env={}, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == (1 if words else 0)


def test_a_job_that_cannot_be_read_is_told_on_stderr_and_in_json(fetch: Fetch, tmp_path: Path):
    missing = tmp_path / "nowhere.yml"
    said = fetch(args=("check", "--file", str(missing)))
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith(f"{missing}:1:1: No such file")
    said = fetch(args=("check", "--file", str(missing), "--json"))
    assert (said.document["ok"], said.document["secrets"]) == (False, [])
    assert said.document["problems"][0]["file"] == str(missing)


@pytest.mark.parametrize("argv", [["check"], ["run", "--job", "job"], ["check", "--job", "job", "--", "true"], []])
def test_wrong_usage_exits_with_2(argv: list[str]):
    done = subprocess.run([sys.executable, "-m", "keyvault_fetch", *argv], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: keyvault-fetch" in done.stderr


def test_a_terminal_without_our_characters_gets_a_report_all_the_same(tmp_path: Path):
    file = tmp_path / "ci.yml"
    file.write_text("job: {secrets: {A: {azure_key_vault: {name: x}}}}")
    command = [sys.executable, "-m", "keyvault_fetch", "check", "--job", "job", "--file", str(file)]
    environ = {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "add id_tokens: {AZURE_JWT: {aud: \\u2026}}" in done.stderr


def test_help_shows_exit_codes_and_an_example_without_loading_the_azure_sdk():
    program = (
        "import runpy, sys\nsys.argv = ['keyvault-fetch', '--help']\n"
        "try: runpy.run_module('keyvault_fetch', run_name='__main__')\n"
        "finally: assert not {'azure', 'rich', 'requests'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "exit codes:" in done.stdout
    assert "keyvault-fetch run --job deploy -- " in done.stdout


def test_the_whole_program_resolves_and_is_silent_on_stderr(chain: Any, tmp_path: Path):
    (tmp_path / ".gitlab-ci.yml").write_text(
        "job:\n  id_tokens: {AZURE_JWT: {aud: x}}\n  secrets: {DB: {azure_key_vault: {name: db}}}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "keyvault_fetch", "check", "--job", "job"],
        env={
            **chain.running.environment,
            **chain.environ(AZURE_JWT=chain.token(ref="dev")),
            "PYTHONPATH": str(Path(cli.__file__).parents[1]),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (5, "")
    assert "AADSTS700213" in done.stdout
