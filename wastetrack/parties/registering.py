"""Enter organisations and what belongs to them: sites, stores, vehicles, drivers, transport licences.

Each verb tells all broken rules at once. A name or number that is taken is a Conflict; it is noticed by the
database's own uniqueness, so two people who enter the same thing at the same time cannot both succeed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import SQLModel

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.queries import snapshot
from wastetrack.catalogues.reading import initials_of_name
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Conflict, refuse
from wastetrack.ids import new_id
from wastetrack.parties import credit_codes, plates, policy, queries, store_queries
from wastetrack.parties.commands import (
    AddDriver,
    AddSite,
    AddStore,
    AddVehicle,
    RecordTransportLicence,
    RegisterOrganisation,
)
from wastetrack.parties.field_rules import Found
from wastetrack.parties.model import Driver, Organisation, Site, Store, TransportLicence, Vehicle
from wastetrack.parties.store_queries import room_columns
from wastetrack.parties.storerooms import StoreKind
from wastetrack.parties.tables import (
    DriverRow,
    OrganisationRow,
    SiteRow,
    StoreRow,
    TransportLicenceRow,
    VehicleRow,
)


async def register_organisation(
    session: WriteSession, actor: Actor, command: RegisterOrganisation, *, at: datetime
) -> Organisation:
    """Bring an organisation onto the platform. Conflict when its credit code is registered already."""
    policy.demand(policy.may_register(actor, command.kinds, command.region_code), "may_not_register_organisation")
    lists = await snapshot(session)
    refuse((*command.broken(), *lists.why_not_region(command.region_code), *_why_not_jurisdiction(command, lists)))
    organisation = Organisation(
        id=new_id(),
        credit_code=credit_codes.check(command.credit_code),
        name=command.name.strip(),
        name_en=command.name_en.strip() if command.name_en else None,
        kinds=command.kinds,
        region_code=command.region_code,
        address=command.address.strip(),
        contact_name=command.contact_name.strip(),
        contact_phone=command.contact_phone.strip(),
        jurisdiction=command.jurisdiction,
        verified=command.verified,
    )
    await _insert(
        session,
        OrganisationRow,
        {
            "id": organisation.id,
            "credit_code": organisation.credit_code,
            "name": organisation.name,
            "name_en": organisation.name_en,
            "kinds": sorted(organisation.kinds),
            "region_code": organisation.region_code,
            "address": organisation.address,
            "contact_name": organisation.contact_name,
            "contact_phone": organisation.contact_phone,
            "jurisdiction": organisation.jurisdiction,
            "created_at": at,
            "verified_at": at if command.verified else None,
            "initials": initials_of_name(organisation.name),
        },
        Conflict(
            "organisation_registered_already",
            "An organisation with the credit code {credit_code} is registered already. Search it by this code.",
            credit_code=organisation.credit_code,
        ),
    )
    return organisation


async def add_site(session: WriteSession, actor: Actor, command: AddSite, *, at: datetime) -> Site:
    """Add a place to an organisation. Conflict when it has one of this name."""
    await queries.region_of_organisation(session, command.organisation_id)
    policy.demand(
        policy.may_manage(actor, command.organisation_id, Verb.MANAGE_ORGANISATION), "may_not_manage_organisation"
    )
    lists = await snapshot(session)
    refuse((*command.broken(), *lists.why_not_region(command.region_code)))
    site = Site(
        id=new_id(),
        organisation_id=command.organisation_id,
        name=command.name.strip(),
        kind=command.kind,
        region_code=command.region_code,
        address=command.address.strip(),
        latitude=round(command.latitude, 6),
        longitude=round(command.longitude, 6),
    )
    await _insert(
        session,
        SiteRow,
        {
            "id": site.id,
            "organisation_id": site.organisation_id,
            "name": site.name,
            "kind": site.kind.value,
            "region_code": site.region_code,
            "address": site.address,
            "latitude": site.latitude,
            "longitude": site.longitude,
            "created_at": at,
            "initials": initials_of_name(site.name),
        },
        Conflict("site_named_already", "The organisation has a site named {name} already.", name=site.name),
    )
    return site


async def add_store(session: WriteSession, actor: Actor, command: AddStore, *, at: datetime) -> Store:
    """Add a store to a site. Conflict when the site has one of this code. Seen by the firm and its authorities."""
    site = await queries.site(session, command.site_id)
    policy.demand(
        policy.may_manage(actor, site.organisation_id, Verb.MANAGE_ORGANISATION), "may_not_manage_organisation"
    )
    refuse((*command.broken(), *await _why_no_zone(session, site.id, command.room.parent_id)))
    store = Store(new_id(), site.id, command.code.strip(), command.name.strip(), command.limit, command.room)
    await _insert(
        session,
        StoreRow,
        {
            "id": store.id,
            "site_id": store.site_id,
            "code": store.code,
            "name": store.name,
            "limit_g": store.limit,
            "created_at": at,
            **room_columns(store.room),
        },
        Conflict("store_code_taken", "The site has a store with the code {store_code} already.", store_code=store.code),
    )
    await _show(session, queries.STORE, store.id, site.organisation_id, site.region_code)
    return store


async def _why_no_zone(session: WriteSession, site_id: UUID, parent_id: UUID | None) -> Found:
    """Why the facility named cannot have a zone: it is elsewhere, closed, or itself a zone."""
    if parent_id is None:
        return ()
    place = await store_queries.place_for_use(session, parent_id)
    if place.store.site_id == site_id and place.store.is_open and place.store.kind is not StoreKind.ZONE:
        return ()
    step = "Choose a facility of this site that is in use."
    message = "{value} is not a facility of this site that may have zones."
    return (Broken("parent_id", "no_facility", message, place.store.code, "GB 18597-2023 3.9", next_step=step),)


async def add_vehicle(session: WriteSession, actor: Actor, command: AddVehicle, *, at: datetime) -> Vehicle:
    """Add a vehicle to a carrier. Conflict when the plate is registered. Seen by the firm and its authorities."""
    region_code = await queries.region_of_organisation(session, command.organisation_id)
    policy.demand(policy.may_manage(actor, command.organisation_id, Verb.MANAGE_FLEET), "may_not_manage_fleet")
    refuse(command.broken())
    plate = plates.parse(command.plate)
    vehicle = Vehicle(
        id=new_id(),
        organisation_id=command.organisation_id,
        plate=plate.text,
        plate_kind=plate.kind,
        rated_load=command.rated_load,
        licence_number=command.licence_number.strip(),
        licence_valid_to=command.licence_valid_to,
    )
    await _insert(
        session,
        VehicleRow,
        {
            "id": vehicle.id,
            "organisation_id": vehicle.organisation_id,
            "plate": vehicle.plate,
            "plate_kind": vehicle.plate_kind.value,
            "rated_load_g": vehicle.rated_load,
            "licence_number": vehicle.licence_number,
            "licence_valid_to": vehicle.licence_valid_to,
            "created_at": at,
        },
        Conflict("plate_registered_already", "A vehicle with the plate {plate} is registered already.", plate=plate),
    )
    await _show(session, queries.VEHICLE, vehicle.id, vehicle.organisation_id, region_code)
    return vehicle


async def add_driver(session: WriteSession, actor: Actor, command: AddDriver, *, at: datetime) -> Driver:
    """Add a driver to a carrier. Conflict when it has this certificate already. Seen as vehicles are."""
    region_code = await queries.region_of_organisation(session, command.organisation_id)
    policy.demand(policy.may_manage(actor, command.organisation_id, Verb.MANAGE_FLEET), "may_not_manage_fleet")
    refuse(command.broken())
    driver = Driver(
        id=new_id(),
        organisation_id=command.organisation_id,
        name=command.name.strip(),
        certificate_number=command.certificate_number.strip(),
        certificate_valid_to=command.certificate_valid_to,
        phone=command.phone.strip(),
    )
    await _insert(
        session,
        DriverRow,
        {
            "id": driver.id,
            "organisation_id": driver.organisation_id,
            "name": driver.name,
            "certificate_number": driver.certificate_number,
            "certificate_valid_to": driver.certificate_valid_to,
            "phone": driver.phone,
            "created_at": at,
        },
        Conflict(
            "driver_registered_already",
            "A driver with the certificate {number} is registered already.",
            number=driver.certificate_number,
        ),
    )
    await _show(session, queries.DRIVER, driver.id, driver.organisation_id, region_code)
    return driver


async def record_transport_licence(
    session: WriteSession, actor: Actor, command: RecordTransportLicence, *, at: datetime
) -> TransportLicence:
    """Record a carrier's licence; a renewed one is a new record. Conflict when it is recorded already."""
    region_code = await queries.region_of_organisation(session, command.organisation_id)
    policy.demand(policy.may_license(actor, command.organisation_id, region_code), "may_not_record_licence")
    refuse(command.broken())
    licence = TransportLicence(
        id=new_id(),
        organisation_id=command.organisation_id,
        number=command.number.strip(),
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        classes=command.classes,
    )
    await _insert(
        session,
        TransportLicenceRow,
        {
            "id": licence.id,
            "organisation_id": licence.organisation_id,
            "number": licence.number,
            "valid_from": licence.valid_from,
            "valid_to": licence.valid_to,
            "classes": sorted(licence.classes),
            "created_at": at,
        },
        Conflict(
            "licence_recorded_already",
            "Licence {number}, valid from {valid_from}, is recorded already.",
            number=licence.number,
            valid_from=licence.valid_from.isoformat(),
        ),
    )
    return licence


def _why_not_jurisdiction(command: RegisterOrganisation, lists: Catalogue) -> Found:
    if command.jurisdiction is None or f"{command.jurisdiction:0<6}" in lists.regions:
        return ()
    return (
        Broken(
            "jurisdiction",
            "jurisdiction_unknown",
            "“{value}” is not the beginning of a region's code.",
            command.jurisdiction,
            "GB/T 2260",
            next_step="Write 2 digits for a province, 4 for a prefecture, 6 for a county.",
        ),
    )


async def _insert(session: WriteSession, table: type[SQLModel], values: dict[str, Any], taken: Conflict) -> None:
    """Insert one row, or raise the Conflict when it would stand beside an equal one."""
    statement = insert(table).values(values).on_conflict_do_nothing()
    inserted: sa.Result[UUID] = await session.execute(statement.returning(sa.column("id", sa.Uuid)))
    if inserted.scalar_one_or_none() is None:
        raise taken


async def _show(session: WriteSession, kind: str, subject_id: UUID, organisation_id: UUID, region_code: str) -> None:
    viewers = (viewer_of_organisation(organisation_id), *viewers_of_region(region_code))
    await sight.show(session, kind, subject_id, viewers)
