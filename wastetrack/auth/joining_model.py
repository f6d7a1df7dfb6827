"""Words of invitations, and what makes a contact one: no input or output here."""

import re
from enum import StrEnum

from wastetrack.auth.model import Role

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_PHONE = re.compile(r"\+?\d{6,15}", re.ASCII)
_BETWEEN_DIGITS = str.maketrans("", "", " -()\u3000")
LONGEST_CONTACT = 200
LONGEST_NAME = 60


class ContactKind(StrEnum):
    """How an invited person is reached."""

    EMAIL = "email"
    """By mail."""
    PHONE = "phone"
    """By telephone: the inviter hands the link over."""


class LinkKind(StrEnum):
    """Who knows a link."""

    SHOWN = "shown"
    """Whoever invited saw it once, to hand it over."""
    DELIVERED = "delivered"
    """The invited person alone: made by the worker that sent it."""


class InvitationState(StrEnum):
    """Where an invitation stands."""

    PENDING = "pending"
    """May be accepted."""
    ACCEPTED = "accepted"
    """Somebody has joined by it."""
    REVOKED = "revoked"
    """Taken back."""
    EXPIRED = "expired"
    """Nobody came in time."""


DELEGATED = frozenset({Role.FILER, Role.SIGNER, Role.VIEWER})
"""What somebody from outside may be to an organisation."""
LONGEST_DELEGATION_DAYS = 366
KEEPERS = frozenset({Role.OWNER, Role.OPERATOR})
"""The roles of which an organisation keeps one: without it nobody could let anybody in."""


def contact_of(text: str) -> tuple[ContactKind, str] | None:
    """The kind and the normal form of a mail address or telephone number; None for anything else."""
    wanted = text.strip().lower()
    if len(wanted) > LONGEST_CONTACT:
        return None
    if _EMAIL.fullmatch(wanted):
        return ContactKind.EMAIL, wanted
    digits = wanted.translate(_BETWEEN_DIGITS)
    return (ContactKind.PHONE, digits) if _PHONE.fullmatch(digits) else None
