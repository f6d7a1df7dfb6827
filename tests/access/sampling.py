"""What a sample is: an address with words for its things, its query and its body."""

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tests.support.trade import today
from wastetrack import clock

PLACES: Mapping[str, str] = {
    "manifest_id": "{manifest}",
    "container_id": "{container}",
    "organisation_id": "{organisation}",
    "site_id": "{site}",
    "permit_id": "{permit}",
    "suspension_id": "{suspension}",
    "event_id": "{event}",
    "batch_id": "{batch}",
    "correction_id": "{correction}",
    "membership_id": "{membership}",
    "token_id": "{token}",
    "person_id": "{person}",
    "user_id": "{person}",
    "group_id": "filer",
    "name": "User",
    "client_id": "{client}",
    "secret_id": "{secret}",
    "key_id": "{key}",
    "passkey_id": "{passkey}",
    "session_id": "{session}",
    "claim_id": "{claim}",
    "invitation_id": "{invitation}",
    "attachment_id": "{attachment}",
    "intent_id": "{intent}",
    "token": "{driver_token}",
    "holder_id": "{site}",
    "of": "sites",
    "kind": "stored",
    "step": "pick-up",
    "slug": "not-found",
    "code": "900-249-08",
    "number": "1993",
    "revision": "02",
    "approval_id": "{approval}",
    "contract_id": "{contract}",
    "facility_id": "{facility}",
    "hold_id": "{hold}",
    "incident_id": "{incident}",
    "mismatch_id": "{mismatch}",
    "redirection_id": "{redirection}",
    "print_id": "{print}",
    "card_id": "{card}",
    "emergency_id": "{emergency}",
    "institution_id": "{institution}",
    "round_id": "{round}",
    "ward_id": "{ward}",
    "plan_id": "{plan}",
    "version": "1",
    "table": "facilities",
    "period": "2023-04",
    "scale_id": "{scale}",
    "stock_take_id": "{stock_take}",
    "store_id": "{store}",
    "template_id": "{template}",
    "trip_id": "{trip}",
    "import_id": "{import}",
    "task_id": "{task}",
    "call_id": "{call}",
    "search_id": "{search}",
}
"""What usually stands in a place."""

PUBLIC = frozenset(
    {
        *(
            "organisation",
            "carrier",
            "receiver",
            "site",
            "receiver_site",
            "permit",
            "suspended",
            "suspension",
            "claimable",
        ),
        *("unplanned_site", "far_site", "other_receiver_site", "plant_site"),
        "lorry",  # the register tells of vehicles
        *("emergency", "zone"),  # an order is public to whoever is signed in
        *("helper", "emergency_call"),  # so is who stands ready, and who is called
        "check_run",  # tells of rules and of nobody in particular
        *("digital_code", "label_check", "later_check"),  # whoever holds a label may read it
        *("driver_token", "driver_code", "driver_intent", "invitation_secret"),  # a link is for whoever holds it
    }
)
"""Things that everybody may know to be there, so that absent ones may look otherwise."""


def days() -> dict[str, str]:
    """The words for days, as they are now: a run that goes past midnight must not send yesterday as today."""
    day = today()
    next_month = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    told = {"lately": -3, "today": 0, "later": 200, "next_year": 365}
    return {
        **{word: (day + timedelta(days=off)).isoformat() for word, off in told.items()},
        "next_month": next_month.isoformat(),
        "this_year": str(day.year),
        "moment": clock.now().isoformat(timespec="seconds"),
    }


OF_CALLER = frozenset({"login", "plate", "totp", "next_totp", *days()})
"""Words that are the caller's own, or the same, in each case."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    """One address with its places, query and body filled by words."""

    places: Mapping[str, str] = dataclasses.field(default_factory=dict)
    query: str = ""
    body: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    file: Mapping[str, tuple[str, bytes]] | None = None

    def words(self, path: str) -> set[str]:
        """The things that the call names."""
        spoken = [self.address(path), json.dumps(self.body or {}), json.dumps(self.form or {})]
        return {word for text in spoken for word in re.findall(r"\{(\w+)\}", text)}

    def address(self, path: str) -> str:
        """The address with its places as words."""
        places = {**PLACES, **self.places}
        filled = re.sub(r"\{(\w+)(:\w+)?\}", lambda place: places[place[1]], path)
        return f"{filled}?{self.query}" if self.query else filled


def fill(template: Any, things: Mapping[str, str]) -> Any:  # noqa: ANN401  whatever a body can hold
    """A template with its words replaced by things."""
    if isinstance(template, str):
        return re.sub(r"\{(\w+)\}", lambda word: things[word[1]], template)
    if isinstance(template, bytes):
        return re.sub(rb"\{(\w+)\}", lambda word: things[word[1].decode()].encode(), template)
    if isinstance(template, Mapping):
        return {fill(name, things): fill(value, things) for name, value in template.items()}
    if isinstance(template, list):
        return [fill(value, things) for value in template]
    return template
