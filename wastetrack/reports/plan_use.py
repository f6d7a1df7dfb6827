"""A firm's plans and how far they are used: what was planned, what was made, what manifests have taken, by waste.

For the pages of those who work by the plan; the plan itself is drawn up in web/plans.py.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.catalogues.general_wastes import is_general
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.db.session import ReadSession
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.model import Site
from wastetrack.plans import actuals, queries
from wastetrack.plans.queries import Plan

_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteUse:
    """One waste at one site in the year of a plan."""

    waste_code: str
    name: str
    planned: Mass
    """To be made, by table A.3."""
    made: Mass
    """By the ledger, until now."""
    to_send: Mass
    """To be handed over, by table A.7."""
    sent: Mass
    """Taken by manifests."""

    @property
    def room(self) -> Mass:
        """What may still be made before the plan is to be changed."""
        return max(self.planned - self.made, ZERO)

    @property
    def room_to_send(self) -> Mass:
        """What manifests may still take."""
        return max(self.to_send - self.sent, ZERO)

    @property
    def made_percent(self) -> int | None:
        """Share of the plan that was made; None where nothing was planned."""
        return None if not self.planned.grams else round(self.made.grams * _PERCENT / self.planned.grams)

    @property
    def sent_percent(self) -> int | None:
        """Share of the planned hand-over that manifests have taken."""
        return None if not self.to_send.grams else round(self.sent.grams * _PERCENT / self.to_send.grams)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteUse:
    """A site with its plan of the year, if it has one, and each waste that is planned or was made."""

    site: Site
    year: int
    plan: Plan | None
    wastes: tuple[WasteUse, ...]

    @property
    def is_filed(self) -> bool:
        """Whether a plan is in force."""
        return self.plan is not None and self.plan.version > 0


async def use_of_plans(
    session: ReadSession, actor: Actor, sites: Sequence[Site], *, at: datetime
) -> tuple[SiteUse, ...]:
    """The use of this year's plans of one's own sites, in three statements."""
    year = legal_day(at).year
    plans = await queries.own_in_force(session, actor.organisation_id, year)
    made = await actuals.of_sites(session, [site.id for site in sites], first_year=year, last_year=year)
    sending: defaultdict[object, dict[str, tuple[int, int]]] = defaultdict(dict)
    for item in await queries.items(session, [row.id for row, _ in plans.values()]):
        planned, booked = sending[item.site_id].get(item.waste_code, (0, 0))
        sending[item.site_id][item.waste_code] = (planned + item.planned_g, booked + item.booked_g)
    found = []
    for site in sites:
        row, version = plans.get(site.id, (None, None))
        lines: dict[str, tuple[str, Mass]] = {}
        if version is not None:
            for line in queries.content_of(version).generation:
                name, before = lines.get(line.waste_code, (line.name, ZERO))
                lines[line.waste_code] = (name or line.name, before + line.planned.mass())
        # General industrial waste has no plan of this kind.
        own = {code: mass for (_, code), mass in made[site.id].generated.items() if not is_general(code)}
        codes = sorted({*lines, *own, *sending[site.id]})
        wastes = tuple(
            WasteUse(
                waste_code=code,
                name=lines.get(code, ("", ZERO))[0],
                planned=lines.get(code, ("", ZERO))[1],
                made=own.get(code, ZERO),
                to_send=Mass(sending[site.id].get(code, (0, 0))[0]),
                sent=Mass(sending[site.id].get(code, (0, 0))[1]),
            )
            for code in codes
        )
        found.append(SiteUse(site=site, year=year, plan=row, wastes=wastes))
    return tuple(found)
