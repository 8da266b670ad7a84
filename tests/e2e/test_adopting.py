"""An application that exists becomes a project's, as docs/adopting.md tells it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Script = Callable[..., subprocess.CompletedProcess[str]]

MADE_BY_HAND = """
import json, sys
from proofs.administrator import Administrator
hand = Administrator()
application = hand.graph("POST", "/applications", {"displayName": "payments-ci"})
principal = hand.graph("POST", "/servicePrincipals", {"appId": application["appId"]})
subject = "project_path:acme/payments:ref_type:branch:ref:main"
trust = {"name": "main", "issuer": "https://gitlab.com", "audiences": ["https://gitlab.com"], "subject": subject}
credential = hand.graph("POST", f"/applications/{application['id']}/federatedIdentityCredentials", trust)
ids = {"application": application["id"], "client": application["appId"], "principal": principal["id"]}
json.dump({**ids, "credential": credential["id"]}, open(sys.argv[1], "w"))
"""
CREDENTIAL_DELETED = """
import sys
from proofs.administrator import Administrator
Administrator().graph("DELETE", f"/applications/{sys.argv[1]}/federatedIdentityCredentials/{sys.argv[2]}")
"""


def test_an_application_made_by_hand_is_imported_and_keeps_its_client_id_and_owners(script: Script, tmp_path: Path):
    def rehearse(*command: str) -> str:
        ended = script("scripts/rehearse", "--", *command)
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    rehearse("python", "-c", MADE_BY_HAND, str(tmp_path / "by-hand.json"))
    ids = json.loads((tmp_path / "by-hand.json").read_text())
    rehearse("pulumi", "stack", "select", "--create", "rehearsal")
    rehearse("pulumi", "preview", "--stack", "rehearsal", "--import-file", str(tmp_path / "import.json"))
    found = json.loads((tmp_path / "import.json").read_text())
    known = {
        "acme-payments-identity-application": {"id": f"/applications/{ids['application']}"},
        "acme-payments-identity-principal": {"id": f"/servicePrincipals/{ids['principal']}"},
        "acme-payments-identity": {},
    }
    kept = [{**each, **known[each["name"]]} for each in found["resources"] if each["name"] in known]
    (tmp_path / "import.json").write_text(json.dumps({**found, "resources": kept}))
    options = ("--protect=false", "--generate-code=false", "--yes")
    imported = rehearse("pulumi", "import", "--stack", "rehearsal", "--file", str(tmp_path / "import.json"), *options)
    assert "3 imported" in imported
    rehearse("python", "-c", CREDENTIAL_DELETED, ids["application"], ids["credential"])
    done = rehearse("pulumi", "up", "--stack", "rehearsal", "--yes", "--skip-preview")
    assert "1 updated" in done
    assert "~displayName" in done
    assert "owners" not in done
    projects = json.loads(rehearse("pulumi", "stack", "output", "projects", "--stack", "rehearsal", "--json"))
    assert projects["acme/payments"]["client_id"] == ids["client"]
