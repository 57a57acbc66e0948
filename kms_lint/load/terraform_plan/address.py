"""Addresses of resources and modules, and the references of expressions.

https://developer.hashicorp.com/terraform/cli/state/resource-addressing
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

_INDEX: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE: Final = re.compile(rf"module\.([\w-]+)((?:{_INDEX})?)\.?")
_STEP: Final = re.compile(rf"\.?([\w-]+|\*)|({_INDEX})")


def module_of(address: str) -> str:
    """The module that a resource is in, with a dot after it; nothing for the root."""
    at = 0
    while match := _MODULE.match(address, at):
        at = match.end()
    return address[:at]


def calls(module: str) -> tuple[str, ...]:
    """The names of the calls that lead to a module."""
    return tuple(match[1] for match in _MODULE.finditer(module))


def outer(module: str) -> tuple[str, str, str]:
    """The module that calls a module, the name of the call, and the index of that instance as written."""
    matches = list(_MODULE.finditer(module))
    last = matches[-1]
    return module[: last.start()], last[1], last[2]


def instance(base: str, index: object) -> str:
    """The address of one instance of a resource; `index` is its key, `None` where it has none."""
    if index is None:
        return base
    from json import dumps

    digits = isinstance(index, int) or (isinstance(index, str) and isinstance(index, Digits))
    return f"{base}[{index}]" if digits else f"{base}[{dumps(index, ensure_ascii=False)}]"


class Digits(str):
    """A number as its digits: what `count` gives as the key of an instance."""

    __slots__ = ()


class Reference(NamedTuple):
    """What an expression refers to: `base` is a name such as `aws_kms_key.a`, `data.aws_region.current`, `module.m`, `var.x`.

    `key` is that of an instance, as written in brackets; `rest` are the attributes after it.
    """

    text: str
    base: str
    key: str = ""
    rest: tuple[str, ...] = ()


def reference(text: str) -> Reference:
    """A reference taken apart."""
    steps = [match[1] or match[2] for match in _STEP.finditer(text)]
    length = 3 if steps[:1] == ["data"] else 2
    base, rest = ".".join(steps[:length]), steps[length:]
    index = ""
    if rest and rest[0].startswith("["):
        index, rest = rest[0], rest[1:]
    return Reference(text, base, index, tuple(rest))


def longest(references: Iterable[object]) -> tuple[str, ...]:
    """The references of an expression without those that others go on from: Terraform lists both."""
    found = list(dict.fromkeys(each for each in references if isinstance(each, str)))[:_MOST]
    beginnings = {text[:at] for text in found for at in _ends(text)}
    return tuple(each for each in found if each not in beginnings)


def _ends(text: str) -> Sequence[int]:
    return [at for at, character in enumerate(text[:_LONGEST]) if character in ".["]


def of_instance(text: str) -> bool:
    """Whether a reference is to the key or number of the instance itself."""
    return text.startswith(("each.", "count.")) or text in {"each", "count"}


_MOST: Final = 100
_LONGEST: Final = 1000
