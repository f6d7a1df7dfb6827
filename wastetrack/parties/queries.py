"""Reading the register. Organisations, sites, permits and licences are public to whoever is signed in.

Stores, vehicles and drivers are shown only to their organisation and to the authorities of its region: their readers
take the actor and go through auth.sight. The functions named `…_for_use` are for use cases that have already decided
that the actor may use the thing; what they return is not for showing.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import visible
from wastetrack.db.hot import Hot
from wastetrack.db.session import ReadSession
from wastetrack.db.windows import Window
from wastetrack.errors import NotFound
from wastetrack.mass import Mass
from wastetrack.parties import credit_codes, plates
from wastetrack.parties.model import (
    Driver,
    Organisation,
    OrganisationKind,
    Site,
    SiteKind,
    Store,
    TransportLicence,
    Vehicle,
)
from wastetrack.parties.plates import PlateKind
from wastetrack.parties.storerooms import Room, StoreKind
from wastetrack.parties.tables import (
    DriverRow,
    OrganisationRow,
    SiteRow,
    StoreRow,
    TransportLicenceRow,
    VehicleRow,
)

STORE: Final = "store"
VEHICLE: Final = "vehicle"
DRIVER: Final = "driver"
ORDERS: Final[Mapping[str, Any]] = {
    "name": col(OrganisationRow.name),
    "region": col(OrganisationRow.region_code),
    "credit_code": col(OrganisationRow.credit_code),
}
"""The orders of organisations."""
_FEW = Window(limit=20)


async def organisation(session: ReadSession, organisation_id: UUID) -> Organisation:
    """One organisation. NotFound when there is none."""
    row = await session.get(OrganisationRow, organisation_id)
    if row is None:
        raise NotFound("organisation_unknown", "There is no such organisation.", organisation_id=organisation_id)
    return organisation_of(row)


async def organisations_by_id(session: ReadSession, organisation_ids: Iterable[UUID]) -> dict[UUID, Organisation]:
    """Several organisations in one statement; unknown ids are left out."""
    statement = sa.select(OrganisationRow).where(col(OrganisationRow.id).in_(tuple(organisation_ids)))
    return {row.id: organisation_of(row) for row in (await session.execute(statement)).scalars()}


async def maker_on_label(session: ReadSession, digital_code: str) -> Organisation:
    """Whose container bears a code, whoever asks: its name and telephone stand on the label. NotFound without one."""
    found = sa.text("select * from maker_on_label(:code)").bindparams(code=digital_code)
    row = (await session.scalars(sa.select(OrganisationRow).from_statement(found))).one_or_none()
    if row is None:
        raise NotFound("organisation_unknown", "There is no such organisation.", digital_code=digital_code)
    return organisation_of(row)


async def organisation_by_credit_code(session: ReadSession, credit_code: str) -> Organisation | None:
    """The organisation with a credit code in any writing; None when not registered, Malformed for a wrong code."""
    normal = credit_codes.check(credit_code)
    statement = sa.select(OrganisationRow).where(col(OrganisationRow.credit_code) == normal)
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else organisation_of(row)


async def search_organisations(
    session: ReadSession,
    text: str = "",
    *,
    kind: OrganisationKind | None = None,
    region_prefix: str = "",
    window: Window = _FEW,
) -> tuple[Organisation, ...]:
    """Organisations by a part of the name or the beginning of the credit code, in an order of ORDERS; where none is
    asked for, names that begin with it first."""
    name = col(OrganisationRow.name)
    wanted = text.strip()
    statement = sa.select(OrganisationRow)
    if wanted:
        statement = statement.where(
            sa.or_(
                name.icontains(wanted, autoescape=True),
                col(OrganisationRow.name_en).icontains(wanted, autoescape=True),
                col(OrganisationRow.credit_code).startswith(credit_codes.normalise(wanted), autoescape=True),
            )
        )
        if not window.order:
            statement = statement.order_by(name.istartswith(wanted, autoescape=True).desc())
    if kind is not None:
        statement = statement.where(sa.literal(kind.value) == sa.any_(col(OrganisationRow.kinds)))
    if region_prefix:
        statement = statement.where(col(OrganisationRow.region_code).startswith(region_prefix, autoescape=True))
    statement = window.over(statement, ORDERS, name, col(OrganisationRow.id))
    return tuple(organisation_of(row) for row in (await session.execute(statement)).scalars())


async def site(session: ReadSession, site_id: UUID) -> Site:
    """One site. NotFound when there is none."""
    row = await session.get(SiteRow, site_id)
    if row is None:
        raise NotFound("site_unknown", "There is no such site.", site_id=site_id)
    return site_of(row)


async def sites_by_id(session: ReadSession, site_ids: Iterable[UUID]) -> dict[UUID, Site]:
    """Several sites in one statement; unknown ids are left out."""
    statement = sa.select(SiteRow).where(col(SiteRow.id).in_(tuple(site_ids)))
    return {row.id: site_of(row) for row in (await session.execute(statement)).scalars()}


async def sites_of(session: ReadSession, organisation_id: UUID) -> tuple[Site, ...]:
    """The sites of an organisation, by name."""
    statement = sa.select(SiteRow).where(col(SiteRow.organisation_id) == organisation_id).order_by(col(SiteRow.name))
    return tuple(site_of(row) for row in (await session.execute(statement)).scalars())


async def sites_by_organisation(session: ReadSession, organisation_ids: Iterable[UUID]) -> dict[UUID, tuple[Site, ...]]:
    """The sites of several organisations, by name, in one statement; organisations without any are left out."""
    statement = (
        sa.select(SiteRow)
        .where(col(SiteRow.organisation_id).in_(tuple(organisation_ids)))
        .order_by(col(SiteRow.name), col(SiteRow.id))
    )
    found: dict[UUID, tuple[Site, ...]] = {}
    for row in (await session.execute(statement)).scalars():
        found[row.organisation_id] = (*found.get(row.organisation_id, ()), site_of(row))
    return found


async def stores_of(session: ReadSession, actor: Actor, site_id: UUID) -> tuple[Store, ...]:
    """The stores of a site that the actor may see, by code."""
    statement = (
        sa.select(StoreRow)
        .where(col(StoreRow.site_id) == site_id, visible(actor, STORE, col(StoreRow.id)))
        .order_by(col(StoreRow.code))
    )
    return tuple(store_of(row) for row in (await session.execute(statement)).scalars())


async def stores_at(session: ReadSession, actor: Actor, site_ids: Iterable[UUID]) -> tuple[Store, ...]:
    """The stores of several sites that the actor may see, by code, in one statement."""
    statement = (
        sa.select(StoreRow)
        .where(col(StoreRow.site_id).in_(tuple(site_ids)), visible(actor, STORE, col(StoreRow.id)))
        .order_by(col(StoreRow.code))
    )
    return tuple(store_of(row) for row in (await session.execute(statement)).scalars())


async def transport_licences_of(session: ReadSession, organisation_id: UUID) -> tuple[TransportLicence, ...]:
    """Every licence that a carrier has or had, newest first; vehicles.licence_for chooses among them."""
    statement = (
        sa.select(TransportLicenceRow)
        .where(col(TransportLicenceRow.organisation_id) == organisation_id)
        .order_by(col(TransportLicenceRow.valid_to).desc(), col(TransportLicenceRow.id))
    )
    return tuple(licence_of(row) for row in (await session.execute(statement)).scalars())


async def vehicles_of(session: ReadSession, actor: Actor, organisation_id: UUID) -> tuple[Vehicle, ...]:
    """The vehicles of a carrier that the actor may see, by plate."""
    statement = (
        sa.select(VehicleRow)
        .where(col(VehicleRow.organisation_id) == organisation_id, visible(actor, VEHICLE, col(VehicleRow.id)))
        .order_by(col(VehicleRow.plate))
    )
    return tuple(vehicle_of(row) for row in (await session.execute(statement)).scalars())


async def drivers_of(session: ReadSession, actor: Actor, organisation_id: UUID) -> tuple[Driver, ...]:
    """The drivers of a carrier that the actor may see, by name."""
    statement = (
        sa.select(DriverRow)
        .where(col(DriverRow.organisation_id) == organisation_id, visible(actor, DRIVER, col(DriverRow.id)))
        .order_by(col(DriverRow.name), col(DriverRow.certificate_number))
    )
    return tuple(driver_of(row) for row in (await session.execute(statement)).scalars())


async def vehicle_by_plate(session: ReadSession, actor: Actor, plate: str) -> Vehicle:
    """The vehicle with a plate in any writing. NotFound when there is none that the actor may see."""
    normal = plates.parse(plate).text
    statement = sa.select(VehicleRow).where(
        col(VehicleRow.plate) == normal, visible(actor, VEHICLE, col(VehicleRow.id))
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("vehicle_unknown", "There is no vehicle {plate}.", plate=normal)
    return vehicle_of(row)


async def vehicle_of_carrier(session: ReadSession, carrier_id: UUID, plate: str) -> Vehicle | None:
    """The vehicle that a shipper names by its carrier and plate. Who knows the plate need not see the fleet.

    Raises Malformed for a plate that cannot be one.
    """
    normal = plates.parse(plate).text
    statement = sa.select(VehicleRow).where(
        col(VehicleRow.plate) == normal, col(VehicleRow.organisation_id) == carrier_id
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    return None if row is None else vehicle_of(row)


async def plates_of(session: ReadSession, vehicle_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The plates of vehicles that a paper names; who may see the paper is the caller's rule."""
    statement = sa.select(col(VehicleRow.id), col(VehicleRow.plate)).where(col(VehicleRow.id).in_(tuple(vehicle_ids)))
    return {row[0]: row[1] for row in await session.execute(statement)}


# A function, because a shipper may name a driver whom it does not see, by the id that the carrier gave it.
_DRIVER = (
    sa.func.driver_for_use(sa.bindparam("driver_id", type_=sa.Uuid))
    .table_valued(*(sa.column(column.name, column.type) for column in DriverRow.__table__.columns))  # type: ignore[attr-defined]
    .alias("driver")
)
_CARRIAGE = Hot(
    sa.select(
        col(VehicleRow.id),
        col(VehicleRow.organisation_id),
        col(VehicleRow.plate),
        col(VehicleRow.plate_kind),
        col(VehicleRow.rated_load_g),
        col(VehicleRow.licence_number),
        col(VehicleRow.licence_valid_to),
        _DRIVER.c.id,
        _DRIVER.c.organisation_id,
        _DRIVER.c.name,
        _DRIVER.c.certificate_number,
        _DRIVER.c.certificate_valid_to,
        _DRIVER.c.phone,
        col(TransportLicenceRow.id),
        col(TransportLicenceRow.organisation_id),
        col(TransportLicenceRow.number),
        col(TransportLicenceRow.valid_from),
        col(TransportLicenceRow.valid_to),
        col(TransportLicenceRow.classes),
    )
    .select_from(VehicleRow)
    .outerjoin(_DRIVER, sa.true())
    .outerjoin(TransportLicenceRow, col(TransportLicenceRow.organisation_id) == col(VehicleRow.organisation_id))
    .where(col(VehicleRow.id) == sa.bindparam("vehicle_id", type_=sa.Uuid))
    .order_by(col(TransportLicenceRow.valid_to).desc())
)


async def carriage_for_use(
    session: ReadSession, vehicle_id: UUID, driver_id: UUID | None = None
) -> tuple[Vehicle, Driver | None, tuple[TransportLicence, ...]]:
    """What vehicles.fit needs, in one statement: vehicle, driver if named, and the licences of the vehicle's carrier.

    NotFound when the vehicle or the named driver is not there.
    """
    rows = await _CARRIAGE.rows(session, vehicle_id=vehicle_id, driver_id=driver_id)
    if not rows:
        raise NotFound("vehicle_unknown", "There is no such vehicle.", vehicle_id=vehicle_id)
    vehicle_part, driver_part = tuple(rows[0])[:7], tuple(rows[0])[7:13]
    vehicle_row_id, owner_id, plate, kind, rated_load_g, licence_number, licence_valid_to = vehicle_part
    vehicle = Vehicle(
        vehicle_row_id, owner_id, plate, PlateKind(kind), Mass(rated_load_g), licence_number, licence_valid_to
    )
    driver = None if driver_part[0] is None else Driver(*driver_part)
    if driver_id is not None and driver is None:
        raise NotFound("driver_unknown", "There is no such driver.", driver_id=driver_id)
    licences = tuple(
        TransportLicence(licence_id, holder_id, number, valid_from, valid_to, frozenset(classes))
        for licence_id, holder_id, number, valid_from, valid_to, classes in (tuple(row)[13:] for row in rows)
        if licence_id is not None
    )
    return vehicle, driver, licences


async def region_of_organisation(session: ReadSession, organisation_id: UUID, *, locked: bool = False) -> str:
    """The county of an organisation. NotFound when there is none.

    `locked` holds the row until the end of the transaction: permits of one holder are changed one at a time.
    """
    statement = sa.select(col(OrganisationRow.region_code)).where(col(OrganisationRow.id) == organisation_id)
    found = (await session.execute(statement.with_for_update() if locked else statement)).scalar_one_or_none()
    if found is None:
        raise NotFound("organisation_unknown", "There is no such organisation.", organisation_id=organisation_id)
    return found


def organisation_of(row: OrganisationRow) -> Organisation:
    """A row as a value."""
    return Organisation(
        id=row.id,
        credit_code=row.credit_code,
        name=row.name,
        name_en=row.name_en,
        kinds=frozenset(OrganisationKind(kind) for kind in row.kinds),
        region_code=row.region_code,
        address=row.address,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        jurisdiction=row.jurisdiction,
        verified=row.verified_at is not None,
    )


def site_of(row: SiteRow) -> Site:
    """A row as a value."""
    return Site(
        id=row.id,
        organisation_id=row.organisation_id,
        name=row.name,
        kind=SiteKind(row.kind),
        region_code=row.region_code,
        address=row.address,
        latitude=row.latitude,
        longitude=row.longitude,
    )


def store_of(row: StoreRow) -> Store:
    """A row as a value."""
    room = Room(
        kind=StoreKind(row.kind),
        parent_id=row.parent_id,
        facility_code=row.facility_code,
        containment_l=row.containment_l,
        temperature_c=row.temperature_c,
        remote_disinfected=row.remote_disinfected,
        area_m2=row.area_m2,
    )
    return Store(row.id, row.site_id, row.code, row.name, row.limit_g, room, row.closed_at is None)


def licence_of(row: TransportLicenceRow) -> TransportLicence:
    """A row as a value."""
    return TransportLicence(
        row.id, row.organisation_id, row.number, row.valid_from, row.valid_to, frozenset(row.classes)
    )


def vehicle_of(row: VehicleRow) -> Vehicle:
    """A row as a value."""
    return Vehicle(
        id=row.id,
        organisation_id=row.organisation_id,
        plate=row.plate,
        plate_kind=PlateKind(row.plate_kind),
        rated_load=row.rated_load_g,
        licence_number=row.licence_number,
        licence_valid_to=row.licence_valid_to,
    )


def driver_of(row: DriverRow) -> Driver:
    """A row as a value."""
    return Driver(
        id=row.id,
        organisation_id=row.organisation_id,
        name=row.name,
        certificate_number=row.certificate_number,
        certificate_valid_to=row.certificate_valid_to,
        phone=row.phone,
    )
