import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.gitlab.ci import SecretArgs, render

# Names that YAML 1.1 takes for booleans, numbers, nulls or syntax if they stand without quotes.
odd = st.sampled_from(["NO", "on", "null", "1e3", "0x1F", "12:30:00", "y", "~", "- a", "# b", "a: b", "'", '"', "é"])
texts = odd | st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
secrets = st.dictionaries(
    odd | st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True),
    st.fixed_dictionaries({"name": texts}, optional={"version": st.just("") | texts, "file": st.booleans()}),
    min_size=1,
    max_size=4,
)


@given(texts, texts, texts, texts, secrets)
def test_a_yaml_reader_gets_back_what_was_rendered(
    audience: str, vault_url: str, client_id: str, tenant_id: str, secrets: dict[str, SecretArgs]
):
    text = render(audience=audience, vault_url=vault_url, client_id=client_id, tenant_id=tenant_id, secrets=secrets)
    job = yaml.safe_load(text)["read-secrets"]
    assert job["id_tokens"] == {"AZURE_JWT": {"aud": audience}}
    assert job["variables"] == {
        "AZURE_KEY_VAULT_SERVER_URL": vault_url,
        "AZURE_CLIENT_ID": client_id,
        "AZURE_TENANT_ID": tenant_id,
    }
    assert list(job["secrets"]) == list(secrets)
    for variable, secret in secrets.items():
        rendered = job["secrets"][variable]
        assert rendered["azure_key_vault"]["name"] == secret["name"]
        assert rendered["azure_key_vault"].get("version", "") == secret.get("version", "")
        assert rendered.get("file", True) == secret.get("file", True)


def test_the_block_reads_as_in_the_gitlab_documentation():
    text = render(
        audience="https://gitlab.com",
        vault_url="https://kv.vault.azure.net/",
        client_id="c",
        tenant_id="t",
        secrets={
            "DATABASE_PASSWORD": {"name": "test", "version": "00000000000000000000000000000000"},
            "API_KEY": {"name": "api-key", "version": "", "file": False},
        },
    )
    assert (
        text
        == """\
read-secrets:
  id_tokens:
    AZURE_JWT:
      aud: https://gitlab.com
  variables:
    AZURE_KEY_VAULT_SERVER_URL: https://kv.vault.azure.net/
    AZURE_CLIENT_ID: c
    AZURE_TENANT_ID: t
  secrets:
    DATABASE_PASSWORD:
      token: $AZURE_JWT
      azure_key_vault:
        name: test
        version: '00000000000000000000000000000000'
    API_KEY:
      token: $AZURE_JWT
      file: false
      azure_key_vault:
        name: api-key
  script:
  - test -s "$DATABASE_PASSWORD"
  - test -n "$API_KEY"
"""
    )


@pytest.mark.parametrize(("scope", "environment"), [("production", {"name": "production"}), ("review/*", None)])
def test_with_an_environment_scope_the_job_has_an_environment_and_no_variables_of_its_own(
    scope: str, environment: dict[str, str] | None
):
    text = render(
        audience="a",
        vault_url="u",
        client_id="c",
        tenant_id="t",
        secrets={"A": {"name": "a"}},
        environment_scope=scope,
    )
    job = yaml.safe_load(text)["read-secrets"]
    assert job.get("environment") == environment
    assert "variables" not in job
