"""Actors and commands for tests: invented firms of Yantai, each with what the law asks."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from wastetrack.auth.model import (
    PLATFORM_VIEWER,
    Actor,
    Role,
    viewer_of_jurisdiction,
    viewer_of_organisation,
)
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties import credit_codes
from wastetrack.parties.commands import (
    AddDriver,
    AddSite,
    AddStore,
    AddVehicle,
    GrantPermit,
    ItemToGrant,
    RecordTransportLicence,
    RegisterOrganisation,
)
from wastetrack.parties.model import Organisation, OrganisationKind, Site, SiteKind
from wastetrack.parties.permits import PermitKind
from wastetrack.parties.registering import add_site, register_organisation

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ZHIFU = "370602"
_serials = itertools.count(1)


def actor(role: Role, viewer: str, organisation_id: UUID | None = None) -> Actor:
    """Somebody in a role with a sight."""
    return Actor(new_id(), "张伟", organisation_id or new_id(), new_id(), role, viewer)


def platform_operator() -> Actor:
    """Runs the platform."""
    return actor(Role.OPERATOR, PLATFORM_VIEWER)


def approver(region_prefix: str = "3706") -> Actor:
    """Grants permits in a region."""
    return actor(Role.APPROVER, viewer_of_jurisdiction(region_prefix))


def member(organisation_id: UUID, role: Role = Role.OWNER) -> Actor:
    """Somebody of a firm."""
    return actor(role, viewer_of_organisation(organisation_id), organisation_id)


def firm_command(**changes: Any) -> RegisterOrganisation:  # noqa: ANN401  any field of the command
    """A firm nobody has registered yet."""
    serial = next(_serials)
    values: dict[str, Any] = {
        "credit_code": credit_codes.make(f"91370602MA{serial:07}"),
        "name": f"烟台第{serial}化工有限公司",
        "kinds": frozenset({OrganisationKind.GENERATOR}),
        "region_code": ZHIFU,
        "address": "山东省烟台市芝罘区北马路1号",
        "contact_name": "李娜",
        "contact_phone": "0535-6123456",
    }
    return RegisterOrganisation(**values | changes)


def site_command(organisation_id: UUID, **changes: Any) -> AddSite:  # noqa: ANN401
    """A works in Zhifu."""
    values: dict[str, Any] = {
        "name": f"厂区{next(_serials)}",
        "kind": SiteKind.PRODUCTION,
        "region_code": ZHIFU,
        "address": "北马路1号",
        "latitude": Decimal("37.540925"),
        "longitude": Decimal("121.391382"),
    }
    return AddSite(organisation_id=organisation_id, **values | changes)


def store_command(site_id: UUID, **changes: Any) -> AddStore:  # noqa: ANN401
    """A store for 20 t."""
    values: dict[str, Any] = {"code": f"TS{next(_serials):03}", "name": "危废库", "limit": Mass.parse("20 t")}
    return AddStore(site_id=site_id, **values | changes)


def vehicle_command(organisation_id: UUID, **changes: Any) -> AddVehicle:  # noqa: ANN401
    """A lorry for 10 t."""
    values: dict[str, Any] = {
        "plate": f"鲁F{next(_serials):05}",
        "rated_load": Mass.parse("10 t"),
        "licence_number": "鲁交运管烟字370600012345号",
        "licence_valid_to": date(2027, 12, 31),
    }
    return AddVehicle(organisation_id=organisation_id, **values | changes)


def driver_command(organisation_id: UUID, **changes: Any) -> AddDriver:  # noqa: ANN401
    """A driver with a certificate."""
    values: dict[str, Any] = {
        "name": "王强",
        "certificate_number": f"3706021985{next(_serials):08}",
        "certificate_valid_to": date(2027, 12, 31),
        "phone": "13800000000",
    }
    return AddDriver(organisation_id=organisation_id, **values | changes)


def licence_command(organisation_id: UUID, **changes: Any) -> RecordTransportLicence:  # noqa: ANN401
    """A licence for the usual classes."""
    values: dict[str, Any] = {
        "number": f"鲁交运管许可烟字{next(_serials):012}号",
        "valid_from": date(2024, 1, 1),
        "valid_to": date(2027, 12, 31),
        "classes": frozenset({"3", "6.1", "8", "9"}),
    }
    return RecordTransportLicence(organisation_id=organisation_id, **values | changes)


def item(pattern: str = "HW08", methods: str = "R9 D10", yearly: str = "1000 t") -> ItemToGrant:
    """One line of a permit, as people write it."""
    return ItemToGrant(pattern=pattern, methods=frozenset(methods.split()), yearly=Mass.parse(yearly))


def permit_command(organisation_id: UUID, **changes: Any) -> GrantPermit:  # noqa: ANN401
    """A comprehensive permit for waste oil."""
    values: dict[str, Any] = {
        "number": f"烟台危证{next(_serials):03}号",
        "kind": PermitKind.COMPREHENSIVE,
        "valid_from": date(2025, 1, 1),
        "valid_to": date(2029, 12, 31),
        "items": (item(),),
    }
    return GrantPermit(organisation_id=organisation_id, **values | changes)


async def registered(session: WriteSession, *kinds: OrganisationKind, **changes: Any) -> Organisation:  # noqa: ANN401
    """A firm that is registered; needs `official_lists`."""
    command = firm_command(kinds=frozenset(kinds or {OrganisationKind.GENERATOR}), **changes)
    return await register_organisation(session, platform_operator(), command, at=AT)


async def site_added(session: WriteSession, organisation: Organisation, **changes: Any) -> Site:  # noqa: ANN401
    """A site of a registered firm."""
    return await add_site(session, member(organisation.id), site_command(organisation.id, **changes), at=AT)
