"""The figures of a trip card and of a month's manifest, gathered and put into words for printing."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from wastetrack.auth import queries as people
from wastetrack.auth.model import Actor
from wastetrack.catalogues.queries import snapshot
from wastetrack.containers.packaging_rules import medical_class
from wastetrack.db.session import ReadSession
from wastetrack.i18n import Locale, label, message, translate
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.running import period_of
from wastetrack.mass import Mass
from wastetrack.medical import card_queries
from wastetrack.medical.card_queries import Card, CardBag
from wastetrack.medical.model import Found
from wastetrack.parties import queries as parties
from wastetrack.reports.medical_pdf import Column, Paper

_CARD = message("Trip card of medical waste")
_MONTH = message("Hazardous waste transfer manifest (medical waste)")
_KIND = message("Kind")
_COUNT = message("Bags or boxes")
_MASS = message("Net mass (kg)")
_RECEIVED = message("Received (kg)")
_INFECTIOUS = message("of them highly infectious: {count}")
_TOTAL = message("Total")
_UNSIGNED = message("not signed yet")


@dataclass(frozen=True, slots=True)
class Printing:
    """In which language, from which address, when and in which zone a paper is printed."""

    locale: Locale
    base_url: str
    zone: str
    at: datetime

    def say(self, sentence: str, **facts: object) -> str:
        """A sentence in the language of the paper."""
        return translate(sentence, self.locale, **facts)

    def when(self, moment: datetime | None) -> str:
        """A moment as it is printed."""
        return "" if moment is None else moment.astimezone(ZoneInfo(self.zone)).strftime("%Y-%m-%d %H:%M")


async def card_paper(session: ReadSession, actor: Actor, card_id: UUID, printing: Printing) -> Paper:
    """One trip card. Raises NotFound."""
    card = await card_queries.card(session, actor, card_id)
    bags = await card_queries.bags_of(session, card.id)
    firms = await parties.organisations_by_id(session, {card.organisation_id, card.carrier_id, card.receiver_id})
    places = await parties.sites_by_id(session, {card.site_id, card.receiver_site_id})
    vehicle, _, _ = await parties.carriage_for_use(session, card.vehicle_id)
    signers = (card.handed_over_by, card.picked_up_by, card.received_by)
    known = await people.names_of(session, (one for one in signers if one is not None))
    giver, driver, receiver = (None if one is None else known.get(one) for one in signers)
    say = printing.say
    facts = (
        (say(message("Institution")), f"{firms[card.organisation_id].name} · {places[card.site_id].name}"),
        (say(message("Plant")), f"{firms[card.receiver_id].name} · {places[card.receiver_site_id].name}"),
        (say(message("Carrier")), firms[card.carrier_id].name),
        (say(message("Plate")), vehicle.plate),
        (say(message("Driver")), card.driver_name),
        (say(message("Turnover boxes")), str(card.boxes)),
        (say(message("Method of use or disposal")), await _method(session, card.method, printing)),
        (say(message("Arrived")), printing.when(card.arrived_at)),
        (say(message("Mode")), say(message("Emergency")) if card.emergency_id else say(message("ordinary"))),
        (say(message("Remarks")), card.remarks),
    )
    return Paper(
        title=say(_CARD),
        number=card_queries.card_number(card),
        url=f"{printing.base_url}/medical/cards/{card.id}",
        printed_at=printing.at,
        zone=printing.zone,
        facts=facts,
        columns=(
            Column(say(_KIND), 4),
            Column(say(_COUNT), 2, number=True),
            Column(say(_MASS), 2, number=True),
            Column(say(_RECEIVED), 2, number=True),
        ),
        rows=_by_kind(bags, printing),
        signatures=(
            _signed(message("Handed over by"), giver, card.handed_over_at, printing),
            _signed(message("Carrier's driver"), driver, card.picked_up_at, printing),
            _signed(message("Received by the plant"), receiver, card.received_at, printing),
        ),
    )


async def _method(session: ReadSession, code: str, printing: Printing) -> str:
    lists = await snapshot(session)
    found = next((methods[code] for methods in lists.treatments.values() if code in methods), None)
    return code if found is None else f"{code} {found.name_zh if printing.locale == 'zh' else found.name_en}"


def _signed(whose: str, name: str | None, at: datetime | None, printing: Printing) -> tuple[str, str]:
    told = (
        f"{name or ''} {printing.when(at)}".strip()
        if at
        else (f"（{printing.say(_UNSIGNED)}）" if printing.locale == "zh" else f"({printing.say(_UNSIGNED)})")
    )
    return printing.say(whose), told


def _by_kind(bags: Iterable[CardBag], printing: Printing) -> tuple[tuple[str, ...], ...]:
    by_code: dict[str, list[CardBag]] = defaultdict(list)
    for bag in bags:
        by_code[bag.waste_code].append(bag)
    rows = []
    for code, of_code in sorted(by_code.items()):
        infectious = sum(bag.highly_infectious for bag in of_code)
        name = _kind(code, printing)
        if infectious:
            name += ("；" if printing.locale == "zh" else "; ") + printing.say(_INFECTIOUS, count=infectious)
        rows.append((name, *_sums(of_code)))
    everything = [bag for of_code in by_code.values() for bag in of_code]
    return (*rows, (printing.say(_TOTAL), *_sums(everything)))


def _kind(code: str, printing: Printing) -> str:
    kind = medical_class(code)
    return code if kind is None else f"{label(kind, printing.locale)} {code}"


def _sums(bags: list[CardBag]) -> tuple[str, str, str]:
    decided = [bag for bag in bags if bag.found is not None and bag.found != Found.MISSING.value]
    received = _kg(sum(bag.measured_g or 0 for bag in decided)) if any(bag.found for bag in bags) else "—"
    return str(len(bags)), _kg(sum(bag.declared_g for bag in bags)), received


def _kg(grams: int) -> str:
    return Mass(grams).kg_text().removesuffix(" kg")


async def month_paper(session: ReadSession, actor: Actor, manifest_id: UUID, printing: Printing) -> Paper:
    """A month's manifest, made from its cards. Raises ManifestUnknown."""
    row = await manifests.manifest_row(session, actor, manifest_id)
    period, totals = await period_of(session, row.id)
    cards = await card_queries.cards_of_month(session, row.id)
    firms = await parties.organisations_by_id(
        session, {row.shipper_id, row.receiver_id, *(card.carrier_id for card in cards)}
    )
    places = await parties.sites_by_id(session, {row.shipper_site_id, row.receiver_site_id})
    say = printing.say
    carriers = sorted({firms[card.carrier_id].name for card in cards})
    facts = (
        (say(message("Institution")), f"{firms[row.shipper_id].name} · {places[row.shipper_site_id].name}"),
        (say(message("Plant")), f"{firms[row.receiver_id].name} · {places[row.receiver_site_id].name}"),
        (say(message("Period")), f"{period.begins_on} – {period.ends_on}"),
        (say(message("Carrier")), "、".join(carriers)),
        (say(message("Method of use or disposal")), await _method(session, row.method, printing)),
        (say(message("Trip cards")), str(len(cards))),
        *(
            (
                _kind(one.waste_code, printing).removesuffix(f" {one.waste_code}"),
                f"{one.waste_code}　"
                + say(_SENT_RECEIVED, sent=Mass(one.sent_g).kg_text(), received=Mass(one.received_g).kg_text()),
            )
            for one in totals
        ),
    )
    return Paper(
        title=say(_MONTH),
        number=row.number or say(message("without a number")),
        url=f"{printing.base_url}/manifests/{row.id}",
        printed_at=printing.at,
        zone=printing.zone,
        facts=facts,
        columns=(
            Column(say(message("Trip card")), 3),
            Column(say(message("Picked up")), 3),
            Column(say(_COUNT), 2, number=True),
            Column(say(_MASS), 2, number=True),
            Column(say(_RECEIVED), 2, number=True),
        ),
        rows=await _by_card(session, cards, printing),
        signatures=await _of_month(session, row.id, printing),
    )


_SENT_RECEIVED = message("sent {sent}, received {received}")


async def _by_card(session: ReadSession, cards: list[Card], printing: Printing) -> tuple[tuple[str, ...], ...]:
    received = await card_queries.received_by_card(session, [card.id for card in cards])
    rows = [
        (
            card_queries.card_number(card),
            printing.when(card.picked_up_at),
            str(card.bags),
            _kg(card.declared_g),
            _kg(received[card.id]) if card.id in received else "—",
        )
        for card in cards
    ]
    bags, grams = sum(card.bags for card in cards), sum(card.declared_g for card in cards)
    return (*rows, (printing.say(_TOTAL), "", str(bags), _kg(grams), _kg(sum(received.values()))))


async def _of_month(session: ReadSession, manifest_id: UUID, printing: Printing) -> tuple[tuple[str, str], ...]:
    signed = {act: (name, at) for act, name, at in await manifests.signers_of(session, manifest_id)}
    lines = []
    for act, whose in (("sum_up", message("For the institution")), ("confirm", message("For the plant"))):
        name, at = signed.get(act, (None, None))
        lines.append(_signed(whose, name, at, printing))
    return tuple(lines)
