"""What each address shows of somebody's data: one table, read by serving/looking.py.

A new address that reads stands here or in SHOWS_NOTHING, with its reason; a test names the one that is missing.
"""

import dataclasses
from collections.abc import Mapping

from wastetrack.looks.model import LookKind


@dataclasses.dataclass(frozen=True, slots=True)
class Showing:
    """What an address shows, and which place or parameter of it (the first that is given) names the thing."""

    kind: LookKind
    named_by: tuple[str, ...] = ()
    personal: bool = False
    """Whether `?personal=true` adds the names of who acted."""


_MANIFEST = Showing(LookKind.MANIFEST, ("manifest_id",))
_CONTAINER = Showing(LookKind.CONTAINER, ("container_id",))
_BOOKS = Showing(LookKind.LEDGER, ("holder_id", "site_id", "manifest_id"))
_EVENT = Showing(LookKind.EVENT, ("event_id",))
_BATCH = Showing(LookKind.EVENT, ("batch_id",))
_BUNDLE = Showing(LookKind.BUNDLE, ("manifest_id",), personal=True)
_PEOPLE = Showing(LookKind.PEOPLE, ("organisation_id",))
_FLEET = Showing(LookKind.FLEET, ("organisation_id",))
_STORES = Showing(LookKind.STORES, ("site_id",))
_SEARCH = Showing(LookKind.SEARCH)
_LOOKS = Showing(LookKind.LOOKS)
_ALL_PEOPLE = Showing(LookKind.PEOPLE)

# What happened on the way is looked at by the name of the paper that it is about, or as a list.
SHOWS: Mapping[str, Showing] = {
    "/api/v1/incidents": _SEARCH,
    "/api/v1/incidents/{incident_id}": _SEARCH,
    "/api/v1/mismatches": _SEARCH,
    "/api/v1/mismatches/{mismatch_id}": _SEARCH,
    "/api/v1/trips": _SEARCH,
    "/api/v1/trips/{trip_id}": _SEARCH,
    "/gate/{manifest_id:uuid}/mismatch": _MANIFEST,
    "/incidents/{incident_id:uuid}": _SEARCH,
    "/manifests/{manifest_id:uuid}/incident": _MANIFEST,
    "/manifests/{manifest_id:uuid}/redirection": _MANIFEST,
    "/manifests/{manifest_id:uuid}/corrections/fields": _MANIFEST,
    "/mismatches/{mismatch_id:uuid}": _SEARCH,
    "/incidents/{incident_id:uuid}/end": _SEARCH,
    "/incidents/{incident_id:uuid}/note": _SEARCH,
    "/incidents/{incident_id:uuid}/replacement": _SEARCH,
    "/mismatches/{mismatch_id:uuid}/acknowledgement": _SEARCH,
    "/mismatches/{mismatch_id:uuid}/decision": _SEARCH,
    "/mismatches/{mismatch_id:uuid}/note": _SEARCH,
    "/trips/{trip_id:uuid}/arrival": _SEARCH,
    "/trips/{trip_id:uuid}/closing": _SEARCH,
    "/manifests/{manifest_id:uuid}/sign/hand-over": _MANIFEST,
    "/on-the-way": _SEARCH,
    "/trips/new": _SEARCH,
    "/trips/{trip_id:uuid}": _SEARCH,
    "/": _SEARCH,
    "/api/v1/attachments/{attachment_id}": _SEARCH,
    "/api/v1/claims": _ALL_PEOPLE,
    "/api/v1/claims/{claim_id}": _ALL_PEOPLE,
    "/api/v1/containers": _SEARCH,
    "/api/v1/containers.csv": _SEARCH,
    "/api/v1/containers/labels.pdf": Showing(LookKind.CONTAINER, ("container_ids",)),
    "/api/v1/containers/{container_id}": _CONTAINER,
    "/api/v1/containers/{container_id}/history": _CONTAINER,
    "/api/v1/containers/{container_id}/label.pdf": _CONTAINER,
    "/api/v1/containers/{container_id}/label.txt": _CONTAINER,
    "/api/v1/containers/{container_id}/qr.png": _CONTAINER,
    "/api/v1/containers/{container_id}/qr.svg": _CONTAINER,
    "/api/v1/erasure-requests": _ALL_PEOPLE,
    "/api/v1/ledger/balances": _BOOKS,
    "/api/v1/ledger/statement": _BOOKS,
    "/api/v1/log/leaves/{event_id}": _EVENT,
    "/api/v1/log/proofs/inclusion": _EVENT,
    "/api/v1/looks": _LOOKS,
    "/api/v1/manifests": _SEARCH,
    "/api/v1/manifests.csv": _SEARCH,
    "/api/v1/manifests/{manifest_id}": _MANIFEST,
    "/api/v1/manifests/{manifest_id}/attachments": _MANIFEST,
    "/api/v1/manifests/{manifest_id}/bundle": _BUNDLE,
    "/api/v1/manifests/{manifest_id}/history": _MANIFEST,
    "/api/v1/manifests/{manifest_id}/manifest.pdf": _MANIFEST,
    "/api/v1/members-tokens": _ALL_PEOPLE,
    "/api/v1/organisations/{organisation_id}/fleet": _FLEET,
    "/api/v1/organisations/{organisation_id}/invitations": _PEOPLE,
    "/api/v1/sites/{site_id}/stores": _STORES,
    "/api/v1/system-keys": _SEARCH,
    "/api/v1/systems": _SEARCH,
    "/api/v1/systems/{client_id}": _SEARCH,
    "/attachments/{attachment_id:uuid}": _SEARCH,
    "/audit": _SEARCH,
    "/audit/containers/{container_id:uuid}": _CONTAINER,
    "/audit/manifests/{manifest_id:uuid}": _MANIFEST,
    "/claims": _ALL_PEOPLE,
    "/claims/{claim_id:uuid}": _ALL_PEOPLE,
    "/containers": _SEARCH,
    "/containers.csv": _SEARCH,
    "/containers/new": _SEARCH,
    "/containers/{container_id:uuid}": _CONTAINER,
    "/containers/{container_id:uuid}/label.pdf": _CONTAINER,
    "/containers/{container_id:uuid}/qr.svg": _CONTAINER,
    "/containers/{container_id:uuid}/repack": _CONTAINER,
    "/containers/{container_id:uuid}/storing": _CONTAINER,
    "/containers/{container_id:uuid}/weighing": _CONTAINER,
    "/gate": _SEARCH,
    "/gate/{manifest_id:uuid}": _MANIFEST,
    "/gate/{manifest_id:uuid}/receipt": _MANIFEST,
    "/ledger": _SEARCH,
    "/ledger/{of}/{holder_id:uuid}": _BOOKS,
    "/ledger/{of}/{holder_id:uuid}/{kind}": _BOOKS,
    "/log/events/{event_id:uuid}/receipt.json": _EVENT,
    "/looks": _LOOKS,
    "/manifests": _SEARCH,
    "/manifests.csv": _SEARCH,
    "/manifests/new": _SEARCH,
    "/manifests/{manifest_id:uuid}": _MANIFEST,
    "/manifests/{manifest_id:uuid}/attachments": _MANIFEST,
    "/manifests/{manifest_id:uuid}/bundle.json": _BUNDLE,
    "/manifests/{manifest_id:uuid}/change": _MANIFEST,
    "/manifests/{manifest_id:uuid}/corrections": _MANIFEST,
    "/manifests/{manifest_id:uuid}/corrections/{correction_id:uuid}": _MANIFEST,
    "/manifests/{manifest_id:uuid}/driver-link": _MANIFEST,
    "/manifests/{manifest_id:uuid}/file": _MANIFEST,
    "/manifests/{manifest_id:uuid}/manifest.pdf": _MANIFEST,
    "/manifests/{manifest_id:uuid}/sign-here": _MANIFEST,
    "/manifests/{manifest_id:uuid}/sign/{step}": _MANIFEST,
    "/organisations/{organisation_id:uuid}": _FLEET,
    "/organisations/{organisation_id:uuid}/delegates": _PEOPLE,
    "/organisations/{organisation_id:uuid}/people": _PEOPLE,
    "/organisations/{organisation_id:uuid}/people/invitations": _PEOPLE,
    "/organisations/{organisation_id:uuid}/people/{membership_id:uuid}/end": _PEOPLE,
    "/organisations/{organisation_id:uuid}/people/{membership_id:uuid}/password-link": _PEOPLE,
    "/organisations/{organisation_id:uuid}/people/{membership_id:uuid}/role": _PEOPLE,
    "/organisations/{organisation_id:uuid}/provisioning": _PEOPLE,
    "/signed": _SEARCH,
    "/signed/{event_id:uuid}/repudiation": _EVENT,
    "/signing/{intent_id:uuid}": _SEARCH,
    "/sites/{site_id:uuid}": _STORES,
    "/systems": _SEARCH,
    "/systems/new": _SEARCH,
    "/systems/{client_id:uuid}": _SEARCH,
    "/systems/{client_id:uuid}/jwks": _SEARCH,
    "/systems/{client_id:uuid}/keys": _SEARCH,
    "/systems/{client_id:uuid}/keys/{key_id:uuid}/end": _SEARCH,
    "/systems/{client_id:uuid}/keys/{key_id:uuid}/proof": _SEARCH,
    "/systems/{client_id:uuid}/secrets": _SEARCH,
    "/treatment": _SEARCH,
    "/treatment/{batch_id:uuid}": _BATCH,
}
"""By the route's address as it was declared."""

_LISTS = "official lists, the same for everybody"
_OWN = "the visitor's own account"
_REGISTER = "the public part of the register"
_ITSELF = "the log's statements about itself"
_NOBODY = "about nobody"
_PROVISIONED = "an organisation's own people, to that organisation's own directory"
_HELD = "what the link that the visitor holds is about, before anybody is signed in"
_LABEL = "what is printed on the label that the visitor holds"

SHOWS_NOTHING: Mapping[str, str] = {
    "/.well-known/oauth-authorization-server": _NOBODY,
    "/91/{code}/92/{check}": _LABEL,
    "/account": _OWN,
    "/account/confirm": _OWN,
    "/account/factors": _OWN,
    "/account/passkeys": _OWN,
    "/account/passkeys/{passkey_id:uuid}/remove": _OWN,
    "/account/passkeys/{passkey_id:uuid}/rename": _OWN,
    "/account/password": _OWN,
    "/account/recovery-codes": _OWN,
    "/account/tokens": _OWN,
    "/account/totp": _OWN,
    "/account/totp/offer": _OWN,
    "/account/totp/remove": _OWN,
    "/api/v1/account/factors": _OWN,
    "/api/v1/account/happenings": _OWN,
    "/api/v1/account/sessions": _OWN,
    "/api/v1/editions": _LISTS,
    "/api/v1/log/checkpoint": _ITSELF,
    "/api/v1/log/key": _ITSELF,
    "/api/v1/log/proofs/consistency": _ITSELF,
    "/api/v1/me": _OWN,
    "/api/v1/openapi.json": _NOBODY,
    "/api/v1/organisations": _REGISTER,
    "/api/v1/organisations/{organisation_id}/sites": _REGISTER,
    "/api/v1/permits/{permit_id}": _REGISTER,
    "/api/v1/receivers": _REGISTER,
    "/api/v1/regions": _LISTS,
    "/api/v1/regions/{code}": _LISTS,
    "/api/v1/tokens": _OWN,
    "/api/v1/treatment-methods": _LISTS,
    "/api/v1/un-numbers/{number}": _LISTS,
    "/api/v1/waste-codes": _LISTS,
    "/api/v1/waste-codes/{code}": _LISTS,
    "/claims/new": _REGISTER,
    "/codes": _LISTS,
    "/codes/{code}": _LISTS,
    "/containers/wastes": _LISTS,
    "/d/{token}": _HELD,
    "/health": _NOBODY,
    "/join": _HELD,
    "/log": _ITSELF,
    "/organisations": _REGISTER,
    "/organisations/new": _REGISTER,
    "/organisations/{organisation_id:uuid}/drivers/new": _REGISTER,
    "/organisations/{organisation_id:uuid}/licences/new": _REGISTER,
    "/organisations/{organisation_id:uuid}/permits/new": _REGISTER,
    "/organisations/{organisation_id:uuid}/sites/new": _REGISTER,
    "/organisations/{organisation_id:uuid}/vehicles/new": _REGISTER,
    "/permits/{permit_id:uuid}": _REGISTER,
    "/permits/{permit_id:uuid}/renew": _REGISTER,
    "/permits/{permit_id:uuid}/suspend": _REGISTER,
    "/permits/{permit_id:uuid}/suspensions/{suspension_id:uuid}/lift": _REGISTER,
    "/problems/{slug}": _NOBODY,
    "/ready": _NOBODY,
    "/scim/v2/Groups": _PROVISIONED,
    "/scim/v2/Groups/{group_id}": _PROVISIONED,
    "/scim/v2/ResourceTypes": _NOBODY,
    "/scim/v2/ResourceTypes/{name}": _NOBODY,
    "/scim/v2/Schemas": _NOBODY,
    "/scim/v2/Schemas/{name}": _NOBODY,
    "/scim/v2/ServiceProviderConfig": _NOBODY,
    "/scim/v2/Users": _PROVISIONED,
    "/scim/v2/Users/{user_id}": _PROVISIONED,
    "/sign-in": _OWN,
    "/sign-in/factor": _OWN,
    "/sign-in/with/{slug}": _OWN,
    "/sign-in/with/{slug}/back": _OWN,
    "/sites/{site_id:uuid}/stores/new": _REGISTER,
}
"""Address → why nobody's data is looked at there."""
