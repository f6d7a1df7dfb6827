"""A refusal as RFC 7644 §3.12 wants it told to an organisation's directory."""

from collections.abc import Mapping

from scim2_models import Error
from starlette.responses import Response

MEDIA_TYPE = "application/scim+json"
OWN_TYPE = "scim_"
"""Codes that begin so name the protocol's own keyword after it."""
_UNPROCESSABLE, _CONFLICT, _BAD_REQUEST = 422, 409, 400


def scim_response(status: int, code: str, detail: str, headers: Mapping[str, str]) -> Response:
    """The error document. What other doors answer with 422 is 400 with its keyword here."""
    keyword = None
    if code.startswith(OWN_TYPE):
        keyword = code.removeprefix(OWN_TYPE)
    elif status == _CONFLICT:
        keyword = "uniqueness"
    elif status == _UNPROCESSABLE:
        keyword = "invalidValue"
    elif status == _BAD_REQUEST:
        keyword = "invalidSyntax"
    told = _BAD_REQUEST if status == _UNPROCESSABLE else status
    body = Error(status=told, scim_type=keyword, detail=detail).model_dump_json()
    return Response(body, told, dict(headers), MEDIA_TYPE)
