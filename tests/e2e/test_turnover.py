"""More credentials at once than Entra takes: told by what the real engine's state holds."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

Script = Callable[..., subprocess.CompletedProcess[str]]


def test_a_change_that_needs_more_than_twenty_credentials_on_the_way_is_refused_at_preview(
    script: Script, root: Path, tmp_path: Path
):
    done = script("scripts/rehearse", "--", "bash", str(root / "tests/e2e/turnover.sh"), str(tmp_path))
    deployed, others = re.split(r"^=== \w+\n", done.stdout, flags=re.MULTILINE)[1:]
    assert "exit code" not in deployed
    assert "warning" not in deployed
    assert "2 things stand in the way. Nothing was created or changed." in others
    for identity in ("acme-shop-identity", "acme-infra-identity"):
        assert f"{identity}: too many federated credentials on the way" in others
    assert "shortened to at most 9 of the 11 that go, then with what the stack says now" in others
