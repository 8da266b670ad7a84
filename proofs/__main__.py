"""The main job: onboard two GitLab projects for real, and prove who may read what.

Runs inside the rehearsal (`scripts/rehearse` starts both). Exit codes: 0 every proof holds, 1 one does not,
3 a step failed on which the proofs rest.
"""

import json
import os
import secrets
import signal
import sys
import time
from types import FrameType

import requests
from azure.core.exceptions import AzureError
from rich.console import Console
from rich.markup import escape

from .administrator import Administrator, AdministratorRefused
from .lifecycle import changes, destruction_proofs, drift_proofs, settled_proofs
from .proof import Scene, Stored
from .reading import EXAMPLE_SECRET, reading_proofs
from .refusals import DISABLED_SECRET, OTHER_GROUP, OTHER_SECRET, OTHER_VAULT, refusal_proofs
from .report import Report
from .tools import StepFailed, must, pulumi

SECRETS = ("shop-database-password", "shop-api-key", "payments-key", EXAMPLE_SECRET, DISABLED_SECRET)


def onboard(report: Report) -> Scene:
    """Create the stack's resources and store the secrets."""
    administrator = Administrator()
    administrator.purge_vaults()  # one that an interrupted run has deleted would keep its name
    with report.step("pulumi up --stack rehearsal"):
        must(pulumi("stack", "select", "--create"))
        # What a killed run may have left: a locked stack, and what it had changed by hand. Else both do nothing.
        must(pulumi("cancel", "--yes"))
        up = must(pulumi("up", "--refresh", "--yes", "--skip-preview"))
    report.line(f"[bold]$ pulumi up --stack rehearsal[/]  {changes(up)} in {up.seconds:.1f} s")
    outputs = json.loads(must(pulumi("stack", "output", "--json")).output)
    with report.step("storing the secrets as the administrator"):
        stored = {name: store(administrator, outputs["vault_url"], name) for name in SECRETS}
        administrator.disable_secret(outputs["vault_url"], DISABLED_SECRET)
    scene = Scene(administrator, outputs, stored)
    report.trust_chain(scene)
    return scene


def store(administrator: Administrator, vault_url: str, name: str) -> Stored:
    """Store a random secret of a shape that careless handling would change: quotes, a dollar, lines, no ASCII."""
    value = f"{secrets.token_urlsafe(24)}\n'\"$HOME\\ ü€ \n"
    return Stored(value, administrator.store_secret(vault_url, name, value))


def prove(report: Report) -> None:
    """Go through all chapters."""
    scene = onboard(report)
    report.chapter("The onboarded jobs read their secrets, value for value", "Equal", reading_proofs(scene))
    with report.step("a second vault, on which nobody has a role"):
        other_vault = scene.administrator.create_vault(OTHER_GROUP, OTHER_VAULT)
        store(scene.administrator, other_vault, OTHER_SECRET)
    report.chapter("Everything else is refused", "Refused with", refusal_proofs(scene, other_vault))
    report.chapter("The stack is settled", "Seen", settled_proofs(scene))
    report.chapter("What is changed by hand is found and mended", "Seen", drift_proofs(scene))
    report.chapter("The stack goes away", "Seen", destruction_proofs(scene))
    with report.step("removing the second vault"):
        scene.administrator.delete_group(OTHER_GROUP)
        scene.administrator.purge_vaults()


def main() -> int:
    """Run the main job and tell how it ended."""
    if "REHEARSAL_STATE" not in os.environ:
        print("proofs: this runs inside the rehearsal only; use scripts/rehearse.", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    report = Report(Console())
    started = time.monotonic()
    try:
        prove(report)
    except (StepFailed, AdministratorRefused, AzureError, requests.RequestException) as failure:
        report.line(f"[bold red]✗[/] {escape(str(failure))}\n`scripts/rehearse --fresh` starts with an empty cloud.")
        return 3
    except SystemExit:
        report.line("Interrupted. The next run takes up what this one left.")
        raise
    return conclude(report, time.monotonic() - started)


def stop(signal_number: int, _frame: FrameType | None) -> None:
    """End by an exception, so that the command under way is ended in order."""
    sys.exit(128 + signal_number)


def conclude(report: Report, seconds: float) -> int:
    """Tell how many proofs hold; return the exit code."""
    failed = [proof for proof in report.proofs if not proof.holds]
    verdict = f"[bold red]{len(failed)} do not hold[/]" if failed else "[bold green]all hold[/]"
    report.line(f"\n{len(report.proofs)} proofs, {verdict}, {seconds:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
