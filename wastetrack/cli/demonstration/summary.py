"""What the region holds, and whether all of it is consistent."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import ReadSession
from wastetrack.ledger.model import AccountKind
from wastetrack.ledger.tables import AccountRow
from wastetrack.manifests.model import ManifestKind
from wastetrack.manifests.tables import CorrectionRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.reports.auditing.findings import Report
from wastetrack.transparency.queries import latest_checkpoint

# As they are shown: what came in, where it is, what does not agree.
_SHOWN = (
    AccountKind.GENERATED,
    AccountKind.RESIDUE_SOURCE,
    AccountKind.STORED,
    AccountKind.IN_TRANSIT,
    AccountKind.TREATED,
    AccountKind.DISCREPANCY,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts and sums over the whole database."""

    manifests: dict[str, int]
    returns: dict[str, int]
    containers: dict[str, int]
    corrections: dict[str, int]
    masses_g: dict[str, int]
    """By kind of account, sources positive."""
    leaves: int
    size: int
    root: str
    published_at: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "manifests": self.manifests,
            "returns": self.returns,
            "containers": self.containers,
            "corrections": self.corrections,
            "masses_g": self.masses_g,
            "log": {
                "leaves": self.leaves,
                "checkpoint": {"size": self.size, "root": self.root, "published_at": self.published_at},
            },
        }

    def rows(self) -> list[tuple[str, str]]:
        """For people: a heading and its line."""
        return [
            ("manifests", _counted(self.manifests)),
            ("returns", _counted(self.returns)),
            ("containers", _counted(self.containers)),
            ("corrections", _counted(self.corrections)),
            *((kind, Mass(grams).tonne_text()) for kind, grams in self.masses_g.items()),
            ("events", f"{self.leaves:,}"),
            ("checkpoint", f"{self.size:,} events, {self.published_at}, root {self.root}"),
        ]


async def summarise(session: ReadSession, report: Report) -> Summary:
    """Count what is there; `report` is that of the full recomputation, over the same moment."""
    kinds = await _counts(session, ManifestRow.kind, ManifestRow.state)
    balances = await session.execute(
        sa.select(col(AccountRow.kind), sa.func.sum(col(AccountRow.balance_g))).group_by(col(AccountRow.kind))
    )
    sums = {kind: int(total) for kind, total in balances}
    sources = {AccountKind.GENERATED, AccountKind.RESIDUE_SOURCE}
    newest = await latest_checkpoint(session)
    return Summary(
        manifests={state: count for (kind, state), count in kinds.items() if kind == ManifestKind.ROAD},
        returns={state: count for (kind, state), count in kinds.items() if kind == ManifestKind.RETURN},
        containers={state: count for (state,), count in (await _counts(session, ContainerRow.state)).items()},
        corrections={state: count for (state,), count in (await _counts(session, CorrectionRow.state)).items()},
        masses_g={
            kind.value: -sums.get(kind.value, 0) if kind in sources else sums.get(kind.value, 0) for kind in _SHOWN
        },
        leaves=report.leaves,
        size=newest.size if newest else 0,
        root=newest.root.hex() if newest else "",
        published_at=newest.published_at.isoformat() if newest else "",
    )


async def _counts(session: ReadSession, *columns: Any) -> dict[tuple[str, ...], int]:  # noqa: ANN401  columns
    wanted = [col(column) for column in columns]
    rows = await session.execute(sa.select(*wanted, sa.func.count()).group_by(*wanted).order_by(*wanted))
    return {tuple(row[:-1]): row[-1] for row in rows}


def _counted(counts: dict[str, int]) -> str:
    each = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    return f"{sum(counts.values()):,}: {each}" if counts else "none"
