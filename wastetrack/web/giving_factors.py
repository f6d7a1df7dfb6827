"""A factor from the fields of a form (templates/components/factors.html)."""

import json
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from wastetrack.auth.factors import FactorKind, GivenFactor
from wastetrack.auth.totp import DIGITS

_LONGEST_WORD = 200
_LONGEST_ASSERTION = 20_000


def given_by(password: str, code: str, assertion: str) -> GivenFactor:
    """What was given: a passkey's answer before a code before the password. Unreadable JSON is a passkey that fails."""
    if assertion:
        return GivenFactor(FactorKind.PASSKEY, assertion=credential_in(assertion))
    typed = "".join(code.split())
    if typed:
        is_of_app = len(typed) == DIGITS and typed.isdigit()
        return GivenFactor(FactorKind.TOTP if is_of_app else FactorKind.RECOVERY_CODE, code=code[:_LONGEST_WORD])
    return GivenFactor(FactorKind.PASSWORD, password=password[:_LONGEST_WORD])


def credential_in(field: str) -> dict[str, object] | None:
    """What a browser wrote into the field `assertion`; None for anything else."""
    try:
        told = json.loads(field) if len(field) <= _LONGEST_ASSERTION else None
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


async def _given(request: Request) -> GivenFactor:
    # Read from the form itself: a form's model beside other form fields would be looked for under a name of its own.
    form = await request.form()
    told = {name: value for name, value in form.items() if isinstance(value, str)}
    return given_by(told.get("factor_password", ""), told.get("factor_code", ""), told.get("assertion", ""))


FactorOfForm = Annotated[GivenFactor, Depends(_given)]
"""What a handler asks for whose form has `factors.again`: `given: FactorOfForm`."""
