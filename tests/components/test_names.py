import re

from hypothesis import example, given
from hypothesis import strategies as st

from components.names import application_display_name, credential_name, managed_identity_name, resource_name
from keyvault_fetch.trust.subjects import subject

slugs = st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,12}[a-z0-9_]", fullmatch=True)
paths = st.lists(slugs, min_size=2, max_size=4).map("/".join)


@given(st.text(max_size=700))
@example(f"project_path:acme/shop:ref_type:branch:ref:{'b' * 300}")
def test_every_subject_gives_a_credential_name_that_graph_takes(text: str):
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}", credential_name(text))


@given(st.lists(st.text(st.sampled_from("aA-_/.é"), min_size=1, max_size=4), min_size=2, max_size=2, unique=True))
def test_two_refs_of_a_project_give_two_credential_names(refs: list[str]):
    first, second = (credential_name(f"project_path:acme/shop:ref_type:branch:ref:{ref}") for ref in refs)
    assert first != second


def test_a_credential_name_shows_the_ref_and_keeps_two_projects_apart():
    shop, blog = (credential_name(subject(path, "branch", "release/1.4")) for path in ("acme/shop", "acme/blog"))
    assert shop.startswith("branch-release-1-4-")
    assert shop != blog


def test_a_plain_path_gives_a_plain_resource_name():
    assert resource_name("Acme/shop") == "acme-shop"


def test_paths_that_differ_by_hyphen_and_slash_alone_give_different_resource_names():
    names = {resource_name(path) for path in ("acme/shop/api", "acme/shop-api", "acme-shop/api")}
    assert len(names) == 3


@given(paths, paths)
def test_two_projects_never_share_a_resource_name(one: str, other: str):
    assert (resource_name(one) == resource_name(other)) == (one == other)


@given(st.text(min_size=1, max_size=600), st.text(min_size=1, max_size=100))
def test_a_display_name_fits_graph_and_shows_the_project(path: str, stack: str):
    name = application_display_name(path, stack)
    assert len(name) <= 256
    assert name.startswith(f"GitLab {path[:200]}")


@given(st.tuples(paths, slugs), st.tuples(paths, slugs))
@example(("a/b-c", "dev"), ("a-b/c", "dev"))
@example(("a/b", "c-dev"), ("a/b-c", "dev"))
@example(("a/" + "b" * 250, "dev"), ("a/" + "b" * 251, "dev"))
def test_a_managed_identitys_name_fits_azure_and_is_of_one_project_and_stack(
    one: tuple[str, str], other: tuple[str, str]
):
    names = [managed_identity_name(*each) for each in (one, other)]
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}", name) for name in names)
    assert (names[0].lower() == names[1].lower()) == (one == other)


def test_a_path_in_other_letter_case_leaves_the_managed_identity_what_it_is():
    assert managed_identity_name("Acme/Shop", "Prod") == managed_identity_name("acme/shop", "Prod")
