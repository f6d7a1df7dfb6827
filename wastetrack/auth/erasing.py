"""A person becomes unrecognisable: login and name give way to a pseudonym, every credential ends."""

from datetime import datetime
from uuid import UUID

from wastetrack.auth.tables import Person
from wastetrack.db.session import WriteSession

_FORGET_ACCOUNT = "select privacy_forget_account($1, $2, $3)"
"""Before the login gives way: invitations are found by it."""
_FORGET = (
    "update people set login = $2, name = $2, password_hash = '', disabled_at = coalesce(disabled_at, $3) where id=$1",
    "update memberships set ended_at = coalesce(ended_at, $2) where person_id = $1",
    "delete from sign_in_sessions where person_id = $1",
    "update tokens set name = '', revoked_at = coalesce(revoked_at, $2) where person_id = $1",
    # Answers that were kept for repeated requests may name the person.
    "select privacy_forget_answers($1)",
    # So do the words in which signed acts were told.
    "select privacy_forget_signer($1)",
    # A search may name what its person looked for.
    "select privacy_forget_searches($1)",
)

ERASED_FROM = frozenset(
    {
        "account_events",
        "chosen_columns",
        "driver_links",
        "federated_identities",
        "invitations",
        "known_devices",
        "memberships",
        "organisation_claims",
        "passkeys",
        "pending_sign_ins",
        "provisioned_people",
        "recovery_codes",
        "saved_searches",
        "sign_in_sessions",
        "signed_acts",
        "tokens",
        "totp_secrets",
    }
)
"""Tables that refer to a person and are emptied of what tells who it was."""
KEPT_IN = {
    "institution_visits": "who took medical waste over, by a number; the register keeps handlers (条例 art. 12)",
    "medical_bags": "the same",
    "medical_emergencies": "who gave the order, by a number",
    "emergency_helpers": "which officer put it on the list, by a number",
    "emergency_calls": "which officer called it, by a number",
    "emergency_supplies": "who answers for the reserve, by a number",
    "emergency_supply_moves": "who took out or counted, by a number",
    "medical_surges": "who asked, by a number",
    "position_imports": "who sent the file of a vehicle's positions, by a number",
    "vehicle_receivers": "who entered the receiver, by a number",
    "zones": "which officer drew it, by a number",
    "planned_projects": "which officer changed it last, by a number",
    "road_distances": "which officer uploaded it, by a number",
    "plant_outages": "who told of it, by a number",
    "capacity_forecasts": "who had it made, by a number",
    "scale_readings": "through whose token a scale spoke, by a number",
    "trip_cards": "who handed over, loaded and received, by a number",
    "trip_cleanings": "who cleaned, by a number",
    "ward_handovers": "who handed over and collected, by a number; the nurse's name as it was written down",
    "ward_rounds": "who collected, by a number",
    "collection_calls": "who called for a collection, by a number",
    "intake_terms": "who published a receiver's terms, by a number",
    "reservations": "who had a quantity set aside, by a number",
    "loading_scans": "who read the label at the vehicle, by a number",
    "attachments": "who put it beside the thing, now by a number that leads to a pseudonym",
    "clients": "a client's person is the machine itself",
    "erasure_requests": "that it was asked for",
    "imports": "who sent and who confirmed it, by a number",
    "incidents": "who reported it, now by a number that leads to a pseudonym",
    "long_tasks": "who began it, by a number; gone with the task after a season",
    "check_queues": "which official set a budget, by a number",
    "finding_history": "which official judged a finding, now by a number that leads to a pseudonym",
    "legal_holds": "which official held something, by a number",
    "manifest_corrections": "who signed, now by a number that leads to a pseudonym",
    "manifest_signatures": "the same",
    "mismatch_reports": "who found and who decided, now by a number that leads to a pseudonym",
    "periodic_reports": "who handed it in, by a number that leads to a pseudonym",
    "provisioning_tokens": "who made it, by a number; the token is the organisation's",
    "stated_keys": "the public key under which signatures in bundles verify, by a number",
    "system_keys": "the public key under which a system's signatures verify, by a number",
    "trips": "who planned it, by a number",
}
"""Tables that go on naming the person's number, and why."""


async def person_locked(session: WriteSession, person_id: UUID) -> Person | None:
    """A person, locked: nobody signs in or enrols him meanwhile."""
    return await session.get(Person, person_id, with_for_update=True, populate_existing=True)


async def forget_person(session: WriteSession, person_id: UUID, pseudonym: str, *, at: datetime) -> None:
    """Put the pseudonym in place of login and name, and end all credentials."""
    driver = await session.driver()
    named, *rest = _FORGET
    await driver.execute(_FORGET_ACCOUNT, person_id, pseudonym, at)
    await driver.execute(named, person_id, pseudonym, at)
    for statement in rest:
        await driver.execute(statement, *((person_id, at) if "$2" in statement else (person_id,)))
