"""What an application must hold, and for how long an approval may stand. Pure: the rules, all broken ones at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from wastetrack.approvals.clocks import last_day
from wastetrack.approvals.model import MOST_ITEMS, ApprovalKind, DocumentKind, DraftApproval, ItemWanted
from wastetrack.catalogues.jurisdiction import jurisdiction
from wastetrack.catalogues.treatments import MethodGroup
from wastetrack.catalogues.waste_codes import parse
from wastetrack.containers.bases import CHECKS, TransferBasis
from wastetrack.errors import Broken
from wastetrack.mass import ZERO
from wastetrack.parties.permits import Permit

_ACROSS = frozenset({ApprovalKind.CROSS_PROVINCE, ApprovalKind.RECORD_OF_USE})
USE = frozenset({MethodGroup.RECOVERY.value, MethodGroup.OTHER.value})
"""First letters of methods that use the waste; all others destroy or bury it."""
BASIS_OF = {
    ApprovalKind.POINT_TO_POINT: TransferBasis.POINT_TO_POINT,
    ApprovalKind.GROUP_INTERNAL: TransferBasis.GROUP_INTERNAL,
    ApprovalKind.RECORD_OF_USE: TransferBasis.GENERAL,
}
"""The ground on which a receiver takes what such an approval names; across provinces the application says it."""
DOCUMENTS: dict[ApprovalKind, tuple[DocumentKind, ...]] = {
    ApprovalKind.CROSS_PROVINCE: (
        DocumentKind.PERMIT_COPY,
        DocumentKind.METHOD_DESCRIPTION,
        DocumentKind.CONTRACT,
    ),
    ApprovalKind.POINT_TO_POINT: (DocumentKind.METHOD_DESCRIPTION, DocumentKind.CONTRACT),
    ApprovalKind.GROUP_INTERNAL: (DocumentKind.METHOD_DESCRIPTION, DocumentKind.CONTRACT),
    ApprovalKind.RECORD_OF_USE: (DocumentKind.CONTRACT,),
}
"""What an application comes with (令23 art. 22)."""


def basis_of(command: DraftApproval) -> TransferBasis:
    """On what ground the receiver takes the waste."""
    return BASIS_OF.get(command.kind, command.basis)


def check_application(command: DraftApproval, *, origin: str, destination: str, same_firm: bool) -> list[Broken]:
    """What an application of this kind may not say; codes and methods are the lists' to judge."""
    broken = [*_check_places(command, origin, destination, same_firm=same_firm), *_check_items(command.items)]
    if command.to_on < command.from_on:
        message = "The period ends on {value}, before it begins."
        broken.append(Broken("to_on", "period_reversed", message, command.to_on.isoformat(), article="令23 art. 22"))
    if command.kind is ApprovalKind.GROUP_INTERNAL and not command.group_name.strip():
        message = "Name the group of firms whose facility is shared."
        broken.append(Broken("group_name", "group_missing", message))
    general = [CHECKS[basis_of(command)].hazardous is False for _ in command.items]
    if command.kind is ApprovalKind.RECORD_OF_USE and any(general):
        broken += [
            Broken(
                f"items.{index}.method",
                "not_a_use",
                "Method {value} does not use the waste; what leaves the province to be stored or disposed of needs an "
                "approval.",
                item.method,
                article="固废法 art. 22",
                next_step="Apply for a move across provinces instead.",
            )
            for index, item in enumerate(command.items)
            if item.method[:1] not in USE
        ]
    return broken


def _check_places(command: DraftApproval, origin: str, destination: str, *, same_firm: bool) -> Iterable[Broken]:
    if command.receiver_site_id == command.shipper_site_id:
        message = "The waste would go to the site where it stands."
        yield Broken("receiver_site_id", "receiver_is_shipper", message, next_step="Choose the receiver's site.")
    elif command.kind in _ACROSS and origin[:2] == destination[:2]:
        yield Broken(
            "receiver_site_id",
            "provinces_same",
            "Both sites lie in province {value}; such a move needs no approval across provinces.",
            origin[:2],
            article="令23 art. 21",
            next_step="File the manifest without one, or choose a receiver in another province.",
        )
    elif command.kind is ApprovalKind.POINT_TO_POINT and same_firm:
        message = "Point-to-point use is between two firms; both sites belong to yours."
        yield Broken("receiver_site_id", "receiver_is_own", message, article="名录 annex item 31")


def _check_items(items: Sequence[ItemWanted]) -> Iterable[Broken]:
    if not items:
        yield Broken("items", "items_missing", "Name at least one waste.", article="令23 art. 27")
    if len(items) > MOST_ITEMS:
        facts: dict[str, object] = {"limit": MOST_ITEMS}
        message = "{value} wastes are more than an application holds ({limit})."
        yield Broken("items", "items_too_many", message, len(items), facts=facts)
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(items):
        if item.quantity <= ZERO:
            message = "The quantity must be more than nothing."
            yield Broken(f"items.{index}.quantity", "quantity_not_positive", message, item.quantity.tonne_text())
        if not item.waste_name.strip():
            yield Broken(f"items.{index}.waste_name", "waste_name_missing", "The waste has no name.")
        key = (item.waste_code, item.method)
        if key in seen:
            message = "{value} with this method stands in the application twice."
            step = "Put both quantities into one line."
            yield Broken(f"items.{index}.waste_code", "item_twice", message, item.waste_code, next_step=step)
        seen.add(key)


def missing_documents(kind: ApprovalKind, basis: TransferBasis, there: Iterable[DocumentKind]) -> list[Broken]:
    """Which documents are still to be put beside the application."""
    held = set(there)
    return [
        Broken(
            "documents",
            "document_missing",
            "The application has no {value} beside it.",
            document,
            article="令23 art. 22",
            next_step="Attach it, and choose what it is.",
            facts={"value": document},
        )
        for document in DOCUMENTS[kind]
        if document not in held and not (document is DocumentKind.PERMIT_COPY and not CHECKS[basis].permit)
    ]


def permits_end(permits: Sequence[Permit], items: Iterable[ItemWanted], on: date) -> tuple[date | None, list[Broken]]:
    """Until when the receiver may take all of this by its permits; and what none of them covers on the day."""
    ends: list[date] = []
    broken: list[Broken] = []
    for item in items:
        code = parse(item.waste_code)
        holding = [one for one in permits if not one.covers(code, item.method, on, ZERO, ZERO)]
        if holding:
            ends.append(max(one.valid_to for one in holding))
            continue
        broken.append(
            Broken(
                "items",
                "receiver_permit_missing",
                "No permit of the receiver covers {value} by method {method} today.",
                item.waste_code,
                article="令23 art. 22, 27",
                next_step="Refuse, or wait for the receiver's permit.",
                facts={"method": item.method},
            )
        )
    return min(ends, default=None), broken


@dataclass(frozen=True, slots=True)
class Term:
    """From when to when an approval holds, and the reasons why it cannot."""

    valid_from: date
    valid_to: date
    broken: tuple[Broken, ...]


def term_of(
    kind: ApprovalKind, *, today: date, from_on: date, to_on: date, permit_end: date | None, wanted: date | None
) -> Term:
    """The days of an approval that is decided today. `wanted`: an earlier end that the authority sets."""
    figures = jurisdiction()
    figure = figures.approval_months if kind in _ACROSS else figures.directed_use_months
    latest = last_day(today, months=figure.value, requested_to=to_on, permits_end=permit_end)
    end = latest if wanted is None else wanted
    begin = max(today, from_on)
    facts: dict[str, object] = {
        "latest": latest.isoformat(),
        "months": figure.value,
        "to_on": to_on.isoformat(),
        "permit": permit_end.isoformat() if permit_end else "—",
    }
    broken = []
    if end > latest:
        message = (
            "The approval may hold until {latest} at most, not until {value}: {months} months, not past the period "
            "asked for ({to_on}), nor past the receiver's permit ({permit})."
        )
        broken.append(
            Broken(
                "valid_to",
                "valid_too_long",
                message,
                end.isoformat(),
                article=figure.article,
                facts=facts,
                next_step="Set an earlier last day, or leave the field empty.",
            )
        )
    if end < begin:
        message = "The approval would end on {value}, before it begins ({begin})."
        facts = {**facts, "begin": begin.isoformat()}
        step = "Refuse; the period asked for or the receiver's permit is over."
        broken.append(
            Broken(
                "valid_to", "valid_never", message, end.isoformat(), article=figure.article, facts=facts, next_step=step
            )
        )
    return Term(begin, end, tuple(broken))
