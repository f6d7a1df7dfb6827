"""What this deployment's settings say about signing in, read once when the process starts."""

import dataclasses
from datetime import timedelta

from starlette.requests import Request

from wastetrack.auth.model import Role
from wastetrack.settings import Settings


@dataclasses.dataclass(frozen=True, slots=True)
class SignInRules:
    """How long a session lasts, and of whom a second factor is asked."""

    lasts: timedelta
    idle: timedelta
    required: frozenset[Role]
    """A member in one of these roles enrols a second factor before anything else."""


def rules_from(settings: Settings) -> SignInRules:
    """The rules that the settings state. Raises ValueError for a role that there is not."""
    return SignInRules(
        lasts=timedelta(hours=settings.session_absolute_hours),
        idle=timedelta(hours=settings.session_idle_hours),
        required=frozenset(Role(name) for name in settings.require_second_factor),
    )


def rules_of(request: Request) -> SignInRules:
    """The rules of this process, put there by app.py."""
    rules: SignInRules = request.app.state.sign_in_rules
    return rules
