"""What the region holds, and whether all of it is consistent."""

from dataclasses import dataclass
from typing import Any

from wastetrack.cli.demonstration.kinds import count_kinds
from wastetrack.db.session import ReadSession
from wastetrack.ledger.model import AccountKind
from wastetrack.manifests.model import ManifestKind
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
_COUNTS = """
select 'manifests' as counted, kind, state, count(*) as number from manifests group by kind, state
union all select 'containers', '', state, count(*) from containers group by state
union all select 'corrections', '', state, count(*) from manifest_corrections group by state
order by counted, kind, state
"""
_MASSES = "select kind, sum(balance_g)::bigint as grams from accounts group by kind"


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts and sums over the whole database."""

    manifests: dict[str, int]
    returns: dict[str, int]
    containers: dict[str, int]
    corrections: dict[str, int]
    kinds: dict[str, int]
    """Of each kind of transfer, paper and clock, by its name."""
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
            "kinds": self.kinds,
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
            ("kinds", ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in self.kinds.items())),
            *((kind, Mass(grams).tonne_text()) for kind, grams in self.masses_g.items()),
            ("events", f"{self.leaves:,}"),
            ("checkpoint", f"{self.size:,} events, {self.published_at}, root {self.root}"),
        ]


async def summarise(session: ReadSession, report: Report) -> Summary:
    """Count what is there; `report` is that of the full recomputation, over the same moment."""
    driver = await session.driver()
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in await driver.fetch(_COUNTS):
        counts.setdefault((row["counted"], row["kind"]), {})[row["state"]] = row["number"]
    sums = {row["kind"]: row["grams"] for row in await driver.fetch(_MASSES)}
    sources = {AccountKind.GENERATED, AccountKind.RESIDUE_SOURCE}
    newest = await latest_checkpoint(session)
    return Summary(
        manifests=counts.get(("manifests", ManifestKind.ROAD.value), {}),
        returns=counts.get(("manifests", ManifestKind.RETURN.value), {}),
        containers=counts.get(("containers", ""), {}),
        corrections=counts.get(("corrections", ""), {}),
        kinds=await count_kinds(session),
        masses_g={
            kind.value: -sums.get(kind.value, 0) if kind in sources else sums.get(kind.value, 0) for kind in _SHOWN
        },
        leaves=report.leaves,
        size=newest.size if newest else 0,
        root=newest.root.hex() if newest else "",
        published_at=newest.published_at.isoformat() if newest else "",
    )


def _counted(counts: dict[str, int]) -> str:
    each = ", ".join(f"{count:,} {state}" for state, count in counts.items())
    return f"{sum(counts.values()):,}: {each}" if counts else "none"
