from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.preflight.permissions import allows, missing

ASSIGN = "Microsoft.Authorization/roleAssignments/write"
OWNER = {"actions": ["*"], "notActions": []}
# Microsoft Learn, "Azure built-in roles": Contributor.
CONTRIBUTOR = {
    "actions": ["*"],
    "notActions": [
        "Microsoft.Authorization/*/Delete",
        "Microsoft.Authorization/*/Write",
        "Microsoft.Authorization/elevateAccess/Action",
    ],
}
ADMINISTRATOR = {"actions": [ASSIGN, "Microsoft.Authorization/roleAssignments/delete", "*/read"]}

words = st.text(st.sampled_from("aB."), min_size=1, max_size=3)
actions = st.lists(words, min_size=2, max_size=4).map("/".join)


def test_an_owner_may_assign_roles_and_a_contributor_may_not():
    assert allows([OWNER], ASSIGN)
    assert not allows([CONTRIBUTOR], ASSIGN)
    assert allows([CONTRIBUTOR], "Microsoft.KeyVault/vaults/write")


def test_what_one_role_excludes_another_may_allow():
    assert allows([CONTRIBUTOR, ADMINISTRATOR], ASSIGN)
    assert missing([ADMINISTRATOR], [ASSIGN, "Microsoft.KeyVault/vaults/write"]) == ["Microsoft.KeyVault/vaults/write"]


@given(actions, st.data())
def test_a_star_stands_for_any_run_of_characters_and_case_does_not_count(action: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(action)))
    end = data.draw(st.integers(start, len(action)))
    pattern = f"{action[:start]}*{action[end:]}".swapcase()
    assert allows([{"actions": [pattern]}], action)
    assert not allows([{"actions": ["*"], "notActions": [pattern]}], action)


@given(actions, actions)
def test_a_pattern_without_a_star_allows_itself_alone(pattern: str, action: str):
    assert allows([{"actions": [pattern]}], action) == (pattern.lower() == action.lower())


@given(st.lists(st.fixed_dictionaries({}, optional={"actions": st.lists(actions), "notActions": st.none()})), actions)
def test_another_role_never_takes_a_permission_away(permissions: list[dict[str, Any]], action: str):
    assert allows([*permissions, OWNER], action)
    assert not allows([], action)
