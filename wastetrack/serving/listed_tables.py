"""The lists of manifests and of containers as tables; both doors hand out the same."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from wastetrack.containers.clocks import Clock
from wastetrack.containers.queries import ContainerFilter
from wastetrack.i18n import message
from wastetrack.manifests.queries import ManifestFilter
from wastetrack.reports import container_dues, manifest_reading
from wastetrack.reports.storage_clocks import clocks_for, soonest
from wastetrack.reports.tabular import Column, said
from wastetrack.serving.deps import ReadWork
from wastetrack.serving.tables import PageOf

MANIFEST_HEADINGS = (
    message("Manifest number"),
    message("State"),
    message("Shipper"),
    message("Shipper's credit code"),
    message("Receiver"),
    message("Receiver's credit code"),
    message("Method"),
    message("Planned day"),
    message("Containers"),
    message("Declared (g)"),
    message("Measured (g)"),
    message("Filed at"),
    message("Received at"),
    message("Closed at"),
)
CONTAINER_HEADINGS = (
    message("Digital code"),
    message("State"),
    message("Waste code"),
    message("Waste"),
    message("Packaging"),
    message("Volume (l)"),
    message("Net (g)"),
    message("Weighed by"),
    message("Filled on"),
    message("Remarks"),
    message("May stand until"),
    message("Days left"),
)


def columns(headings: Sequence[str]) -> tuple[Column, ...]:
    """The same columns for a workbook; the masses are whole grams, as the heading says."""
    return tuple(Column(said(heading)) for heading in headings)


def manifests_listed(wanted: ManifestFilter) -> PageOf:
    """The manifests of a filter."""

    async def page_of(work: ReadWork, before: UUID | None, limit: int) -> Sequence[tuple[UUID, Sequence[object]]]:
        rows = await manifest_reading.page(work.session, work.actor, wanted, before=before, limit=limit)
        return [(row["id"], _manifest(row["shown"])) for row in rows]

    return page_of


def _manifest(shown: str) -> list[object]:
    one = orjson.loads(shown)
    shipper, receiver = one["shipper"], one["receiver"]
    return [
        one["number"],
        one["state"],
        shipper["name"],
        shipper["credit_code"],
        receiver["name"],
        receiver["credit_code"],
        one["method"],
        one["planned_on"],
        one["containers"],
        one["declared_g"],
        one["measured_g"],
        *(_instant(one[name]) for name in ("filed_at", "received_at", "closed_at")),
    ]


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).replace(microsecond=0)


def _term(clock: Clock | None, at: datetime) -> tuple[object, object]:
    """The last day, or the last instant of a term in hours, and the days left."""
    if clock is None:
        return None, None
    due = clock.due_on if clock.due_at is None else clock.due_at.replace(microsecond=0)
    return due, clock.days_left(at)


def containers_listed(wanted: ContainerFilter) -> PageOf:
    """The containers of a filter."""

    async def page_of(work: ReadWork, before: UUID | None, limit: int) -> Sequence[tuple[UUID, Sequence[object]]]:
        rows = await container_dues.page(work.session, work.actor, wanted, at=work.at, before=before, limit=limit)
        clocks = await clocks_for(work.session, work.actor, [row.id for row in rows], at=work.at)
        return [
            (
                row.id,
                [
                    row.digital_code,
                    row.state,
                    row.waste_code,
                    row.waste_name,
                    row.packaging,
                    row.volume_l,
                    row.net_g,
                    row.method,
                    row.generated_on,
                    row.remarks,
                    *_term(soonest(clocks.get(row.id, ())), work.at),
                ],
            )
            for row in rows
        ]

    return page_of
