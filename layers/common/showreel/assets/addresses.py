"""Decides which network addresses a user's URL may reach: global unicast that embeds no other."""

import ipaddress
import queue
import socket
import threading
from collections.abc import Sequence

from showreel.core.errors import InvalidInput, MediaError

GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
REFUSED_V6 = tuple(
    ipaddress.ip_network(network)
    for network in (
        "2001::/23",  # Teredo, ORCHID, benchmarking and the other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address inside
        "3fff::/20",  # documentation
    )
)
REFUSED_V4 = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments, some of them marked global
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.175.48.0/24",  # AS112
        "168.63.129.16/32",  # a cloud's metadata service on a public address
        "100.100.100.200/32",  # another one's
    )
)
ISATAP = (0x00005EFE, 0x02005EFE)
"""The upper half of an interface id whose lower half is an IPv4 address."""
MAX_ADDRESSES = 4
"""How many of a name's addresses are tried."""


def is_public(address: str) -> bool:
    """Returns whether `address` is global unicast and embeds no other address.

    `ipaddress.is_global` alone also accepts multicast and translated (NAT64) addresses.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return _is_public_v4(parsed)
    return parsed.scope_id is None and _is_public_v6(parsed)


def _is_public_v4(address: ipaddress.IPv4Address) -> bool:
    special = address.is_multicast or address.is_reserved or not address.is_global
    return not special and not any(address in network for network in REFUSED_V4)


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    if address not in GLOBAL_UNICAST or not address.is_global:
        return False
    if (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
        return False
    return not any(address in network for network in REFUSED_V6)


def public_addresses(host: str, port: int, timeout_seconds: float) -> Sequence[str]:
    """Returns the addresses of `host`, all of them public.

    A name with any other address is refused, because a connection may get any of them. Raises
    InvalidInput `blocked_url`, MediaError `media_unreachable`.
    """
    addresses = resolve(host, port, timeout_seconds)
    if not all(is_public(address) for address in addresses):
        raise InvalidInput("The URL's address is not on the public internet", code="blocked_url")
    return addresses[:MAX_ADDRESSES]


def resolve(host: str, port: int, timeout_seconds: float) -> Sequence[str]:
    """Returns every address of `host`, in the system's order.

    The system's resolver has no time-out, so it runs in a thread. Raises MediaError
    `media_unreachable`.
    """
    answers: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, port, answers), daemon=True).start()
    try:
        addresses = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        addresses = ()
    if not addresses:
        raise MediaError("The URL's host can't be found", code="media_unreachable")
    return addresses


def _look_up(host: str, port: int, answers: "queue.SimpleQueue[Sequence[str]]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    answers.put([str(address[0]) for *_, address in found])
