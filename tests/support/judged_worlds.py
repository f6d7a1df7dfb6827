"""Worlds of a few cases and findings, written down by hand."""

from datetime import UTC, datetime, timedelta

from wastetrack.checks.bench.matching import Case, Found, Touch, about, named
from wastetrack.checks.bench.typologies import typology_of
from wastetrack.checks.bench.worlds import World

BEGINS = datetime(2026, 3, 1, tzinfo=UTC)
CLASSES = ("generator", "intermediate", "disposer", "plant", "site", "pair", "carrier")


def finding(rule: str, subject: str, statistic: float, *, kind: str = "manifest", queue: str = "integrity",
            hours: float = 12, chance: float = 0.5) -> Found:  # fmt: skip
    return Found(
        rule=rule, queue=queue, severity=3, kind=kind, subject=subject, party=None,
        found_at=BEGINS + timedelta(hours=hours), at_risk_g=1000, statistic=statistic, chance=chance,
        names=named(kind, subject, None, {}),
    )  # fmt: skip


def case(
    typology: str,
    subject: str,
    *,
    kind: str = "manifest",
    stolen_g: int = 0,
    touched: tuple[Touch, ...] = (),
    begins_at: datetime = BEGINS,
    share: float | None = None,
) -> Case:
    what = typology_of(typology, kind)
    lanes = [(one.manifest, None, None, None) for one in touched]
    return Case(
        id=f"{typology}-{subject}", typology=what, begins_at=begins_at, ends_at=begins_at + timedelta(hours=100),
        stolen_g=stolen_g, affected_g=stolen_g, names=about(what, (kind, subject), lanes), subject=(kind, subject),
        touched=touched, share=share,
    )  # fmt: skip


def world(
    *parts: Case | Found,
    manifests: int = 4000,
    carriers: int = 0,
    years: float = 1.0,
    days: float = 300,
    sites: dict[str, int] | None = None,
) -> World:
    """`carriers` are c0, c1, …; `sites` are so many of a class, each named by it and its number."""
    entities = {name: frozenset(f"{name}{one}" for one in range((sites or {}).get(name, 0))) for name in CLASSES}
    return World(
        name="w", manifests=manifests, years=years, ends_at=BEGINS + timedelta(days=days),
        entities=entities | {"carrier": frozenset(f"c{one}" for one in range(carriers))},
        cases=tuple(one for one in parts if isinstance(one, Case)),
        findings=tuple(one for one in parts if isinstance(one, Found)),
        seconds=0, rules={}, no_data=(), peak_mib=0,
    )  # fmt: skip
