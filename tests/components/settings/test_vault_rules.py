from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.settings import vault_rules as rules
from components.settings.keys import Rule
from keyvault_fetch.trust.subjects import Flaw

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/runners"


def flaw_text(flaw: Flaw | None) -> str:
    return f"{flaw.problem}; {flaw.mend}" if flaw else "fine"


@given(st.from_regex(r"[A-Za-z](-?[A-Za-z0-9]){2,23}", fullmatch=True).filter(lambda name: len(name) <= 24))
def test_a_vault_name_within_the_rules_is_accepted(name: str):
    assert rules.vault_name_flaw(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("kv", "has 2 characters"),
        ("k" * 25, "has 25 characters"),
        ("kv_gitlab", "no letter, digit or hyphen"),
        ("kv-gitläb", "no letter, digit or hyphen"),
        ("1kv-gitlab", "does not start with a letter"),
        ("kv-gitlab-", "ends in a hyphen"),
        ("kv--gitlab", "two hyphens in a row"),
    ],
)
def test_a_vault_name_that_azure_refuses_is_refused_with_the_reason(name: str, problem: str):
    assert problem in flaw_text(rules.vault_name_flaw(name))


@pytest.mark.parametrize(
    ("rule", "accepted", "refused"),
    [
        (rules.resource_group_flaw, ["rg", "rg-1_(a).b", "r" * 90], ["r" * 91, "rg.", "rg/1", "r g"]),
        (rules.workspace_name_flaw, ["log1", "a-b-c", "a" * 63], ["log", "a" * 64, "-log", "log-", "log_1"]),
        (rules.name_or_id_of("resourceGroups", rules.resource_group_flaw), ["rg", GROUP], ["r g", SUBNET, "/rg"]),
        (rules.id_of("Microsoft.Network/virtualNetworks/subnets"), [SUBNET], ["runners", GROUP, f"{SUBNET}/"]),
        (rules.ip_flaw, ["203.0.113.7", "203.0.113.0/24", "8.0.0.0/8"], ["", "x", "203.0.113.7/33", "1.2.3"]),
        (rules.access_flaw, ["vault", "secrets"], ["resource_group", "Resource-Group", "subscription", GROUP]),
        (rules.condition_flaw, ["(@Resource[a:b] StringEquals 'c')"], ["(@Resource[a:b]", "true", "@" * 8193]),
    ],
)
def test_a_rule_accepts_what_azure_does_and_nothing_else(rule: Rule, accepted: list[str], refused: list[str]):
    assert [text for text in accepted if rule(text)] == []
    assert [text for text in refused if not rule(text)] == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("2001:db8::/32", "IPv4 alone"),
        ("0.0.0.0/0", "every address"),
        ("10.1.2.3", "RFC 1918"),
        ("172.16.0.0/16", "RFC 1918"),
        ("192.168.0.0/24", "allowed_subnets"),
        ("8.0.0.0/6", "RFC 1918"),
        ("203.0.113.7/24", "write '203.0.113.0/24'"),
        ("runner.example.com", "is no IP address"),
    ],
)
def test_an_address_that_key_vault_does_not_let_through_is_refused_with_the_reason(address: str, expected: str):
    assert expected in flaw_text(rules.ip_flaw(address))


@given(st.ip_addresses(v=4))
def test_an_address_is_let_through_unless_it_is_of_a_private_network(address: Any):
    first, second, *_ = str(address).split(".")
    private = first == "10" or (first, second) == ("192", "168") or (first == "172" and 16 <= int(second) <= 31)
    assert bool(rules.ip_flaw(str(address))) == private


@pytest.mark.parametrize(
    ("tags", "problem"),
    [
        ({f"t{number}": "" for number in range(51)}, "has 51 tags; a resource takes 50"),
        ({"Owner": "a", "owner": "b"}, "differ by case alone"),
        ({"": "a"}, "empty or over 512"),
        ({"a" * 513: "b"}, "empty or over 512"),
        ({"a/b": "c"}, "one of < > %"),
        ({"Microsoft-owner": "a"}, "starts with microsoft"),
        ({"owner": "a" * 257}, "value over 256"),
    ],
)
def test_tags_that_azure_refuses_are_refused_with_the_reason(tags: dict[str, str], problem: str):
    assert problem in flaw_text(rules.tags_flaw(tags))


def test_tags_within_the_limits_are_accepted():
    assert rules.tags_flaw({"owner": "platform", "Cost center": "12/34", "a" * 512: "b" * 256}) is None


def test_a_role_above_the_vault_is_refused_for_what_a_job_that_is_taken_over_would_find():
    assert "would find every vault below it" in flaw_text(rules.access_flaw("resource_group"))
