"""Which URLs and addresses are asked: every disguise of an inner address is refused, in the one reading there is."""

import ipaddress
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from wastetrack.outbound.addresses import OutboundPolicy, OutboundRefused, destination, is_public, judge

ANY = OutboundPolicy()
ADDRESSES = st.one_of(
    st.ip_addresses(v=4),
    st.ip_addresses(v=6),
    st.sampled_from(["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192",
                     "::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:0808:0808::1", "fe80::1", "fd00:ec2::254",
                     "ff02::1", "::", "2001:db8::1", "fec0::1", "::8.8.8.8"]).map(ipaddress.ip_address),
)  # fmt: skip


def refused(url: str, policy: OutboundPolicy = ANY) -> str:
    """The code of the refusal."""
    with pytest.raises(OutboundRefused) as raised:
        destination(url, policy)
    assert "{" not in str(raised.value)
    return raised.value.code


@given(ADDRESSES)
@example(IPv6Address("64:ff9b::7f00:1"))
@example(IPv4Address("192.88.99.1"))
def test_only_what_everybody_could_reach_is_public(address: IPv4Address | IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private
        assert getattr(address, "ipv4_mapped", None) is None
        assert getattr(address, "sixtofour", None) is None
        assert getattr(address, "teredo", None) is None
    elif address.version == 4:
        # The other way round: no more is refused than there is a reason for.
        special = ("168.63.129.16/32", "192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24",
                   "192.0.0.0/24")  # fmt: skip
        assert (
            not address.is_global
            or address.is_multicast
            or any(address in ipaddress.ip_network(network) for network in special)
        )


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "127.0.0.1", "::1",
     "0.0.0.1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:0:808:808::", "224.0.0.1",
     "255.255.255.255"],
)  # fmt: skip
def test_metadata_of_clouds_and_tunnels_are_never_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8")
       | st.ip_addresses(v=4, network="169.254.0.0/16") | st.ip_addresses(v=4))  # fmt: skip
def test_no_other_spelling_of_an_address_gets_through(address: IPv4Address) -> None:
    number, parts = int(address), address.packed
    spellings = [
        str(number),
        hex(number),
        oct(number).replace("0o", "0"),
        ".".join(f"{part:#04o}".replace("0o", "0") for part in parts),
        ".".join(hex(part) for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
        str(address).replace(".", "。"),
        str(address).replace(".", "．"),
        "".join(chr(0xFF10 + int(mark)) if mark.isdigit() else mark for mark in str(address)),
        "%31" + str(address)[1:],
        f"{address}.",
    ]
    for spelling in spellings:
        assert refused(f"https://{spelling}/") in {"outbound_url_unreadable", "outbound_host_unreadable"}, spelling
    mapped = [f"[::ffff:{address}]", f"[::{address}]", f"[64:ff9b::{address}]", f"[2002:{parts.hex(':', 2)}::1]"]
    for spelling in mapped:
        assert refused(f"https://{spelling}/") == "outbound_address_not_public", spelling


@pytest.mark.parametrize(
    "url",
    [
        "https://user@example.org/", "https://user:word@example.org/", "https://example.org@127.0.0.1/",
        "https://example.org\\@127.0.0.1/", "https://example.org#@127.0.0.1/", "https://example.org /",
        "https://example.org\r\nHost: a/", "https:/example.org/", "https:example.org", "//example.org/",
        "https://example.org:99999/", "https://example.org:/x", "file:///etc/passwd", "gopher://example.org/",
        "HTTPS://example.org/", "https://[fe80::1%25eth0]/", "https://exämple.org/", "https://ⓔxample.org/",
        "https://example。org/", "https://localhost/", "https://metadata/", "https://.example.org/", "https://-a.org/",
        "https://example..org/", "https://a.123/", "https://example.org:22/", "https://example.org:25/", "", "https://",
        "https://example.org/" + "a" * 2000, "https://exa\u200bmple.org/", "https://example.org/\x00",
    ],
)  # fmt: skip
def test_what_two_parsers_could_read_differently_is_not_read_at_all(url: str) -> None:
    refused(url)


@given(st.text(max_size=60).map("https://".__add__) | st.from_regex(r"https?://[a-z0-9@:#?/\\.\[\]%-]{1,40}"))
def test_what_is_read_has_one_reading(url: str) -> None:
    try:
        read = destination(url, ANY)
    except OutboundRefused:
        return
    other = urlsplit(read.url)
    assert (other.scheme, other.hostname) == ("https", read.host)
    assert (other.port or 443) == read.port
    assert other.username is None
    assert read.url.isascii()
    assert destination(read.url, ANY) == read


def test_plain_http_is_for_trials_on_one_machine() -> None:
    assert refused("http://example.org/") == "outbound_not_encrypted"
    assert refused("http://127.0.0.1:8000/") == "outbound_address_not_public"
    trial = OutboundPolicy(loopback=True)
    assert destination("http://127.0.0.1:80/a?b", trial).url == "http://127.0.0.1/a?b"
    assert destination("http://localhost:8000/", trial).port == 8000
    assert refused("http://example.org/", trial) == "outbound_not_encrypted"
    assert refused("http://10.0.0.1/", trial) == "outbound_address_not_public"


def test_the_operator_names_who_may_be_asked() -> None:
    policy = OutboundPolicy(hosts=("*.example.org", "sso.test.cn"))
    assert destination("https://a.b.example.org/", policy).host == "a.b.example.org"
    assert destination("https://SSO.test.cn/", policy).host == "sso.test.cn"
    for host in ("example.org", "badexample.org", "sso.test.cn.evil.org", "8.8.8.8"):
        assert refused(f"https://{host}/", policy) == "outbound_host_not_allowed", host


@given(ADDRESSES)
def test_a_host_of_the_own_network_is_asked_there_and_nowhere_worse(address: IPv4Address | IPv6Address) -> None:
    assume(not is_public(address))
    policy = OutboundPolicy(private_hosts=("sso.inner.test",))
    with pytest.raises(OutboundRefused):
        judge(address, "other.inner.test", policy)
    try:
        judge(address, "sso.inner.test", policy)
    except OutboundRefused:
        return
    assert address.is_private
    assert not address.is_loopback
    assert not address.is_link_local


def test_an_identity_provider_in_the_own_network_can_be_asked() -> None:
    judge(IPv4Address("10.8.0.5"), "sso.inner.test", OutboundPolicy(private_hosts=("sso.inner.test",)))
