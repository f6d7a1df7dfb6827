"""The actor behind a request: a person, in a role, for an organisation, with a sight.

A person may work for several organisations; one membership is in force at a time and it alone decides the role.
"""

import dataclasses
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """What a member is to his organisation; policy.py says what each may do."""

    OWNER = "owner"
    """Answers for the organisation: its people, sites, vehicles and everything below."""
    FILER = "filer"
    """Prepares labels and manifests, without signing."""
    SIGNER = "signer"
    """Prepares and signs."""
    GATE_OPERATOR = "gate_operator"
    """Scans and weighs at the gate, treats."""
    DRIVER = "driver"
    """Picks up, hands over, delivers."""
    VIEWER = "viewer"
    """Looks, changes nothing."""
    REGULATOR_VIEWER = "regulator_viewer"
    """Looks at everything that concerns a region."""
    INSPECTOR = "inspector"
    """Also examines: follows chains, takes proofs away."""
    APPROVER = "approver"
    """Also grants: permits, suspensions."""
    OPERATOR = "operator"
    """Runs the platform: registers organisations and people, sees no business data."""


class PersonKind(StrEnum):
    """Who acts under a name."""

    HUMAN = "human"
    """Somebody who signs in."""
    MACHINE = "machine"
    """A system of an organisation: it has no password and no pages, only tokens."""


class Scope(StrEnum):
    """What a token may be narrowed to (RFC 6749 §3.3); policy.py says which verbs each one holds."""

    READ = "read"
    """Look at everything that the organisation may see."""
    LABEL = "label"
    """Containers: label, weigh, store, repack."""
    FILE = "file"
    """Draft and amend manifests, ask for and answer corrections."""
    SIGN = "sign"
    """Put the organisation's signature on a manifest."""
    CARRY = "carry"
    """Pick up, hand over and deliver."""
    GATE = "gate"
    """Scan, weigh and receive at the gate."""
    TREAT = "treat"
    """Book treatment and its residues."""
    ATTACH = "attach"
    """Put photographs and documents beside a manifest or a container."""
    REGISTER = "register"
    """Keep the register: sites, stores, vehicles, drivers, and an authority's firms and permits."""
    PROVE = "prove"
    """Take away bundles of events and proofs."""
    SCIM = "scim"
    """Enrol people and end their membership (RFC 7644)."""
    WEIGH = "weigh"
    """Push readings of the organisation's scales, and nothing else."""
    TRACK = "track"
    """Send where vehicles were, and nothing else."""
    ADMINISTER = "administer"
    """Make tokens, systems and keys, and change what a person keeps for oneself; never granted to a system, for it
    could then grant itself the rest."""


class AuthMethod(StrEnum):
    """How a system shows the token endpoint who it is."""

    CLIENT_SECRET = "client_secret"  # noqa: S105  the name of a method
    """A secret, in the header or in the form."""
    PRIVATE_KEY_JWT = "private_key_jwt"
    """A short-lived assertion signed by a key of which only the public half is here (RFC 7523)."""


REGULATORS = frozenset({Role.REGULATOR_VIEWER, Role.INSPECTOR, Role.APPROVER})

PLATFORM_VIEWER = "p"
"""The sight of the platform operator. Nothing of the business is ever shown to it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as every use case sees it."""

    person_id: UUID
    person_name: str
    organisation_id: UUID
    membership_id: UUID
    role: Role
    viewer: str
    """Whose eyes: `o:<organisation id>` of a firm, `r:<region prefix>` of an authority, `p` of the platform."""
    scopes: frozenset[str] | None = dataclasses.field(default=None, kw_only=True)
    """What the token at hand is narrowed to; None where it may do all that the role grants."""
    delegate_of: UUID | None = dataclasses.field(default=None, kw_only=True)
    """The firm from which somebody comes who acts here as a delegate; shown and recorded with everything he does."""

    @property
    def is_regulator(self) -> bool:
        """Whether this is an authority, whose sight follows a region instead of a name on a paper."""
        return self.role in REGULATORS


def viewer_of_organisation(organisation_id: UUID) -> str:
    """The eyes of a firm."""
    return f"o:{organisation_id}"


def viewer_of_jurisdiction(region_prefix: str) -> str:
    """The eyes of an authority over `37` (province), `3706` (prefecture) or `370602` (county), GB/T 2260."""
    if len(region_prefix) not in {2, 4, 6} or not (region_prefix.isascii() and region_prefix.isdigit()):
        msg = f"a jurisdiction is a prefix of 2, 4 or 6 digits, not {region_prefix!r}"
        raise ValueError(msg)
    return f"r:{region_prefix}"


def viewer_for(role: Role, organisation_id: UUID, jurisdiction: str | None) -> str:
    """Through whose eyes a member looks: an authority's by region, a firm's by itself."""
    if role is Role.OPERATOR:
        return PLATFORM_VIEWER
    if role in REGULATORS:
        if jurisdiction is None:
            msg = "an authority has a jurisdiction"
            raise ValueError(msg)
        return viewer_of_jurisdiction(jurisdiction)
    return viewer_of_organisation(organisation_id)


def viewers_of_region(region_code: str) -> tuple[str, ...]:
    """All the authorities over a county: `370602` → `r:37`, `r:3706`, `r:370602`."""
    return tuple(viewer_of_jurisdiction(region_code[:digits]) for digits in (2, 4, 6) if len(region_code) >= digits)


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """May I: yes, or why not. The reason is a message id, its places are filled from `facts`."""

    allowed: bool
    reason: str = ""
    facts: dict[str, object] = dataclasses.field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.allowed


YES = Decision(allowed=True)


class FactorKind(StrEnum):
    """How somebody shows that it is himself."""

    PASSWORD = "password"  # noqa: S105  the name of a kind
    """Something known; alone it is enough only for whoever has enrolled nothing better."""
    TOTP = "totp"
    """A code of an authenticator app (RFC 6238)."""
    RECOVERY_CODE = "recovery_code"
    """A code from the list that was shown once; each works once."""
    PASSKEY = "passkey"
    """A key of a device, used after the device has recognised its holder (WebAuthn); two factors in one."""


class Restriction(StrEnum):
    """What a session must do before it may do anything else."""

    CHANGE_PASSWORD = "change_password"  # noqa: S105  the name of a duty
    """It was opened with a password that somebody else had chosen."""
    ENROL_FACTOR = "enrol_factor"
    """This deployment asks a second factor of the member's role, and he has none yet."""


class AccountEventKind(StrEnum):
    """What happened to somebody's account, as he reads it on his account page."""

    SIGNED_IN = "signed_in"
    """A session was opened."""
    SIGN_IN_FAILED = "sign_in_failed"
    """Somebody gave a wrong password for this login."""
    FACTOR_FAILED = "factor_failed"
    """A wrong code or passkey, after the right password or inside a session."""
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  the name of an event
    """By the person."""
    PASSWORD_SET = "password_set"  # noqa: S105  the name of an event
    """By a link that somebody who manages people asked for."""
    PASSKEY_ADDED = "passkey_added"
    """A device was enrolled."""
    PASSKEY_REMOVED = "passkey_removed"
    """A device was taken off."""
    TOTP_ADDED = "totp_added"
    """An authenticator app was enrolled."""
    TOTP_REMOVED = "totp_removed"
    """It was taken off."""
    RECOVERY_CODES_MADE = "recovery_codes_made"
    """A new list; older codes no longer work."""
    RECOVERY_CODE_USED = "recovery_code_used"
    """One of the list."""
    SESSIONS_ENDED = "sessions_ended"
    """The person signed other devices out."""
