"""What happened to an account and where somebody is signed in, in the words of the account page."""

import dataclasses
from datetime import datetime

from wastetrack.auth.happenings import Happening
from wastetrack.auth.model import AccountEventKind, FactorKind
from wastetrack.i18n import message

# The first that is found counts: everybody claims to be Mozilla, and Edge to be Chrome too.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> tuple[str, str] | None:
    """Browser and system as people call them; None for a program that is no browser we know."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), None)
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), None)
    return (browser, system) if browser and system else None


FACTORS = {
    FactorKind.PASSWORD: message("Password"),
    FactorKind.TOTP: message("Authenticator app"),
    FactorKind.RECOVERY_CODE: message("Recovery code"),
    FactorKind.PASSKEY: message("Passkey"),
}
"""What each is called."""
EVENTS = {
    AccountEventKind.SIGNED_IN: (message("Signed in"), "done"),
    AccountEventKind.SIGN_IN_FAILED: (message("Somebody tried to sign in with a wrong password"), "bad"),
    AccountEventKind.FACTOR_FAILED: (message("A factor was given that does not hold"), "bad"),
    AccountEventKind.PASSWORD_CHANGED: (message("You changed your password"), "done"),
    AccountEventKind.PASSWORD_SET: (message("Your password was set anew by a link that somebody asked for"), "now"),
    AccountEventKind.PASSKEY_ADDED: (message("Passkey added"), "done"),
    AccountEventKind.PASSKEY_REMOVED: (message("Passkey removed"), "now"),
    AccountEventKind.TOTP_ADDED: (message("Authenticator app added"), "done"),
    AccountEventKind.TOTP_REMOVED: (message("Authenticator app removed"), "now"),
    AccountEventKind.RECOVERY_CODES_MADE: (message("New recovery codes made; older ones no longer work"), "done"),
    AccountEventKind.RECOVERY_CODE_USED: (message("A recovery code was used"), "now"),
    AccountEventKind.SESSIONS_ENDED: (message("Devices signed out"), "done"),
}
"""What each is called, and how it is marked in the list."""


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """One line of what happened; the words are message ids."""

    words: str
    state: str
    at: datetime
    factors: tuple[str, ...]
    device: tuple[str, str] | None
    name: str
    """Of a passkey, or of who set a password."""


def told(event: Happening) -> Told:
    """A line for what happened."""
    words, state = EVENTS[event.kind]
    kinds = event.facts.get("factors") or event.facts.get("factor") or ""
    return Told(
        words,
        state,
        event.at,
        tuple(FACTORS[FactorKind(kind)] for kind in kinds.split()),
        device_of(event.facts.get("user_agent", "")),
        event.facts.get("name") or event.facts.get("by") or "",
    )
