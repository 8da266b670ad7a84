"""Whether the credentials that come have room beside those that go."""

from typing import Any

import pytest

from components.preflight.turnover import standing, turnover_obstacle

APPLICATION = "azuread:index/applicationFederatedIdentityCredential:ApplicationFederatedIdentityCredential"
FLEXIBLE = "azuread:index/applicationFlexibleFederatedIdentityCredential:ApplicationFlexibleFederatedIdentityCredential"
MANAGED = "azure-native:managedidentity:FederatedIdentityCredential"


def names(first: int, last: int) -> list[str]:
    return [f"branch-{number}" for number in range(first, last)]


def resource(name: str, credential: str, kind: str = APPLICATION) -> dict[str, Any]:
    told = "name" if kind == MANAGED else "displayName"
    return {f"urn:pulumi:dev::gitlab-keyvault::{kind}::{name}": {"type": kind, "outputs": {told: credential}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], names(0, 20)),
        (names(0, 20), names(0, 20)),
        (names(0, 20), []),
        (names(0, 10), names(10, 20)),
        (names(0, 20), names(0, 8)),
    ],
)
def test_what_fits_in_twenty_at_every_moment_has_room(before: list[str], after: list[str]):
    assert turnover_obstacle("shop", before, after) is None


def test_too_many_on_the_way_says_how_many_and_how_to_go_in_steps():
    obstacle = turnover_obstacle("shop", names(0, 12), names(12, 24))
    assert obstacle is not None
    assert "12 are new and 12 go" in obstacle.words
    assert "24 would be there" in obstacle.words
    assert "shortened to at most 8 of the 12 that go, then with what the stack says now" in obstacle.mend


def test_the_steps_that_are_told_each_have_room():
    before, after = names(0, 12), names(12, 24)
    assert turnover_obstacle("shop", before, before[:8]) is None
    assert turnover_obstacle("shop", before[:8], after) is None


def test_twenty_for_twenty_take_three_steps_each_of_which_has_room():
    before, after = names(0, 20), names(20, 40)
    obstacle = turnover_obstacle("shop", before, after)
    assert obstacle is not None
    assert "shortened to at most 10, then with what the stack says now for those 10, then with all" in obstacle.mend
    for one, other in ((before, before[:10]), (before[:10], after[:10]), (after[:10], after)):
        assert turnover_obstacle("shop", one, other) is None


def test_a_deployment_that_stopped_halfway_is_led_back():
    halfway = [*names(0, 12), *names(12, 20)]
    assert turnover_obstacle("shop", halfway, names(12, 24)) is not None
    assert turnover_obstacle("shop", halfway, names(0, 8)) is None


@pytest.mark.parametrize("kind", [APPLICATION, FLEXIBLE, MANAGED])
def test_the_credentials_of_an_identity_are_found_in_the_state(kind: str):
    resources = resource("acme-shop-identity-branch-1", "branch-1", kind)
    assert standing(resources, "acme-shop-identity", managed=kind == MANAGED) == {"branch-1"}
    assert standing(resources, "acme-shop-identity", managed=kind != MANAGED) == set()


def test_credentials_of_identities_whose_names_begin_alike_and_other_resources_are_not_counted():
    resources = {
        **resource("acme-shop-identity-x-identity-branch-1", "branch-1"),
        **resource("acme-shop-identity-application", "application", "azuread:index/application:Application"),
        **resource("acme-shop-identity-branch-2", "branch-2"),
    }
    assert standing(resources, "acme-shop-identity", managed=False) == {"branch-2"}
