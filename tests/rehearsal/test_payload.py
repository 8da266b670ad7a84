"""The shape of a request's body."""

import pytest

from rehearsal.payload import Shape, fits

SHAPE: Shape = {"name": str, "enabled": bool, "days": int, "policies": [{"secrets": [str]}], "tags": {}}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "a", "enabled": False, "days": 7, "policies": [{"secrets": ["get"]}, {}], "tags": {"any": 1}},
        {"name": None, "policies": None, "other": [1]},
    ],
)
def test_absent_null_and_other_properties_fit(body: object):
    assert fits(body, SHAPE)


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        {"name": 5},
        {"enabled": 1},
        {"days": True},
        {"days": 7.5},
        {"tags": []},
        {"policies": {}},
        {"policies": [None]},
        {"policies": [{"secrets": "get"}]},
        {"policies": [{"secrets": ["get", 5]}]},
    ],
)
def test_another_type_does_not_fit_at_any_depth(body: object):
    assert not fits(body, SHAPE)
