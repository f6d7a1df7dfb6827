"""We, to whom people show their factors: the party that relies on them (WebAuthn's word), its origin and its key."""

import dataclasses
from urllib.parse import urlsplit

_USUAL_PORTS = {"http": 80, "https": 443}
NAME = "wastetrack"


@dataclasses.dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for a factor. A passkey made for one `id` answers to no other."""

    id: str
    """The host name of the public address."""
    origin: str
    """Scheme, host and port, as a browser says them."""
    key: bytes = dataclasses.field(default=b"", repr=False)
    """What TOTP secrets are sealed with; without it none can be opened and only the other factors hold."""

    @classmethod
    def at(cls, base_url: str, key: bytes) -> "RelyingParty":
        """The one behind a public address (settings.base_url)."""
        parts = urlsplit(base_url)
        host = (parts.hostname or "").lower()
        named = f"[{host}]" if ":" in host else host
        port = parts.port
        at_port = "" if port is None or port == _USUAL_PORTS.get(parts.scheme) else f":{port}"
        return cls(host, f"{parts.scheme}://{named}{at_port}", key)
