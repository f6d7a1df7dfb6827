"""Events of the log as people read them: what happened, who said so, which kilograms moved from where to where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from wastetrack.containers.model import LineageKind
from wastetrack.containers.recording import said
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.ledger.model import AccountKind, DiscrepancyKind
from wastetrack.manifests.model import Outcome
from wastetrack.parties import queries as parties
from wastetrack.transparency.queries import StoredLeaf

TITLES: dict[str, str] = {
    "container_labelled": message("Weighed and labelled"),
    "container_weighed": message("Weighed again"),
    "label_printed": message("Label printed"),
    "containers_stored": message("Put into store"),
    "containers_picked": message("Taken out of store"),
    "containers_repacked": message("Repacked"),
    "batch_begun": message("Put into treatment"),
    "batch_treated": message("Treated"),
    "batch_withdrawn": message("Taken out of treatment again"),
    "container_scanned": message("Scanned at the gate"),
    "gate_device_enrolled": message("Device of the gate enrolled"),
    "gate_device_joined": message("Somebody joined a device of the gate"),
    "gate_device_ended": message("Device of the gate ended"),
    "gate_scan_kept": message("A scan kept without network waits for a decision"),
    "gate_scan_settled": message("A scan kept without network was decided"),
    "general_waste_sent_out": message("Left the works without a manifest"),
    "container_found": message("Missing container found again"),
    "containers_missing": message("Declared, but did not arrive"),
    "manifest_filed": message("Manifest signed and filed"),
    "manifest_cancelled": message("Manifest withdrawn"),
    "manifest_voided": message("Manifest voided"),
    "manifest_loading_checked": message("Shipper checked vehicle, crew and labels"),
    "manifest_picked_up": message("Loaded and picked up"),
    "manifest_handed_over": message("Handed over to the next carrier"),
    "manifest_arrived": message("Arrived at the gate"),
    "manifest_received": message("Received in full"),
    "manifest_partly_received": message("Received in part"),
    "manifest_rejected": message("Rejected as a whole"),
    "manifest_confirmed": message("Confirmed and closed"),
    "manifest_sent_back": message("Rejected containers sent back"),
    "manifest_taken_back": message("Taken back by the shipper"),
    "manifest_opened": message("Manifest opened for a period"),
    "manifest_summed_up": message("Period summed up"),
    "manifest_back_entered": message("Entered after it went on paper"),
    "numbers_reserved": message("Numbers reserved for outages"),
    "reserved_number_voided": message("Reserved number voided"),
    "finding_closed": message("Finding closed"),
    "finding_taken_back": message("Closing of a finding taken back"),
    "finding_snoozed": message("Finding put off"),
    "finding_case_taken": message("Case pack taken for a finding"),
    "hold_begun": message("Legal hold begun"),
    "hold_ended": message("Legal hold ended"),
    "records_purged": message("Purged after its time was served"),
    "pipe_reading_entered": message("Meter reading entered"),
    "pipe_reading_missing": message("Receiver's reading missing; the shipper's stands for it"),
    "pipe_day_moved": message("Moved by pipe"),
    "correction_requested": message("Correction requested"),
    "correction_consented": message("Correction consented to; mass restated"),
    "correction_refused": message("Correction refused"),
    "correction_lapsed": message("Correction lapsed unanswered"),
    "entry_reversed": message("Wrong entry reversed"),
    "report_submitted": message("Periodic report submitted"),
    "plan_filed": message("Management plan filed"),
    "plan_changed": message("Change of the management plan filed"),
    "class_set": message("Management class set by the authority"),
    "contract_confirmed": message("Contract confirmed by both sides"),
    "contract_ended": message("Contract ended"),
    "personal_parts_erased": message("Personal parts erased"),
    "approval_submitted": message("Application submitted"),
    "approval_returned": message("Sent back with all that is missing"),
    "approval_accepted": message("Application accepted"),
    "approval_deemed_accepted": message("Accepted by law: nobody said in time what was missing"),
    "approval_agreed_in_review": message("First review: agreed"),
    "approval_refused_in_review": message("First review: refused"),
    "approval_consulted": message("Other province consulted"),
    "approval_reply_agreed": message("Other province agreed"),
    "approval_reply_refused": message("Other province refused"),
    "approval_approved": message("Approved"),
    "approval_refused": message("Application refused"),
    "approval_withdrawn": message("Application withdrawn"),
    "approval_expired": message("Approval expired"),
    "approval_superseded": message("A later approval took its place"),
    "signature_repudiated": message("A signature is disowned"),
    "mismatch_reported": message("Mismatch reported"),
    "mismatch_decided": message("Mismatch decided"),
    "mismatch_noted": message("Shipper took note of the mismatch"),
    "mismatch_acknowledged": message("Authority acknowledged the mismatch"),
    "incident_reported": message("Incident on the way reported"),
    "incident_closed": message("Incident closed"),
    "incident_noted": message("Shipper took note of the incident"),
    "manifest_leg_inserted": message("Another vehicle named to take the load on"),
    "manifest_redirected": message("Sent to another receiver"),
    "manifest_redirection_noted": message("Former receiver took note"),
    "collection_called": message("Collection called for"),
    "collection_accepted": message("Call accepted, with a day"),
    "collection_replanned": message("Collection planned anew"),
    "collection_declined": message("Call declined"),
    "collection_cancelled": message("Call taken back"),
    "scanned_at_pickup": message("Label read at the vehicle"),
    "trip_planned": message("Trip planned"),
    "trip_arrived": message("Trip arrived"),
    "trip_closed": message("Trip received and closed"),
    "signing_key_enrolled": message("Key for signing enrolled"),
    "signing_key_revoked": message("Key for signing revoked"),
    "container_counted": message("Counted in a stock-take"),
    "container_recoded": message("Given another waste code"),
    "stock_take_begun": message("Stock-take begun"),
    "stock_take_dropped": message("Stock-take dropped"),
    "stock_taken": message("Stock-take finished"),
    "opening_closed": message("Opening stock declared complete"),
    "storage_extended": message("Storage beyond the year granted"),
    "store_changed": message("Store changed"),
    "store_closed": message("Store closed"),
    "medical_bag_packed": message("Packed in the ward"),
    "ward_handed_over": message("Handed over by the ward"),
    "ward_round_ended": message("Received into the temporary store"),
    "institution_visited": message("Taken over from a small institution"),
    "trip_card_handed_over": message("Handed over to the carrier"),
    "trip_card_picked_up": message("Loaded for the plant"),
    "trip_card_arrived": message("Arrived at the plant"),
    "trip_card_received": message("Received by the plant"),
    "trip_card_cancelled": message("Trip card withdrawn"),
    "trip_cleaned": message("Cleaned and disinfected"),
    "medical_emergency_declared": message("Emergency mode switched on"),
    "medical_emergency_ended": message("Emergency mode switched off"),
    "quantity_reserved": message("Quantity set aside"),
    "reservation_given_up": message("Reservation given up"),
    "reservation_declined": message("Reservation declined"),
    "reservation_lapsed": message("Reservation lapsed"),
    "intake_terms_published": message("Terms of intake published"),
    "intake_days_published": message("Free days published"),
    "medical_helper_listed": message("Listed as a facility for emergencies"),
    "medical_helper_struck_off": message("Taken off the list of facilities for emergencies"),
    "medical_helper_called": message("Called in an emergency"),
    "medical_helper_let_go": message("Let go after an emergency"),
    "reserve_supply_added": message("Put into the reserve for emergencies"),
    "reserve_supply_moved": message("Came, went or counted in the reserve"),
    "reserve_supply_ended": message("Held in the reserve no more"),
    "outage_reported": message("Standstill of the plant entered"),
    "outage_ended": message("The plant runs again"),
    "project_registered": message("Planned project entered"),
    "project_changed": message("Planned project changed"),
    "roads_uploaded": message("Distances by road uploaded"),
}
_BAD = frozenset(
    {"containers_missing", "manifest_rejected", "manifest_voided", "correction_refused", "signature_repudiated"}
    | {"mismatch_reported", "incident_reported"}
    | {"approval_refused", "approval_refused_in_review", "approval_reply_refused"}
)
_STOPPED = frozenset({Outcome.REJECTED, Outcome.UNEXPECTED, Outcome.NOT_PERMITTED, Outcome.VOID_LABEL})
_STRUCK = frozenset(
    {"entry_reversed", "manifest_cancelled", "trip_card_cancelled", "approval_withdrawn", "approval_superseded"}
)


@dataclass(frozen=True, slots=True)
class Moved:
    """One posting: the account by kind, the name of its holder, and so many grams."""

    kind: AccountKind
    detail: DiscrepancyKind | str
    holder: str
    waste_code: str
    amount_g: int


@dataclass(frozen=True, slots=True)
class Told:
    """One event."""

    stored: StoredLeaf
    title: str
    state: str
    """How the timeline draws it: done, bad, struck."""
    who: str
    """The organisation that said so."""
    moved: tuple[Moved, ...]
    outcome: Outcome | None
    lineage: LineageKind | None
    number: str
    words: dict[str, object]
    """What its signer wrote in his own words, unless it was erased."""

    @property
    def facts(self) -> dict[str, object]:
        """What the leaf states."""
        return self.stored.leaf.told

    @property
    def event_id(self) -> UUID:
        """Its name in the log."""
        return self.stored.leaf.id


async def told(session: ReadSession, events: Sequence[StoredLeaf]) -> list[Told]:
    """These events with the names of their organisations and sites, in three statements however many they are.

    Who may see the events is decided by the caller.
    """
    firms = await parties.organisations_by_id(session, _organisations(events))
    names = {firm.id: firm.name for firm in firms.values()}
    sites = await parties.sites_by_id(session, _holders(events))
    holders = {site.id: site.name for site in sites.values()}
    words = await said(session, [event.leaf.id for event in events])
    return [_told(event, names, holders, words.get(event.leaf.id, {})) for event in events]


def _organisations(events: Iterable[StoredLeaf]) -> set[UUID]:
    return {UUID(str(event.leaf.facts["organisation"])) for event in events if event.leaf.facts.get("organisation")}


def _holders(events: Iterable[StoredLeaf]) -> set[UUID]:
    return {_parts(posting.account)[1] for event in events for posting in event.leaf.postings}


def _parts(account: str) -> tuple[AccountKind, UUID, str]:
    """`discrepancy@<id>:weighing` taken apart."""
    kind, _, rest = account.partition("@")
    holder, _, detail = rest.partition(":")
    return AccountKind(kind), UUID(holder), detail


def _told(event: StoredLeaf, names: dict[UUID, str], holders: dict[UUID, str], words: dict[str, object]) -> Told:
    leaf = event.leaf
    facts = leaf.told
    moved = []
    for posting in leaf.postings:
        kind, holder, detail = _parts(posting.account)
        of = DiscrepancyKind(detail) if kind is AccountKind.DISCREPANCY else detail
        moved.append(Moved(kind, of, holders.get(holder, ""), posting.waste_code, posting.amount_g))
    outcome = Outcome(str(facts["outcome"])) if leaf.kind == "container_scanned" else None
    bad = leaf.kind in _BAD or outcome in _STOPPED
    who = facts.get("organisation")
    return Told(
        stored=event,
        title=TITLES.get(leaf.kind, leaf.kind),
        state="struck" if leaf.kind in _STRUCK else "bad" if bad else "done",
        who=names.get(UUID(str(who)), "") if who else "",
        moved=tuple(moved),
        outcome=outcome,
        lineage=LineageKind(str(facts["kind"])) if leaf.kind == "containers_repacked" else None,
        number=str(facts.get("number") or ""),
        words=words,
    )
