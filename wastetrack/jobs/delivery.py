"""How a message leaves this deployment: printed, laid into a folder, or sent by a mail server."""

import dataclasses
import os
import smtplib
import ssl
import sys
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Protocol, TextIO

import anyio

from wastetrack.auth.joining_model import ContactKind
from wastetrack.ids import new_id
from wastetrack.settings import DeliveryKind, Settings

_TIME_LIMIT_SECONDS = 30.0


@dataclasses.dataclass(frozen=True, slots=True)
class Message:
    """Something to tell one person. `text` may hold a secret: it is not shown by repr."""

    kind: ContactKind
    contact: str
    subject: str
    text: str = dataclasses.field(repr=False)


class Delivery(Protocol):
    """A way out."""

    async def send(self, message: Message) -> bool:
        """Whether the message is on its way; False where this way does not reach such a contact. Raises OSError."""


@dataclasses.dataclass(frozen=True, slots=True)
class ConsoleDelivery:
    """Prints: for somebody who tries the product at a terminal."""

    stream: TextIO = dataclasses.field(default_factory=lambda: sys.stdout)

    async def send(self, message: Message) -> bool:
        """Print it."""
        print(f"To {message.contact}: {message.subject}\n{message.text}", file=self.stream, flush=True)
        return True


@dataclasses.dataclass(frozen=True, slots=True)
class FolderDelivery:
    """Lays each message into a folder as a file of its own, readable by the owner of the process alone."""

    folder: Path

    async def send(self, message: Message) -> bool:
        """Write it."""
        await anyio.to_thread.run_sync(self._write, message)
        return True

    def _write(self, message: Message) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / f"{new_id()}.eml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(mail(message, sender="wastetrack@localhost").as_bytes())


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SmtpDelivery:
    """Sends mail by a server; telephones are not reached by it."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    starttls: bool = True

    async def send(self, message: Message) -> bool:
        """Hand it to the server."""
        if message.kind is not ContactKind.EMAIL:
            return False
        await anyio.to_thread.run_sync(self._send, mail(message, sender=self.sender))
        return True

    def _send(self, letter: EmailMessage) -> None:
        with smtplib.SMTP(self.host, self.port, timeout=_TIME_LIMIT_SECONDS) as server:
            if self.starttls:
                server.starttls(context=ssl.create_default_context())
            if self.user is not None:
                server.login(self.user, self.password or "")
            server.send_message(letter)


def mail(message: Message, *, sender: str) -> EmailMessage:
    """The message as a letter."""
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = message.contact
    letter["Subject"] = message.subject
    letter["Date"] = formatdate(localtime=False)
    letter.set_content(message.text)
    return letter


def delivery_of(settings: Settings) -> Delivery:
    """The way that the settings choose."""
    if settings.delivery is DeliveryKind.CONSOLE:
        return ConsoleDelivery()
    if settings.delivery is DeliveryKind.FOLDER:
        return FolderDelivery(settings.data_dir / "outbox")
    password = settings.smtp_password
    return SmtpDelivery(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=None if password is None else password.get_secret_value(),
        starttls=settings.smtp_starttls,
    )
