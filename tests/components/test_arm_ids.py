import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.arm_ids import ArmId, ArmIdError, arm_id_flaw, parse_arm_id

GROUP = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/kv"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/runners"

names = st.from_regex(r"[A-Za-z0-9_().-]{0,11}[A-Za-z0-9_()-]", fullmatch=True)
types = st.lists(st.from_regex(r"[A-Za-z]{1,12}", fullmatch=True), max_size=3)


@st.composite
def ids(draw: st.DrawFn) -> ArmId:
    kinds = draw(types)
    given_names = tuple(draw(names) for _ in kinds)
    kind = "/".join(("Microsoft.Some", *kinds)) if kinds else "resourceGroups"
    return ArmId(str(draw(st.uuids())), draw(names), kind, given_names)


@given(ids())
def test_an_id_that_is_written_is_read_back(identifier: ArmId):
    assert parse_arm_id(str(identifier)) == identifier
    assert arm_id_flaw(str(identifier), identifier.type.upper()) is None


@given(st.text() | st.text().map(lambda end: f"{GROUP}/{end}"))
def test_any_text_is_an_id_that_reads_the_same_or_has_a_flaw_with_a_mend(text: str):
    flaw = arm_id_flaw(text, "Microsoft.KeyVault/vaults")
    if flaw:
        assert flaw.problem
        assert flaw.mend
    else:
        assert str(parse_arm_id(text)).lower() == text.lower()


def test_the_words_between_the_names_compare_without_regard_to_case():
    read = parse_arm_id(VAULT.replace("resourceGroups", "resourcegroups").replace("/providers/", "/PROVIDERS/"))
    assert read == ArmId("11111111-1111-1111-1111-111111111111", "rg", "Microsoft.KeyVault/vaults", ("kv",))


def test_a_subnet_belongs_to_its_network_and_a_vault_to_its_group():
    assert str(parse_arm_id(SUBNET).parent) == f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet"
    assert str(parse_arm_id(VAULT).parent) == parse_arm_id(SUBNET).group_id == GROUP
    assert (parse_arm_id(SUBNET).name, parse_arm_id(GROUP).name) == ("runners", "rg")


def test_a_text_that_is_no_id_cannot_be_parsed():
    with pytest.raises(ArmIdError, match="'kv-acme' is no ARM id"):
        parse_arm_id("kv-acme")


@pytest.mark.parametrize(
    ("text", "kind", "problem", "mend"),
    [
        ("kv", "Microsoft.KeyVault/vaults", "'kv' is no ARM id", "GROUP/providers/Microsoft.KeyVault/vaults/NAME"),
        ("rg/x", "resourceGroups", "is no ARM id", "form /subscriptions/ID/resourceGroups/GROUP"),
        (VAULT, "resourceGroups", "type Microsoft.KeyVault/vaults, not resourceGroups", "resourceGroups/GROUP"),
        (GROUP, "Microsoft.KeyVault/vaults", "type resourceGroups, not Microsoft.KeyVault", "vaults/NAME"),
        (f"{VAULT}/", "Microsoft.KeyVault/vaults", "ends with a slash", f"write {VAULT!r}"),
        (f"https://portal.azure.com/#@x/resource{VAULT}", "Microsoft.KeyVault/vaults", "before", f"write {VAULT!r}"),
        (VAULT.replace("1111-1111-1111", "x"), "Microsoft.KeyVault/vaults", "subscription's id", "az account show"),
        (f"{VAULT}/secrets", "Microsoft.KeyVault/vaults", "is no ARM id", "vaults/NAME"),
        (f"{VAULT[: VAULT.rindex('/')]}/..", "Microsoft.KeyVault/vaults", "is no ARM id", "vaults/NAME"),
        (f"{GROUP[: GROUP.rindex('/')]}/..", "resourceGroups", "is no ARM id", "resourceGroups/GROUP"),
    ],
)
def test_a_flaw_says_what_stands_there_and_what_to_write(text: str, kind: str, problem: str, mend: str):
    flaw = arm_id_flaw(text, kind)
    assert flaw
    assert problem in flaw.problem
    assert mend in flaw.mend
