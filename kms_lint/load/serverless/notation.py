"""How variables are written: `${self:custom.stage, 'dev'}`.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

LONGEST: Final = 2000
"""As many characters of a variable are read."""

MOST: Final = 200
"""As many variables of one text are read."""

_OPENING: Final = re.compile(r"\$\{(?=[A-Za-z]+(?:\.[\w-]+)?(?:\([^(){}]*(?:\$\{[^{}]*\}[^(){}]*)*\))?(?::(?!:)|,|\}))")
_SOURCE: Final = re.compile(r"(?P<type>[A-Za-z]+(?:\.[\w-]+)?)(?:\((?P<given>.*)\))?(?::(?P<address>.*))?$", re.DOTALL)
_BRACE: Final = re.compile("[{}]")
_NAMES: Final = frozenset(
    {"self", "opt", "env", "file", "sls", "aws", "param", "ssm", "cf", "s3", "git", "strToBool", "terraform", "vault"}
)
_QUOTED: Final = re.compile(r"""(?P<quote>["'])(?P<text>.*)(?P=quote)$""", re.DOTALL)


class Source(NamedTuple):
    """One of the sources of a variable: `file(./x.yml):key` has the type `file`, what is in brackets and an address."""

    type: str
    given: str | None
    address: str


class Literal(NamedTuple):
    """A value in the place of a source; `quoted` when it is surely text."""

    text: str
    quoted: bool


class Variable(NamedTuple):
    """A variable: its sources, of which the first counts that gives a value, and how it is written within its braces."""

    sources: tuple[Source | Literal, ...]
    written: str


Piece: TypeAlias = str | Variable


def pieces(text: str) -> Iterator[Piece]:
    """The variables of a text, and what stands between them; too many of them are left as text."""
    end = 0
    count = 0
    closings = _closings(text)
    for found in _OPENING.finditer(text):
        closing = closings.get(found.end() - 1)
        if found.start() < end or count >= MOST or closing is None or closing - found.end() > LONGEST:
            continue
        variable = _variable(text[found.end() : closing])
        if variable is None:
            continue
        count += 1
        if found.start() > end:
            yield text[end : found.start()]
        yield variable
        end = closing + 1
    if end < len(text):
        yield text[end:]


def _closings(text: str) -> dict[int, int]:
    """Where each brace is closed, by where it stands."""
    open: list[int] = []
    found: dict[int, int] = {}
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            open.append(brace.start())
        elif open:
            found[open.pop()] = brace.start()
    return found


def _variable(written: str) -> Variable | None:
    sources = tuple(_source(part.strip()) for part in _parts(written))
    first = sources[0]
    if isinstance(first, Literal) or first.type.partition(".")[0] not in _NAMES:
        return None
    return Variable(sources, written)


def _source(part: str) -> Source | Literal:
    """A source or a value; a source may itself be written as `${…}`."""
    if part.startswith("${") and part.endswith("}") and _closings(part).get(1) == len(part) - 1:
        part = part[2:-1].strip()
    quoted = _QUOTED.match(part)
    if quoted:
        return Literal(quoted["text"], True)
    found = _SOURCE.match(part)
    if found and (found["address"] is not None or found["given"] is not None):
        return Source(found["type"], found["given"], found["address"] or "")
    return Literal(part, False)


def _parts(written: str) -> Iterator[str]:
    """What commas separate, those in braces, brackets and quotes apart."""
    depth = 0
    quote = ""
    start = 0
    for at, character in enumerate(written):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == "," and depth == 0:
            yield written[start:at]
            start = at + 1
    yield written[start:]
