"""Messages leave by a folder, a terminal or a mail server; the worker makes the link that it sends."""

import asyncio
import email
import email.policy
import io
import re
import socketserver
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.world import World
from wastetrack import clock
from wastetrack.auth import inviting
from wastetrack.auth.inviting import Invited
from wastetrack.auth.joining_model import ContactKind
from wastetrack.auth.model import Role
from wastetrack.db import addresses
from wastetrack.db.session import reading, writing
from wastetrack.jobs.delivering import deliver
from wastetrack.jobs.delivery import ConsoleDelivery, FolderDelivery, Message, SmtpDelivery, delivery_of
from wastetrack.jobs.worker import both
from wastetrack.parties import membership
from wastetrack.settings import DeliveryKind, Settings

HOURS = timedelta(hours=72)
_LINK = re.compile(r"http://test\.example/join\?token=(wi_[A-Za-z0-9_-]{43})")


def settings_in(folder: Path) -> Settings:
    return Settings(data_dir=folder, base_url="http://test.example/")


async def asked(
    engine: AsyncEngine, world: World, contact: str = "li.na@example.cn", locale: str = "zh", *, fails: bool = False
) -> Invited:
    owner = world.generator.owner
    async with writing(engine) as session:
        made = await membership.invite(
            session,
            owner,
            owner.organisation_id,
            contact=contact,
            name="李娜",
            role=Role.FILER,
            locale=locale,
            lasts=HOURS,
            at=clock.now(),
        )
        if fails:
            raise ZeroDivisionError
        return made


def letters_in(folder: Path) -> list[str]:
    files = sorted((folder / "outbox").glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default).get_content() for file in files]


async def test_the_worker_sends_what_was_committed_and_its_link_opens_the_invitation(
    fresh_town: AsyncEngine, world: World, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path)
    dsn = addresses.over("", fresh_town.url.render_as_string(hide_password=False))
    made = await asked(fresh_town, world)
    async with asyncio.timeout(30), both(settings, dsn=dsn, engine=fresh_town):
        while not letters_in(tmp_path):  # noqa: ASYNC110  a file appears
            await asyncio.sleep(0.05)
        sent = None
        while sent is None:
            async with reading(fresh_town) as session:
                sent = await session.scalar(sa.text("select sent_at from invitations where id = :id"), {"id": made.id})
            await asyncio.sleep(0.05)
    (text,) = letters_in(tmp_path)
    secret = _LINK.findall(text)
    assert "请打开以下链接并设置您自己的密码" in text
    assert secret != [made.secret]
    async with reading(fresh_town) as session:
        for one in (*secret, made.secret):
            assert (await inviting.by_secret(session, one, at=clock.now())).id == made.id
        # Beside it stands what is queued by the clock.
        statement = sa.text("select args::text from procrastinate_jobs where args ? 'invitation_id'")
        jobs = (await session.execute(statement)).scalars().all()
    assert len(jobs) == 1
    assert not any(one in jobs[0] for one in (*secret, made.secret))
    (file,) = (tmp_path / "outbox").glob("*.eml")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_an_invitation_that_was_rolled_back_queues_nothing(fresh_town: AsyncEngine, world: World) -> None:
    with pytest.raises(ZeroDivisionError):
        await asked(fresh_town, world, fails=True)
    async with reading(fresh_town) as session:
        assert await session.scalar(sa.text("select count(*) from procrastinate_jobs")) == 0


async def test_what_is_over_is_not_sent_and_what_is_sent_not_again(
    fresh_town: AsyncEngine, world: World, tmp_path: Path
) -> None:
    settings, folder = settings_in(tmp_path), FolderDelivery(tmp_path / "outbox")
    made = await asked(fresh_town, world, locale="en")
    assert await deliver(fresh_town, folder, settings, made.id, at=clock.now())
    assert not await deliver(fresh_town, folder, settings, made.id, at=clock.now())
    other = await asked(fresh_town, world, "wang@example.cn")
    async with writing(fresh_town) as session:
        await inviting.revoke(session, world.generator.id, other.id, at=clock.now())
    assert not await deliver(fresh_town, folder, settings, other.id, at=clock.now())
    (text,) = letters_in(tmp_path)
    assert "choose your own password" in text


async def test_a_terminal_is_a_way_too() -> None:
    stream = io.StringIO()
    assert await ConsoleDelivery(stream).send(Message(ContactKind.PHONE, "13800000000", "邀请", "链接"))
    assert stream.getvalue() == "To 13800000000: 邀请\n链接\n"


class _Mailbox(socketserver.StreamRequestHandler):
    """A mail server as far as a client sees it (RFC 5321)."""

    letters: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    letter += part
                self.server.letters.append(letter)  # type: ignore[attr-defined]  # ours, below
            if verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"250 fine\r\n")


@contextmanager
def mail_server() -> Iterator[tuple[int, list[bytes]]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as server:
        server.letters = []  # type: ignore[attr-defined]  # where letters are kept
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], server.letters  # type: ignore[attr-defined]  # as above
        finally:
            server.shutdown()
            thread.join()


async def test_mail_goes_to_a_server_and_a_telephone_does_not() -> None:
    with mail_server() as (port, letters):
        way = SmtpDelivery(host="127.0.0.1", port=port, sender="wt@example.cn", starttls=False)
        assert await way.send(Message(ContactKind.EMAIL, "li.na@example.cn", "邀请", "链接在此"))
        assert not await way.send(Message(ContactKind.PHONE, "13800000000", "邀请", "链接在此"))
    (letter,) = letters
    read = email.message_from_bytes(letter, policy=email.policy.default)
    assert (read["To"], read["Subject"]) == ("li.na@example.cn", "邀请")
    assert "链接在此" in read.get_content()


async def test_a_server_that_does_not_encrypt_gets_no_secret() -> None:
    with mail_server() as (port, letters):
        way = SmtpDelivery(host="127.0.0.1", port=port, sender="wt@example.cn")
        with pytest.raises(OSError, match="STARTTLS"):
            await way.send(Message(ContactKind.EMAIL, "li.na@example.cn", "邀请", "链接在此"))
    assert letters == []


def test_the_settings_choose_the_way(tmp_path: Path) -> None:
    assert delivery_of(Settings(data_dir=tmp_path)) == FolderDelivery(tmp_path / "outbox")
    assert isinstance(delivery_of(Settings(data_dir=tmp_path, delivery=DeliveryKind.CONSOLE)), ConsoleDelivery)
    by_mail = Settings(
        data_dir=tmp_path, delivery=DeliveryKind.SMTP, smtp_host="mail.example.cn", smtp_password=SecretStr("quiet")
    )
    way = delivery_of(by_mail)
    assert isinstance(way, SmtpDelivery)
    assert (way.host, way.password) == ("mail.example.cn", "quiet")
    assert "quiet" not in repr(way)
