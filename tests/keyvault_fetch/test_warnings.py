"""Warnings of `check` and `run` on the wire: shown everywhere, and the exit code is what it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DB = ("DB", "db")
EXPIRED = ("OLD", "expired")
Fetch = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "warning", "words"),
    [
        ("expired", "expired", "expired on 2020-01-02T03:04:05+00:00"),
        ("early", "not-yet-valid", "is not valid before 2100-01-01T00:00:00+00:00"),
    ],
)
def test_a_secret_outside_its_times_resolves_with_a_warning(fetch: Fetch, name: str, warning: str, words: str):
    said = fetch(("V", name))
    assert (said.code, said.only["resolved"], said.only["length"]) == (0, True, len(f"canary-{name}"))
    (notice,) = said.only["warnings"]
    assert notice["id"] == warning
    assert notice["message"].startswith(words)


def test_a_warned_secret_shows_it_in_its_line_and_below(fetch: Fetch):
    said = fetch(DB, EXPIRED, args=("check",))
    first, second, third, *_ = said.out.splitlines()
    assert said.code == 0
    assert first.endswith("file")
    assert second.endswith("expired")
    assert third.startswith("warning: OLD expired on 2020-01-02")


def test_a_terminals_table_has_a_column_for_warnings_where_there_are_any(fetch: Fetch):
    assert "Warning" in fetch(EXPIRED, args=("check",), terminal=True).out
    assert "Warning" not in fetch(DB, args=("check",), terminal=True).out


def test_run_tells_warnings_on_stderr(fetch: Fetch):
    said = fetch(EXPIRED, args=("run", "--", "true"))
    assert said.code == 0
    assert said.err.startswith("keyvault-fetch: warning: OLD expired on 2020-01-02")


def test_settings_that_cannot_be_read_are_warnings_of_the_job(fetch: Fetch):
    changes = {"SECRETS_RETRIEVAL_ATTEMPTS": "99", "FF_SECRET_RESOLVING_FAILS_IF_MISSING": "maybe"}
    said = fetch(DB, **changes)
    assert said.code == 0
    assert [notice["id"] for notice in said.document["warnings"]] == ["attempts", "feature-flag"]


def test_a_vault_of_another_cloud_is_warned_of_beside_its_failure(fetch: Fetch):
    said = fetch(DB, AZURE_KEY_VAULT_SERVER_URL="https://kv.vault.azure.cn")
    assert said.code == 8
    assert [notice["id"] for notice in said.document["warnings"]] == ["other-cloud"]


def test_a_404_fails_whatever_the_feature_flag_says(fetch: Fetch):
    said = fetch(("GONE", "gone"), FF_SECRET_RESOLVING_FAILS_IF_MISSING="false")
    assert (said.code, said.only["error"]["code"]) == (7, "SecretNotFound")


@pytest.mark.parametrize(("flag", "code", "length", "ids"), [("true", 7, None, []), ("false", 0, 0, ["null-value"])])
def test_a_secret_without_a_value_goes_by_the_feature_flag(
    fetch: Fetch, chain: Any, flag: str, code: int, length: int | None, ids: list[str]
):
    store = chain.running.cloud.store
    db = store.get("secret", f"kv-fetch/db/{chain.versions['db']}")
    store.put("secret", "kv-fetch/void/0", {**db, "name": "void", "version": "0", "value": None})
    said = fetch(("V", "void"), FF_SECRET_RESOLVING_FAILS_IF_MISSING=flag)
    assert (said.code, said.only["length"]) == (code, length)
    assert [notice["id"] for notice in said.only["warnings"]] == ids


@pytest.mark.parametrize(("attempts", "asked"), [("", 1), ("3", 3), ("0", 1)])
def test_each_attempt_asks_entra_anew_for_a_token(fetch: Fetch, chain: Any, attempts: str, asked: int):
    said = fetch(DB, AZURE_JWT=chain.token(ref="dev"), SECRETS_RETRIEVAL_ATTEMPTS=attempts)
    assert said.code == 5
    assert said.logged.count('"POST /' + chain.tenant + "/oauth2/v2.0/token") == asked


def test_settings_in_the_yamls_variables_count(fetch: Fetch, tmp_path: Path):
    file = tmp_path / "own.yml"
    file.write_text(
        "job:\n  variables: {SECRETS_RETRIEVAL_ATTEMPTS: 12}\n  id_tokens: {AZURE_JWT: {aud: x}}\n"
        "  secrets: {DB: {azure_key_vault: {name: db}}}\n"
    )
    said = fetch(args=("check", "--json", "--file", str(file)))
    assert said.code == 0
    assert said.document["warnings"][0]["message"].endswith("clamping to: 10")


def test_another_attempt_asks_only_for_what_failed(fetch: Fetch):
    said = fetch(DB, ("GONE", "gone"), SECRETS_RETRIEVAL_ATTEMPTS="2")
    assert said.code == 7
    answered = [line for line in said.logged.splitlines() if "uvicorn.access" in line]
    assert sum("/secrets/gone/" in line and "404" in line for line in answered) == 2
    assert sum("/secrets/db/" in line and "200" in line for line in answered) == 1
