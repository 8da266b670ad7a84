import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.roles import SECRETS_USER, assignment_name, role_definition_id, secret_scopes

VAULT = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv"


def test_the_role_is_named_in_the_subscription_of_the_scope():
    assert role_definition_id(f"{VAULT}/secrets/a", SECRETS_USER) == (
        "/subscriptions/11111111-1111-1111-1111-111111111111"
        "/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6"
    )


def test_a_scope_outside_any_subscription_is_refused():
    with pytest.raises(ValueError, match="no ARM id below a subscription"):
        role_definition_id("/providers/Microsoft.Management/managementGroups/all", SECRETS_USER)


parts = st.text(st.sampled_from("abcABC012/"), max_size=8)


@given(st.tuples(parts, parts, parts), st.tuples(parts, parts, parts))
def test_an_assignment_is_named_by_scope_principal_and_role_whatever_their_case(
    one: tuple[str, str, str], other: tuple[str, str, str]
):
    same = [part.lower() for part in one] == [part.lower() for part in other]
    assert (assignment_name(*one) == assignment_name(*other)) == same
    assert str(uuid.UUID(assignment_name(*one))) == assignment_name(*one)


def test_two_spellings_of_a_secret_are_one_scope():
    assert secret_scopes(["Shop-Key", "other", "shop-key"]) == {
        "shop-key": "/secrets/shop-key",
        "other": "/secrets/other",
    }
