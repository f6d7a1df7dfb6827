"""Signing in by a provider's word: begun in one browser, finished in the same one, for people it may vouch for.

Nobody is recognised by a mail address. A person is linked to a provider's subject by accepting an invitation with it,
or by the organisation's own directory, which names the subject when it provisions the person (`externalId`).
"""

import dataclasses
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from wastetrack.auth import accepting, inviting, openid, opening, queries, signing_in
from wastetrack.auth.factors import factors_of
from wastetrack.auth.joining_model import InvitationState
from wastetrack.auth.joining_tables import (
    FederatedIdentity,
    FederatedRequest,
    FederatedSession,
    InvitationLink,
    InvitationRow,
    ProvisionedPerson,
)
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.openid import Vouched
from wastetrack.auth.opening import Browser, SignedIn
from wastetrack.auth.queries import hash_of
from wastetrack.auth.tables import Membership, Person
from wastetrack.db.session import ReadSession, WriteSession, writing
from wastetrack.errors import Forbidden, NotFound, Unauthenticated
from wastetrack.i18n import message
from wastetrack.outbound.addresses import OutboundPolicy
from wastetrack.settings import IdentityProvider

_LASTS = timedelta(minutes=10)
_OVER = message("This sign-in is over or was begun in another browser. Begin again.")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What a deployment has for this: its providers, the address to come back to, what may be asked of the network."""

    providers: Sequence[IdentityProvider]
    base_url: str
    policy: OutboundPolicy

    def provider(self, slug: str) -> IdentityProvider:
        """The provider of a name. Raises NotFound."""
        found = next((one for one in self.providers if one.slug == slug), None)
        if found is None:
            raise NotFound("provider_unknown", "There is no such provider.")
        return found

    def back(self, provider: IdentityProvider) -> str:
        """Where the provider sends the browser: an address of its own for each, so that none answers for another."""
        return f"{self.base_url.rstrip('/')}/sign-in/with/{provider.slug}/back"


@dataclasses.dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and the secret it keeps meanwhile."""

    address: str
    browser_secret: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came back with the browser."""

    state: str
    code: str = dataclasses.field(repr=False)
    issuer: str | None
    browser_secret: str = dataclasses.field(repr=False)
    user_agent: str
    replaces: str | None = dataclasses.field(default=None, repr=False)


async def begin(
    engine: AsyncEngine, doors: Doors, slug: str, *, next_page: str, invitation: str, at: datetime
) -> Begun:
    """Remember the request and tell where to go. `invitation` is the secret of a link, or empty."""
    provider = doors.provider(slug)
    known = await openid.discover(provider, policy=doors.policy, at=at)
    state, nonce, verifier, browser = (secrets.token_urlsafe(48) for _ in range(4))
    async with writing(engine) as session:
        session.add(
            FederatedRequest(
                state_hash=hash_of(state),
                browser_hash=hash_of(browser),
                provider=slug,
                nonce=nonce,
                code_verifier=verifier,
                next_page=next_page,
                invitation_hash=hash_of(invitation) if invitation else None,
                expires_at=at + _LASTS,
            )
        )
        await session.flush()
    back = doors.back(provider)
    address = openid.address_to_ask(known, provider, back=back, state=state, nonce=nonce, verifier=verifier)
    return Begun(address, browser)


async def finish(
    engine: AsyncEngine,
    doors: Doors,
    slug: str,
    returned: Returned,
    *,
    lasts: timedelta,
    at: datetime,
    required: frozenset[Role] = frozenset(),
) -> tuple[SignedIn, str]:
    """Open a session for the person that the provider names; gives it and the page to go on to.

    Raises Unauthenticated for a request that is over, a word that does not hold, or somebody whom nobody let in.
    """
    provider = doors.provider(slug)
    async with writing(engine) as session:
        request = await _take(session, slug, returned, at=at)
    if request is None or returned.issuer not in {None, provider.issuer}:  # RFC 9207
        raise Unauthenticated("federation_over", _OVER)
    vouched = await openid.redeem(
        provider,
        code=returned.code,
        verifier=request.code_verifier,
        nonce=request.nonce,
        back=doors.back(provider),
        policy=doors.policy,
        at=at,
    )
    async with writing(engine) as session:
        person = await _recognise(session, vouched, request.invitation_hash, at=at)
        hats = [hat for hat in await queries.memberships_in_force(session, person.id) if _may_open(hat, vouched)]
        if not hats:
            raise _nobody()
        if returned.replaces is not None:
            await signing_in.sign_out(session, hash_of(returned.replaces))
        opened = await _open(session, person, hats[0], returned.user_agent, required=required, lasts=lasts, at=at)
        await _note(session, opened, vouched)
    return opened, request.next_page


async def _open(
    session: WriteSession,
    person: Person,
    hat: Membership,
    user_agent: str,
    *,
    required: frozenset[Role],
    lasts: timedelta,
    at: datetime,
) -> SignedIn:
    """The provider has seen to it who is there; what our own factors must do, they must do here too."""
    browser = Browser(user_agent)
    held = await factors_of(session, person.id)
    restriction = opening.restriction_of(Role(hat.role), held, is_temporary=False, required=required)
    await opening.note_sign_in(session, person, browser, (), at=at)
    return await opening.open_session(
        session, person, hat, browser, factors=(), restriction=restriction, expires_at=at + lasts, at=at
    )


async def change_membership(
    session: WriteSession,
    actor: Actor,
    secret_hash: bytes,
    membership_id: UUID,
    *,
    at: datetime,
    required: frozenset[Role] = frozenset(),
) -> SignedIn:
    """Change hats (signing_in.change_membership), but a provider vouches for its own organisations only."""
    held = await session.get(FederatedSession, secret_hash)
    if held is None:
        return await signing_in.change_membership(session, actor, secret_hash, membership_id, at=at, required=required)
    vouched = Vouched(held.issuer, held.subject, held.acr, tuple(held.amr), frozenset(held.organisation_ids))
    session.expunge(held)
    chosen = await session.get(Membership, membership_id)
    if chosen is not None and chosen.person_id == actor.person_id and not _may_open(chosen, vouched):
        raise Forbidden(
            "provider_elsewhere",
            "Your provider vouches for you at other organisations only. Sign in with your password for this one.",
        )
    opened = await signing_in.change_membership(session, actor, secret_hash, membership_id, at=at, required=required)
    await _note(session, opened, vouched)
    return opened


async def forget_requests(session: WriteSession, *, at: datetime) -> None:
    """Drop sign-ins that were begun and never finished; for the nightly job."""
    await session.execute(sa.delete(FederatedRequest).where(col(FederatedRequest.expires_at) <= at))


def _may_open(hat: Membership, vouched: Vouched) -> bool:
    """Only for the organisations vouched for; a delegate is of another firm, which this provider does not know."""
    return hat.organisation_id in vouched.organisation_ids and hat.delegate_of_organisation_id is None


async def _take(session: WriteSession, slug: str, returned: Returned, *, at: datetime) -> FederatedRequest | None:
    """The request, used up; None for one that is unknown, over, another provider's or another browser's."""
    taken = sa.delete(FederatedRequest).where(
        col(FederatedRequest.state_hash) == hash_of(returned.state),
        col(FederatedRequest.browser_hash) == hash_of(returned.browser_secret),
        col(FederatedRequest.provider) == slug,
        col(FederatedRequest.expires_at) > at,
    )
    return (await session.execute(taken.returning(FederatedRequest))).scalar_one_or_none()


async def _recognise(session: WriteSession, vouched: Vouched, invitation_hash: bytes | None, *, at: datetime) -> Person:
    """The person linked to the subject, or linked now: by the invitation he holds, or by a directory's word."""
    # Two browsers of one person that come back at once must not make two of him.
    lock = int.from_bytes(hashlib.sha256(f"{vouched.issuer}\0{vouched.subject}".encode()).digest()[:8], signed=True)
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
    linked = await session.get(FederatedIdentity, (vouched.issuer, vouched.subject))
    if linked is not None:
        person = await session.get_one(Person, linked.person_id)
    else:
        person = await _invited(session, vouched, invitation_hash, at=at) or await _provisioned(session, vouched)
        session.add(
            FederatedIdentity(issuer=vouched.issuer, subject=vouched.subject, person_id=person.id, created_at=at)
        )
        await session.flush()
    if person.disabled_at is not None:
        raise _nobody()
    return person


async def _invited(
    session: WriteSession, vouched: Vouched, invitation_hash: bytes | None, *, at: datetime
) -> Person | None:
    if invitation_hash is None:
        return None
    statement = (
        sa.select(InvitationRow)
        .join(InvitationLink, col(InvitationLink.invitation_id) == col(InvitationRow.id))
        .where(col(InvitationLink.token_hash) == invitation_hash)
        .with_for_update(of=InvitationRow)
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    open_to_all = row is not None and inviting.state_of(row, at=at) is InvitationState.PENDING
    if row is None or not open_to_all or row.organisation_id not in vouched.organisation_ids or row.membership_id:
        raise _nobody()
    if await accepting.has_account(session, row):
        raise Unauthenticated(
            "account_exists_already",
            "You have an account on this platform already. Sign in with your password, then open the invitation again.",
        )
    person = await accepting.new_person(
        session, login=row.contact, name=row.name, password=None, locale=row.locale, at=at
    )
    await accepting.join(session, row, person.id, at=at)
    return person


async def _provisioned(session: ReadSession, vouched: Vouched) -> Person:
    statement = (
        sa.select(Person)
        .join(ProvisionedPerson, col(ProvisionedPerson.person_id) == col(Person.id))
        .where(
            col(ProvisionedPerson.external_id) == vouched.subject,
            col(ProvisionedPerson.organisation_id).in_(vouched.organisation_ids),
            col(ProvisionedPerson.deleted_at).is_(None),
        )
        .distinct()
    )
    found = list((await session.execute(statement)).scalars())
    # Two organisations that name different people by one subject: nobody can tell whom the provider means.
    if len(found) != 1:
        raise _nobody()
    return found[0]


async def _note(session: WriteSession, opened: SignedIn, vouched: Vouched) -> None:
    session.add(
        FederatedSession(
            token_hash=hash_of(opened.token),
            issuer=vouched.issuer,
            subject=vouched.subject,
            acr=vouched.acr,
            amr=list(vouched.amr),
            organisation_ids=sorted(vouched.organisation_ids),
        )
    )
    await session.flush()


def _nobody() -> Unauthenticated:
    return Unauthenticated(
        "federation_nobody",
        "Your provider knows you, but no organisation that it serves has let you in. Ask its owner for an invitation.",
    )
