"""Sessions that are held back: until the person has chosen a password or enrolled a factor, all else is shut."""

from starlette.requests import Request

from wastetrack.auth.model import Restriction
from wastetrack.auth.queries import Identity
from wastetrack.errors import Forbidden
from wastetrack.i18n import message

WHERE = {Restriction.CHANGE_PASSWORD: "/account/password", Restriction.ENROL_FACTOR: "/account/factors"}
"""The page that each leads to."""
_OPEN = {
    Restriction.CHANGE_PASSWORD: ("/account/password", "/api/v1/account/password"),
    Restriction.ENROL_FACTOR: (
        "/account/factors",
        "/account/passkeys",
        "/account/totp",
        "/account/recovery-codes",
        "/account/confirm",
        "/api/v1/account/",
    ),
}
_ALWAYS_OPEN = ("/sign-out", "/api/v1/sign-out", "/api/v1/me")
_SENTENCES = {
    Restriction.CHANGE_PASSWORD: message("Somebody else chose your password. First choose one that only you know."),
    Restriction.ENROL_FACTOR: message(
        "Your role needs a second factor. First enrol a passkey or an authenticator app."
    ),
}


class HeldBack(Forbidden):
    """The session must do something else first."""

    def __init__(self, restriction: Restriction) -> None:
        super().__init__(f"{restriction}_first", _SENTENCES[restriction])
        self.restriction = restriction


def refuse_held_back(request: Request, identity: Identity) -> None:
    """Raise HeldBack where the session may not go here yet."""
    if identity.restriction is None:
        return
    path = request.scope["path"]
    if path in _ALWAYS_OPEN or path.startswith(_OPEN[identity.restriction]):
        return
    raise HeldBack(identity.restriction)


def sentence_of(restriction: Restriction) -> str:
    """Why, as a message id."""
    return _SENTENCES[restriction]
