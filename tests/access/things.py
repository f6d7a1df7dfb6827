"""What the matrix's addresses name: things of the roles' own trade, the same in another region, and nothing at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.access.belongings import Household, make_belongings
from tests.access.things_of_booking import things_of_booking
from tests.access.things_of_carrier import things_of_carrier
from tests.access.things_of_design import things_of_design
from tests.access.things_of_enterprise import things_of_enterprise
from tests.access.things_of_epidemic import things_of_epidemic
from tests.access.things_of_findings import things_of_findings
from tests.access.things_of_gate import things_of_gate
from tests.access.things_of_imports import things_of_imports
from tests.access.things_of_medicine import things_of_medicine
from tests.access.things_of_notice import things_of_notice
from tests.access.things_of_shown import things_of_shown
from tests.access.things_of_sites import file_of, things_of_sites
from tests.access.things_of_tracks import things_of_tracks
from tests.access.things_of_ways import things_of_ways
from tests.support import parties as made
from tests.support.acts import RequestCorrection
from tests.support.files import CSV, document
from tests.support.served import Visitor
from tests.support.trade import API, Trade, agreed_handover, asked, sent
from tests.support.world import AT, TODAY, World, a_drum, build_world, filed, plan_for, received
from wastetrack import clock
from wastetrack.auth import queries
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.containers.model import Treat
from wastetrack.containers.treating import treat
from wastetrack.db.session import WriteSession, writing
from wastetrack.ids import new_id
from wastetrack.manifests import correcting, driver_links, filing, preparing
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import SignedStep
from wastetrack.mass import Mass
from wastetrack.parties.commands import SuspendPermit
from wastetrack.parties.permitting import grant_permit, suspend_permit
from wastetrack.transparency.publishing import publish_all

FOREIGN_COUNTY = "110105"
Things = dict[str, str]
"""What there is, by the words that samples use."""


@dataclass(frozen=True)
class Objects:
    """The three cases of the matrix."""

    own: Things
    """Of the trade in which the roles take part, in the region of its authority. A stranger's column shows that he
    is none of it."""
    foreign: Things
    """The same things of firms in another region, with which nobody here has to do."""
    absent: Things
    """Names of the same form that nothing bears."""


async def make_objects(trade: Trade) -> Objects:
    """Make and commit them; everything has its place in the log."""
    owner = trade.served.owner
    async with writing(owner) as session:
        world = await build_world(session, FOREIGN_COUNTY)
        foreign = await _foreign(session, world)
        foreign |= await _of_parts(session, world, "SC-2026-0201")
        generator = world.generator
        foreign |= await things_of_imports(session, generator.owner, generator.site.id, UUID(foreign["container"]))
        foreign |= await things_of_design(session, generator.owner)
        foreign |= {
            "contract_file": await file_of(session, world, "contract", foreign["contract"]),
            "approval_file": await file_of(session, world, "approval", foreign["approval"]),
        }
        foreign |= await make_belongings(
            session, Household(world.generator.owner, world.receiver, world.stranger, UUID(foreign["travelling"]))
        )
    foreign |= _checks(trade, foreign)
    own = await _own(trade)
    async with writing(owner) as session:
        foreign |= await _beside(session, world, own, foreign)
        # The matrix takes longer than people do between reading and signing.
        await session.execute(text("update signing_intents set expires_at = now() + interval '1 hour'"))
    await publish_all(trade.app.state.engine, trade.keys.signer)
    return Objects(own=own, foreign=foreign, absent=_absent(own))


async def _own(trade: Trade) -> Things:
    world, shipper, carrier = trade.world, await trade.shipper(), await trade.carrier()
    free, repacked = await trade.labelled(), await trade.labelled()
    leg = {"carrier_id": str(world.carrier.id), "plate": world.plate, "start": "芝罘区", "end": "莱山区"}
    plan = {**trade.plan(await trade.labelled()), "legs": [leg, {**leg, **agreed_handover()}]}
    found = {
        "free": free["id"],
        "code": free["digital_code"],
        "repacked": repacked["id"],
        "draft": await trade.drafted(await trade.labelled()),
        "filed": await trade.filed(await trade.labelled()),
        "travelling": await trade.filed(await trade.labelled()),
    }
    found["two_legs"] = str((await sent(shipper, "/manifests", plan, expect=201))["id"])
    await sent(shipper, f"/manifests/{found['two_legs']}/filing", {})
    for manifest_id in (found["two_legs"], found["travelling"]):
        await sent(carrier, f"/manifests/{manifest_id}/pick-up", {})
    at_gate, scanned = await trade.labelled(), await trade.labelled()
    found |= {"arrived": await trade.arrived(at_gate), "scanned": await trade.arrived(scanned)}
    found |= {"label": trade.label_text(at_gate)}
    await trade.scanned(found["scanned"], scanned)
    drum, treated = await trade.labelled(), await trade.labelled()
    found |= {"container": drum["id"], "manifest": await trade.received(drum, treated)}
    found["digital_code"] = drum["digital_code"]
    found |= _checks(trade, drum)
    correction = {"container_id": drum["id"], "measured_g": 179_000, "reason": "地磅未归零"}
    asked_for = await sent(
        await trade.receiver(), f"/manifests/{found['manifest']}/corrections", correction, expect=201
    )
    found["correction"] = asked_for["correction"]["id"]
    other = await trade.labelled()
    found |= {"uncorrected": await trade.received(other), "standing": other["id"]}
    manifest = (await trade.standing(found["manifest"]))["manifest"]
    found |= {"number": manifest["number"], "event": manifest["signatures"][0]["event_id"]}
    batch = {
        "site_id": str(world.receiver.site.id),
        "container_ids": [treated["id"]],
        "method": "D10",
        "treated_on": manifest["planned_on"],
    }
    found["batch"] = (await sent(await trade.gate(), "/treatments", batch, expect=201))["batch"]["id"]
    token = await sent(shipper, "/tokens", {"name": "weighbridge", "days": 3}, expect=201)
    found["token"] = token["id"]
    me = await asked(await trade.served.api_visitor("filer"), "/me")
    mine = await asked(shipper, "/me")
    found |= {"membership": me["membership_id"], "own_membership": mine["membership_id"], "person": me["person_id"]}
    async with writing(trade.served.owner) as session:
        found |= await _register(session, world)
        owner = await queries.actor_of_membership(session, UUID(mine["membership_id"]), at=clock.now())
        of = Household(owner, world.receiver, world.stranger, UUID(found["filed"]))
        found |= await make_belongings(session, of)
        found |= await _of_parts(session, world, "SC-2026-0101")
        found |= await things_of_imports(session, owner, world.generator.site.id, UUID(found["free"]))
        found |= await things_of_design(session, owner)
        found["driver_intent"] = await _drivers_intent(session, found["driver_token"])
    return found | await _opened(trade, found)


def _checks(trade: Trade, drum: Mapping[str, Any]) -> Things:
    """What makes the label of a container believed, the first and a later one."""
    code, keys = DigitalCode.parse(drum["digital_code"]), trade.keys
    later = make_label_text(keys.base_url, code, keys.label_key, 2).partition("/92/")[2].partition("/")[0]
    return {"label_check": trade.label_text(drum).rpartition("/")[2], "later_check": later}


async def _opened(trade: Trade, found: Things) -> Things:
    """What an own program makes: what waits to be signed, a file, a passkey."""
    shipper = await trade.shipper()
    intent = await sent(shipper, f"/manifests/{found['draft']}/filing/preparation", {}, expect=201)
    file = await shipper.post(
        f"{API}/manifests/{found['manifest']}/attachments",
        files={"file": ("清单.csv", CSV)},
        headers={"Idempotency-Key": str(new_id())},
    )
    assert file.status_code == 201, file.text
    return {
        "contract_file": await _sent_beside(shipper, f"/contracts/{found['contract']}/attachments"),
        "approval_file": await _document(shipper, found["approval"]),
        "seen": (await asked(shipper, f"/sites/{found['site']}/reports/2023-04"))["digest"],
        **await _rounds(trade, found),
        "intent": intent["intent_id"],
        "attachment": file.json()["id"],
        "signed": found["event"],
    }


async def _sent_beside(program: Visitor, path: str, data: dict[str, str] | None = None) -> str:
    """The id of a PDF beside a thing."""
    answered = await program.post(
        f"{API}{path}",
        data=data or {},
        files={"file": ("合同.pdf", document() + str(new_id()).encode(), "application/pdf")},
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answered.status_code == 201, answered.text
    return str(answered.json()["id"])


async def _document(program: Visitor, approval_id: str) -> str:
    """The id of a document that was really sent."""
    await _sent_beside(program, f"/approvals/{approval_id}/documents", data={"kind": "contract"})
    documents = (await asked(program, f"/approvals/{approval_id}"))["documents"]
    return str(documents[-1]["id"])


async def _rounds(trade: Trade, found: Things) -> Things:
    """The rounds of two people, whose own they are: one with a bag in it."""
    site, made = {"site_id": found["hospital_site"]}, []
    for login in ("filer", "signer"):
        walker = await trade.served.api_visitor(login)
        made.append(str((await sent(walker, "/medical/rounds", site, expect=201))["id"]))
    given = {"ward_id": found["ward"], "labels": [found["to_walk_code"]], "bags": 1, "mass_g": 3_200}
    path = f"/medical/rounds/{made[1]}/hand-overs"
    await sent(await trade.served.api_visitor("signer"), path, {**given, "nurse_name": "李护士"}, expect=201)
    return {"round": made[0], "walked_round": made[1]}


async def _of_parts(session: WriteSession, world: World, serial: str) -> Things:
    medicine = await things_of_medicine(session, world, serial)
    return {
        **await things_of_sites(session, world),
        **await things_of_gate(session, world),
        **await things_of_ways(session, world),
        **await things_of_enterprise(session, world),
        **await things_of_carrier(session, world),
        **await things_of_tracks(session, world),
        **medicine,
        **await things_of_epidemic(session, world, medicine["emergency"]),
        **await things_of_findings(session, world),
        **await things_of_shown(session, world),
        **await things_of_notice(session, world),
        # The last: a load that is filed takes what is set aside for it.
        **await things_of_booking(session, world),
    }


async def _drivers_intent(session: WriteSession, token: str) -> str:
    at = clock.now()
    link = await driver_links.link_of(session, token, at=at)
    return str((await driver_links.prepare(session, link, at=at)).id)


async def _register(session: WriteSession, world: World) -> Things:
    """What the register knows, public or not."""
    approver = made.approver(world.generator.site.region_code[:4])
    items = (made.item("HW49", "D10", "1 t"),)
    permit = await grant_permit(session, approver, made.permit_command(world.receiver.id, items=items), at=AT)
    command = SuspendPermit(permit_id=permit.id, from_on=date(2026, 1, 1), reason="超期未整改")
    suspended = await suspend_permit(session, approver, command, at=AT)
    return {
        "organisation": str(world.generator.id),
        "carrier": str(world.carrier.id),
        "plate": world.plate,
        "claimable": world.second_carrier.credit_code,
        "consultant": world.stranger.credit_code,
        "receiver": str(world.receiver.id),
        "site": str(world.generator.site.id),
        "receiver_site": str(world.receiver.site.id),
        "store": str(world.store_id),
        "second_carrier": str(world.second_carrier.id),
        "second_plate": world.second_plate,
        "permit": str(world.permit_id),
        "suspended": str(permit.id),
        "suspension": str(suspended.suspensions[0].id),
    }


async def _foreign(session: WriteSession, world: World) -> Things:
    found = await _register(session, world)
    drums = [await a_drum(session, world) for _ in range(3)]
    manifest_id = await received(session, world, drums[:2], "200 kg", "200 kg")
    wrong = RequestCorrection(
        manifest_id=manifest_id, container_id=drums[0].id, measured=Mass.parse("178 kg"), reason="秤未归零"
    )
    at = AT + timedelta(hours=6)
    correction, _ = await correcting.request_correction(session, world.receiver.owner, wrong, at=at)
    command = Treat(
        site_id=world.receiver.site.id, container_ids=(drums[1].id,), method="D10", treated_on=TODAY, residues=()
    )
    batch, _, _ = await treat(session, world.receiver.owner, command, at=at)
    draft = await filing.draft_manifest(session, world.generator.owner, plan_for(world, [drums[2]]), at=AT)
    travelling = await filed(session, world, [await a_drum(session, world)])
    number = text("select number from manifests where id = :id")
    token = text(
        "insert into tokens (id, person_id, membership_id, name, token_hash, created_at, expires_at) "
        "values (:id, :person, :membership, 'theirs', :hash, now(), now() + interval '1 day')"
    )
    owner, token_id = world.generator.owner, new_id()
    facts = {"id": token_id, "person": owner.person_id, "membership": owner.membership_id, "hash": token_id.bytes * 2}
    await session.execute(token, facts)
    manifests = ("manifest", "uncorrected", "arrived", "scanned", "two_legs")
    return found | {
        **dict.fromkeys(("free", "repacked", "standing", "container"), str(drums[0].id)),
        **dict.fromkeys(manifests, str(manifest_id)),
        **dict.fromkeys(("filed", "travelling"), str(travelling)),
        "draft": str(draft.id),
        "code": drums[0].digital_code,
        "digital_code": drums[0].digital_code,
        "label": drums[0].digital_code,
        "correction": str(correction.id),
        "number": str((await session.execute(number, {"id": manifest_id})).scalar_one()),
        "event": str(batch.id),
        "batch": str(batch.id),
        "token": str(token_id),
        "membership": str(owner.membership_id),
        "own_membership": str(owner.membership_id),
        "person": str(owner.person_id),
    }


async def _beside(session: WriteSession, world: World, own: Things, foreign: Things) -> Things:
    """What is the same but for whose it is: a file, a passkey, a session; and what waits, and was, signed."""
    ids = {name: new_id() for name in ("attachment", "passkey", "session")}
    owner = world.generator.owner
    asked_for = Asked(step=SignedStep.FILING, subject_id=UUID(foreign["draft"]))
    intent = await preparing.prepare(session, owner, asked_for, at=AT)
    whose = {"person": owner.person_id, "organisation": owner.organisation_id, "hat": owner.membership_id}
    manifest = UUID(foreign["manifest"])
    await session.execute(
        text(_COPY_FILE), whose | {"id": ids["attachment"], "manifest": manifest, "of": own["attachment"]}
    )
    await session.execute(text(_PASSKEY), whose | {"id": ids["passkey"], "credential": ids["passkey"].bytes})
    await session.execute(text(_SESSION), whose | {"id": ids["session"], "hash": ids["session"].bytes * 2})
    signed = text("select event_id from signed_acts where manifest_id = :id limit 1")
    return {name: str(id_) for name, id_ in ids.items()} | {
        "page_session": str(ids["session"]),
        "driver_intent": await _drivers_intent(session, foreign["driver_token"]),
        "intent": str(intent.id),
        "signed": str((await session.execute(signed, {"id": manifest})).scalar_one()),
    }


_COPY_FILE = """
insert into attachments (id, organisation_id, person_id, subject_kind, subject_id, name, media_type, size, sha256,
  sent_sha256, created_at)
select :id, :organisation, :person, subject_kind, :manifest, name, media_type, size, sha256, sent_sha256, created_at
from attachments where id = :of
"""
_PASSKEY = """
insert into passkeys (id, person_id, credential_id, public_key, sign_count, transports, backed_up, name, created_at)
values (:id, :person, :credential, :credential, 0, '{}', false, 'theirs', now())
"""
_SESSION = """
insert into sign_in_sessions (token_hash, person_id, membership_id, csrf_token, created_at, last_seen_at, expires_at,
  user_agent, id)
values (:hash, :person, :hat, 'theirs', now(), now(), now() + interval '1 day', '', :id)
"""


def _absent(own: Things) -> Things:
    """Fresh ids, and codes of the right form that were never given."""
    found = {name: str(new_id()) for name, value in own.items() if _is_id(value)}
    code = own["digital_code"][:-3] + "999"
    codes = dict.fromkeys(("digital_code", "code", "label"), code)
    codes |= {name: own[name][:-3] + "999" for name in ("counted_code", "bag_code", "plant_bag_code")}
    codes |= {"reserved": own["reserved"][:-6] + "999998", "scale_serial": "SC-2026-0999"}
    secrets = {name: own[name][:-8] + "AAAAAAAA" for name in ("driver_token", "invitation_secret", "access_token")}
    unregistered = {"claimable": made.firm_command().credit_code}
    return own | found | codes | secrets | unregistered | {"number": own["number"][:-6] + "999999"}


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
