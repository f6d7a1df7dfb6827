"""Values of storage that several answers have in common: a store with its room, a clock."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from wastetrack.api.fields import Litres
from wastetrack.api.schemas import Body, Shown
from wastetrack.containers.clocks import Clock
from wastetrack.parties.model import Store
from wastetrack.parties.storerooms import Room, StoreKind
from wastetrack.serving.written_text import Line

Degrees = Annotated[int, Field(strict=True, ge=-273, le=1000, description="Whole degrees Celsius")]
SquareMetres = Annotated[int, Field(strict=True, ge=0, le=10**9, description="Whole square metres")]


class RoomBody(Body):
    """What is said of a store beside code, name and limit (GB 18597-2023). A zone names its facility."""

    kind: StoreKind = StoreKind.WAREHOUSE
    parent_id: UUID | None = None
    facility_code: Line | None = Field(None, description="As in the discharge permit: TS001")
    containment_l: Litres | None = Field(None, description="What the bund holds when something leaks")
    temperature_c: Degrees | None = Field(None, description="The highest that is kept; for medical waste")
    remote_disinfected: bool = False
    area_m2: SquareMetres | None = None

    def room(self) -> Room:
        """As the rules know it."""
        return Room(
            kind=self.kind,
            parent_id=self.parent_id,
            facility_code=self.facility_code or None,
            containment_l=self.containment_l,
            temperature_c=self.temperature_c,
            remote_disinfected=self.remote_disinfected,
            area_m2=self.area_m2,
        )


class StoreShown(Shown):
    """A storage facility or zone and how much it may hold."""

    id: UUID
    site_id: UUID
    code: str
    name: str
    limit_g: int
    kind: str
    parent_id: UUID | None
    facility_code: str | None
    containment_l: int | None
    temperature_c: int | None
    remote_disinfected: bool
    area_m2: int | None
    is_open: bool


def store_shown(store: Store) -> StoreShown:
    """A store as an answer."""
    room = store.room
    return StoreShown(
        id=store.id,
        site_id=store.site_id,
        code=store.code,
        name=store.name,
        limit_g=store.limit.grams,
        kind=room.kind.value,
        parent_id=room.parent_id,
        facility_code=room.facility_code,
        containment_l=room.containment_l,
        temperature_c=room.temperature_c,
        remote_disinfected=room.remote_disinfected,
        area_m2=room.area_m2,
        is_open=store.is_open,
    )


class ClockShown(Shown):
    """A term for which a container may stand: its last day, or its last instant where it is counted in hours."""

    kind: str
    due_on: date | None
    due_at: datetime | None
    days_left: int
    hours_left: int | None
    overdue: bool
    article: str


def clocks_shown(clocks: Iterable[Clock], at: datetime) -> list[ClockShown]:
    """Terms as an answer."""
    return [
        ClockShown(
            kind=clock.kind.value,
            due_on=clock.due_on,
            due_at=clock.due_at,
            days_left=clock.days_left(at),
            hours_left=clock.hours_left(at),
            overdue=clock.overdue(at),
            article=clock.article,
        )
        for clock in clocks
    ]
