"""The API against its own description: generated requests of every role and a system, right and wrong, everywhere.

What is asked: no answer is a mistake of ours; each status, media type and shape is described; wrong data is refused.
The requests are the same each time. WASTETRACK_FUZZ_EXAMPLES asks for more of each, and then for others each time.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.access.things_of_medicine import things_of_medicine
from tests.access.things_of_sites import things_of_sites
from tests.access.things_of_ways import things_of_ways
from tests.support import files
from tests.support.machines_served import asked as asked_for_token
from tests.support.machines_served import asking, elsewhere, registered
from tests.support.served import PASSWORD, PEOPLE, on_the_network
from tests.support.trade import API, Trade, sent
from wastetrack.auth.registering_clients import GRANTABLE
from wastetrack.db.session import writing
from wastetrack.ids import new_id

EXAMPLES = int(os.environ.get("WASTETRACK_FUZZ_EXAMPLES", "3"))
LONG = "WASTETRACK_FUZZ_EXAMPLES" in os.environ
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
OF_PARTS = {
    **{f"{word}_id": word for word in ("approval", "contract", "facility", "hold", "incident", "mismatch")},
    **{f"{word}_id": word for word in ("redirection", "print", "card", "emergency", "institution", "round", "ward")},
    **{f"{word}_id": word for word in ("plan", "stock_take", "trip")},
    "store_id": "empty_store",
    "batch_id": "running_batch",
}
"""Places of addresses, and which thing of the parts of the trade stands there."""


@pytest.fixture(scope="module")
async def things(trade: Trade) -> dict[str, str]:
    """Things that are there, by the name that addresses have for their ids."""
    drum = await trade.labelled()
    manifest_id = await trade.arrived(drum)
    world = trade.world
    owner = await trade.served.api_visitor("owner")
    received = await trade.labelled()
    wrong = {"container_id": received["id"], "measured_g": 178_000, "reason": "地磅漂移"}
    closed = await trade.received(received)
    correction = await sent(await trade.receiver(), f"/manifests/{closed}/corrections", wrong, expect=201)
    attached = await (await trade.shipper()).post(
        f"{API}/manifests/{manifest_id}/attachments",
        files={"file": ("车.jpg", files.picture(), "image/jpeg")},
        headers={"Idempotency-Key": str(new_id())},
    )
    place = f"/organisations/{trade.served.places['generator']}/invitations"
    invited = await sent(owner, place, {"contact": "new@example.cn", "name": "新人", "role": "filer"}, expect=201)
    claim = {
        "credit_code": world.receiver.credit_code,
        "contact_name": "赵敏",
        "contact_phone": "0535-6123456",
        "grounds": "法定代表人",
        "documents": [{"name": "执照.pdf", "sha256": "ab" * 32, "size_bytes": 99}],
    }
    claimed = await sent(await trade.served.api_visitor("stranger"), "/claims", claim, expect=201)
    system = await registered(trade.served, "read")
    token = await sent(owner, "/tokens", {"name": "scale", "days": 1}, expect=201)
    sessions = (await (await trade.served.api_visitor("viewer")).get(f"{API}/account/sessions")).json()
    async with writing(trade.served.owner) as session:
        parts = {
            **await things_of_sites(session, world),
            **await things_of_ways(session, world),
            **await things_of_medicine(session, world, "SC-301"),
        }
    return {
        **{place: parts[word] for place, word in OF_PARTS.items()},
        "correction_id": correction["correction"]["id"],
        "attachment_id": attached.json()["id"],
        "invitation_id": invited["id"],
        "claim_id": claimed["id"],
        "client_id": system["client_id"],
        "secret_id": system["secret"]["id"],
        "token_id": token["id"],
        "session_id": sessions[0]["id"],
        "event_id": correction["correction"]["id"],
        "manifest_id": str(manifest_id),
        "container_id": drum["id"],
        "site_id": str(world.generator.site.id),
        "organisation_id": str(trade.served.places["generator"]),
        "code": "900-249-08",
        "number": "1203",
    }


async def test_every_operation_keeps_its_promise_to_everybody(trade: Trade, things: dict[str, str]) -> None:
    bearers: list[dict[str, str]] = [{}]
    for login in PEOPLE:
        visitor = await trade.served.api_visitor(login)
        bearers.append({"Authorization": f"Bearer {visitor.bearer}"})
    system = await registered(trade.served, *GRANTABLE)
    token = (await asked_for_token(elsewhere(trade.served), asking(system))).json()["access_token"]
    bearers.append({"Authorization": f"Bearer {token}"})
    document = trade.app.openapi()
    async with on_the_network(trade.app) as address:
        broken, seen = await asyncio.to_thread(fuzz, document, address, bearers, things)
    operations = sum(len(verbs) for verbs in document["paths"].values())
    print(f"{operations} operations × {len(bearers)} callers: {seen.total()} requests, {len(broken)} broken promises")  # noqa: T201  a figure of the run
    print(", ".join(f"{status}: {count}" for status, count in sorted(seen.items())))  # noqa: T201
    assert not broken, "\n\n".join(broken)
    # Every kind of answer was really met: the requests reach what is behind the door.
    assert {200, 201, 400, 401, 403, 404, 422} <= seen.keys(), seen


def fuzz(
    document: dict[str, Any], address: str, bearers: Sequence[Mapping[str, str]], things: Mapping[str, str]
) -> tuple[list[str], Counter[int]]:
    """Ask every operation; what was broken, with the request that showed it, and how often each status came."""
    seen: Counter[int] = Counter()
    schema = schemathesis.openapi.from_dict(document)
    broken = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        # A session that is closed would turn the rest into a test of nobody.
        if operation.path.endswith("/sign-out"):
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                ask(operation, mode, address=address, bearers=bearers, things=things, seen=seen)
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, "where nothing is asked for, nothing can be asked wrongly"
            except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001  every kind of failure is reported
                broken.append(f"{operation.method.upper()} {operation.path} {mode.value}: {failure}")
    return broken, seen


def ask(
    operation: Any,  # noqa: ANN401  schemathesis' own
    mode: GenerationMode,
    *,
    address: str,
    bearers: Sequence[Mapping[str, str]],
    things: Mapping[str, str],
    seen: Counter[int],
) -> None:
    """Generated requests of one kind to one operation, each sent by everybody in turn."""

    @seed(3)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not LONG,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def one(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if mode is GenerationMode.POSITIVE and data.draw(st.booleans()):
            for name in case.path_parameters or {}:
                case.path_parameters[name] = things.get(name, case.path_parameters[name])
            if isinstance(case.body, dict) and "factor" in case.body:
                # A generated password is never right: what is behind it would not be reached.
                case.body["factor"] = {"kind": "password", "password": PASSWORD}
        for bearer in bearers:
            # Without a key nothing else would be looked at; one that was generated wrong is sent as it is.
            own_key = mode is GenerationMode.NEGATIVE and "Idempotency-Key" in (case.headers or {})
            key = {} if own_key else {"Idempotency-Key": str(new_id())}
            answered = case.call_and_validate(
                base_url=address, headers={**bearer, **key}, checks=CHECKS, session=session
            )
            seen[answered.status_code] += 1

    with requests.Session() as session:
        session.trust_env = False  # else every request reads the environment and the password file for a proxy
        one()
