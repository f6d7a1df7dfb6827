"""Which URL may be asked and which network address may be connected to; pure.

A URL has exactly one reading here: whatever other parsers read otherwise (credentials, backslashes, octal or decimal
addresses, Unicode dots) is refused and not interpreted. Sources: IANA's registries of special-purpose addresses
(RFC 6890), OWASP's cheat sheet on server-side request forgery.
"""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from wastetrack.errors import Malformed
from wastetrack.i18n import message

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>/[!$&-;=@-Z_a-z~%]*(?:\?[!$&-;=?-Z_a-z~%]*)?)?"
)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]*")
"""No top-level domain is a number (RFC 3696 §2), so what ends in one is an address in disguise: 127.1, 0x7f000001."""
_STANDARD_PORT = {"https": 443, "http": 80}
_FIRST_FREE_PORT = 1024
_LAST_PORT = 0xFFFF
_LONGEST_URL = 2_000

_NEVER_V4 = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local: metadata of most clouds
            "100.64.0.0/10",  # shared by carriers: metadata of Alibaba's cloud at 100.100.100.200
            "168.63.129.16/32",  # metadata of Azure, at a public address
            "192.0.0.0/24",  # protocol assignments: metadata of Oracle's cloud at 192.0.0.192
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",  # documentation
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.175.48.0/24",  # AS112, AMT
            "192.88.99.0/24",  # 6to4 relays
            "198.18.0.0/15",  # benchmarks
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_NEVER_V6 = tuple(
    map(
        ip_network,
        (
            "2001::/23",  # Teredo and other protocol assignments
            "2001:db8::/32",
            "3fff::/20",  # documentation
            "2002::/16",  # 6to4: an IPv4 address inside
            "2620:4f:8000::/48",  # AS112
            "fd00:ec2::/32",  # metadata of Amazon's cloud
        ),
    )
)
_GLOBAL_V6 = ip_network("2000::/3")


class OutboundRefused(Malformed):
    """The request was not made, or its answer not taken: the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundPolicy:
    """What the operator of this deployment allows."""

    hosts: tuple[str, ...] = ()
    """Host names that may be asked, `*.example.org` for those below; empty: any at a public address."""
    private_hosts: tuple[str, ...] = ()
    """Host names that may lie in the private networks (an own identity provider); never loopback or metadata."""
    loopback: bool = False
    """Plain http to 127.0.0.1 and ::1 too: for tests and trials on one machine."""
    seconds: float = 10.0
    """For the whole of a request, with its answer."""
    most_bytes: int = 1024 * 1024
    """Of an answer's body."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL that may be asked, in its one reading."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """Written out again."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _STANDARD_PORT[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def destination(url: str, policy: OutboundPolicy) -> Destination:
    """Read a URL. Raises OutboundRefused unless it may be asked; its addresses are judged when it is connected to."""
    read = _URL.fullmatch(url) if len(url) <= _LONGEST_URL else None
    if read is None:
        raise OutboundRefused(
            "outbound_url_unreadable",
            message("An address begins with https:// and a host name, and has no user name, blank or fragment."),
        )
    scheme = read["scheme"]
    host = read["host"].lower().strip("[]")
    port = int(read["port"] or _STANDARD_PORT[scheme])
    _refuse_host(host, policy)
    on_trial = policy.loopback and _is_loopback_name(host)
    if scheme != "https" and not on_trial:
        raise OutboundRefused("outbound_not_encrypted", message("Only addresses that begin with https:// are asked."))
    if port != _STANDARD_PORT["https"] and not _FIRST_FREE_PORT <= port <= _LAST_PORT and not on_trial:
        raise OutboundRefused("outbound_port", message("Port {port} is not asked."), port=port)
    return Destination(scheme, host, port, read["target"] or "/")


def _refuse_host(host: str, policy: OutboundPolicy) -> None:
    literal = _literal(host)
    if literal is None and not _is_name(host) and not (policy.loopback and host == "localhost"):
        raise OutboundRefused(
            "outbound_host_unreadable",
            message("{host} is no full host name; one in other letters is written as xn--…"),
            host=host,
        )
    if policy.hosts and not matches(host, (*policy.hosts, *policy.private_hosts)):
        raise OutboundRefused(
            "outbound_host_not_allowed", message("The operator of the platform has not allowed {host}."), host=host
        )
    if literal is not None:
        judge(literal, host, policy)


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    """An address in its one full form; ipaddress knows neither octal nor decimal."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    labels = host.split(".")
    return (
        len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and _LAST_LABEL.fullmatch(labels[-1]) is not None
    )


def _is_loopback_name(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def matches(host: str, hosts: tuple[str, ...]) -> bool:
    """Whether a host is one of these; `*.example.org` means each name below, not that name itself."""
    allowed = (each.lower() for each in hosts)
    return any(host == each or (each.startswith("*.") and host.endswith(each[1:])) for each in allowed)


def judge(address: IPv4Address | IPv6Address, host: str, policy: OutboundPolicy) -> None:
    """Raise OutboundRefused unless this address, found for this host, may be connected to."""
    if is_public(address) or (policy.loopback and address.is_loopback):
        return
    if matches(host, policy.private_hosts) and is_private(address):
        return
    raise OutboundRefused(
        "outbound_address_not_public",
        message("{host} lies at an address that is not public; requests do not go there."),
        host=host,
    )


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Whether it belongs to a private network (RFC 1918, RFC 4193) and is nothing worse."""
    return any(address in network for network in _PRIVATE) and not any(address in network for network in _NEVER_V6)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody on the Internet could have this address. IPv4 inside of IPv6 is refused in every form."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in (*_NEVER_V4, *_PRIVATE))
    return address in _GLOBAL_V6 and not any(address in network for network in _NEVER_V6)
