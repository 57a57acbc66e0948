"""What one configuration file says, apart from those above and below it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import field
from typing import NamedTuple

from kms_lint.config.checked import checked, written
from kms_lint.config.read import read
from kms_lint.config.schema import SCHEMA
from kms_lint.errors import ConfigError
from kms_lint.finding import Finding, Severity
from kms_lint.ignores import Ignore, Name
from kms_lint.naming import Names
from kms_lint.record import dataclass
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text


class Levels(NamedTuple):
    """Severities that differ from those of the rule files, by the names as written, for all paths or for some."""

    concerns: Callable[[str], bool] | None
    by_rule: tuple[tuple[Text, Severity], ...]


@dataclass(frozen=True, eq=False)
class Layer:
    """A configuration file. What it does not say is `None`, or empty where files add up."""

    path: str
    folder: str
    root: bool = False
    own: frozenset[str] | None = None
    trusted: frozenset[str] | None = None
    third_party: frozenset[str] | None = None
    organizations: frozenset[str] | None = None
    deployment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, int] = field(default_factory=dict)
    persona: str | None = None
    fail_on: Severity | None = None
    require_reason: bool | None = None
    rules: tuple[Text, ...] = ()
    exclude: Callable[[str], bool] | None = None
    ignores: tuple[Ignore, ...] = ()
    severity: tuple[Levels, ...] = ()

    def check_names(self, names: Names) -> None:
        """Raises `ConfigError` when a severity is given to a rule that does not exist."""
        for levels in self.severity:
            for name, _ in levels.by_rule:
                if not names.meant(name):
                    raise ConfigError(f"there is no rule `{name}`{names.suggestion(name)}", locate(name.at))


def layer(path: str, shown: str, whole: Callable[[str], bool]) -> Layer:
    """Reads a configuration file. Raises `ConfigError` when it does not follow the schema.

    `whole` tells of a path, without its wildcards, whether all that is beneath it is part of the run.
    """
    root = read(path, shown)
    checked(root, SCHEMA)
    folder = os.path.dirname(os.path.abspath(path))
    accounts = root.get("accounts")
    accounts = accounts if isinstance(accounts, Mapping) else Mapping((), root.at)
    fail_on = _text(root, "fail_on")
    exclude = _texts(root, "exclude")
    needs_reason = _truth(root, "require_reason")
    return Layer(
        path=shown,
        folder=folder,
        root=_truth(root, "root") or False,
        own=_set(accounts, "own"),
        trusted=_set(accounts, "trusted"),
        third_party=_set(accounts, "third_party"),
        organizations=_set(root, "organizations"),
        deployment={str(name): written(value) for name, value in _object(root, "deployment")},
        settings={str(name): int(written(value)) for name, value in _object(root, "settings")},
        persona=_text(root, "persona"),
        fail_on=Severity[fail_on.upper()] if fail_on else None,
        require_reason=needs_reason,
        rules=tuple(Text(os.path.join(folder, written(each)), each.at) for each in _items(root, "rules")),
        exclude=_pattern(exclude, folder) if exclude else None,
        ignores=tuple(_ignores(root, folder, needs_reason or False, whole)),
        severity=tuple(_severities(root, folder)),
    )


def _ignores(root: Mapping, folder: str, needs_reason: bool, whole: Callable[[str], bool]) -> list[Ignore]:
    found = []
    for entry in _objects(root, "ignore"):
        path = _text(entry, "path")
        found.append(_ignore(entry, (path,) if path else (), folder, needs_reason, whole))
    for override in _objects(root, "overrides"):
        for entry in _objects(override, "ignore"):
            found.append(_ignore(entry, tuple(_texts(override, "paths")), folder, needs_reason, whole))
    return found


def _ignore(
    entry: Mapping, paths: tuple[str, ...], folder: str, needs_reason: bool, whole: Callable[[str], bool]
) -> Ignore:
    resource, statement = _text(entry, "resource"), _text(entry, "statement")
    matches = _pattern(paths, folder) if paths else None

    def covers(finding: Finding) -> bool:
        return (
            (statement is None or statement == finding.statement)
            and (resource is None or resource == finding.resource or resource in finding.instances)
            and (matches is None or matches(finding.span.source.path))
        )

    rule = entry.get("rule")
    at = locate(rule.at) if rule is not None else locate(entry.at)
    names = (Name(written(rule) if rule is not None else "", at),)
    seen = all(whole(_fixed(path, folder)) for path in paths) if paths else whole(folder)
    reason = (_text(entry, "reason") or "").strip() or None
    return Ignore(names, at, covers, reason, _text(entry, "until"), "", needs_reason, seen)


def _severities(root: Mapping, folder: str) -> list[Levels]:
    found = [Levels(None, _levels(root))]
    for override in _objects(root, "overrides"):
        found.append(Levels(_pattern(_texts(override, "paths"), folder), _levels(override)))
    return [each for each in found if each.by_rule]


def _levels(node: Mapping) -> tuple[tuple[Text, Severity], ...]:
    return tuple((name, Severity[written(value).upper()]) for name, value in _object(node, "severity"))


def _pattern(patterns: tuple[str, ...], folder: str) -> Callable[[str], bool]:
    """Whether a path, as shown, matches one of the patterns of a file in that folder. Compiled when first asked."""
    compiled: list[Callable[[str], bool]] = []
    answers: dict[str, bool] = {}

    def matches(path: str) -> bool:
        if path not in answers:
            if not compiled:
                from pathspec import GitIgnoreSpec

                compiled.append(GitIgnoreSpec.from_lines(patterns).match_file)
            inside = os.path.relpath(os.path.abspath(path), folder).replace(os.sep, "/")
            answers[path] = not inside.startswith("../") and compiled[0](inside)
        return answers[path]

    return matches


def _fixed(pattern: str, folder: str) -> str:
    """The part of a pattern before its first wildcard, as a path; the folder for one that matches at any depth."""
    steps = pattern.strip("/").split("/")
    if len(steps) == 1 and not pattern.startswith("/"):
        return folder
    fixed = []
    for step in steps:
        if any(sign in step for sign in "*?[!"):
            break
        fixed.append(step)
    return os.path.join(folder, *fixed)


def _object(node: Mapping, name: str) -> Mapping:
    value = node.get(name)
    return value if isinstance(value, Mapping) else Mapping((), node.at)


def _objects(node: Mapping, name: str) -> list[Mapping]:
    return [each for each in _items(node, name) if isinstance(each, Mapping)]


def _items(node: Mapping, name: str) -> tuple[Node, ...]:
    value = node.get(name)
    return tuple(value) if isinstance(value, Items) else ()


def _texts(node: Mapping, name: str) -> tuple[str, ...]:
    return tuple(written(each) for each in _items(node, name))


def _set(node: Mapping, name: str) -> frozenset[str] | None:
    return frozenset(_texts(node, name)) if name in node else None


def _text(node: Mapping, name: str) -> str | None:
    value = node.get(name)
    return written(value) if isinstance(value, Text | Scalar) else None


def _truth(node: Mapping, name: str) -> bool | None:
    value = node.get(name)
    return value.value if isinstance(value, Scalar) and isinstance(value.value, bool) else None
