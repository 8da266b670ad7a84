import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.roles import (
    DEFAULT_ROLE,
    ROLES,
    assignment_name,
    role_definition_id,
    role_flaw,
    role_warning,
    secret_scopes,
)

VAULT = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


def test_the_role_is_named_in_the_subscription_of_the_scope():
    assert role_definition_id(f"{VAULT}/secrets/a", DEFAULT_ROLE) == (
        "/subscriptions/11111111-1111-1111-1111-111111111111"
        "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"
    )


def test_a_scope_outside_any_subscription_is_refused():
    with pytest.raises(ValueError, match="no ARM id below a subscription"):
        role_definition_id("/providers/Microsoft.Management/managementGroups/all", DEFAULT_ROLE)


def test_a_role_that_is_not_in_the_table_has_no_definition():
    with pytest.raises(ValueError, match=r"'Owner' manages everything.*hands out roles"):
        role_definition_id(VAULT, "Owner")


parts = st.text(st.sampled_from("abcABC012/"), max_size=8)


@given(st.tuples(parts, parts, st.sampled_from([*ROLES])), st.tuples(parts, parts, st.sampled_from([*ROLES])))
def test_an_assignment_is_named_by_scope_principal_and_role_whatever_their_case(
    one: tuple[str, str, str], other: tuple[str, str, str]
):
    same = [part.lower() for part in one] == [part.lower() for part in other]
    assert (assignment_name(*one) == assignment_name(*other)) == same
    assert str(uuid.UUID(assignment_name(*one))) == assignment_name(*one)


def test_the_assignments_of_the_first_release_keep_their_names():
    assert assignment_name(VAULT, "p", DEFAULT_ROLE) == "cdd8b21b-b537-51ac-81d8-08c3277340a4"


def test_two_spellings_of_a_secret_are_one_scope():
    assert secret_scopes(["Shop-Key", "other", "shop-key"]) == {
        "shop-key": "/secrets/shop-key",
        "other": "/secrets/other",
    }


def test_every_role_of_the_table_has_an_id_of_its_own_and_no_flaw():
    assert len({str(uuid.UUID(guid)) for guid in ROLES.values()}) == len(ROLES)
    assert [role_flaw(name) for name in ROLES] == [None] * len(ROLES)


@pytest.mark.parametrize(
    ("name", "problem", "mend"),
    [
        ("key vault secrets user", "no built-in role", "did you mean 'Key Vault Secrets User'?"),
        ("Key Vault Secret User", "no built-in role", "did you mean 'Key Vault Secrets User'?"),
        ("zzz", "no built-in role", "write one of: Key Vault Secrets User, "),
        ("4633458B-17de-408a-b874-0445c86b69e6", "is a role's id", "'Key Vault Secrets User'"),
        ("/providers/x/00482a5a-887f-4fb3-b363-3b7fe8e74483", "is a role's id", "'Key Vault Administrator'"),
        ("Key Vault Data Access Administrator", "could give itself any role", "'Key Vault Secrets User'"),
        ("Key Vault Contributor", "reads no secret", "'Key Vault Secrets User'"),
        ("Owner", "hands out roles", "'Key Vault Secrets User'"),
    ],
)
def test_another_role_is_refused_with_the_reason_and_the_name_that_may_be_meant(name: str, problem: str, mend: str):
    flaw = role_flaw(name)
    assert flaw
    assert problem in flaw.problem
    assert mend in flaw.mend


def test_a_role_that_reads_no_value_is_warned_of():
    assert role_warning("Key Vault Reader") == (
        "the role 'Key Vault Reader' reads no secret's value: `secrets:` will fail with it"
    )
    assert role_warning(DEFAULT_ROLE) == ""
