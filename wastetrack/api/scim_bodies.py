"""Our members as SCIM users and groups (RFC 7643), and users as SCIM wants them as our members.

A group is a role: everybody is in exactly one. Schemas and PATCH are the library's.
"""

import re
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError
from scim2_models import (
    BaseModel,
    Context,
    Error,
    Group,
    GroupMember,
    Meta,
    Name,
    PatchOp,
    Resource,
    SCIMException,
    User,
)
from scim2_models import Role as ScimRole
from starlette.requests import Request
from starlette.responses import Response

from wastetrack.auth.model import Role
from wastetrack.auth.provisioning import ProvisionedMember, Wanted
from wastetrack.errors import Broken, Malformed, RuleBroken, refuse_one
from wastetrack.i18n import label
from wastetrack.serving.scim_errors import MEDIA_TYPE, OWN_TYPE

_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST_NAME = 60
_AS_TOLD = "{value}"  # the library's own sentence, in the protocol's language
Model = TypeVar("Model", bound=BaseModel)
Patched = TypeVar("Patched", bound="Resource[Any]")
if TYPE_CHECKING:
    AnyUser = User[Any]
else:
    AnyUser = User


async def read(model: type[Model], request: Request, context: Context) -> Model:
    """The body as the library understands it. Raises RuleBroken with the protocol's own keyword."""
    try:
        tree = await request.json()
    except ValueError:
        raise Malformed("json_invalid", "This is not a JSON document.") from None
    try:
        return model.model_validate(tree, scim_ctx=context)
    except ValidationError as wrong:
        raise _told(Error.from_validation_error(wrong.errors()[0])) from wrong


def patched(operations: "PatchOp[Patched]", resource: Patched) -> None:
    """Apply a PATCH, whole or not at all."""
    try:
        operations.patch(resource)
    except SCIMException as wrong:
        raise _told(wrong.to_error()) from wrong
    except ValidationError as wrong:
        raise _told(Error.from_validation_error(wrong.errors()[0])) from wrong


def _told(error: Error) -> RuleBroken:
    code = OWN_TYPE + (error.scim_type or "invalidValue")
    return RuleBroken((Broken("body", code, _AS_TOLD, error.detail or ""),))


def user_of(member: ProvisionedMember, base_url: str) -> AnyUser:
    """The member as a user."""
    address = f"{base_url.rstrip('/')}/scim/v2/Users/{member.id}"
    return User(
        id=str(member.id),
        external_id=member.external_id,
        user_name=member.login,
        name=Name(formatted=member.name, given_name=member.given_name, family_name=member.family_name),
        display_name=member.name,
        active=member.active,
        roles=[ScimRole(value=member.role.value, display=label(member.role, "en"), primary=True)],
        meta=Meta(resource_type="User", created=member.created_at, last_modified=member.changed_at, location=address),
    )


def group_of(role: Role, members: tuple[ProvisionedMember, ...], base_url: str) -> Group:
    """A role with its members."""
    root = f"{base_url.rstrip('/')}/scim/v2"
    return Group(
        id=role.value,
        display_name=label(role, "en"),
        members=[
            GroupMember(value=str(one.id), display=one.name, ref=f"{root}/Users/{one.id}", type="User")
            for one in members
        ],
        meta=Meta(resource_type="Group", location=f"{root}/Groups/{role.value}"),
    )


def wanted_of(user: AnyUser, roles: tuple[Role, ...], before: ProvisionedMember | None = None) -> Wanted:
    """What a user asks of us. A name in parts is put together as its language does."""
    name = user.name
    given = name.given_name if name else None
    family = name.family_name if name else None
    return Wanted(
        login=user.user_name or "",
        name=_whole_name(user, given, family, before),
        given_name=given,
        family_name=family,
        external_id=user.external_id or None,
        role=_role(user, roles, before),
        active=True if user.active is None else user.active,
    )


def _whole_name(user: AnyUser, given: str | None, family: str | None, before: ProvisionedMember | None) -> str:
    whole = user.name.formatted if user.name else None
    parts_changed = before is not None and (given, family) != (before.given_name, before.family_name)
    if before is not None and whole == before.name:
        # What was not touched says nothing: the parts or the shown name may be what has changed.
        whole = None
        if not parts_changed and user.display_name and user.display_name != before.name:
            whole = user.display_name
    parts = [part for part in (family, given) if part]
    if not whole and parts and (before is None or parts_changed):
        han = any(_HAN.search(part) for part in parts)
        whole = "".join(parts) if han else " ".join(reversed(parts))
    told = (whole or (before.name if before else None) or user.display_name or user.user_name or "").strip()
    if not 0 < len(told) <= _LONGEST_NAME:
        refuse_one(
            "name",
            "invited_name",
            "A name has 1 to {longest} characters.",
            value=told,
            next_step="Write the name as it stands on the identity card.",
            facts={"longest": _LONGEST_NAME},
        )
    return told


def _role(user: AnyUser, roles: tuple[Role, ...], before: ProvisionedMember | None) -> Role:
    """The one role: a new one beside the old replaces it. Without any, the one that may do least."""
    said = [one.value for one in user.roles or [] if one.value]
    if before is not None and before.role.value in said and len(said) > 1:
        said.remove(before.role.value)
    if not said:
        return next(role for role in roles if role in {Role.VIEWER, Role.REGULATOR_VIEWER, Role.OPERATOR})
    found = next((role for role in roles if role.value == said[0]), None)
    if found is None or len(said) > 1:
        refuse_one(
            "roles",
            "role_elsewhere",
            "This organisation has the roles {allowed}, not {value}.",
            value=", ".join(said),
            next_step="Choose one of these roles.",
            facts={"allowed": roles},
        )
    return found


def answer(tree: str, status: int = 200, location: str | None = None) -> Response:
    """A document of the protocol."""
    return Response(tree, status, {} if location is None else {"Location": location}, MEDIA_TYPE)
