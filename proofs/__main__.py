"""The main job: onboard two GitLab projects for real, and prove who may read what.

Runs inside the rehearsal (`scripts/rehearse` starts both). Exit codes: 0 every proof holds, 1 one does not,
3 a step failed on which the proofs rest.
"""

import os
import secrets
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import FrameType

import requests
from azure.core.exceptions import AzureError
from rich.console import Console
from rich.markup import escape

from .administrator import Administrator, AdministratorRefused
from .adopted import ADOPTED_GROUP, ADOPTED_VAULT, LEGACY_SECRET, adopted_proofs
from .environments import PORTAL_SECRET, PRODUCTION, STAGING, environment_proofs
from .lifecycle import destruction_proofs, drift_proofs, settled_proofs
from .proof import Scene, Stored
from .reading import EXAMPLE_SECRET, reading_proofs
from .refusals import DISABLED_SECRET, OTHER_GROUP, OTHER_SECRET, OTHER_VAULT, refusal_proofs
from .report import Report
from .tools import STACK, StepFailed, changes, deploy, destroy, outputs

SECRETS = (
    "shop-database-password",
    "shop-api-key",
    "payments-key",
    "web-session-key",
    "infra-deploy-key",
    EXAMPLE_SECRET,
    DISABLED_SECRET,
)


def onboard(report: Report, administrator: Administrator, names_in: Mapping[str, Sequence[str]]) -> list[Scene]:
    """Create stacks side by side, and store secrets of the given names in the vault of each."""
    with report.step(f"pulumi up --stack {', '.join(names_in)}"), ThreadPoolExecutor(2) as pool:
        ups = list(pool.map(deploy, names_in))
    for stack, up in zip(names_in, ups, strict=True):
        report.line(f"[bold]$ pulumi up --stack {stack}[/]  {changes(up)} in {up.seconds:.1f} s")
    with report.step("storing the secrets as the administrator"):
        return [
            Scene(administrator, made, {name: store(administrator, made["vault_url"], name) for name in names})
            for made, names in ((outputs(stack), names) for stack, names in names_in.items())
        ]


def store(administrator: Administrator, vault_url: str, name: str) -> Stored:
    """Store a random secret of a shape that careless handling would change: quotes, a dollar, lines, no ASCII."""
    value = f"{secrets.token_urlsafe(24)}\n'\"$HOME\\ ü€ \n"
    return Stored(value, administrator.store_secret(vault_url, name, value))


def prove(report: Report) -> None:
    """Go through all chapters."""
    administrator = Administrator()
    administrator.purge_vaults()  # one that an interrupted run has deleted would keep its name
    (scene,) = onboard(report, administrator, {STACK: SECRETS})
    administrator.disable_secret(scene.outputs["vault_url"], DISABLED_SECRET)
    report.trust_chain(scene)
    report.chapter("The onboarded jobs read their secrets, value for value", "Equal", reading_proofs(scene))
    with report.step("a second vault, on which nobody has a role"):
        other_vault = administrator.create_vault(OTHER_GROUP, OTHER_VAULT)
        store(administrator, other_vault, OTHER_SECRET)
    report.chapter("Everything else is refused", "Refused with", refusal_proofs(scene, other_vault))
    report.chapter("The stack is settled", "Seen", settled_proofs(scene))
    report.chapter("What is changed by hand is found and mended", "Seen", drift_proofs(scene))
    report.chapter("The stack goes away", "Seen", destruction_proofs(scene))
    prove_environments(report, administrator)
    prove_adoption(report, administrator)
    with report.step("removing what was made by hand"):
        administrator.delete_group(OTHER_GROUP)
        administrator.purge_vaults()


def prove_environments(report: Report, administrator: Administrator) -> None:
    """Deploy the pair of stacks, prove what each environment's jobs read, and destroy both."""
    scenes = onboard(report, administrator, {STAGING: [PORTAL_SECRET], PRODUCTION: [PORTAL_SECRET]})
    report.chapter("One project, a vault for each environment", "Seen", environment_proofs(*scenes))
    with report.step(f"pulumi destroy --stack {STAGING}, {PRODUCTION}"), ThreadPoolExecutor(2) as pool:
        list(pool.map(destroy, (STAGING, PRODUCTION)))


def prove_adoption(report: Report, administrator: Administrator) -> None:
    """Let a stack give roles on a vault that another team has made."""
    with report.step("a vault of another team"):
        vault_url = administrator.create_vault(ADOPTED_GROUP, ADOPTED_VAULT)
        stored = store(administrator, vault_url, LEGACY_SECRET)
    report.chapter("A vault that exists is adopted", "Seen", adopted_proofs(administrator, vault_url, stored))
    administrator.delete_group(ADOPTED_GROUP)


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
