"""How the tables of other tools' checks are written: a line for each check, `ids | what it is about | rules`, or `- why there is none`."""

from __future__ import annotations

from typing import Final, NamedTuple


class Peer(NamedTuple):
    """A check of another tool: its ids, what it is about, and the rules that carry it, or why there is none."""

    ids: tuple[str, ...]
    about: str
    rules: tuple[str, ...] = ()
    why_not: str = ""


class Tool(NamedTuple):
    """Another tool and its checks."""

    name: str
    checks: tuple[Peer, ...]


LIVE: Final = "it looks at a running account, not at what is written"
ALARMS: Final = "alarms on log entries are no part of who may use a key"
NO_KMS: Final = "it says nothing about AWS KMS"
OTHER_INPUT: Final = "this kind of file is not read"
CONSUMER: Final = "whether something is encrypted with a key of yours is about that thing, and not about the key; `kms-lint show` lists what uses which key"
REFUSED: Final = "what is deployed with says so itself, before anything happens"


def tool(name: str, *lines: str) -> Tool:
    """A tool, from the lines about its checks."""
    return Tool(name, tuple(_check(line) for line in lines))


def _check(line: str) -> Peer:
    ids, about, carried = (part.strip() for part in line.split("|"))
    names = tuple(ids.split())
    if carried.startswith("-"):
        return Peer(names, about, (), carried.removeprefix("-").strip())
    return Peer(names, about, tuple(carried.split()))
