"""A state that the first release wrote, under the present program."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from components.roles import DEFAULT_ROLE, assignment_name

Script = Callable[..., subprocess.CompletedProcess[str]]

PREVIEW = """
pulumi --non-interactive stack select --create rehearsal
pulumi --non-interactive stack import --file "$1/state.json"
pulumi --non-interactive preview --config-file "$2" --json >"$1/preview.json"
"""


def state_in(subscription: str, tenant: str, text: str) -> str:
    """Put the rehearsal's ids into the state, and into the names of role assignments, which are made of them."""
    for identifier, known in {"SUBSCRIPTION-ID": subscription, "TENANT-ID": tenant}.items():
        text = text.replace(identifier, known)
    for resource in json.loads(text)["deployment"]["resources"]:
        if resource["type"].endswith(":RoleAssignment"):
            inputs = resource["inputs"]
            name = assignment_name(inputs["scope"], inputs["principalId"], DEFAULT_ROLE)
            text = text.replace(inputs["roleAssignmentName"], name)
    return text


def test_every_resource_of_the_first_release_is_found_again_and_none_is_changed(
    script: Script, root: Path, tmp_path: Path
):
    first_release = root / "tests/e2e/first-release"
    ids = script("scripts/rehearse", "--", "printenv", "ARM_SUBSCRIPTION_ID", "ARM_TENANT_ID").stdout
    subscription, tenant = ids.split()
    state = state_in(subscription, tenant, (first_release / "state.json").read_text())
    (tmp_path / "state.json").write_text(state)
    config = str(first_release / "Pulumi.rehearsal.yaml")
    done = script("scripts/rehearse", "--", "bash", "-euc", PREVIEW, "preview", str(tmp_path), config)
    assert done.returncode == 0, done.stdout
    preview = json.loads((tmp_path / "preview.json").read_text())
    steps = [(step["op"], step["urn"]) for step in preview["steps"] if step["op"] != "same"]
    resources = [one for one in json.loads(state)["deployment"]["resources"] if "pulumi:providers" not in one["type"]]
    assert (steps, preview["changeSummary"]) == ([], {"same": len(resources)})
