"""What is signed, in plain words of both languages, built from figures alone: the same figures give the same words.

The signer reads them before he signs; the statement holds their digest. His name is not among them: a digest of so
few unknown words could be guessed back, and a leaf is for ever. It stands beside them on the page, and in the salted
part of the event.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.containers.statements import Words
from wastetrack.i18n import LOCALES, Locale, label, message, translate
from wastetrack.manifests.journey_model import DifferenceKind
from wastetrack.manifests.model import Act, CorrectionAct, CorrectionField, PartyRole
from wastetrack.mass import Mass


@dataclass(frozen=True, slots=True)
class Name:
    """An organisation's name, and its English one if it has any."""

    name: str
    name_en: str | None = None

    def within(self, locale: Locale) -> str:
        """As it stands in a sentence."""
        return (self.name_en or self.name) if locale == "en" else self.name


@dataclass(frozen=True, slots=True)
class CodeFigures:
    """Containers and grams of one waste code on a manifest."""

    code: str
    name: str
    count: int
    declared_g: int
    taken: int
    measured_g: int
    rejected: int
    missing: int


@dataclass(frozen=True, slots=True)
class HandoverFigures:
    """What the next carrier has checked: the carrier before it, how many containers it counted or scanned, and what
    is missing or damaged."""

    before: Name
    counted: int
    by_scan: bool
    differences: Sequence[tuple[DifferenceKind, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFigures:
    """What the words about a manifest need."""

    number: str | None
    organisation: Name
    role: Role
    shipper: Name
    receiver: Name
    method: str
    planned_on: str
    legs: Sequence[tuple[Name, str]]
    """Carrier and plate."""
    codes: Sequence[CodeFigures]
    happened_at: datetime
    period: tuple[str, str] | None = None
    """First and last day of a manifest that runs; its codes count records, not containers."""
    handover: HandoverFigures | None = None


_FOR = message("For {organisation}, as its {role}:")
_ACTS: dict[Act, str] = {
    Act.FILE: message("I file this transfer of hazardous waste; its number is given at the filing."),
    Act.CANCEL: message("I withdraw manifest {number} before its pick-up."),
    Act.VOID: message("I burn the number {number}: this manifest was filed wrongly."),
    Act.PICK_UP: message("I have loaded all containers of manifest {number}; from now on I answer for them."),
    Act.HAND_OVER: message("I have taken over all containers of manifest {number}; from now on I answer for them."),
    Act.ARRIVE: message("The load of manifest {number} stands at the receiver's gate."),
    Act.RECEIVE: message("I have received everything on manifest {number}."),
    Act.RECEIVE_PARTLY: message("I have received manifest {number} in part; what was rejected goes back."),
    Act.REJECT: message("I have taken in nothing of manifest {number}; what was rejected goes back."),
    Act.CONFIRM: message("I confirm manifest {number}; it is closed with this."),
    Act.SEND_BACK: message("What was rejected goes back to its shipper under manifest {number}."),
    Act.TAKE_BACK: message("I have taken back what was rejected, under manifest {number}."),
    Act.OPEN: message("I open this manifest for its period; its number is given when it is summed up."),
    Act.BACK_ENTER: message(
        "I enter manifest {number}, under which this went on paper while the system could not be used."
    ),
    Act.CHECK_LOADING: message(
        "At the loading of manifest {number} I have seen that carrier, vehicle and crew hold valid permits for it, "
        "that the labels say what the manifest says, and that the packages are sound; the crew has what an emergency "
        "needs."
    ),
    Act.SUM_UP: message("I sum up what was transferred in the period; the number is given with this."),
    Act.REDIRECT: message("The load of manifest {number}, which is under way, goes to another receiver from now on."),
}
_CORRECTIONS: dict[CorrectionAct, str] = {
    CorrectionAct.REQUEST: message(
        "I ask for a correction of manifest {number}: container {container} weighed {new}, not {old}."
    ),
    CorrectionAct.CONSENT: message(
        "I consent to the correction of manifest {number}: container {container} weighed {new}, not {old}."
    ),
    CorrectionAct.REFUSE: message(
        "I refuse the correction of manifest {number}: container {container} stays at {old}, not {new}."
    ),
}
_CHECKED = message(
    "I have checked the shipper {shipper}, the carrier before me {carrier}, the waste, and counted {count} containers."
)
_SCANNED = message(
    "I have checked the shipper {shipper}, the carrier before me {carrier}, the waste, and scanned {count} containers."
)
_SHORT = message(
    "I have taken over the load of manifest {number}, except for what is named missing below; I answer for the rest."
)
_DIFFERS: dict[DifferenceKind, str] = {
    DifferenceKind.MISSING: message("Missing at the hand-over: container {container}."),
    DifferenceKind.DAMAGED: message("Damaged at the hand-over: container {container}."),
}
_WAY = message("From {shipper} to {receiver}, method {method}, planned for {day}.")
_PERIOD = message("From {shipper} to {receiver}, method {method}, from {first} to {last}.")
_PLANNED = message("{code} {name}: {mass} expected.")
_MOVED = message("{code} {name}: {mass} sent, {measured} taken in, in {count} records.")
_LEG = message("By {carrier}, vehicle {plate}.")
_LOAD = message("{code} {name}: {count} containers, {mass} declared.")
_FOUND = message("{code} {name}: {count} containers declared with {mass}; {taken} taken in with {measured}.")
_REFUSED = message("{code} {name}: {rejected} containers rejected, {missing} missing.")
_WHEN = message("Happened on {when}.")
_BOTH_SIDES = message("The signer has signed for another side of this manifest too: both are one organisation.")
DECLARATION = message("I have read this and declare that it is true and complete.")
WARNING = message(
    "The signature binds the organisation and is kept for ever where third parties can verify it. False statements on "
    "a manifest are punishable (Solid Waste Law art. 112)."
)
_UNNUMBERED = frozenset({Act.FILE, Act.OPEN, Act.SUM_UP})
_RECEIPTS = frozenset({Act.RECEIVE, Act.RECEIVE_PARTLY, Act.REJECT, Act.TAKE_BACK})


def of_act(act: Act, figures: ManifestFigures, *, both_sides: bool = False) -> Words:
    """The words of a step of a manifest."""
    return {locale: "\n".join(_lines(act, figures, locale, both_sides=both_sides)) for locale in LOCALES}


def _lines(act: Act, figures: ManifestFigures, locale: Locale, *, both_sides: bool) -> list[str]:
    number = figures.number or "—"
    lines = [
        heading(figures.organisation, figures.role, locale),
        translate(_ACTS[act], locale, number="—" if act in _UNNUMBERED else number),
        _way(figures, locale),
        *(translate(_LEG, locale, carrier=carrier.within(locale), plate=plate) for carrier, plate in figures.legs),
    ]
    for code in figures.codes:
        lines += _of_code(act, code, locale) if figures.period is None else [_of_period(act, code, locale)]
    if figures.handover is not None:
        lines += _of_handover(figures.handover, figures.shipper, locale)
        if any(kind is DifferenceKind.MISSING for kind, _ in figures.handover.differences):
            lines[1] = translate(_SHORT, locale, number=number)
    if both_sides:
        lines.append(translate(_BOTH_SIDES, locale))
    return [*lines, *ending(figures.happened_at, locale)]


def _way(figures: ManifestFigures, locale: Locale) -> str:
    ends = {"shipper": figures.shipper.within(locale), "receiver": figures.receiver.within(locale)}
    if figures.period is None:
        return translate(_WAY, locale, **ends, method=figures.method, day=figures.planned_on)
    first, last = figures.period
    return translate(_PERIOD, locale, **ends, method=figures.method, first=first, last=last)


def _of_period(act: Act, code: CodeFigures, locale: Locale) -> str:
    mass = Mass(code.declared_g).kg_text()
    if act is Act.OPEN:
        return translate(_PLANNED, locale, code=code.code, name=code.name, mass=mass)
    measured = Mass(code.measured_g).kg_text()
    return translate(_MOVED, locale, code=code.code, name=code.name, mass=mass, measured=measured, count=code.count)


def _of_handover(handover: HandoverFigures, shipper: Name, locale: Locale) -> list[str]:
    first = translate(
        _SCANNED if handover.by_scan else _CHECKED,
        locale,
        shipper=shipper.within(locale),
        carrier=handover.before.within(locale),
        count=handover.counted,
    )
    return [first, *(translate(_DIFFERS[kind], locale, container=code) for kind, code in handover.differences)]


def _of_code(act: Act, code: CodeFigures, locale: Locale) -> list[str]:
    facts: dict[str, object] = {
        "code": code.code,
        "name": code.name,
        "count": code.count,
        "mass": Mass(code.declared_g).kg_text(),
    }
    if act not in _RECEIPTS:
        return [translate(_LOAD, locale, **facts)]
    lines = [translate(_FOUND, locale, **facts, taken=code.taken, measured=Mass(code.measured_g).kg_text())]
    if code.rejected or code.missing:
        named: dict[str, object] = {"code": code.code, "name": code.name}
        lines.append(translate(_REFUSED, locale, **named, rejected=code.rejected, missing=code.missing))
    return lines


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionFigures:
    """What the words about a correction need."""

    number: str | None
    organisation: Name
    role: Role
    container: str
    old: Mass
    new: Mass
    happened_at: datetime


def of_correction(act: CorrectionAct, figures: CorrectionFigures) -> Words:
    """The words of a correction."""
    facts: dict[str, object] = {
        "number": figures.number or "—",
        "container": figures.container,
        "old": figures.old.kg_text(),
        "new": figures.new.kg_text(),
    }
    return {
        locale: "\n".join(
            (
                heading(figures.organisation, figures.role, locale),
                translate(_CORRECTIONS[act], locale, **facts),
                *ending(figures.happened_at, locale),
            )
        )
        for locale in LOCALES
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFigures:
    """What the words about the correction of a field need."""

    number: str | None
    organisation: Name
    role: Role
    field: CorrectionField
    leg: int
    old: str
    new: str
    happened_at: datetime


_FIELDS: dict[CorrectionAct, str] = {
    CorrectionAct.REQUEST: message(
        "I ask for a correction of manifest {number}: “{field}” should say “{new}”, not “{old}”."
    ),
    CorrectionAct.CONSENT: message(
        "I consent to the correction of manifest {number}: “{field}” says “{new}” now, not “{old}”."
    ),
    CorrectionAct.REFUSE: message(
        "I refuse the correction of manifest {number}: “{field}” stays “{old}”, not “{new}”."
    ),
}
_OF_LEG = message("It is about leg {leg}.")


def of_field_correction(act: CorrectionAct, figures: FieldFigures) -> Words:
    """The words of the correction of a field that is no mass."""
    facts: dict[str, object] = {
        "number": figures.number or "—",
        "field": figures.field,
        "old": figures.old or "—",
        "new": figures.new,
    }
    return {
        locale: "\n".join(
            (
                heading(figures.organisation, figures.role, locale),
                translate(_FIELDS[act], locale, **facts),
                *([translate(_OF_LEG, locale, leg=figures.leg)] if figures.leg else []),
                *ending(figures.happened_at, locale),
            )
        )
        for locale in LOCALES
    }


def heading(organisation: Name, role: Role, locale: Locale) -> str:
    """For whom it is signed."""
    return translate(_FOR, locale, organisation=organisation.within(locale), role=label(role, locale))


def ending(happened_at: datetime, locale: Locale) -> list[str]:
    """When, and what a signature means."""
    when = happened_at.astimezone(LEGAL_ZONE).strftime("%Y-%m-%d %H:%M")
    return [translate(_WHEN, locale, when=when), translate(DECLARATION, locale), translate(WARNING, locale)]


def side_of(act: Act, *, is_receiver: bool) -> PartyRole:
    """For which side of a manifest an act is signed; both the carrier and the gate may report an arrival."""
    if act in {
        Act.FILE,
        Act.CANCEL,
        Act.VOID,
        Act.SEND_BACK,
        Act.OPEN,
        Act.SUM_UP,
        Act.REDIRECT,
        Act.BACK_ENTER,
        Act.CHECK_LOADING,
    }:
        return PartyRole.SHIPPER
    if act in {Act.PICK_UP, Act.HAND_OVER} or (act is Act.ARRIVE and not is_receiver):
        return PartyRole.CARRIER
    return PartyRole.RECEIVER
