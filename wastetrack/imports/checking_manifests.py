"""Rows of manifests: those with one word become one draft over their containers, by the rules of the form."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues import queries as catalogues
from wastetrack.containers import queries as containers
from wastetrack.containers.labelling_many import Told
from wastetrack.containers.model import ContainerState
from wastetrack.containers.policy import demand_own
from wastetrack.containers.queries import Container
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.imports.checking_containers import Made
from wastetrack.imports.firms_of_files import firm_of
from wastetrack.imports.headings import Layout
from wastetrack.imports.model import Finding
from wastetrack.imports.rows import Row, Table, located
from wastetrack.manifests import filing
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import DraftManifest, LegPlan, TransferBasis
from wastetrack.parties import queries as parties

_OF_THE_LOAD = (
    "planned_on",
    "receiver_code",
    "receiver_site_id",
    "method",
    "carrier_id",
    "plate",
    "start",
    "end",
    "basis",
    "remarks",
)
"""What is said of the whole load: it stands in each of its rows, or in the first alone."""


@dataclass(frozen=True, slots=True)
class Loads:
    """What a file of manifests asks for: each command with the rows that it is made of."""

    commands: Sequence[tuple[tuple[int, ...], str, DraftManifest]]

    def summary(self) -> dict[str, object]:
        """What would be made."""
        loads = [{"name": name, "count": len(rows)} for rows, name, _ in self.commands]
        return {
            "count": len(self.commands),
            "containers": sum(len(rows) for rows, _, _ in self.commands),
            "loads": loads,
        }

    async def make(self, session: WriteSession, actor: Actor, *, at: datetime, told: Told) -> list[Made]:
        """Write all the drafts, in this transaction: a file has some dozens."""
        made = []
        for number, (rows, name, command) in enumerate(self.commands, start=1):
            draft = await filing.draft_manifest(session, actor, command, at=at)
            made.append(Made(rows[0], draft.id, name))
            await told(number)
        return made


@dataclass(frozen=True, slots=True)
class _Known:
    """What the cells name, asked for once per word and not per row."""

    by_code: Mapping[str, Container]
    open_on: Mapping[UUID, str]
    firms: Mapping[str, UUID | Broken]
    sites: Mapping[UUID, Mapping[str, UUID]]


async def check(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    table: Table,
    *,
    findings: list[Finding],
    at: datetime,  # noqa: ARG001  drafts are judged by their own day
    told: Told,
) -> Loads:
    """The commands of the loads; every rule that a row breaks is added to the findings at its cell."""
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    rows, layout = table.rows, table.layout
    known = await _known(session, actor, rows)
    lists = await catalogues.snapshot(session)
    loads: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        loads[row.get("reference")].append(row)
    seen: dict[str, int] = {}
    commands: list[tuple[tuple[int, ...], str, DraftManifest]] = []
    behind = 0
    for reference, of_load in loads.items():
        before = len(findings)
        said = _said(layout, of_load, findings)
        for row in of_load:
            findings += [located(layout, row.number, one) for one in _why_not_container(known, site_id, row, seen)]
        first = of_load[0].number
        if said.get("method") and said.get("planned_on"):
            wrong = lists.why_not_treatment(said["method"], said["planned_on"])
            findings += [located(layout, first, one) for one in wrong]
        command, wrong_parts = _command(known, site_id, of_load, said)
        findings += [located(layout, first, one) for one in wrong_parts]
        if command is not None and reference and len(findings) == before and all(row.is_sound for row in of_load):
            found = await filing.why_not_draft(session, command)
            findings += [located(layout, first, _at_our_field(one)) for one in found]
            if not found:
                commands.append((tuple(row.number for row in of_load), reference, command))
        behind += len(of_load)
        await told(behind)
    return Loads(commands)


async def _known(session: ReadSession, actor: Actor, rows: Sequence[Row]) -> _Known:
    codes = {row.get("container_ids") for row in rows} - {""}
    found = await containers.of_codes(session, actor, codes)
    firms: dict[str, UUID | Broken] = {}
    sites: dict[UUID, dict[str, UUID]] = {}
    words = {(field, row.get(field)) for row in rows for field in ("receiver_code", "carrier_id")}
    for field, word in sorted(words):  # a file names few firms
        if word and word not in firms:
            firms[word] = await firm_of(session, field, word)
    for field, word in words:
        firm_id = firms.get(word)
        if field == "receiver_code" and isinstance(firm_id, UUID) and firm_id not in sites:
            sites[firm_id] = {one.name: one.id for one in await parties.sites_of(session, firm_id)}
    open_on = await manifests.open_elsewhere(session, [row.id for row in found])
    return _Known({row.digital_code: row for row in found}, open_on, firms, sites)


def _said(layout: Layout, of_load: Sequence[Row], findings: list[Finding]) -> dict[str, Any]:
    """What the rows of a load say of all of it; where two differ, that is told at the later one."""
    said: dict[str, Any] = {}
    for row in of_load:
        for field in _OF_THE_LOAD:
            value = row.get(field, None)
            if value is None:
                continue
            if said.setdefault(field, value) != value:
                facts: dict[str, object] = {"load": row.get("reference"), "row": of_load[0].number}
                broken = Broken(
                    field,
                    "load_differs",
                    message("Load {load} says something else in row {row} than “{value}” here."),
                    str(value),
                    next_step=message("Let all rows of a load say the same, or give this row another load."),
                    facts=facts,
                )
                findings.append(located(layout, row.number, broken))
    return said


def _why_not_container(known: _Known, site_id: UUID, row: Row, seen: dict[str, int]) -> list[Broken]:
    code = row.get("container_ids")
    if not code:
        return []
    if code in seen:
        words = message("Container {value} stands in row {row} already.")
        step = message("Name each container once.")
        return [Broken("container_ids", "container_twice", words, code, next_step=step, facts={"row": seen[code]})]
    seen[code] = row.number
    found = known.by_code.get(code)
    if found is None:
        words = message("There is no container {value} that you may see.")
        step = message("Copy the code from the label or from the list of containers.")
        return [Broken("container_ids", "container_unknown_here", words, code, next_step=step)]
    if found.state != ContainerState.AT_SITE or found.site_id != site_id:
        words = message("Container {value} does not stand at this site.")
        step = message("Take it out of the file, or choose the site where it stands.")
        return [Broken("container_ids", "container_elsewhere", words, code, next_step=step)]
    if found.id in known.open_on:
        words = message("Container {value} is on manifest {number} already.")
        step = message("Take it out of the file, or cancel that manifest first.")
        facts: dict[str, object] = {"number": known.open_on[found.id]}
        return [Broken("container_ids", "container_on_manifest", words, code, next_step=step, facts=facts)]
    return []


def _command(
    known: _Known, site_id: UUID, of_load: Sequence[Row], said: Mapping[str, Any]
) -> tuple[DraftManifest | None, list[Broken]]:
    """The draft of a load, as far as its firms and sites are known."""
    broken: list[Broken] = []
    receiver, carrier = (known.firms.get(said.get(field, "")) for field in ("receiver_code", "carrier_id"))
    broken += [one for one in (receiver, carrier) if isinstance(one, Broken)]
    receiver_site = None
    if isinstance(receiver, UUID):
        receiver_site, wrong = _site_of(known.sites[receiver], said.get("receiver_site_id", ""))
        broken += wrong
    ids = [known.by_code[code].id for row in of_load if (code := row.get("container_ids")) in known.by_code]
    if receiver_site is None or not isinstance(carrier, UUID) or not {"plate", "method", "planned_on"} <= said.keys():
        return None, broken
    leg = LegPlan(carrier_id=carrier, plate=said["plate"], start=said.get("start", ""), end=said.get("end", ""))
    command = DraftManifest(
        shipper_site_id=site_id,
        receiver_site_id=receiver_site,
        method=said["method"],
        planned_on=said["planned_on"],
        container_ids=tuple(ids),
        legs=(leg,),
        remarks=said.get("remarks", ""),
        basis=TransferBasis(said.get("basis", TransferBasis.PERMIT)),
    )
    return command, broken


def _site_of(sites: Mapping[str, UUID], name: str) -> tuple[UUID | None, list[Broken]]:
    if name in sites:
        return sites[name], []
    if not name and len(sites) == 1:
        return next(iter(sites.values())), []
    facts: dict[str, object] = {"known": "、".join(sites)}
    words = message("The receiver has no site “{value}”; it has: {known}.")
    step = message("Write the name of one of them.")
    return None, [Broken("receiver_site_id", "receiver_site_unknown", words, name, next_step=step, facts=facts)]


def _at_our_field(broken: Broken) -> Broken:
    """A rule of the form at the field of the file."""
    field = "plate" if broken.field.startswith("legs") else broken.field
    return Broken(field, broken.code, broken.message, broken.value, broken.article, broken.next_step, broken.facts)
