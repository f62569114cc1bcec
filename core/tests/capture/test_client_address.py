"""Whose word is taken for where a request comes from."""

import pytest

from jackfield.capture.client_address import TrustedProxies
from jackfield_sdk import Misconfigured


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4,10.9.9.9 , 10.0.0.7", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "1.2.3.4, unknown", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, rubbish, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:5678", "1.2.3.4"),
        ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        ("10.0.0.1", "2001:DB8:0::1", "2001:db8::1"),
        ("10.0.0.1", "::ffff:1.2.3.4", "1.2.3.4"),
        ("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("fd00::1", "1.2.3.4", "1.2.3.4"),
        ("192.0.2.5", "1.2.3.4", "1.2.3.4"),
        ("", "1.2.3.4", ""),
    ],
)
def test_addresses(peer: str, forwarded: str | None, expected: str) -> None:
    proxies = TrustedProxies(["10.0.0.0/8", "fd00::/8", "192.0.2.5"])

    assert [proxies.client(peer, forwarded) for _ in range(2)] == [expected] * 2


def test_without_trusted_proxies_nobody_is_believed() -> None:
    proxies = TrustedProxies([])

    assert proxies.client("127.0.0.1", "1.2.3.4") == "127.0.0.1"
    assert not proxies.trusts("127.0.0.1")


def test_what_is_no_network_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"JACKFIELD_TRUSTED_PROXIES.*'nginx'"):
        TrustedProxies(["10.0.0.1", "nginx"])
