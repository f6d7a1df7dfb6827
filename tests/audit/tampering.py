"""Change a row behind everybody's back, recompute, and demand that the row be named."""

from typing import Any

from sqlalchemy import text

from tests.audit.eventful import SIGNER
from wastetrack.db.session import WriteSession
from wastetrack.reports.auditing.findings import Fault, Report
from wastetrack.reports.auditing.running import recompute
from wastetrack.transparency.auditing import Fault as LogFault


async def audited(session: WriteSession, *, page: int = 7) -> Report:
    """Recompute in small pages, so that each check turns a page."""
    return await recompute(session, SIGNER.verifier, page=page)


async def tampered(session: WriteSession, statement: str, **values: Any) -> Any:  # noqa: ANN401  one returned row
    """Change something behind everybody's back; the statement returns what names the row."""
    changed = (await session.execute(text(statement), values)).fetchall()
    assert len(changed) == 1, "exactly one row was tampered with"
    return changed[0]


def assert_named(report: Report, fault: Fault | LogFault, *names: object) -> None:
    """Exactly such a finding, whose row holds all the names."""
    findings = [finding for finding in report.findings if finding.fault == fault]
    sentences = "\n".join(finding.sentence() for finding in report.findings)
    assert any(all(str(name) in finding.row for name in names) for finding in findings), sentences or "nothing found"
