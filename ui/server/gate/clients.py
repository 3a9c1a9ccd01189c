"""What stands for a client: the address that its requests come from."""

from __future__ import annotations

import contextlib
import ipaddress


def address_of(host: str | None) -> str:
    """What stands for a client: their address, or of IPv6 the network, of which one client has all addresses."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))


def place_of(host: str | None) -> str:
    """The address whose places in the app are counted; "" for this machine itself, which may take them all."""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host or "").is_loopback:
            return ""
    return address_of(host)
