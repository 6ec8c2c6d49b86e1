"""Which addresses may be called: property tests, beside the registry of the language's own library."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.outbound import parse_target
from app.kernel.outbound_rules import (
    Address,
    OutboundPolicy,
    Reason,
    TargetRefused,
    embedded,
    may_call,
    parse_ports,
    parse_trusted,
)

INSIDE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
    "198.18.0.1",
    "203.0.113.7",
    "168.63.129.16",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "100::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "5f00::1",
]
PUBLIC = ["1.1.1.1", "187.141.0.1", "8.8.8.8", "2606:4700::1111", "2800:3f0::1", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused(address: str) -> None:
    assert not may_call(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_call(ip_address(address))


@given(st.ip_addresses())
def test_what_the_library_calls_private_is_never_called(address: Address) -> None:
    reached = embedded(address)
    inside = reached.is_private or reached.is_loopback or reached.is_link_local or reached.is_multicast
    if inside or reached.is_reserved or reached.is_unspecified:
        assert not may_call(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_the_same_however_it_is_written(address: IPv4Address) -> None:
    mapped = IPv6Address(f"::ffff:{address}")
    translated = IPv6Address(int(IPv6Address("64:ff9b::")) | int(address))
    assert may_call(address) == may_call(mapped) == may_call(translated)
    assert not may_call(IPv6Address((0x2002 << 112) | (int(address) << 80)))


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_trusted_networks_may_be_called_and_no_others(address: IPv4Address) -> None:
    trusted = (IPv4Network("10.20.0.0/16"), IPv6Network("fd12::/32"))
    assert may_call(address, trusted) == (address in trusted[0])
    assert may_call(IPv6Address(f"::ffff:{address}"), trusted) == (address in trusted[0])


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "169.254.170.23", "fd00:ec2::23", "fd00:ec2::254", "::ffff:169.254.169.254", "168.63.129.16"],
)
def test_metadata_is_not_called_even_where_everything_is_trusted(address: str) -> None:
    assert not may_call(ip_address(address), (ip_network("0.0.0.0/0"), ip_network("::/0")))


ANY_PORT = OutboundPolicy(ports=parse_ports("1-65535"))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.mx/", Reason.SCHEME),
        ("ftp://example.mx/", Reason.SCHEME),
        ("file:///etc/passwd", Reason.URL),
        ("javascript:alert(1)", Reason.URL),
        ("https://", Reason.URL),
        ("", Reason.URL),
        ("https://ana:secret@example.mx/", Reason.URL),
        ("https://@example.mx/", Reason.URL),
        ("https://example.mx#@10.0.0.1/", Reason.URL),
        ("https://example.mx\r\nHost: other/", Reason.URL),
        ("https://example.mx:99999/", Reason.PORT),
        ("https://example.mx:port/", Reason.URL),
        ("https://example.mx:0/", Reason.PORT),
        ("https://xn--/", Reason.URL),
        ("https://xn--a/", Reason.URL),
        ("https://example.mx/\u202egpj", Reason.URL),
        ("https://exa mple.mx/", Reason.URL),
        ("https://-example.mx/", Reason.URL),
        (f"https://{'a' * 70}.mx/", Reason.URL),
        (f"https://{'a.' * 130}mx/", Reason.URL),
        ("https://2130706433/", Reason.URL),
        ("https://0x7f.1/", Reason.URL),
        ("https://127.1/", Reason.URL),
        ("https://localhost/", Reason.ADDRESS),
        ("https://portal.LOCALHOST./", Reason.ADDRESS),
        ("https://example.mx\\@10.0.0.1/", Reason.URL),
        (f"https://example.mx/{'a' * 2000}", Reason.URL),
    ],
)
def test_urls_that_are_refused(url: str, reason: Reason) -> None:
    with pytest.raises(TargetRefused) as refused:
        parse_target(url, ANY_PORT)
    assert refused.value.reason is reason


@pytest.mark.parametrize("port", [22, 25, 80, 6379, 8080])
def test_ports_are_limited(port: int) -> None:
    with pytest.raises(TargetRefused) as refused:
        parse_target(f"https://example.mx:{port}/", OutboundPolicy(ports=parse_ports("443, 8443, 9000-9010")))
    assert refused.value.reason is Reason.PORT


def test_a_target_has_the_parts_that_are_called() -> None:
    target = parse_target("https://Éxito.example.mx:8443/a b?c=d", ANY_PORT)
    assert (target.scheme, target.host, target.port) == ("https", "xn--xito-9oa.example.mx", 8443)
    assert target.path == b"/a%20b?c=d"
    assert target.authority == "xn--xito-9oa.example.mx:8443"
    assert parse_target("https://[2606:4700::1]/", ANY_PORT).authority == "[2606:4700::1]"


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_refused(text: str) -> None:
    try:
        target = parse_target(f"https://{text}", ANY_PORT)
    except TargetRefused:
        return
    assert target.scheme == "https"
    assert target.host.isascii()
    assert not set("@/\\#\r\n ") & set(target.host)
    assert target.path.startswith(b"/")


@pytest.mark.parametrize("text", ["10.0.0.0/33", "lan", "10.0.0.1/8"])
def test_networks_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        parse_trusted(text)


@pytest.mark.parametrize("text", ["0", "65536", "a", "443-", "9010-9000", "-1"])
def test_ports_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match="is no port"):
        parse_ports(text)
