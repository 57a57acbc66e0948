"""From rule files to rules: those that come with kms-lint, and those of users."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from collections.abc import Mapping as Names
from functools import cache
from typing import Any

from kms_lint.errors import RuleError, SourceError
from kms_lint.finding import About, Hit, Severity
from kms_lint.match import compile as compile_match
from kms_lint.match import subject as subject_of_match
from kms_lint.model import Document, World
from kms_lint.rule import CHECKS, Registered, Rule, Subject
from kms_lint.source import Source, Span
from kms_lint.spelling import did_you_mean
from kms_lint.syntax import locate
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text

Description = Names[str, Any]
"""What a rule file says, but for its examples: checked against the schema before."""


def built_in(wanted: Container[str] | None = None) -> tuple[Rule, ...]:
    """The rules that come with kms-lint, or those of them that are wanted, by name."""
    said = _described()
    return tuple(_ready(each, said[each.id]) for each in described() if wanted is None or each.id in wanted)


def from_folder(path: str) -> tuple[Rule, ...]:
    """The rules of a user's folder. Nothing in it is executed.

    Raises `RuleError`, with the place, for a file that cannot be read, does not follow the schema, or has the name of a
    rule that comes with kms-lint; `SourceError` for a folder that cannot be read.
    """
    try:
        names = sorted(name for name in os.listdir(path) if name.endswith((".yaml", ".yml")))
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise SourceError(f"{path}: the folder of rules cannot be read: {reason}") from error
    taken = set(_described())
    found: list[Rule] = []
    for name in names:
        id = os.path.splitext(name)[0]
        root = _parsed(os.path.join(path, name))
        if id in taken:
            raise RuleError(f"there is a rule {id} already: give the file another name", locate(root.at))
        taken.add(id)
        _validate(root, id)
        found.append(rule(id, plain(root), root))
    return tuple(found)


@cache
def described() -> tuple[About, ...]:
    """What the files of the built-in rules say."""
    return tuple(about(id, said) for id, said in _described().items())


def folder() -> str:
    """The folder with the files of the built-in rules: inside the wheel, or beside the package in a checkout."""
    packaged = os.path.join(os.path.dirname(__file__), "rules")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(os.path.dirname(__file__)), "rules")


def rule(id: str, said: Description, written: Mapping | None = None) -> Rule:
    """The rule that a file describes. Raises `RuleError` when it names a check that nobody has."""
    return _ready(about(id, said), said, written)


def _ready(about: About, said: Description, written: Mapping | None = None) -> Rule:
    if "looks_at" in said:
        return Rule(about, Document, _nothing)
    if "check" in said:
        registered = check_named(said["check"], about.id, written)
        return Rule(about, registered.subject, registered.run)
    return Rule(about, subject_of_match(said["match"]), _lazily(said["match"], said["label"]))


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


def check_named(name: str, id: str, written: Mapping | None = None) -> Registered:
    """The check that a rule file names: one of ours, or one that an installed package offers as `kms_lint.checks`."""
    if name not in CHECKS:
        from importlib import import_module

        import_module("kms_lint.checks")  # fills CHECKS
    if name not in CHECKS:
        from importlib.metadata import entry_points

        for entry in entry_points(group="kms_lint.checks", name=name):
            entry.load()
    if name not in CHECKS:
        node = written.get("check") if written is not None else None
        near = did_you_mean(name, CHECKS)
        message = (
            f"rule {id} names the check `{name}`, which neither exists nor is offered by an installed package{near}"
        )
        raise RuleError(message, locate(node.at) if node is not None else None)
    return CHECKS[name]


def _nothing(document: Document, world: World) -> Iterable[Hit]:
    """What rules about ignores find in documents."""
    return ()


def _lazily(spec: Names[str, Any], label: str) -> Callable[[Subject, World], Iterable[Hit]]:
    """The check that a `match` means, compiled when it first runs."""
    ready: list[Callable[..., Iterable[Hit]]] = []

    def run(subject: Subject, world: World) -> Iterable[Hit]:
        if not ready:
            ready.append(compile_match(spec, label))
        return ready[0](subject, world)

    return run


def plain(node: Node | None) -> Any:
    """A tree as plain data, as the schema sees it."""
    if isinstance(node, Mapping):
        return {str(name): plain(value) for name, value in node.entries}
    if isinstance(node, Items):
        return [plain(value) for value in node.values]
    if isinstance(node, Scalar):
        digits = isinstance(node.value, str) and node.value.lstrip("-").isdigit()
        return int(str(node.value)) if digits else node.value
    return str(node) if isinstance(node, Text) else None


def _parsed(path: str) -> Mapping:
    """The content of a rule file."""
    from kms_lint.errors import MalformedError
    from kms_lint.syntax.yaml import parse

    try:
        with open(path, encoding="utf-8") as file:
            source = Source(path.replace(os.sep, "/"), file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(f"{path}: the rule file cannot be read: {error}") from error
    try:
        documents = parse(source)
    except MalformedError as error:
        raise RuleError(error.message, error.at) from error
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise RuleError("a rule file holds the names and values of one rule", Span(source, 0, 0))
    return documents[0]


def _validate(root: Mapping, id: str) -> None:
    """Raises `RuleError` at the place that does not follow the schema."""
    import json

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    with open(os.path.join(folder(), "schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    id_schema = schema["$defs"]["id"]
    if not Draft202012Validator(id_schema).is_valid(id):
        raise RuleError(f"`{id}` is no name for a rule: use words in lower case joined by hyphens", locate(root.at))
    wrong = best_match(Draft202012Validator(schema).iter_errors(plain(root)))
    if wrong is None:
        return
    node: Node = root
    for step in wrong.absolute_path:
        inner = node.get(str(step)) if isinstance(node, Mapping) else None
        if isinstance(node, Items) and isinstance(step, int):
            inner = node.values[step]
        if inner is None:
            break
        node = inner
    where = ".".join(str(step) for step in wrong.absolute_path) or "the rule"
    raise RuleError(f"{where}: {wrong.message}", locate(node.at))


@cache
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
