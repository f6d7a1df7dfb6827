"""SCIM 2.0 (RFC 7644) for an organisation's own directory: users, roles as groups, and what the service can do."""

import dataclasses
import json
import re
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    Group,
    ListResponse,
    Patch,
    PatchOp,
    ResourceType,
    Schema,
    ServiceProviderConfig,
    Sort,
    User,
)
from starlette.responses import Response

from wastetrack.api.scim_bodies import AnyUser, answer, group_of, patched, read, user_of, wanted_of
from wastetrack.auth import provisioning
from wastetrack.auth.model import Role
from wastetrack.auth.provisioning import ProvisionedMember
from wastetrack.errors import NotFound, refuse_one
from wastetrack.parties.membership import roles_of
from wastetrack.serving.deps import settings_of
from wastetrack.serving.provisioning import SCIM_PATH, DirectoryReading, ReadingDirectory, WritingDirectory
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.strict_routes import StrictRoute

PREFIX = SCIM_PATH
router = RoomRouter(prefix=PREFIX, route_class=StrictRoute, include_in_schema=False)

MOST = 200
_FARTHEST = 1_000_000
_FILTER = re.compile(r'\s*(?P<name>userName|externalId|id)\s+eq\s+(?P<value>"(?:[^"\\]|\\.)*")\s*', re.IGNORECASE)
_BY = {"username": "login", "externalid": "external_id", "id": "person"}
_Start = Annotated[int, Query(alias="startIndex", ge=-_FARTHEST, le=_FARTHEST)]
_Count = Annotated[int, Query(alias="count", ge=-_FARTHEST, le=_FARTHEST)]
_QUERIED = Context.RESOURCE_QUERY_RESPONSE


def _base(request: Request) -> str:
    return settings_of(request).base_url


@router.get("/Users")
async def users(
    request: Request,
    work: ReadingDirectory,
    wanted: Annotated[str, Query(alias="filter", max_length=500)] = "",
    start: _Start = 1,
    count: _Count = 100,
) -> Response:
    """Members of the organisation, a page at a time; filtered by userName, externalId or id."""
    by, value = _filter(wanted)
    first, most = max(start, 1), min(max(count, 0), MOST)
    total, found = await provisioning.members(
        work.session, work.organisation.id, by=by, value=value, offset=first - 1, limit=most
    )
    shown = [user_of(one, _base(request)) for one in found]
    return answer(
        ListResponse[AnyUser](
            total_results=total, start_index=first, items_per_page=len(shown), resources=shown
        ).model_dump_json(scim_ctx=_QUERIED)
    )


@router.post("/Users")
async def create(request: Request, work: WritingDirectory) -> Response:
    """Make a member. He signs in through the organisation's provider, or by a link of his owner."""
    asked = await read(AnyUser, request, Context.RESOURCE_CREATION_REQUEST)
    wanted = wanted_of(asked, roles_of(work.organisation))
    made = user_of(await provisioning.create(work.session, work.home, wanted, at=work.at), _base(request))
    return answer(made.model_dump_json(scim_ctx=Context.RESOURCE_CREATION_RESPONSE), 201, f"{PREFIX}/Users/{made.id}")


@router.get("/Users/{user_id}")
async def user(request: Request, work: ReadingDirectory, user_id: str) -> Response:
    """One member."""
    found = await provisioning.member(work.session, work.organisation.id, _id(user_id))
    return answer(user_of(found, _base(request)).model_dump_json(scim_ctx=_QUERIED))


@router.put("/Users/{user_id}")
async def replace(request: Request, work: WritingDirectory, user_id: str) -> Response:
    """Make a member as the document says."""
    present = await provisioning.member(work.session, work.organisation.id, _id(user_id))
    asked = await read(AnyUser, request, Context.RESOURCE_REPLACEMENT_REQUEST)
    return await _changed(request, work, present, asked)


@router.patch("/Users/{user_id}")
async def patch(request: Request, work: WritingDirectory, user_id: str) -> Response:
    """Change parts of a member."""
    present = await provisioning.member(work.session, work.organisation.id, _id(user_id))
    operations = await read(PatchOp[AnyUser], request, Context.RESOURCE_PATCH_REQUEST)
    asked = user_of(present, _base(request))
    patched(operations, asked)
    return await _changed(request, work, present, asked)


async def _changed(request: Request, work: WritingDirectory, present: ProvisionedMember, asked: AnyUser) -> Response:
    wanted = wanted_of(asked, roles_of(work.organisation), present)
    changed = await provisioning.change(work.session, work.home, present.id, wanted, at=work.at)
    return answer(user_of(changed, _base(request)).model_dump_json(scim_ctx=Context.RESOURCE_REPLACEMENT_RESPONSE))


@router.delete("/Users/{user_id}")
async def delete(work: WritingDirectory, user_id: str) -> Response:
    """The directory knows him no longer: the membership ends, what he did stays."""
    await provisioning.delete(work.session, work.home, _id(user_id), at=work.at)
    return Response(status_code=204)


@router.get("/Groups")
async def groups(request: Request, work: ReadingDirectory) -> Response:
    """The roles of the organisation with their members."""
    shown = [await _group(request, work, role) for role in roles_of(work.organisation)]
    return answer(
        ListResponse[Group](
            total_results=len(shown), start_index=1, items_per_page=len(shown), resources=shown
        ).model_dump_json(scim_ctx=_QUERIED)
    )


@router.get("/Groups/{group_id}")
async def group(request: Request, work: ReadingDirectory, group_id: str) -> Response:
    """One role."""
    found = await _group(request, work, _role(work, group_id))
    return answer(found.model_dump_json(scim_ctx=_QUERIED))


@router.patch("/Groups/{group_id}")
async def patch_group(request: Request, work: WritingDirectory, group_id: str) -> Response:
    """Members added get the role in place of theirs; members removed get the one that may do least."""
    role = _role(work, group_id)
    operations = await read(PatchOp[Group], request, Context.RESOURCE_PATCH_REQUEST)
    asked = await _group(request, work, role)
    before = {one.value for one in asked.members or []}
    patched(operations, asked)
    after = {one.value for one in asked.members or []}
    least = wanted_of(User(user_name="-"), roles_of(work.organisation)).role
    for members, given in ((after - before, role), (before - after, least)):
        for one in sorted(str(member) for member in members):
            present = await provisioning.member(work.session, work.organisation.id, _id(one))
            as_user = user_of(present, _base(request))
            wanted = wanted_of(as_user, roles_of(work.organisation), present)
            changed = dataclasses.replace(wanted, role=given)
            await provisioning.change(work.session, work.home, present.id, changed, at=work.at)
    found = await _group(request, work, role)
    return answer(found.model_dump_json(scim_ctx=Context.RESOURCE_PATCH_RESPONSE))


@router.get("/ServiceProviderConfig")
async def config(work: ReadingDirectory) -> Response:  # noqa: ARG001  it is told to whoever has a token
    """What this service can do."""
    bearer = AuthenticationScheme(
        type=AuthenticationScheme.Type.oauthbearertoken,
        name="Bearer",
        description="The organisation's provisioning token",
        primary=True,
    )
    shown = ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[bearer],
    )
    return answer(shown.model_dump_json(scim_ctx=_QUERIED))


@router.get("/ResourceTypes")
async def resource_types(work: ReadingDirectory) -> Response:  # noqa: ARG001
    """Users and groups."""
    return _described([ResourceType.from_resource(User), ResourceType.from_resource(Group)])


@router.get("/Schemas")
async def schemas(work: ReadingDirectory) -> Response:  # noqa: ARG001
    """The schemas of both, from RFC 7643."""
    return _described([User.to_schema(), Group.to_schema()])


@router.get("/ResourceTypes/{name}")
async def resource_type(work: ReadingDirectory, name: str) -> Response:  # noqa: ARG001
    """One of them."""
    return _one([ResourceType.from_resource(User), ResourceType.from_resource(Group)], name)


@router.get("/Schemas/{name}")
async def schema(work: ReadingDirectory, name: str) -> Response:  # noqa: ARG001
    """One of them."""
    return _one([User.to_schema(), Group.to_schema()], name)


def _described(found: list[ResourceType] | list[Schema]) -> Response:
    documents = [json.loads(one.model_dump_json(scim_ctx=_QUERIED)) for one in found]
    tree = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": len(documents),
        "startIndex": 1,
        "itemsPerPage": len(documents),
        "Resources": documents,
    }
    return answer(json.dumps(tree))


def _one(found: list[ResourceType] | list[Schema], name: str) -> Response:
    chosen: ResourceType | Schema | None = next((one for one in found if one.id == name), None)
    if chosen is None:
        raise NotFound("scim_nothing", "There is nothing of this name.")
    return answer(chosen.model_dump_json(scim_ctx=_QUERIED))


def _filter(wanted: str) -> tuple[str, str]:
    """The condition and its value; nothing for no filter."""
    if not wanted.strip():
        return "", ""
    read_as = _FILTER.fullmatch(wanted)
    if read_as is None:
        refuse_one(
            "filter",
            "scim_invalidFilter",
            "Users are found by userName eq, externalId eq or id eq, not by {value}.",
            value=wanted,
        )
    by = _BY[read_as["name"].lower()]
    value = str(json.loads(read_as["value"]))
    if by == "person":
        try:
            value = str(UUID(value))
        except ValueError:
            value = "00000000-0000-0000-0000-000000000000"
    return by, value.replace("\x00", "")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("user_unknown", "There is no such user.") from None


def _role(work: DirectoryReading, group_id: str) -> Role:
    found = next((role for role in roles_of(work.organisation) if role.value == group_id), None)
    if found is None:
        raise NotFound("group_unknown", "There is no such group.")
    return found


async def _group(request: Request, work: DirectoryReading, role: Role) -> Group:
    _, found = await provisioning.members(work.session, work.organisation.id, by="role", value=role.value, limit=10_000)
    return group_of(role, found, _base(request))
