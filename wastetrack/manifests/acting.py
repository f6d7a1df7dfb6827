"""Each signed step by its name: the same asked for, prepared, and signed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.statements import Signing
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import NotFound
from wastetrack.manifests import (
    back_entering,
    closing_trips,
    correcting,
    correcting_fields,
    filing,
    journey_queries,
    queries,
    receiving,
    redirecting,
    running,
    transporting,
)
from wastetrack.manifests.checking_loading import CheckLoading, LoadingPoint, check_loading
from wastetrack.manifests.handing_over import read_check
from wastetrack.manifests.journey_model import HandOver, Redirect, SignTrip
from wastetrack.manifests.journey_tables import TripRow
from wastetrack.manifests.model import (
    AnswerCorrection,
    CorrectionField,
    Receive,
    RequestCorrection,
    RequestFieldCorrection,
    SignAct,
    SignedStep,
)
from wastetrack.manifests.tables import CorrectionRow, ManifestRow
from wastetrack.mass import Mass
from wastetrack.transparency.appending import Appended


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A step as its signer asks for it. What a step does not need stays as it is here."""

    step: SignedStep
    subject_id: UUID
    """The manifest; for an answer, the correction."""
    version: int | None = None
    happened_at: datetime | None = None
    reason: str = ""
    opinion: str = ""
    missing_ids: tuple[UUID, ...] = ()
    container_id: UUID | None = None
    measured_g: int | None = None
    consent: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)
    """What else the newer steps need, as JSON."""

    def as_json(self) -> dict[str, Any]:
        """To be kept while it waits for its signature; the moment is kept apart."""
        return {
            "version": self.version,
            "reason": self.reason,
            "opinion": self.opinion,
            "missing_ids": [str(one) for one in self.missing_ids],
            "container_id": None if self.container_id is None else str(self.container_id),
            "measured_g": self.measured_g,
            "consent": self.consent,
            "told": dict(self.told),
        }

    @classmethod
    def read(cls, step: SignedStep, subject_id: UUID, told: Mapping[str, Any]) -> "Asked":
        """What `as_json` gave."""
        container_id = told["container_id"]
        return cls(
            step=step,
            subject_id=subject_id,
            version=told["version"],
            reason=told["reason"],
            opinion=told["opinion"],
            missing_ids=tuple(UUID(one) for one in told["missing_ids"]),
            container_id=None if container_id is None else UUID(container_id),
            measured_g=told["measured_g"],
            consent=told["consent"],
            told=told.get("told", {}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """What a step has done."""

    appended: Appended
    manifest: ManifestRow | None = None
    back: ManifestRow | None = None
    correction: CorrectionRow | None = None
    trip: TripRow | None = None


_TRIPS = {
    SignedStep.TRIP_ARRIVAL: closing_trips.arrive_trip,
    SignedStep.TRIP_CLOSING: closing_trips.close_trip,
}


Further = Callable[[WriteSession, Actor, Asked, Signing | None, datetime], Awaitable[Acted]]


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps of a paper of another room that belongs to a manifest, such as a trip card: how they are taken, to which
    manifest the paper belongs, and whose people may sign it."""

    act: Further
    manifest_id: Callable[[ReadSession, UUID], Awaitable[UUID]]
    parties: Callable[[ReadSession, UUID], Awaitable[frozenset[UUID]]]


BRANCHES: dict[SignedStep, Branch] = {}
"""By step; a room above this one puts its own here."""

_PLAIN = {
    SignedStep.FILING: filing.file_manifest,
    SignedStep.CANCELLATION: filing.cancel_manifest,
    SignedStep.VOIDING: filing.void_manifest,
    SignedStep.PICK_UP: transporting.pick_up,
    SignedStep.ARRIVAL: transporting.arrive,
    SignedStep.CONFIRMATION: receiving.confirm,
    SignedStep.OPENING: running.open_period,
    SignedStep.SUMMING_UP: running.sum_up,
    SignedStep.BACK_ENTRY: back_entering.back_enter,
}


async def act(session: WriteSession, actor: Actor, asked: Asked, signing: Signing | None, *, at: datetime) -> Acted:
    """Run the step. Raises whatever its use case raises."""
    if asked.step in BRANCHES:
        return await BRANCHES[asked.step].act(session, actor, asked, signing, at)
    if asked.step is SignedStep.RECEIPT:
        command = Receive(
            manifest_id=asked.subject_id,
            missing_ids=asked.missing_ids,
            opinion=asked.opinion,
            happened_at=asked.happened_at,
            version=asked.version,
            signing=signing,
        )
        row, back, appended = await receiving.receive(session, actor, command, at=at)
        return Acted(appended=appended, manifest=row, back=back)
    if asked.step in _CORRECTING:
        return await _correct(session, actor, asked, signing, at=at)
    if asked.step in _ON_THE_WAY:
        return await _act_on_the_way(session, actor, asked, signing, at=at)
    plain = SignAct(
        manifest_id=asked.subject_id,
        happened_at=asked.happened_at,
        version=asked.version,
        reason=asked.reason,
        signing=signing,
    )
    row, appended = await _PLAIN[asked.step](session, actor, plain, at=at)
    return Acted(appended=appended, manifest=row)


_CORRECTING = frozenset({SignedStep.CORRECTION, SignedStep.CORRECTION_ANSWER})


async def _correct(
    session: WriteSession, actor: Actor, asked: Asked, signing: Signing | None, *, at: datetime
) -> Acted:
    if asked.step is SignedStep.CORRECTION and asked.told:
        field = RequestFieldCorrection(
            manifest_id=asked.subject_id,
            field=CorrectionField(asked.told["field"]),
            new=str(asked.told["new"]),
            leg_position=int(asked.told["leg_position"]),
            reason=asked.reason,
            signing=signing,
        )
        correction, appended = await correcting_fields.request_field(session, actor, field, at=at)
        return Acted(appended=appended, correction=correction)
    if asked.step is SignedStep.CORRECTION:
        assert asked.container_id is not None  # noqa: S101  the rim asks for both
        assert asked.measured_g is not None  # noqa: S101
        request = RequestCorrection(
            manifest_id=asked.subject_id,
            container_id=asked.container_id,
            measured=Mass(asked.measured_g),
            reason=asked.reason,
            signing=signing,
        )
        correction, appended = await correcting.request_correction(session, actor, request, at=at)
        return Acted(appended=appended, correction=correction)
    answer = AnswerCorrection(
        correction_id=asked.subject_id, consent=asked.consent, reason=asked.reason, signing=signing
    )
    correction, appended = await correcting.answer_correction(session, actor, answer, at=at)
    return Acted(appended=appended, correction=correction)


_ON_THE_WAY = frozenset({SignedStep.LOADING_CHECK, SignedStep.HAND_OVER, SignedStep.REDIRECTION, *_TRIPS})


async def _act_on_the_way(
    session: WriteSession, actor: Actor, asked: Asked, signing: Signing | None, *, at: datetime
) -> Acted:
    if asked.step in _TRIPS:
        closing = SignTrip(trip_id=asked.subject_id, happened_at=asked.happened_at, signing=signing)
        trip, appended = await _TRIPS[asked.step](session, actor, closing, at=at)
        return Acted(appended=appended, trip=trip)
    if asked.step is SignedStep.REDIRECTION:
        elsewhere = Redirect(
            manifest_id=asked.subject_id,
            receiver_site_id=UUID(str(asked.told["receiver_site_id"])),
            method=str(asked.told["method"]),
            reason=asked.reason,
            happened_at=asked.happened_at,
            version=asked.version,
            signing=signing,
        )
        row, appended = await redirecting.redirect(session, actor, elsewhere, at=at)
        return Acted(appended=appended, manifest=row)
    if asked.step is SignedStep.LOADING_CHECK:
        look = CheckLoading(
            manifest_id=asked.subject_id,
            happened_at=asked.happened_at,
            version=asked.version,
            signing=signing,
            seen=frozenset(LoadingPoint(one) for one in asked.told.get("seen", ())),
        )
        row, appended = await check_loading(session, actor, look, at=at)
        return Acted(appended=appended, manifest=row)
    handed = HandOver(
        manifest_id=asked.subject_id,
        happened_at=asked.happened_at,
        version=asked.version,
        signing=signing,
        check=read_check(asked.told),
    )
    row, appended = await transporting.hand_over(session, actor, handed, at=at)
    return Acted(appended=appended, manifest=row)


async def manifest_of(session: ReadSession, actor: Actor, step: SignedStep, subject_id: UUID) -> ManifestRow:
    """The manifest that a step is about, if the actor sees it. Raises NotFound."""
    if step in _TRIPS:
        trip = await journey_queries.trip(session, actor, subject_id)
        return await queries.manifest_row(session, actor, (await journey_queries.stops(session, trip.id))[0])
    if step in BRANCHES:
        return await queries.manifest_row(session, actor, await BRANCHES[step].manifest_id(session, subject_id))
    if step is not SignedStep.CORRECTION_ANSWER:
        return await queries.manifest_row(session, actor, subject_id)
    found = await queries.correction(session, actor, subject_id)
    if found is None:
        raise NotFound("correction_unknown", "There is no such correction.", correction_id=subject_id)
    return await queries.manifest_row(session, actor, found.manifest_id)
