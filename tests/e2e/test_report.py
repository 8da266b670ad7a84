"""What the main job says when a proof does not hold."""

import io

from rich.console import Console

from proofs.__main__ import conclude
from proofs.proof import Proof
from proofs.report import Report


def a_report_of(*proofs: Proof) -> tuple[Report, io.StringIO]:
    output = io.StringIO()
    report = Report(Console(file=output, width=120))
    report.chapter("Everything else is refused", "Refused with", proofs)
    return report, output


def test_one_proof_that_does_not_hold_fails_the_main_job_and_shows_what_was_seen():
    report, output = a_report_of(
        Proof("another branch", "AADSTS700213", "AADSTS700213"),
        Proof("a disabled secret", "SecretDisabled", "the secret was read"),
    )
    assert conclude(report, 12) == 1
    shown = output.getvalue()
    assert "1 do not hold" in shown
    assert "✗" in shown
    assert "but: the secret was read" in shown


def test_proofs_that_hold_end_the_main_job_well():
    report, output = a_report_of(Proof("another branch", "AADSTS700213", "AADSTS700213"))
    assert conclude(report, 12) == 0
    assert "✗" not in output.getvalue()
