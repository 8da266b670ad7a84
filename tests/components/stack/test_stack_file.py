from pathlib import Path

import pytest

from components.settings.mistakes import SettingsError
from components.stack.file import StackFileError, load, values_of
from components.stack.parse import parse

FILE = Path("Pulumi.dev.yaml")
GOOD = """
encryptionsalt: v1:x
config:
  azure-native:subscriptionId: 11111111-1111-1111-1111-111111111111
  gitlab-keyvault:location: westeurope
  resource_group: 5
  gitlab-keyvault:vault: {name: kv-acme}
  gitlab-keyvault:projects:
    - path: acme/shop
      trust: [{tag: 2026-01-01}, {tag: on}]
      secrets: {KEY: key}
"""


def test_a_stack_is_read_as_the_engine_reads_it():
    values = values_of(GOOD, FILE)
    assert set(values) == {"location", "resource_group", "vault", "projects"}
    assert values["resource_group"] == "5"
    assert [entry.tag for entry in parse(values).projects[0].trust] == ["2026-01-01", "on"]


@pytest.mark.parametrize("written", ["false", '"false"'])
def test_a_boolean_that_the_engine_wrote_back_in_quotes_is_still_one(written: str):
    # `pulumi stack init` does so when it adds its salt to the file.
    assert parse(values_of(f"{GOOD}  gitlab-keyvault:protect: {written}\n", FILE)).protect is False


def test_an_object_that_was_set_as_a_text_is_still_one():
    # As `pulumi config set gitlab-keyvault:tags '{"owner": "platform"}'` writes it.
    assert parse(values_of(GOOD + """  gitlab-keyvault:tags: '{"owner": "platform"}'\n""", FILE)).tags == {
        "owner": "platform"
    }


def test_a_stack_is_found_by_its_name_also_with_its_organization(tmp_path: Path):
    (tmp_path / FILE).write_text(GOOD)
    assert load("dev", tmp_path) == load("acme/gitlab-keyvault/dev", tmp_path)


def test_a_missing_stack_is_told_with_those_that_are_there(tmp_path: Path):
    (tmp_path / FILE).write_text(GOOD)
    with pytest.raises(StackFileError, match=r"no stack 'prod'.*does not exist\.\nThe stacks are: dev\.$"):
        load("prod", tmp_path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "has no `config:`"),
        (b"- a\n", "has no `config:`"),
        (b"config: text\n", "has no `config:`"),
        (b"config: {a: [}\n", "is no YAML: line 1, column 14: expected the node content"),
        (b"config: !secret hunter2\n", "is no YAML: line 1, column 9"),
        (b"config: !hunter2\n", "is no YAML: line 1, column 9: could not determine a constructor for the tag"),
        (b"config: *hunter2\n", "is no YAML: line 1, column 9: found undefined alias"),
        (b"a: b: hunter2\n", "is no YAML: line 1, column 5: mapping values are not allowed here"),
        (b"\xff\xfe\xfd", "cannot be read"),
        (b"a: \x00", "is no YAML"),
        (b"[" * 100000, "is no YAML"),
    ],
)
def test_an_odd_file_is_told_in_a_sentence_that_shows_nothing_of_it(tmp_path: Path, content: bytes, expected: str):
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(StackFileError) as refusal:
        load("dev", tmp_path)
    assert expected in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_folder_in_the_place_of_a_file_is_told_in_a_sentence(tmp_path: Path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(StackFileError, match="cannot be read"):
        load("dev", tmp_path)


def test_the_mistakes_of_a_stack_are_those_that_the_program_finds(tmp_path: Path):
    (tmp_path / FILE).write_text(GOOD.replace("westeurope", "West Europe"))
    with pytest.raises(SettingsError, match="gitlab-keyvault:location"):
        load("dev", tmp_path)
