"""Where a request comes from, seen through trusted proxies. Reads headers, believes them only from proxies that the configuration names."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

from jackfield_sdk import Misconfigured

Address: TypeAlias = IPv4Address | IPv6Address
ClientAddress: TypeAlias = Callable[[str, str | None], str]
"""From the peer's address and its X-Forwarded-For, which may be absent, to the sender's address."""

REMEMBERED_ADDRESSES = 8192


class TrustedProxies:
    """The proxies whose forwarding headers are believed."""

    def __init__(self, networks: Sequence[str]) -> None:
        """Read addresses and networks.

        Raises:
            Misconfigured: one is neither.
        """
        try:
            self._networks = [ip_network(network, strict=False) for network in networks]
        except ValueError as problem:
            raise Misconfigured(f"JACKFIELD_TRUSTED_PROXIES: {problem}. Name addresses or networks such as 10.0.0.0/8, comma-separated.") from problem
        # Senders come in bursts and peers are few: most requests find their answer here.
        self.client = lru_cache(maxsize=REMEMBERED_ADDRESSES)(self._client)
        self.trusts = lru_cache(maxsize=REMEMBERED_ADDRESSES)(self._trusts)

    def _trusts(self, peer: str) -> bool:
        address = _parse(peer)
        return address is not None and self._is_proxy(address)

    def _client(self, peer: str, forwarded_for: str | None) -> str:
        """Return the first address, from the right, that is no trusted proxy; the peer's own if that is none."""
        address = _parse(peer)
        if address is None:
            return peer
        for hop in reversed((forwarded_for or "").split(",")):
            if not self._is_proxy(address):
                break
            before = _parse(hop.strip())
            if before is None:  # "unknown" or rubbish: what stands further left is nobody's word
                break
            address = before
        return str(address)

    def _is_proxy(self, address: Address) -> bool:
        return any(address in network for network in self._networks if network.version == address.version)


def _parse(text: str) -> Address | None:
    """Read an address, with or without port and brackets."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
