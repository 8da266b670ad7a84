"""The pure decision of role-based access control."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.arm.rbac import Assignment, Permissions, covers, decide, enclosing, matches, permits
from rehearsal.arm.roles import BUILT_IN

READ = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
EVERYTHING = Permissions(actions=("*",), data_actions=("*",))
segment = st.text("abcdefgh-019", min_size=1, max_size=6)
paths = st.lists(st.tuples(segment, segment), max_size=4).map(
    lambda pairs: "/" + "/".join(f"{kind}/{name}" for kind, name in pairs)
)


def swapped_case(text: str) -> str:
    return text.swapcase()


@given(scope=paths, below=paths)
def test_an_assignment_permits_its_scope_and_everything_under_it(scope: str, below: str) -> None:
    resource = scope.rstrip("/") + below.rstrip("/") or "/"
    assignment = Assignment("P", scope, EVERYTHING)
    assert decide([assignment], "p", READ, resource, "data") == assignment
    assert decide([assignment], "p", READ, swapped_case(resource), "control") == assignment


@given(scope=paths, resource=paths)
def test_an_assignment_permits_nothing_outside_its_scope(scope: str, resource: str) -> None:
    inside = (resource.lower().rstrip("/") + "/").startswith(scope.lower().rstrip("/") + "/")
    granted = decide([Assignment("p", scope, EVERYTHING)], "p", READ, resource, "data")
    assert (granted is not None) == inside


@given(scope=paths.filter(lambda path: path != "/"), tail=segment)
def test_a_name_that_only_begins_alike_is_another_resource(scope: str, tail: str) -> None:
    assert not covers(scope, scope + tail)


@given(scope=paths, resource=paths)
def test_nothing_is_permitted_to_a_principal_without_an_assignment(scope: str, resource: str) -> None:
    assert decide([], "p", READ, resource, "data") is None
    assert decide([Assignment("somebody else", scope, EVERYTHING)], "p", READ, resource, "data") is None


@given(resource=paths, scope=paths)
def test_only_enclosing_scopes_can_cover_a_resource(resource: str, scope: str) -> None:
    # Scopes are type/name pairs, so the enclosing ones are all that a look-up of assignments must read.
    assert (scope in enclosing(resource)) == covers(scope, resource)


@given(operation=st.text(), before=st.text(), after=st.text())
def test_a_star_stands_for_any_run_of_characters(operation: str, before: str, after: str) -> None:
    assert matches("*", operation)
    if "*" not in before + after:
        assert matches(f"{before}*{after}", before + operation + after)
        assert not matches(f"{before}*{after}x", f"{before}{operation}{after}y")


def test_what_a_role_excludes_is_not_granted() -> None:
    permissions = Permissions(("*",), ("Microsoft.Authorization/*/Write",))
    assert permits(permissions, "Microsoft.KeyVault/vaults/write", "control")
    assert not permits(permissions, "microsoft.authorization/roleAssignments/write", "control")


@pytest.mark.parametrize(
    ("role", "plane", "operation", "granted"),
    [
        ("Owner", "control", "Microsoft.Authorization/roleAssignments/write", True),
        ("Owner", "data", READ, False),
        ("Contributor", "control", "Microsoft.KeyVault/vaults/write", True),
        ("Contributor", "control", "Microsoft.Authorization/roleAssignments/write", False),
        ("Reader", "control", "Microsoft.KeyVault/vaults/read", True),
        ("Reader", "control", "Microsoft.KeyVault/vaults/delete", False),
        ("User Access Administrator", "control", "Microsoft.Authorization/roleAssignments/write", True),
        ("User Access Administrator", "control", "Microsoft.KeyVault/vaults/write", False),
        ("Key Vault Contributor", "control", "Microsoft.KeyVault/vaults/write", True),
        ("Key Vault Contributor", "data", READ, False),
        ("Key Vault Administrator", "data", "Microsoft.KeyVault/vaults/secrets/setSecret/action", True),
        ("Key Vault Administrator", "control", "Microsoft.KeyVault/vaults/write", False),
        ("Key Vault Reader", "data", "Microsoft.KeyVault/vaults/secrets/readMetadata/action", True),
        ("Key Vault Reader", "data", READ, False),
        ("Key Vault Secrets Officer", "data", "Microsoft.KeyVault/vaults/secrets/delete", True),
        ("Key Vault Secrets Officer", "data", "Microsoft.KeyVault/vaults/keys/read", False),
        ("Key Vault Secrets User", "data", READ, True),
        ("Key Vault Secrets User", "data", "Microsoft.KeyVault/vaults/secrets/setSecret/action", False),
    ],
)
def test_a_built_in_role_grants_what_its_documentation_says(
    role: str, plane: str, operation: str, *, granted: bool
) -> None:
    [permissions] = [each.permissions for each in BUILT_IN.values() if each.name == role]
    assert permits(permissions, operation, "control" if plane == "control" else "data") == granted
