import shlex

from hypothesis import given
from hypothesis import strategies as st

from components.gitlab.commands import set_sub_components, set_variables

printable = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)


def test_each_variable_is_one_command_for_the_project_and_the_scope():
    commands = set_variables(
        gitlab_url="https://git.example.com",
        project_path="acme/shop",
        environment_scope="production",
        values={"AZURE_CLIENT_ID": "c-1", "AZURE_TENANT_ID": "t-1"},
    )
    where = "--repo https://git.example.com/acme/shop --scope production --raw"
    assert commands == (
        f"glab variable set AZURE_CLIENT_ID c-1 {where}\nglab variable set AZURE_TENANT_ID t-1 {where}\n"
    )


def test_the_setting_is_one_call_that_says_the_components_in_their_order():
    command = set_sub_components(
        gitlab_url="https://gitlab.com", project_path="acme/eu/shop", components=["project_id", "ref_type", "ref"]
    )
    name = "ci_id_token_sub_claim_components[]"
    assert shlex.split(command) == [
        *("glab", "api", "--hostname", "gitlab.com", "--method", "PUT"),
        f"projects/acme%2Feu%2Fshop?{name}=project_id&{name}=ref_type&{name}=ref",
    ]


@given(printable, printable)
def test_no_value_can_end_its_command(scope: str, value: str):
    command = set_variables(
        gitlab_url="https://gitlab.com", project_path="a/b", environment_scope=scope, values={"KEY": value}
    )
    words = shlex.split(command)
    assert (words[4], words[8], len(words)) == (value, scope, 10)
