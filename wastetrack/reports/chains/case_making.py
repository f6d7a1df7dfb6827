"""Makes the case pack of a chain: a long task's work, in a reading session of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from wastetrack.auth.model import Actor
from wastetrack.auth.sight import look_as
from wastetrack.db.session import ReadSession, reading
from wastetrack.errors import NotFound
from wastetrack.i18n import Locale
from wastetrack.manifests import signing_keys
from wastetrack.reports import proving
from wastetrack.reports.chains import case_checks, case_files, cases
from wastetrack.reports.chains.case_findings import CaseFinding, finding_of
from wastetrack.reports.chains.gathering import Asked, ChainOf, chain
from wastetrack.reports.chains.model import ChainDirection
from wastetrack.transparency.note import Signer, sign

KIND: Final = "case_pack"
_STEPS: Final = 4
_MOMENTS = ("since", "until", "known_until")
_TEXTS = ("title", "made_for", "reason", "locale", "zone", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseWanted:
    """What the pack is of, for whom and why, and how it reads."""

    asked: Asked
    title: str
    made_for: str
    reason: str
    locale: Locale
    zone: str
    address: str
    finding: UUID | None = None
    finding_address: str = ""

    def arguments(self) -> dict[str, Any]:
        """As a long task keeps it."""
        asked = self.asked
        moments = {name: getattr(asked, name) for name in _MOMENTS}
        return {
            "of": asked.of.value,
            "subject": str(asked.subject_id),
            "direction": asked.direction.value,
            "finding": None if self.finding is None else str(self.finding),
            "finding_address": self.finding_address,
            **{name: None if at is None else at.isoformat() for name, at in moments.items()},
            **{name: getattr(self, name) for name in _TEXTS},
        }

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "CaseWanted":
        """The same read back."""
        asked = Asked(
            of=ChainOf(told["of"]),
            subject_id=UUID(told["subject"]),
            direction=ChainDirection(told["direction"]),
            **{name: None if told[name] is None else datetime.fromisoformat(told[name]) for name in _MOMENTS},
        )
        finding = told.get("finding")
        return cls(
            asked=asked,
            finding=None if finding is None else UUID(finding),
            finding_address=told.get("finding_address", ""),
            **{name: told[name] for name in _TEXTS},
        )


async def make_pack(
    engine: AsyncEngine,
    actor: Actor,
    wanted: CaseWanted,
    *,
    signer: Signer,
    titles: Mapping[str, str],
    at: datetime,
    progress: Callable[[int, int], Awaitable[None]],
) -> tuple[str, bytes]:
    """The name and the bytes of the pack, as this actor sees the chain. Raises NotFound where it holds nothing."""
    async with reading(engine) as session:
        await look_as(session, actor)
        await progress(0, _STEPS)
        found = await chain(session, actor, wanted.asked)
        if not found.graph.nodes:
            raise NotFound("chain_empty", "The log holds nothing of this that you may see, in this period.")
        finding, acts = await _finding(session, actor, wanted, at)
        ids = [*(event.id for event in found.read), *acts]
        ids = list(dict.fromkeys([*ids, *await signing_keys.events_of_keys(session, ids)]))
        await progress(1, _STEPS)
        await proving.ensure_placed(session, ids, engine=engine, signer=signer)
        bundled = (await proving.gather_bundle(session, ids, signer=signer)).encode()
    await progress(2, _STEPS)
    events = case_checks.events_of(bundled)
    if finding is not None:
        finding = finding.proved_by(
            [one.log_index for one in events if wanted.asked.subject_id in one.subjects or one.id in acts]
        )
    case = cases.Case.of(
        found,
        title=wanted.title,
        made_at=at,
        made_for=wanted.made_for,
        reason=wanted.reason,
        locale=wanted.locale,
        zone=wanted.zone,
        address=wanted.address,
        finding=finding,
    )
    name = f"case-{wanted.asked.of.value}-{at:%Y%m%d-%H%M%S}.zip"
    tables = cases.tables(case, events, titles)
    await progress(3, _STEPS)
    files = case_files.derived(case, tables)
    files |= {case_files.CASE: case.as_json().encode(), case_files.BUNDLE: bundled}
    files[case_files.README] = case_files.readme(case, name)
    files[case_files.MANIFEST] = case_files.manifest(files)
    note = sign(case_files.signed_text(signer.name, files[case_files.MANIFEST]), signer)
    files[case_files.SIGNATURE] = note.encode()
    return name, case_files.zipped(files)


async def _finding(
    session: ReadSession, actor: Actor, wanted: CaseWanted, at: datetime
) -> tuple[CaseFinding | None, list[UUID]]:
    if wanted.finding is None:
        return None, []
    address = wanted.finding_address
    return await finding_of(
        session, actor, wanted.finding, locale=wanted.locale, zone=wanted.zone, address=address, at=at
    )
