"""Single sign-on against a real provider on this machine: who is let in, and everything that must not pass."""

import base64
import dataclasses
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr, ValidationError

from tests.support.belonging import invited, people
from tests.support.databases import Cluster
from tests.support.identity_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    IdentityProvider,
    another_key,
    curve_key,
    path_of,
    running,
)
from tests.support.served import Served, Visitor, served_on
from tests.support.world import World
from wastetrack import clock
from wastetrack.auth import federating, openid
from wastetrack.auth.queries import hash_of
from wastetrack.db.addresses import Address
from wastetrack.db.session import reading, writing
from wastetrack.errors import Unauthenticated
from wastetrack.ids import new_id
from wastetrack.outbound.addresses import OutboundPolicy, OutboundRefused
from wastetrack.settings import IdentityProvider as Setting

ON_TRIAL = OutboundPolicy(loopback=True)
START = "/sign-in/with/group"


@dataclasses.dataclass
class Federation:
    """Our application with a provider that may vouch for the generator's and the authority's people."""

    served: Served
    provider: IdentityProvider

    def visitor(self) -> Visitor:
        """A browser."""
        return self.served.visitor()

    async def went(self, visitor: Visitor, start: str = START) -> str:
        """Begin, sign in at the provider; gives the address of ours to which it sends the browser."""
        begun = await visitor.get(start)
        assert begun.status_code == 303, begun.text
        return path_of(await self.provider.sign_in_at(begun.headers["location"]))

    async def signed_in(self, visitor: Visitor, start: str = START) -> Any:  # noqa: ANN401  httpx's own
        """There and back."""
        return await visitor.get(await self.went(visitor, start))


@pytest.fixture(scope="module")
async def federation(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Federation]:
    """Both, for the tests of this file."""
    world, template = town
    address = cluster.clone(template.database)
    async with running() as provider:
        setting = Setting(
            slug="group",
            name="集团统一认证",
            issuer=provider.issuer,
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            organisations=(world.generator.id, world.inspector.organisation_id),
        )
        async with served_on(
            address.url,
            world,
            tmp_path_factory.mktemp("federation"),
            identity_providers=(setting,),
            outbound_loopback=True,
        ) as served:
            yield Federation(served, provider)
    cluster.drop(address)


@pytest.fixture(autouse=True)
def well_behaved(federation: Federation) -> None:
    """Each test begins with a provider that says the truth of somebody new."""
    provider = federation.provider
    provider.subject, provider.claims, provider.algorithm = f"emp-{new_id()}", {}, "RS256"
    provider.signs_with, provider.discovery = None, {}
    openid._known.clear()


async def linked(federation: Federation, role: str = "filer") -> str:
    """Somebody who has joined by invitation with the provider's word; gives the login."""
    contact = f"{new_id()}@example.cn"
    secret = await invited(federation.served, contact, role)
    answered = await federation.signed_in(federation.visitor(), f"{START}?invitation={secret}")
    assert answered.status_code == 303, answered.text
    return contact


async def test_somebody_whom_nobody_let_in_stays_outside(federation: Federation) -> None:
    answered = await federation.signed_in(federation.visitor())
    assert answered.status_code == 401
    assert "都还没有接纳您" in answered.text
    assert "wastetrack" not in answered.cookies


async def test_an_invited_person_joins_with_the_provider_s_word_and_signs_in_with_it(federation: Federation) -> None:
    login = await linked(federation, "signer")
    visitor = federation.visitor()
    answered = await federation.signed_in(visitor, f"{START}?next=/manifests")
    assert (answered.status_code, answered.headers["location"]) == (303, "/manifests")
    assert "签字人" in (await visitor.get("/account")).text
    assert (await federation.visitor().sign_in(login, "")).status_code == 401
    async with reading(federation.served.owner) as session:
        held = (
            await session.execute(
                sa.text("select acr, amr, subject from federated_sessions where token_hash = :hash"),
                {"hash": hash_of(visitor.http.cookies["wastetrack"])},
            )
        ).one()
    assert tuple(held) == ("urn:mace:incommon:iap:silver", ["pwd", "otp"], federation.provider.subject)


async def test_an_address_recognises_nobody(federation: Federation) -> None:
    login = await linked(federation)
    federation.provider.subject = "somebody-else"
    federation.provider.claims = {"email": login, "email_verified": True}
    assert (await federation.signed_in(federation.visitor())).status_code == 401


async def test_an_invitation_to_somebody_with_an_account_is_not_taken_by_the_provider(federation: Federation) -> None:
    contact = f"{new_id()}@example.cn"
    first = await invited(federation.served, contact, by="stranger", place="stranger")
    visitor = federation.visitor()
    token = await visitor.token_on(f"/join?token={first}")
    fields = {"csrf_token": token, "token": first, "password": "nine loud rivers at dawn"}
    assert (await visitor.post("/join", data=fields)).status_code == 303
    second = await invited(federation.served, contact)
    answered = await federation.signed_in(federation.visitor(), f"{START}?invitation={second}")
    assert answered.status_code == 401
    assert "您在本平台已有账户" in answered.text


async def test_an_invitation_of_an_organisation_that_the_provider_does_not_serve_opens_nothing(
    federation: Federation,
) -> None:
    secret = await invited(federation.served, f"{new_id()}@example.cn", by="stranger", place="stranger")
    assert (await federation.signed_in(federation.visitor(), f"{START}?invitation={secret}")).status_code == 401


async def test_a_provider_vouches_for_its_own_organisations_only(federation: Federation) -> None:
    served = federation.served
    login = await linked(federation)
    operator = await served.page_visitor("operator")
    there = people(served, "stranger")
    fields = {"login": login, "name": "两处任职", "password": "", "role": "owner"}
    assert (await operator.send_form(there, fields, page=there)).status_code == 303
    visitor = federation.visitor()
    assert (await federation.signed_in(visitor)).status_code == 303
    async with reading(served.owner) as session:
        other = await session.scalar(
            sa.text(
                "select m.id from memberships m join people p on p.id = person_id where login = :login "
                "and organisation_id = :firm"
            ),
            {"login": login, "firm": served.places["stranger"]},
        )
    refused = await visitor.send_form("/account/membership", {"membership_id": str(other)}, page="/account")
    assert refused.status_code == 403
    # Ended at the organisation that the provider serves, he is nobody to it.
    async with writing(served.owner) as session:
        await session.execute(
            sa.text(
                "update memberships set ended_at = now() from people p where p.id = person_id and login = :login "
                "and organisation_id = :firm"
            ),
            {"login": login, "firm": served.places["generator"]},
        )
    assert (await federation.signed_in(federation.visitor())).status_code == 401


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"claims": {"iss": "https://elsewhere.example"}},
    "for somebody else": {"claims": {"aud": "another-client"}},
    "for several, not issued to us": {"claims": {"aud": [CLIENT_ID, "other"]}},
    "for several, issued to another": {"claims": {"aud": [CLIENT_ID, "other"], "azp": "other"}},
    "issued to another": {"claims": {"azp": "other"}},
    "expired": {"claims": {"exp": int(time.time()) - 120, "iat": int(time.time()) - 420}},
    "without an end": {"claims": {"exp": None}},
    "without a beginning": {"claims": {"iat": None}},
    "from the future": {"claims": {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200}},
    "old": {"claims": {"iat": int(time.time()) - 3600, "exp": int(time.time()) + 3600}},
    "not yet": {"claims": {"nbf": int(time.time()) + 3600}},
    "of another request": {"claims": {"nonce": "replayed"}},
    "without a request": {"claims": {"nonce": None}},
    "of nobody": {"claims": {"sub": None}},
    "of a number": {"claims": {"sub": 5}},
    "by a key that is not published": {"signs_with": another_key()},
    "by an algorithm that is not allowed": {"algorithm": "RS512"},
    "with a wrong hash of its companion": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
async def test_a_word_that_does_not_hold_opens_nothing(federation: Federation, wrong: dict[str, Any]) -> None:
    await linked(federation)
    assert (await federation.signed_in(federation.visitor())).status_code == 303
    for name, value in wrong.items():
        setattr(federation.provider, name, value)
    visitor = federation.visitor()
    answered = await federation.signed_in(visitor)
    assert answered.status_code == 401, answered.text
    assert "wastetrack" not in visitor.http.cookies


async def test_an_unsigned_word_and_one_signed_with_what_is_public_open_nothing(federation: Federation) -> None:
    """The two oldest forgeries of such tokens: no algorithm, and the public key taken for a shared secret."""
    await linked(federation)
    setting = federation.served.app.state.settings.identity_providers[0]
    known = await openid.discover(setting, policy=ON_TRIAL, at=clock.now())
    nonce = "n"
    honest = federation.provider.id_token(nonce)
    body = honest.split(".")[1]
    for forged in (f"eyJhbGciOiJub25lIn0.{body}.", _by_public_key(federation.provider, body)):
        with pytest.raises(Exception) as refused:  # noqa: PT011  what the library raises is its own matter
            await openid._decoded(known, setting, forged, policy=ON_TRIAL, at=clock.now())
        assert type(refused.value).__module__.startswith("joserfc") or isinstance(refused.value, ValueError)
    token = await openid._decoded(known, setting, honest, policy=ON_TRIAL, at=clock.now())
    assert token.claims["nonce"] == nonce


def _by_public_key(provider: IdentityProvider, body: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"first"}').rstrip(b"=").decode()
    mac = hmac.new(provider.key.as_pem(private=False), f"{header}.{body}".encode(), hashlib.sha256).digest()
    return f"{header}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


async def test_changed_keys_are_found_and_curves_are_understood(federation: Federation) -> None:
    await linked(federation)
    provider, old = federation.provider, federation.provider.key
    try:
        provider.key, provider.algorithm = curve_key(), "ES256"
        known = openid._known[provider.issuer]
        assert (await federation.signed_in(federation.visitor())).status_code == 401, "asked once a minute at most"
        known.keys_found_at = known.keys_found_at.replace(year=2020)
        assert (await federation.signed_in(federation.visitor())).status_code == 303
    finally:
        provider.key = old


async def test_coming_back_works_once_and_in_the_browser_that_began(federation: Federation) -> None:
    await linked(federation)
    visitor, thief = federation.visitor(), federation.visitor()
    back = await federation.went(visitor)
    assert (await thief.get(back)).status_code == 401
    assert (await visitor.get(back)).status_code == 303
    again = federation.visitor()
    again.http.cookies.update(visitor.http.cookies)
    assert (await again.get(back)).status_code == 401


@pytest.mark.parametrize("change", [("state=", "state=x"), ("code=", "code=x"), ("iss=http", "iss=https")])
async def test_an_address_that_was_tampered_with_opens_nothing(federation: Federation, change: tuple[str, str]) -> None:
    await linked(federation)
    visitor = federation.visitor()
    back = await federation.went(visitor)
    answered = await visitor.get(back.replace(*change))
    assert answered.status_code in {400, 401}, answered.text
    assert "wastetrack" not in visitor.http.cookies


async def test_a_provider_that_sends_us_elsewhere_is_not_followed(federation: Federation) -> None:
    await linked(federation)
    provider = federation.provider
    provider.discovery = {"token_endpoint": f"{provider.issuer}/elsewhere"}
    openid._known.clear()
    asked = provider.requests.count("/token")
    assert (await federation.signed_in(federation.visitor())).status_code == 400
    assert provider.requests.count("/token") == asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://elsewhere.example"},
        {"token_endpoint": "http://example.org/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_provider_that_describes_itself_wrongly_is_not_asked(
    federation: Federation, wrong: dict[str, str]
) -> None:
    federation.provider.discovery = wrong
    answered = await federation.visitor().get(START)
    assert answered.status_code == 400, answered.text


async def test_an_unknown_provider_is_not_there(federation: Federation) -> None:
    assert (await federation.visitor().get("/sign-in/with/nobody")).status_code == 404
    assert "集团统一认证" in (await federation.visitor().get("/sign-in")).text


async def test_a_provider_is_asked_through_the_guard_of_all_that_is_asked() -> None:
    for issuer in ("http://127.0.0.1:9", "https://10.0.0.5", "https://a:b@example.org"):
        with pytest.raises(OutboundRefused):
            await openid.discover(a_setting(issuer=issuer), policy=OutboundPolicy(), at=clock.now())


def a_setting(**changes: Any) -> Setting:  # noqa: ANN401  any field of the setting
    values: dict[str, Any] = {
        "slug": "group",
        "name": "集团",
        "issuer": "https://id.example.cn",
        "client_id": CLIENT_ID,
        "organisations": (new_id(),),
    }
    return Setting(**values | changes)


def said(setting: Setting, **claims: Any) -> openid.Vouched:  # noqa: ANN401
    """Judge claims whose signature holds."""
    now = int(time.time())
    whole = {"iss": setting.issuer, "sub": "s", "aud": CLIENT_ID, "iat": now, "exp": now + 60, "nonce": "n", **claims}
    return openid.vouched_by(setting, whole, {"alg": "RS256"}, nonce="n", access_token=None, at=clock.now())


def test_where_domains_are_named_the_address_must_be_verified_and_of_one() -> None:
    setting = a_setting(email_domains=("example.cn",))
    assert said(setting, email="li@example.cn", email_verified=True).subject == "s"
    wrong: tuple[dict[str, object], ...] = (
        {},
        {"email": "li@example.cn"},
        {"email": "li@example.cn", "email_verified": "true"},
        {"email": "li@evil-example.cn", "email_verified": True},
        {"email": "li@example.cn.evil.org", "email_verified": True},
    )
    for claims in wrong:
        with pytest.raises(Unauthenticated):
            said(setting, **claims)


def test_a_claim_chooses_among_the_named_organisations_and_must_be_there() -> None:
    one, other = new_id(), new_id()
    setting = a_setting(organisations=(), organisation_claim="org", organisation_values={"a": one, "b": other})
    assert said(setting, org="a").organisation_ids == {one}
    assert said(setting, org=["a", "b", "c"]).organisation_ids == {one, other}
    wrong: tuple[dict[str, object], ...] = ({}, {"org": "c"}, {"org": [{}]})
    for claims in wrong:
        with pytest.raises(Unauthenticated):
            said(setting, **claims)


@pytest.mark.parametrize(
    "changes", [{"organisations": ()}, {"algorithms": ("none",)}, {"algorithms": ("HS256",)}, {"slug": "../x"}]
)
def test_a_provider_is_set_up_wholly_or_not_at_all(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_setting(**changes)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("of the client\n", encoding="utf-8")
    assert a_setting(client_secret_file=file).secret() == "of the client"
    assert a_setting().secret() is None


async def test_sign_ins_that_were_never_finished_are_forgotten(federation: Federation) -> None:
    await federation.visitor().get(START)
    engine = federation.served.owner
    async with writing(engine) as session:
        await session.execute(sa.text("update federated_requests set expires_at = now() - interval '1 second'"))
    async with writing(engine) as session:
        await federating.forget_requests(session, at=clock.now())
    async with reading(engine) as session:
        assert await session.scalar(sa.text("select count(*) from federated_requests")) == 0
