"""How the addresses of accounts, people, systems, signatures and files are called (samples.py says the rest)."""

import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.access.belongings import public_jwk
from tests.access.sampling import Sample
from tests.support.files import CSV
from tests.support.machines import public_text
from tests.support.served import PASSWORD

_A = "/api/v1"
_WANTED = "nine still lakes after dark"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_AT_HOME = {"organisation_id": "{home_organisation}"}
_OF_SIGNING = {"client_id": "{signing_client}"}
_OF_HOME_SYSTEM = {"client_id": "{home_client}"}
_KEY = public_text(Ed25519PrivateKey.generate())
_JWKS = {"keys": [public_jwk()]}
_CLAIM = {"contact_name": "李娜", "contact_phone": "13800000000", "grounds": "同一法定代表人"}
_DIGEST = {"name": "营业执照.pdf", "sha256": "0" * 64, "size_bytes": 1000}
_INVITED = {"contact": "new.invited@example.cn", "name": "新来的人", "role": "filer"}
_CLIENT = {"client_id": "{client}", "client_secret": "{home_client_secret}"}
_HOME_CLIENT = {"client_id": "{home_client}", "client_secret": "{home_client_secret}"}
_FILE = {"file": ("另一份.csv", CSV + b"900-249-08,90\r\n")}
_PAPER = {"documents": ("营业执照.csv", CSV)}
_SCIM_USER = {
    "schemas": [_USER],
    "userName": "filer",
    "externalId": "hr-1",
    "name": {"familyName": "李", "givenName": "娜"},
    "active": True,
    "roles": [{"value": "filer"}],
}


def _patch(operation: Mapping[str, object]) -> dict[str, object]:
    return {"schemas": [_PATCH], "Operations": [operation]}


_ACCOUNT: Mapping[str, Sample] = {
    f"POST {_A}/account/confirm": Sample(body={"totp_code": "{totp}"}),
    f"POST {_A}/account/confirm/options": Sample(body={}),
    f"POST {_A}/account/passkeys": Sample(body={"name": "手机", "credential": {}}),
    f"POST {_A}/account/passkeys/options": Sample(body={}),
    f"POST {_A}/account/passkeys/{{passkey_id}}/revoke": Sample(body={}),
    f"POST {_A}/account/password": Sample(body={"present": PASSWORD, "wanted": _WANTED}),
    f"POST {_A}/account/recovery-codes": Sample(body={}),
    f"POST {_A}/account/sessions/revoke-others": Sample(body={}),
    f"POST {_A}/account/sessions/{{session_id}}/revoke": Sample(body={}),
    f"POST {_A}/account/totp": Sample(body={}),
    f"POST {_A}/account/totp/confirmation": Sample(body={"code": "{next_totp}"}),
    f"POST {_A}/account/totp/removal": Sample(body={}),
    f"POST {_A}/sign-in/passkey": Sample(body={"ceremony": "x", "assertion": {}}),
    "POST /account/confirm": Sample(form={"factor_code": "{totp}"}),
    "POST /account/confirm/options": Sample(form={}),
    "POST /account/passkeys": Sample(form={"name": "手机", "assertion": "{}"}),
    "POST /account/passkeys/options": Sample(form={}),
    "POST /account/passkeys/{passkey_id:uuid}/remove": Sample(form={}),
    "POST /account/passkeys/{passkey_id:uuid}/rename": Sample(form={"name": "新手机"}),
    "POST /account/recovery-codes": Sample(form={}),
    "POST /account/sessions/{session_id:uuid}/end": Sample({"session_id": "{page_session}"}, form={}),
    "POST /account/sign-out-others": Sample(form={}),
    "POST /account/totp": Sample(form={"code": "{next_totp}"}),
    "POST /account/totp/offer": Sample(form={}),
    "POST /account/totp/remove": Sample(form={}),
    "POST /sign-in/factor": Sample(form={"factor_code": "{totp}"}),
    "POST /sign-in/factor/options": Sample(form={}),
    "POST /sign-in/passkey": Sample(form={"assertion": "{}"}),
    "POST /sign-in/passkey/options": Sample(form={}),
    "GET /sign-in/with/{slug}": Sample({"slug": "nowhere"}),
    "GET /sign-in/with/{slug}/back": Sample({"slug": "nowhere"}),
    "GET /join": Sample(query="token={invitation_secret}"),
    "POST /join": Sample(form={"token": "{invitation_secret}", "password": _WANTED}),
    "POST /join/account": Sample(form={"token": "{invitation_secret}"}),
}
_PEOPLE_OF = "POST /organisations/{organisation_id:uuid}/people"
_PEOPLE: Mapping[str, Sample] = {
    f"POST {_A}/claims": Sample(body={"credit_code": "{claimable}", **_CLAIM, "documents": [_DIGEST]}),
    f"POST {_A}/claims/{{claim_id}}/decision": Sample(body={"decision": "confirmed", "reason": ""}),
    f"POST {_A}/claims/{{claim_id}}/withdrawal": Sample(body={}),
    f"POST {_A}/organisations/{{organisation_id}}/invitations": Sample(body=_INVITED),
    f"POST {_A}/organisations/{{organisation_id}}/invitations/{{invitation_id}}/resending": Sample(_AT_HOME, body={}),
    f"POST {_A}/organisations/{{organisation_id}}/invitations/{{invitation_id}}/revocation": Sample(_AT_HOME, body={}),
    "POST /claims/new": Sample(form={"credit_code": "{claimable}", **_CLAIM}, file=_PAPER),
    "POST /claims/{claim_id:uuid}": Sample(form={"decision": "confirmed"}),
    "POST /claims/{claim_id:uuid}/withdraw": Sample(form={}),
    "POST /organisations/{organisation_id:uuid}/delegates": Sample(
        form={
            "credit_code": "{home_consultant}",
            "login": "stranger",
            "role": "filer",
            "valid_until": "{next_year}",
        }
    ),
    "POST /organisations/{organisation_id:uuid}/delegates/{membership_id:uuid}/end": Sample(
        {**_AT_HOME, "membership_id": "{delegate}"}, form={}
    ),
    f"{_PEOPLE_OF}/invitations": Sample(form=_INVITED),
    f"{_PEOPLE_OF}/invitations/{{invitation_id:uuid}}/resend": Sample(_AT_HOME, form={}),
    f"{_PEOPLE_OF}/invitations/{{invitation_id:uuid}}/revoke": Sample(_AT_HOME, form={}),
    f"{_PEOPLE_OF}/{{membership_id:uuid}}/password-link": Sample(_AT_HOME, form={}),
    f"{_PEOPLE_OF}/{{membership_id:uuid}}/role": Sample(_AT_HOME, form={"role": "viewer"}),
    "POST /organisations/{organisation_id:uuid}/provisioning": Sample(form={"name": "人事目录", "days": "3"}),
    "POST /organisations/{organisation_id:uuid}/provisioning/{token_id:uuid}/revoke": Sample(
        {**_AT_HOME, "token_id": "{directory_token}"}, form={}
    ),
    "POST /scim/v2/Users": Sample(body={**_SCIM_USER, "userName": "new.here@example.cn"}),
    "PUT /scim/v2/Users/{user_id}": Sample(body=_SCIM_USER),
    "PATCH /scim/v2/Users/{user_id}": Sample(body=_patch({"op": "replace", "path": "active", "value": False})),
    "PATCH /scim/v2/Groups/{group_id}": Sample(
        {"group_id": "viewer"}, body=_patch({"op": "add", "path": "members", "value": [{"value": "{person}"}]})
    ),
    "GET /scim/v2/Schemas/{name}": Sample({"name": _USER}),
}
_SYSTEMS: Mapping[str, Sample] = {
    f"POST {_A}/oauth/token": Sample(form={"grant_type": "client_credentials", **_CLIENT}),
    f"POST {_A}/oauth/revoke": Sample(form={"token": "{access_token}", **_HOME_CLIENT}),
    f"POST {_A}/oauth/introspect": Sample(form={"token": "{access_token}", **_HOME_CLIENT}),
    f"GET {_A}/system-keys": Sample(query="system_id={client}"),
    f"POST {_A}/system-keys": Sample(body={"name": "ERP", "public_key": _KEY, "system_id": "{client}"}),
    f"POST {_A}/system-keys/{{key_id}}/end": Sample(body={}),
    f"POST {_A}/system-keys/{{key_id}}/proof": Sample(body={"signature": "{home_key_proof}"}),
    f"POST {_A}/systems": Sample(body={"name": "SCADA", "scopes": ["read"], "days": 30}),
    f"POST {_A}/systems/{{client_id}}/end": Sample(body={}),
    f"POST {_A}/systems/{{client_id}}/jwks": Sample(_OF_SIGNING, body=_JWKS),
    f"POST {_A}/systems/{{client_id}}/secrets": Sample(body={}),
    f"POST {_A}/systems/{{client_id}}/secrets/{{secret_id}}/end": Sample(_OF_HOME_SYSTEM, body={}),
    "POST /systems/new": Sample(form={"name": "SCADA", "scopes": ["read"], "days": "30"}),
    "POST /systems/tokens/{token_id:uuid}/revoke": Sample(form={}),
    "POST /systems/{client_id:uuid}/end": Sample(form={}),
    "GET /systems/{client_id:uuid}/jwks": Sample(_OF_SIGNING),
    "POST /systems/{client_id:uuid}/jwks": Sample(_OF_SIGNING, form={"jwks": json.dumps(_JWKS)}),
    "POST /systems/{client_id:uuid}/keys": Sample(form={"name": "ERP", "public_key": _KEY, "days": "30"}),
    "POST /systems/{client_id:uuid}/keys/{key_id:uuid}/end": Sample(_OF_HOME_SYSTEM, form={}),
    "POST /systems/{client_id:uuid}/keys/{key_id:uuid}/proof": Sample(
        _OF_HOME_SYSTEM, form={"signature": "{home_key_proof}"}
    ),
    "POST /systems/{client_id:uuid}/secrets": Sample(form={}),
    "POST /systems/{client_id:uuid}/secrets/{secret_id:uuid}/end": Sample(_OF_HOME_SYSTEM, form={}),
}
_SIGNATURES: Mapping[str, Sample] = {
    f"POST {_A}/corrections/{{correction_id}}/answer/preparation": Sample(body={"consent": True}),
    f"POST {_A}/manifests/{{manifest_id}}/{{step}}/preparation": Sample({"manifest_id": "{filed}"}, body={}),
    f"POST {_A}/manifests/{{manifest_id}}/attachments": Sample(file=_FILE),
    "POST /manifests/{manifest_id:uuid}/attachments": Sample(form={}, file=_FILE),
    "GET /manifests/{manifest_id:uuid}/driver-link": Sample({"manifest_id": "{filed}"}),
    "POST /manifests/{manifest_id:uuid}/driver-link": Sample(
        {"manifest_id": "{filed}"}, form={"driver_name": "赵铁柱", "phone": "138 0000 0000"}
    ),
    "POST /manifests/{manifest_id:uuid}/sign-here": Sample(
        {"manifest_id": "{filed}"}, form={"step": "pick-up", "signer_login": "driver"}
    ),
    "POST /d/{token}": Sample(form={"intent_id": "{driver_intent}", "code": "{driver_code}"}),
    "POST /signed/{event_id:uuid}/repudiation": Sample({"event_id": "{signed}"}, form={"reason": "手机丢了"}),
    "POST /signing/{intent_id:uuid}": Sample(form={"factor_code": "{totp}"}),
}
BELONGING: Mapping[str, Sample] = {**_ACCOUNT, **_PEOPLE, **_SYSTEMS, **_SIGNATURES}
"""By verb and address."""
