"""The credentials of a stack: whose issuer and audience they carry."""

import pytest

from components.settings.mistakes import SettingsError
from components.stack.parse import parse
from components.trust.stack import plans

GITLAB, ISSUER, AUDIENCE = "https://git.example.com/gitlab", "https://gitlab.example.com", "api://vault"


def stack(**keys: object) -> dict[str, object]:
    project = {"path": "acme/shop", "project_id": 4242, "trust": [{"branch": "v*"}], "secrets": {"KEY": "key"}}
    return {
        "location": "westeurope",
        "resource_group": "rg",
        "vault": {"name": "kv-acme"},
        "gitlab_url": GITLAB,
        "projects": [project],
        **keys,
    }


def test_credentials_carry_the_stacks_own_issuer_and_audience_wherever_gitlab_is():
    (credential,) = plans(parse(stack(issuer=ISSUER, audience=AUDIENCE)))["acme/shop"].credentials
    assert (credential.issuer, credential.audience) == (ISSUER, AUDIENCE)


def test_wildcards_ask_what_entra_supports_of_the_issuer_not_of_gitlabs_url():
    with pytest.raises(SettingsError, match=r"not of https://git\.example\.com/gitlab"):
        parse(stack(audience=AUDIENCE))
