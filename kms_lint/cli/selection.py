"""Which rules run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kms_lint.errors import ConfigError
from kms_lint.library import built_in, described, from_folder
from kms_lint.naming import Names
from kms_lint.record import dataclass
from kms_lint.rule import Rule
from kms_lint.syntax import locate

if TYPE_CHECKING:
    from kms_lint.config import Configuration


@dataclass(frozen=True)
class Selection:
    """The options that say which rules run."""

    select: tuple[str, ...]
    ignore: tuple[str, ...]
    rules: tuple[str, ...]
    persona: str | None


@dataclass(frozen=True)
class Chosen:
    """The rules that run, the names of all, and whether rules of opinion were asked for."""

    rules: tuple[Rule, ...]
    names: Names
    strict: bool = False


def selection(wanted: Selection, base: Configuration) -> Chosen:
    """The rules to run. Raises `ConfigError` for a name that means no rule, `RuleError` for a broken rule file."""
    for each in base.rules:
        if not os.path.isdir(each):
            raise ConfigError(f"there is no folder of rules {each}", locate(each.at))
    folders = dict.fromkeys((*base.rules, *wanted.rules))
    own = _distinct([rule for folder in folders for rule in from_folder(folder)])
    names = Names([*described(), *(rule.about for rule in own)])
    persona = wanted.persona or base.persona
    chosen = _meant(wanted.select, names, "--select") or {
        id for id, about in names.abouts.items() if persona == "strict" or about.persona == "default"
    }
    chosen -= _meant(wanted.ignore, names, "--ignore")
    return Chosen((*built_in(chosen), *(rule for rule in own if rule.id in chosen)), names, persona == "strict")


def _meant(said: Iterable[str], names: Names, option: str) -> set[str]:
    found: set[str] = set()
    for name in (part.strip() for each in said for part in each.split(",")):
        meant = names.meant(name)
        if not meant:
            raise ConfigError(f"{option}: there is no rule `{name}`{names.suggestion(name)}")
        found |= meant
    return found


def _distinct(rules: list[Rule]) -> list[Rule]:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise ConfigError(f"two folders of rules hold a rule `{rule.id}`")
        seen.add(rule.id)
    return rules
