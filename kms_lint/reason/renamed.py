"""The old side of a comparison with the names that the new side has: what was moved is the same thing.

An unknown value of another name has another definition, as far as is known: it is no longer held to be the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kms_lint import texts
from kms_lint.model import Grant
from kms_lint.reason.matching import Group
from kms_lint.reason.sides import Held, Past, Side
from kms_lint.syntax.tree import Text

_VALUE: Final = re.compile(r"<[^<>]*>")


def names(matched: Sequence[tuple[Group, Group]], past: Past | None) -> dict[str, str]:
    """The new addresses of policies and keys by the old ones, where the new side says that they were moved.

    What is only alike in content may be another key, so that a value of it is not the same.
    """
    if past is None:
        return {}
    both = [(before[0], after[0]) for before, after in matched if before and after]
    called = [(was.policy.address, now.policy.address, now.place) for was, now in both]
    called += [(was.key or "", now.key or "", now.place) for was, now in both]
    return {
        old: new for old, new, place in called if old != new and old in (*past.formerly(new, place), *past.unsaid(new))
    }


def side(old: Side, known: Mapping[str, str]) -> Side:
    """A side, in whose policies and grants the values of what was moved are named after its new address."""
    if not known:
        return old
    written = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w.-])(?:{written})(?![\w\[-])")

    def said(value: str) -> str:
        return _VALUE.sub(lambda part: pattern.sub(lambda found: known[found[0]], part[0]), value)

    def text(each: Text) -> Text:
        changed = said(str(each)), said(each.form)
        return each if changed == (str(each), each.form) else Text(changed[0], each.at, changed[1])

    def held(each: Held) -> Held:
        return replace(each, policy=texts.changed(each.policy, text))

    def grant(each: Grant) -> Grant:
        grantee, retiring = (one and text(one) for one in (each.grantee, each.retiring))
        return replace(each, grantee=grantee, retiring=retiring)

    return replace(old, held=tuple(map(held, old.held)), grants=tuple(map(grant, old.grants)))
