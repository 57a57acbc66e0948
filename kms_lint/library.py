"""From rule files to rules: those that come with kms-lint, and those of users."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from kms_lint.errors import RuleError
from kms_lint.finding import About, Hit, Severity
from kms_lint.match import compile as compile_match
from kms_lint.match import subject as subject_of_match
from kms_lint.model import World
from kms_lint.rule import CHECKS, Registered, Rule, Subject

Description = Mapping[str, Any]
"""What a rule file says, but for its examples: checked against the schema before."""


def built_in(wanted: Container[str] | None = None) -> tuple[Rule, ...]:
    """The rules that come with kms-lint, or those of them that are wanted, by name."""
    described = _described()
    return tuple(rule(id, said) for id, said in described.items() if wanted is None or id in wanted)


def described() -> tuple[About, ...]:
    """What the files of the built-in rules say."""
    return tuple(about(id, said) for id, said in _described().items())


def folder() -> str:
    """The folder with the files of the built-in rules: inside the wheel, or beside the package in a checkout."""
    packaged = os.path.join(os.path.dirname(__file__), "rules")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(os.path.dirname(__file__)), "rules")


def rule(id: str, said: Description) -> Rule:
    """The rule that a file describes. Raises `RuleError` when it names a check that nobody has."""
    if "check" in said:
        registered = check_named(said["check"], id)
        return Rule(about(id, said), registered.subject, registered.run)
    return Rule(about(id, said), subject_of_match(said["match"]), _lazily(said["match"], said["label"]))


def about(id: str, said: Description) -> About:
    """What a rule file says about its rule."""
    fix = said["fix"]
    words = {"any": fix} if isinstance(fix, str) else fix
    return About(
        id=id,
        title=said["title"],
        severity=Severity[said["severity"].upper()],
        why=said["why"].strip(),
        fix={format: text.strip() for format, text in words.items()},
        references=tuple(said["references"]),
        since=said["since"],
        equivalents=tuple(said.get("equivalents", ())),
        persona=said.get("persona", "default"),
        implied_by=tuple(said.get("implied_by", ())),
        concept=said["concept"],
    )


def check_named(name: str, id: str) -> Registered:
    """The check that a rule file names: one of ours, or one that an installed package offers as `kms_lint.checks`."""
    from importlib import import_module

    import_module("kms_lint.checks")  # fills CHECKS
    if name not in CHECKS:
        from importlib.metadata import entry_points

        for entry in entry_points(group="kms_lint.checks", name=name):
            entry.load()
    if name not in CHECKS:
        raise RuleError(
            f"rule {id} names the check `{name}`, which does not exist and which no installed package offers"
        )
    return CHECKS[name]


def _lazily(spec: Mapping[str, Any], label: str) -> Callable[[Subject, World], Iterable[Hit]]:
    """The check that a `match` means, compiled when it first runs."""
    ready: list[Callable[..., Iterable[Hit]]] = []

    def run(subject: Subject, world: World) -> Iterable[Hit]:
        if not ready:
            ready.append(compile_match(spec, label))
        return ready[0](subject, world)

    return run


def _described() -> dict[str, Any]:
    """All descriptions, from the compiled file of a wheel or from the files of a checkout."""
    import json

    from kms_lint.compiled import descriptions

    loader = __spec__.loader if __spec__ else None
    try:
        text: bytes = getattr(loader, "get_data")(os.path.join(os.path.dirname(__file__), "rules.json"))  # noqa: B009
    except OSError:
        return dict(descriptions(folder()))
    found: dict[str, Any] = json.loads(text)
    return found
