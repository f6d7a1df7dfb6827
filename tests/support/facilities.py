"""Facilities for tests: commands with what a discharge permit says."""

import itertools
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.support.parties import AT
from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.parties.equipping import register_facility
from wastetrack.parties.facilities import Described, Facility, FacilityKind, RegisterFacility

_serials = itertools.count(101)  # the plans of tests/support/plans.py enter the first ones
_LETTERS = {FacilityKind.PRODUCTION: "MF"}


def described(**changes: Any) -> Described:  # noqa: ANN401  any field of it
    """A galvanic line."""
    values: dict[str, Any] = {"name": "电镀线", "process": "电镀", "capacity": Decimal(3000), "capacity_unit": "t/a"}
    return Described(**values | changes)


def facility_command(
    site_id: UUID,
    kind: FacilityKind = FacilityKind.PRODUCTION,
    **changes: Any,  # noqa: ANN401
) -> RegisterFacility:
    """A facility since 2020 under a code of its own."""
    values: dict[str, Any] = {
        "code": f"{_LETTERS.get(kind, 'TS')}{next(_serials):04}",
        "described": described(),
        "since": date(2020, 1, 1),
    }
    return RegisterFacility(site_id=site_id, kind=kind, **values | changes)


async def facility_added(
    session: WriteSession,
    owner: Actor,
    site_id: UUID,
    kind: FacilityKind = FacilityKind.PRODUCTION,
    **changes: Any,  # noqa: ANN401
) -> Facility:
    """A facility that is entered."""
    return await register_facility(session, owner, facility_command(site_id, kind, **changes), at=AT)
