"""A policy document, wherever it was found.

The grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Dictionary
from typing import Final, NamedTuple

from kms_lint.errors import MalformedError
from kms_lint.load.embedded import embedded
from kms_lint.load.reading import ALWAYS, Entries, Reading, described, expressions, plain, readings
from kms_lint.load.shape import Guess, guessed, kind_of
from kms_lint.load.statement import statement
from kms_lint.model import Policy, PolicyKind, Statement
from kms_lint.source import At
from kms_lint.spelling import did_you_mean
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

__all__ = ["Guess", "embedded", "guessed", "kind_of", "policies"]

_ELEMENTS: Final = frozenset({"Version", "Id", "Statement"})
_VERSIONS: Final = frozenset({"2012-10-17", "2008-10-17"})
_ONLY_SHOWN: Final = frozenset({PolicyKind.TRUST, PolicyKind.RESOURCE})
_UNIQUE_SIDS: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP})

MOST_STATEMENTS: Final = 1000
"""As many statements of a policy are judged; the 32,768 bytes of a key policy hold about half of that."""


def policies(
    node: Node | None,
    kind: PolicyKind,
    address: str,
    *,
    of: str | None = None,
    owner: str | None = None,
    consumer: At | None = None,
    assumed: bool = False,
    given: Dictionary[str, bool] = ALWAYS,
) -> tuple[Policy, ...]:
    """The policy that a node holds, once for each branch of its conditions; none for no node.

    A string is read as JSON text. What AWS refuses, and what is not known, is in each policy's `problems` and
    `unresolved`. Policies of kinds that say nothing about KMS are read without either. `given` are the conditions under
    which what holds the policy exists.
    """
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return ()
    found: list[Policy] = []
    judged = kind not in _ONLY_SHOWN
    for reading, document in readings(node, judged, lambda reading: _document(reading, node, kind, owner), given):
        if document is not None:
            found.append(
                Policy(
                    kind,
                    address,
                    document.at,
                    document.statements,
                    owner,
                    of,
                    document.version,
                    consumer,
                    reading.branch,
                    assumed,
                    document.node,
                    tuple(reading.problems),
                    tuple(reading.unresolved),
                )
            )
    return tuple(found)


class _Document(NamedTuple):
    """What one reading of a policy gave."""

    at: At
    version: Text | None
    statements: tuple[Statement, ...]
    node: Node


def _document(reading: Reading, node: Node, kind: PolicyKind, owner: str | None) -> _Document | None:
    settled = reading.settle(node)
    if settled is None:
        return None
    opened = _opened(reading, settled)
    if not isinstance(opened, Mapping):
        if opened is None:
            return _Document(settled.at, None, (), settled)
        reading.unknown(opened, "the policy")
        return _Document(settled.at, None, (Statement(kind, owner, 0, settled.at, unknown=True),), settled)
    found = reading.entries(opened)
    if not _ELEMENTS.issuperset(found):
        _strangers(reading, found)
    statements = tuple(_statements(reading, found, opened, kind, owner))
    if kind in _UNIQUE_SIDS:
        _unique(reading, statements)
    return _Document(settled.at, _version(reading, found), statements, opened)


def _opened(reading: Reading, node: Node) -> Mapping | Unknown | None:
    """The object that a policy is, its text parsed where it is given as text; `None` when it is none."""
    if isinstance(node, Text):
        if not node.known:
            return Unknown(", ".join(expressions(node)), node.at)
        try:
            node = embedded(node)
        except MalformedError as error:
            reading.refuse(f"this should be a policy, and is not JSON: {error.message}", error.at)
            return None
    if isinstance(node, Mapping | Unknown):
        return node
    reading.refuse(f"a policy is an object with `Statement`, this is {described(node)}", node.at)
    return None


def _strangers(reading: Reading, found: Entries) -> None:
    for name, (written, _) in found.items():
        if reading.full:
            break
        if not written.known:
            reading.partly(written, "the name of an element")
        elif name not in _ELEMENTS:
            message = f"a policy has no element `{name}`{did_you_mean(name, _ELEMENTS)}"
            reading.refuse(message, written.at, name)


def _version(reading: Reading, found: Entries) -> Text | None:
    if "Version" not in found:
        return None
    _, node = found["Version"]
    if isinstance(node, Unknown):
        return reading.unknown(node, "Version")
    version = plain(node) if isinstance(node, Scalar) else node
    if not isinstance(version, Text):
        reading.refuse(f"`Version` is {described(node)}: write `2012-10-17`", node.at)
        return None
    if not version.known:
        return reading.partly(version, "Version")
    if version not in _VERSIONS:
        message = f"there is no version `{version}` of the policy language: write `2012-10-17`"
        reading.refuse(message, version.at, str(version))
    return version


def _statements(
    reading: Reading, found: Entries, document: Mapping, kind: PolicyKind, owner: str | None
) -> Iterator[Statement]:
    if "Statement" not in found:
        reading.refuse("a policy needs `Statement`", document.at)
        return
    name, node = found["Statement"]
    if not isinstance(node, Items):
        yield statement(reading, node, 0, kind, owner)
        return
    settled = (reading.settle(value) for value in node.values)
    present = [value for value in settled if value is not None]
    if not present:
        reading.refuse("`Statement` is an empty list", name.at)
    for index, value in enumerate(present[:MOST_STATEMENTS]):
        yield statement(reading, value, index, kind, owner)
    if len(present) > MOST_STATEMENTS:
        message = (
            f"{len(present)} statements are more than AWS takes in a policy; the first {MOST_STATEMENTS} were judged"
        )
        reading.refuse(message, present[MOST_STATEMENTS].at)


def _unique(reading: Reading, statements: tuple[Statement, ...]) -> None:
    seen: set[str] = set()
    for each in statements:
        if each.sid and each.sid.known:
            if each.sid in seen:
                message = f"the Sid `{each.sid}` occurs twice: Sids are unique within a policy"
                reading.refuse(message, each.sid.at, str(each.sid))
            seen.add(each.sid)
