"""Runs the examples in rule files: each finding has to lie on the line that is marked for it, and nowhere else.

A mark is a comment, `# <- rule-id`, which may say more: `# <- rule-id (low, possible): words of the message`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from kms_lint.engine import Sifted, lint
from kms_lint.errors import MalformedError, RuleError
from kms_lint.finding import Confidence, Finding
from kms_lint.ignores import OWN, Sieve
from kms_lint.ignores.inline import inline
from kms_lint.library import built_in, plain
from kms_lint.load.answers import answer
from kms_lint.load.options import Options
from kms_lint.load.policy import policies
from kms_lint.model import Accounts, Document, Key, Policy, PolicyKind, Settings, World
from kms_lint.naming import Names
from kms_lint.rule import Rule
from kms_lint.source import Source, Span
from kms_lint.syntax import locate, passage
from kms_lint.syntax.tree import Items, Mapping, Node, Text

OWN_ACCOUNT: Final = "111122223333"
"""The account that examples belong to unless they say otherwise."""

TODAY: Final = "2026-01-01"
"""The day by which ignores in examples expire."""

BLOCKS: Final = {"terraform": "tf", "cloudformation": "yaml", "json": "json"}
"""The formats in which an example may be a block of text, with the ending of such files."""

NAMED: Final = {
    "iam": PolicyKind.IDENTITY,
    "scp": PolicyKind.SCP,
    "rcp": PolicyKind.RCP,
    "endpoint": PolicyKind.VPC_ENDPOINT,
}
"""The kinds of policies by the first word of a named document."""

MARK: Final = re.compile(
    r"[ \t]*(?:#|//)[ \t]*<-[ \t]*([a-z0-9-]+)(?:[ \t]*\(([a-z, ]+)\))?(?::[ \t]*(.+))?[ \t]*$", re.M
)


class Mark(NamedTuple):
    """What an example says about one of its lines."""

    line: int
    rule: str
    possible: bool
    severity: str | None
    words: str


class Example(NamedTuple):
    """One example of a rule file; `line` is where it begins in that file."""

    rule: str
    passing: bool
    number: int
    node: Mapping
    line: int

    @property
    def name(self) -> str:
        """How it is called in messages: `public-principal fail 2`."""
        return f"{self.rule} {'pass' if self.passing else 'fail'} {self.number}"


class RuleFile(NamedTuple):
    """A rule file that was read for its examples."""

    rule: str
    source: Source
    examples: tuple[Example, ...]


def read(path: str) -> RuleFile:
    """The examples of a rule file. Raises `RuleError` when it cannot be read as YAML."""
    from kms_lint.syntax.yaml import parse

    id = os.path.splitext(os.path.basename(path))[0]
    with open(path, encoding="utf-8") as file:
        source = Source(path.replace(os.sep, "/"), file.read())
    try:
        documents = parse(source)
    except MalformedError as error:
        raise RuleError(error.message, error.at) from error
    root = documents[0] if documents else None
    if not isinstance(root, Mapping):
        raise RuleError("a rule file holds names and values", Span(source, 0, 0))
    return RuleFile(id, source, tuple(_examples(root, id)))


def run(path: str, rule: Rule) -> list[str]:
    """What is wrong with the examples of a rule file, in words; nothing when each gives what its marks say."""
    return [failure for example in read(path).examples for failure in failures(example, rule)]


def failures(example: Example, rule: Rule) -> Iterator[str]:
    """What one example gives that its marks do not say, and the other way round."""
    expected = [mark for mark in marks(example) if mark.rule == rule.id]
    if not example.passing and not expected:
        yield f"{example.name}: no line is marked with `# <- {rule.id}`"
    if example.passing and any(not mark.possible for mark in expected):
        yield f"{example.name}: an example that passes can only be marked as possible"
    found = findings(example, [rule])
    lines = {mark.line: mark for mark in expected}
    for finding in found:
        line = line_of(finding)
        if line not in lines:
            yield f"{_place(example, line)}: {example.name}: not expected: {_said(finding)}"
        elif wrong := _difference(lines[line], finding):
            yield f"{_place(example, line)}: {example.name}: {wrong}"
    for line in sorted(lines.keys() - {line_of(finding) for finding in found}):
        yield f"{_place(example, line)}: {example.name}: expected here, and not found"


def findings(example: Example, rules: Sequence[Rule], node: Mapping | None = None) -> tuple[Finding, ...]:
    """What the rules find in an example, possible findings included; `node` may be a variant of the example.

    For rules about ignores all rules run, and the ignores in the example are applied.
    """
    shown = world(example, node)
    if all(rule.id not in OWN for rule in rules):
        return lint(shown, rules, include_possible=True).findings
    wanted = {rule.id for rule in rules}
    every = built_in()
    found = lint(shown, every, sift=_sieve(shown, every)).findings
    return tuple(finding for finding in found if finding.about.id in wanted)


def line_of(finding: Finding) -> int:
    """The line where a finding begins."""
    return finding.span.source.position(finding.span.start).line


def marks(example: Example) -> tuple[Mark, ...]:
    """The marks in an example, on the lines of what is loaded: the rule file, or the block of text."""
    format = block_of(example.node)
    if format is not None:
        return tuple(_marks(_text(example.node, format), 0))
    at = locate(example.node.at)
    first, last = (at.source.position(offset).line for offset in (at.start, max(at.start, at.end - 1)))
    lines = "\n".join(at.source.line(number) for number in range(first, last + 1))
    return tuple(_marks(lines, first - 1))


def world(example: Example, node: Mapping | None = None) -> World:
    """What an example describes, with the surroundings that it gives."""
    node = example.node if node is None else node
    said = plain(node.get("with")) or {}
    given = {name: frozenset(values) for name, values in said.get("accounts", {}).items()}
    accounts = Accounts(**{"own": frozenset({OWN_ACCOUNT}), **given})
    settings = Settings(**{name: int(value) for name, value in said.get("settings", {}).items()})
    owner = min(accounts.own, default=None)
    format = block_of(node)
    documents = _block(node, format, example.rule, owner) if format else (_document(_without(node), owner),)
    return World(documents, accounts, settings, TODAY, said.get("persona") == "strict")


def block_of(node: Mapping) -> str | None:
    """The format of an example that is a block of text."""
    return next((format for format in BLOCKS if format in node), None)


def _sieve(world: World, rules: Sequence[Rule]) -> Callable[[tuple[Finding, ...]], Sifted]:
    """Applies the ignores in the documents, each of which has to give a reason."""
    found = [ignore for document in world.documents for ignore in inline(document, needs_reason=True)]
    names = Names(rule.about for rule in rules)
    sieve = Sieve(found, lambda path: found, names, frozenset(rule.id for rule in rules), TODAY, lambda path: {})
    return lambda findings: Sifted(*sieve(findings))


def _examples(root: Mapping, rule: str) -> Iterator[Example]:
    for name in ("fail", "pass"):
        listed = root.get(name)
        for number, node in enumerate(listed.values if isinstance(listed, Items) else (), 1):
            if isinstance(node, Mapping):
                at = locate(node.at)
                yield Example(rule, name == "pass", number, node, at.source.position(at.start).line)


def _marks(text: str, before: int) -> Iterator[Mark]:
    for match in MARK.finditer(text):
        rule, remarks, words = match.groups()
        said = [remark.strip() for remark in (remarks or "").split(",")]
        severity = next((remark for remark in said if remark not in ("", "possible")), None)
        line = before + text.count("\n", 0, match.start()) + 1
        yield Mark(line, rule, "possible" in said, severity, (words or "").strip())


def _difference(mark: Mark, finding: Finding) -> str | None:
    possible = finding.confidence is Confidence.POSSIBLE
    if possible is not mark.possible:
        return f"{'only possible' if possible else 'definite'}, which the mark does not say"
    if mark.severity is not None and mark.severity != str(finding.severity):
        return f"severity {finding.severity}, the mark says {mark.severity}"
    if mark.words not in finding.message:
        return f"says `{finding.message}`, the mark says `{mark.words}`"
    return None


def _said(finding: Finding) -> str:
    return f"{finding.severity} {finding.confidence.value}: {finding.message}"


def _place(example: Example, line: int) -> str:
    """The place in the rule file of a line of what was loaded."""
    at = locate(example.node.at)
    format = block_of(example.node)
    if format is not None:
        text = _leaf(example.node, format)
        line += at.source.position(passage(text).origin(0)).line - 1
    return f"{at.source.path}:{line}"


def _leaf(node: Mapping, format: str) -> Text:
    text = node.get(format)
    if not isinstance(text, Text):
        raise RuleError(f"`{format}` is a block of text", locate(node.at))
    return text


def _text(node: Mapping, format: str) -> str:
    return str(_leaf(node, format))


def _block(node: Mapping, format: str, rule: str, owner: str | None) -> tuple[Document, ...]:
    """A block of text read as a file; marks become blanks, since not every format has comments everywhere."""
    from kms_lint.files import File
    from kms_lint.load import load

    text = MARK.sub(lambda match: " " * len(match[0]), _text(node, format))
    kind = node.get("kind")
    options = Options(account=owner, kind=PolicyKind(kind) if isinstance(kind, Text) else None)
    name = f"{rule}.{BLOCKS[format]}"
    return load([File(name, os.path.abspath(name), True, text.encode())], options)


def _document(node: Mapping, owner: str | None) -> Document:
    """A statement, a policy or named documents, as one document."""
    source = locate(node.at).source
    if "Effect" in node:
        node = Mapping([(Text("Statement", node.at), Items([node], node.at))], node.at)
    if "Statement" in node:
        found = policies(node, _kind(node), "example", owner=owner)
        return Document(source.path, "json", "an example", source, policies=found)
    keys: list[Key] = []
    others: list[Policy] = []
    for name, value in node.entries:
        word, _, rest = str(name).partition(" ")
        if word == "key":
            keys.append(_key(rest or "key", value, name, owner))
        elif word in NAMED:
            others += policies(value, NAMED[word], rest or word, owner=owner)
    listed = Mapping([(Text("Grants", node.at), node.get("grants") or Items([], node.at))], node.at)
    answered = answer(listed, source.path, source, Options(account=owner))
    return Document(
        source.path,
        "json",
        "an example",
        source,
        keys=tuple(keys),
        policies=tuple(others),
        grants=answered.grants if answered else (),
    )


def _key(name: str, value: Node, at: Text, owner: str | None) -> Key:
    parts = name.split(":")
    arn = Text(name, at.at) if len(parts) > 5 else None
    account = parts[4] if arn is not None else owner
    held = policies(value, PolicyKind.KEY, name, of=name, owner=account)
    return Key(name, at.at, "json", account, held, arn=arn)


def _kind(policy: Mapping) -> PolicyKind:
    """A key policy names principals; an identity policy does not."""
    listed = policy.get("Statement")
    statements: Sequence[Node] = listed.values if isinstance(listed, Items) else [listed] if listed else []
    for statement in statements:
        if isinstance(statement, Mapping) and ("Principal" in statement or "NotPrincipal" in statement):
            return PolicyKind.KEY
    return PolicyKind.IDENTITY


def _without(node: Mapping) -> Mapping:
    """An example without what it says about its surroundings."""
    return Mapping([entry for entry in node.entries if entry[0] != "with"], node.at) if "with" in node else node
