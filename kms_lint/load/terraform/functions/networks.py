"""Functions of address blocks.

https://developer.hashicorp.com/terraform/language/functions/cidrsubnet
"""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

from kms_lint.load.terraform.functions.signature import plainly
from kms_lint.load.terraform.limits import RefusedError

_Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"


def _network(prefix: str) -> _Network:
    if "/" not in prefix or not prefix.rpartition("/")[2].isdecimal():
        raise RefusedError(f"`{prefix}` is no address block")
    try:
        return ipaddress.ip_network(prefix, strict=False)
    except ValueError as error:
        raise RefusedError(f"`{prefix}` is no address block") from error


def _subnet(prefix: str, bits: int, number: int) -> str:
    network = _network(prefix)
    length = network.prefixlen + bits
    if bits < 0 or length > network.max_prefixlen:
        raise RefusedError(f"the address block has no room for {bits} more bits")
    if not 0 <= number < 1 << bits:
        raise RefusedError(f"{bits} bits do not hold the number {number}")
    return _shown(network, int(network.network_address) + (number << (network.max_prefixlen - length)), length)


def _shown(network: _Network, address: int, length: int) -> str:
    kind = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
    return f"{kind(address)}/{length}"


def _subnets(prefix: str, *bits: int) -> tuple[str, ...]:
    """Blocks one after another, each at the first place that suits its size."""
    network = _network(prefix)
    at = int(network.network_address)
    end = at + network.num_addresses
    found: list[str] = []
    for more in bits:
        length = network.prefixlen + more
        if more < 1 or length > network.max_prefixlen:
            raise RefusedError(f"the address block has no room for {more} more bits")
        size = 1 << (network.max_prefixlen - length)
        at = -(-at // size) * size
        if at + size > end:
            raise RefusedError("the address block has not enough room")
        found.append(_shown(network, at, length))
        at += size
    return tuple(found)


def _host(prefix: str, number: int) -> str:
    network = _network(prefix)
    if not -network.num_addresses <= number < network.num_addresses:
        raise RefusedError(f"the address block has no host {number}")
    return str(network[number])


def _netmask(prefix: str) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise RefusedError("only IPv4 has netmasks")
    return str(network.netmask)


FUNCTIONS: Final = {
    "cidrsubnet": plainly("sww", _subnet),
    "cidrsubnets": plainly("sw*", _subnets),
    "cidrhost": plainly("sw", _host),
    "cidrnetmask": plainly("s", _netmask),
}
