"""One's own account: sessions, password, factors. For somebody signed in; a personal token changes nothing here."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from wastetrack import clock
from wastetrack.api.schemas import Body, Shown, problems
from wastetrack.auth import ceremonies, enrolling, enrolling_factors, factors, happenings, queries, signing_in
from wastetrack.auth.ceremonies import CeremonyKind
from wastetrack.auth.factors import FactorKind, GivenFactor
from wastetrack.auth.queries import Credential, Identity
from wastetrack.db.session import reading, writing
from wastetrack.errors import Forbidden, refuse_one
from wastetrack.manifests import signing_keys
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, WriteWork, Writing, engine_of, identify
from wastetrack.serving.idempotency import AnsweringRoute, keep_instead
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.sign_in_rules import rules_of
from wastetrack.serving.written_text import Line

router = RoomRouter(prefix="/account", route_class=AnsweringRoute, tags=["account"])


def _demand_session(identity: Identity) -> None:
    if identity.credential is not Credential.SESSION:
        raise Forbidden("token_changes_no_account", "A token cannot look after an account. Sign in yourself.")


async def _session_writing(work: Writing) -> WriteWork:
    _demand_session(work.identity)
    return work


SessionWriting = Annotated[WriteWork, Depends(_session_writing)]


class SessionShown(Shown):
    """Where one is signed in."""

    id: UUID
    user_agent: str
    factors: list[str] = Field(description="What opened it")
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    is_this: bool


class PasskeyShown(Shown):
    """One's passkey."""

    id: UUID
    name: str
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


class FactorsShown(Shown):
    """What one has enrolled beside the password."""

    passkeys: list[PasskeyShown]
    totp_enrolled: bool
    recovery_codes_left: int


class HappeningShown(Shown):
    """What happened to the account."""

    kind: str
    at: datetime
    facts: dict[str, str]


class Given(Body):
    """One factor: the one member that is sent."""

    password: SecretStr | None = Field(None, max_length=200)
    totp_code: SecretStr | None = Field(None, max_length=20)
    recovery_code: SecretStr | None = Field(None, max_length=60)
    assertion: dict[str, Any] | None = Field(None, description="PublicKeyCredential.toJSON()")

    def factor(self) -> GivenFactor:
        """As the use case takes it. Raises RuleBroken where none is sent."""
        if self.assertion is not None:
            return GivenFactor(FactorKind.PASSKEY, assertion=self.assertion)
        for kind, code in ((FactorKind.TOTP, self.totp_code), (FactorKind.RECOVERY_CODE, self.recovery_code)):
            if code is not None:
                return GivenFactor(kind, code=code.get_secret_value())
        if self.password is None:
            refuse_one("factor", "factor_missing", "A factor is missing.", next_step="Send one of those that you have.")
        return GivenFactor(FactorKind.PASSWORD, password=self.password.get_secret_value())


class NewPassword(Body):
    """The present password and the one to be."""

    present: SecretStr = Field(max_length=200)
    wanted: SecretStr = Field(max_length=200)


class Code(Body):
    """A code of the app that is being enrolled."""

    code: SecretStr = Field(max_length=20)


class NewPasskey(Body):
    """What the authenticator made."""

    name: Line = Field(examples=["my phone"])
    credential: dict[str, Any] = Field(description="PublicKeyCredential.toJSON()")


class TotpOffered(Shown):
    """A secret for an app, told this once; a repeated request gets it without."""

    secret: str | None
    address: str | None = Field(description="otpauth://…, for a QR code")


class CodesMade(Shown):
    """Recovery codes, told this once; a repeated request gets none."""

    codes: list[str]


@router.get("/sessions", responses=problems())
async def sessions(work: Reading) -> list[SessionShown]:
    """Where one is signed in, the latest first."""
    return [
        SessionShown(
            id=row.id,
            user_agent=row.user_agent,
            factors=row.factors,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            is_this=row.token_hash == work.identity.secret_hash,
        )
        for row in await queries.sessions_of(work.session, work.actor)
    ]


@router.post("/sessions/{session_id}/revoke", status_code=204, responses=problems(400, 403, 404))
async def revoke_session(work: SessionWriting, session_id: UUID) -> Response:
    """End one of one's sessions at once."""
    await signing_in.end_session(work.session, work.actor, session_id, at=work.at)
    return Response(status_code=204)


@router.post("/sessions/revoke-others", status_code=204, responses=problems(400, 403))
async def revoke_others(work: SessionWriting) -> Response:
    """End all of one's sessions but this."""
    await signing_in.sign_out_others(work.session, work.actor, work.identity.secret_hash, at=work.at)
    return Response(status_code=204)


@router.get("/happenings", responses=problems())
async def what_happened(work: Reading) -> list[HappeningShown]:
    """What happened to one's account of late, the newest first."""
    found = await happenings.of_own_account(work.session, work.actor)
    return [HappeningShown.model_validate(one) for one in found]


@router.get("/factors", responses=problems())
async def own_factors(work: Reading) -> FactorsShown:
    """What one has enrolled beside the password."""
    held = await factors.factors_of(work.session, work.actor.person_id)
    return FactorsShown(
        passkeys=[PasskeyShown.model_validate(passkey) for passkey in held.passkeys],
        totp_enrolled=held.totp is not None,
        recovery_codes_left=held.recovery_codes_left,
    )


@router.post("/confirm/options", responses=problems(400, 403))
async def confirm_options(work: SessionWriting, keys: DeploymentKeys) -> dict[str, Any]:
    """What to ask one's passkey, to give it again inside this session."""
    challenge = await ceremonies.give(work.session, CeremonyKind.PROOF, work.identity.secret_hash, at=work.at)
    return await factors.assertion_options(
        work.session, work.actor.person_id, challenge=challenge, relying_party=keys.relying_party
    )


@router.post("/confirm", status_code=204, responses=problems(403, 422, 429))
async def confirm(request: Request, keys: DeploymentKeys, body: Given) -> Response:
    """Give a factor again: for five minutes this session may then change factors. Needs no Idempotency-Key."""
    engine, at, given = engine_of(request), clock.now(), body.factor()
    async with writing(engine) as session:
        identity = await identify(request, session, at=at)
        _demand_session(identity)
        challenge = await ceremonies.take(session, CeremonyKind.PROOF, identity.secret_hash, at=at)
    person_id, party = identity.actor.person_id, keys.relying_party
    await factors.prove_again(engine, person_id, given, challenge=challenge, relying_party=party, at=at)
    async with writing(engine) as session:
        await enrolling_factors.note_proof(session, identity.secret_hash, at=at)
    return Response(status_code=204)


async def _present_fits(request: Request, body: NewPassword) -> bool:
    """Judged before the unit of work is opened: the attempt is counted whatever becomes of the rest."""
    at = clock.now()
    async with reading(engine_of(request)) as session:
        identity = await identify(request, session, at=at)
    _demand_session(identity)
    password = body.present.get_secret_value()
    return await factors.present_fits(engine_of(request), identity.actor.person_id, password, at=at)


@router.post("/password", status_code=204, responses=problems(400, 403, 422, 429))
async def change_password(
    request: Request, present_fits: Annotated[bool, Depends(_present_fits)], work: SessionWriting, body: NewPassword
) -> Response:
    """Set a new password; one's other sessions end."""
    organisation = await parties.organisation(work.session, work.actor.organisation_id)
    await enrolling.change_password(
        work.session,
        work.actor,
        present_fits=present_fits,
        wanted=body.wanted.get_secret_value(),
        keep_session=work.identity.secret_hash,
        at=work.at,
        required=rules_of(request).required,
        organisation_name=organisation.name,
    )
    return Response(status_code=204)


@router.post("/totp", status_code=201, responses=problems(400, 403))
async def offer_totp(request: Request, work: SessionWriting, keys: DeploymentKeys) -> TotpOffered:
    """A secret for one's app; it holds once a code of it was given."""
    party, secret_hash = keys.relying_party, work.identity.secret_hash
    offer = await enrolling_factors.offer_totp(work.session, work.actor, secret_hash, party=party, at=work.at)
    keep_instead(request, JSONResponse({"secret": None, "address": None}, 201))
    return TotpOffered(secret=offer.secret, address=offer.address)


@router.post("/totp/confirmation", status_code=204, responses=problems(400, 403, 422))
async def add_totp(work: SessionWriting, keys: DeploymentKeys, body: Code) -> Response:
    """Enrol the app that gives this code; one's other sessions end."""
    party, secret_hash, code = keys.relying_party, work.identity.secret_hash, body.code.get_secret_value()
    await enrolling_factors.add_totp(work.session, work.actor, secret_hash, code, party=party, at=work.at)
    return Response(status_code=204)


@router.post("/totp/removal", status_code=204, responses=problems(400, 403, 404, 422))
async def remove_totp(request: Request, work: SessionWriting) -> Response:
    """Take the app off; one's other sessions end."""
    required, secret_hash = rules_of(request).required, work.identity.secret_hash
    await enrolling_factors.remove_totp(work.session, work.actor, secret_hash, required=required, at=work.at)
    return Response(status_code=204)


@router.post("/recovery-codes", status_code=201, responses=problems(400, 403, 422))
async def make_recovery_codes(request: Request, work: SessionWriting) -> CodesMade:
    """A new list; every code of an older one stops working."""
    secret_hash = work.identity.secret_hash
    codes = await enrolling_factors.make_recovery_codes(work.session, work.actor, secret_hash, at=work.at)
    keep_instead(request, JSONResponse({"codes": []}, 201))
    return CodesMade(codes=list(codes))


@router.post("/passkeys/options", responses=problems(400, 403))
async def passkey_options(work: SessionWriting, keys: DeploymentKeys) -> dict[str, Any]:
    """What the authenticator is to make; answered within five minutes, once."""
    party, secret_hash = keys.relying_party, work.identity.secret_hash
    return await enrolling_factors.offer_passkey(work.session, work.actor, secret_hash, party=party, at=work.at)


@router.post("/passkeys", status_code=201, responses=problems(400, 403, 422))
async def add_passkey(work: SessionWriting, keys: DeploymentKeys, body: NewPasskey) -> PasskeyShown:
    """Enrol what the authenticator made; one's other sessions end."""
    party, secret_hash = keys.relying_party, work.identity.secret_hash
    passkey_id = await enrolling_factors.add_passkey(
        work.session, work.actor, secret_hash, body.credential, body.name, party=party, at=work.at
    )
    await signing_keys.state_passkey(work.session, work.actor, passkey_id, rp_id=party.id, at=work.at)
    held = await factors.factors_of(work.session, work.actor.person_id)
    return PasskeyShown.model_validate(next(one for one in held.passkeys if one.id == passkey_id))


@router.post("/passkeys/{passkey_id}/revoke", status_code=204, responses=problems(400, 403, 404, 422))
async def revoke_passkey(request: Request, work: SessionWriting, passkey_id: UUID) -> Response:
    """Take a passkey off; one's other sessions end."""
    required, secret_hash = rules_of(request).required, work.identity.secret_hash
    await enrolling_factors.remove_passkey(
        work.session, work.actor, secret_hash, passkey_id, required=required, at=work.at
    )
    await signing_keys.revoke(work.session, work.actor, passkey_id, at=work.at)
    return Response(status_code=204)
