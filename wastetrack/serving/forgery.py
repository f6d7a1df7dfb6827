"""Forged requests: a form that changes something must come from a page of ours.

Each session has a token which every form repeats (htmx in a header). Forms for which nobody is signed in repeat a
cookie that another site can neither read nor set. Browsers also say where a request came from; another site is
refused whatever it carries.
"""

import hmac

from starlette.requests import Request

from wastetrack.errors import Forbidden
from wastetrack.i18n import message
from wastetrack.serving.cookies import held_form_token

FIELD = "csrf_token"
HEADER = "x-csrf-token"
FORGED = "form_forged"
"""The code of the refusal."""
FORGED_SENTENCE = message(
    "This form did not come from a page of this site, or the page was open for too long. "
    "Open the page again and repeat what you did."
)
_OURS = {None, "same-origin", "none"}


async def refuse_forgery(request: Request, expected: str | None) -> None:
    """Raise Forbidden unless the request repeats the token; None means that of anonymous forms."""
    token = expected if expected is not None else held_form_token(request) or ""
    said = request.headers.get(HEADER) or await _field(request)
    from_elsewhere = request.headers.get("sec-fetch-site") not in _OURS
    if from_elsewhere or not token or not hmac.compare_digest(token.encode(), said.encode()):
        raise Forbidden(FORGED, FORGED_SENTENCE)


async def _field(request: Request) -> str:
    if "form" not in request.headers.get("content-type", ""):
        return ""
    value = (await request.form()).get(FIELD)
    return value if isinstance(value, str) else ""
