"""Whether a site may take a code by a method on a day, quantities left aside; and on what ground it treats it."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol
from uuid import UUID

from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.waste_codes import parse
from wastetrack.containers.bases import TransferBasis
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.mass import ZERO
from wastetrack.parties import permits as rules
from wastetrack.parties.permit_queries import permits_for_site


class Grounded(Protocol):
    """A container as far as it matters here."""

    digital_code: str
    waste_code: str
    basis: str
    basis_method: str | None


def grounds_of(rows: Iterable[Grounded], method: str) -> tuple[list[Broken], list[str]]:
    """Which containers may not be treated by a method on the ground on which they came; and the codes of those for
    which a permit of the site is asked. General waste needs none (固废法 art. 37)."""
    broken: list[Broken] = []
    by_permit: list[str] = []
    for row in rows:
        basis = TransferBasis(row.basis)
        if is_general(row.waste_code):
            continue
        if basis is TransferBasis.PERMIT:
            by_permit.append(row.waste_code)
        elif row.basis_method != method:
            facts: dict[str, object] = {"basis": basis, "allowed": row.basis_method or "—", "method": method}
            message = "Container {value} came on another ground ({basis}), which allows {allowed} alone, not {method}."
            step = "Treat it by that method."
            broken.append(
                Broken("method", "method_not_of_ground", message, row.digital_code, facts=facts, next_step=step)
            )
    return broken, by_permit


async def why_not_permitted(
    session: ReadSession, holder_id: UUID, site_id: UUID, waste_codes: Iterable[str], *, method: str, on: date
) -> list[Broken]:
    """Every reason why none of the holder's permits for the site covers each of these codes; empty when one does.

    The codes are those of the lists; Malformed otherwise.
    """
    held = await permits_for_site(session, holder_id, site_id)
    broken: list[Broken] = []
    for code in sorted(set(waste_codes)):
        _, reasons = rules.covering(held, parse(code), method, on, requested=ZERO, used=lambda _permit, _item: ZERO)
        broken += reasons
    return broken
