"""How the provider merges policy documents: a statement replaces, in its place, the one before it with the same Sid.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document#example-with-both-source-and-override-documents
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from kms_lint.load.terraform.document_reread import reread
from kms_lint.load.terraform.under import ALWAYS, Under, both, cases, only, otherwise
from kms_lint.load.terraform.value import is_null
from kms_lint.model import Problem
from kms_lint.source import Span
from kms_lint.syntax.tree import Items, Mapping, Node, Text, Unknown

_LATEST: Final = "2012-10-17"
_MOST_ALTERNATIVES: Final = 64

Refuse: TypeAlias = Callable[[Problem], None]


class Part(NamedTuple):
    """A document that is merged: which argument names it, under which conditions, and what it says."""

    argument: str
    under: Under
    policy: Node


class Said(NamedTuple):
    """A statement, the argument whose document says it, and under which conditions."""

    argument: str
    under: Under
    statement: Node


class _Place:
    """A place in the list of statements: what stands there under which conditions."""

    __slots__ = ("alternatives", "argument")

    def __init__(self, said: Said) -> None:
        self.argument = said.argument
        self.alternatives: list[tuple[Under, Node]] = [(said.under, said.statement)]


def version(parts: Sequence[Part], at: Span) -> tuple[Text, Node]:
    """`Version`, the latest that any of the documents has; one that says nothing has the present one."""
    found: list[tuple[Text, Node]] = []
    for part in parts:
        entry = _entry(part.policy, "Version")
        if entry is not None and not is_null(entry[1]):
            found.append(entry)
        elif part.argument == "own":
            found.append((Text("Version", at), Text(_LATEST, at)))
    for entry in found:
        if entry[1] == _LATEST:
            return entry
    for entry in found:
        if not isinstance(entry[1], Text) or not entry[1].known:
            return entry
    return found[0]


def identifier(parts: Sequence[Part]) -> tuple[Text, Node] | None:
    """`Id`, of the last of the documents that has one."""
    found: tuple[Text, Node] | None = None
    for part in parts:
        entry = _entry(part.policy, "Id")
        if entry is not None and entry[1] != "" and not is_null(entry[1]):
            found = entry
    return found


def _entry(policy: Node, name: str) -> tuple[Text, Node] | None:
    if not isinstance(policy, Mapping):
        return None
    return next(((key, value) for key, value in policy.entries if key == name), None)


def statements(parts: Iterable[Part], refuse: Refuse) -> Iterator[Said]:
    """The statements of all documents in order; a document that is not known is one unknown statement."""
    for argument, under, policy in parts:
        if not isinstance(policy, Mapping):
            yield Said(argument, under, policy)
            continue
        for within, found in cases(policy.get("Statement"), under):
            if argument != "own" and isinstance(found, Mapping):
                message = "only documents whose `Statement` is a list can be merged: write `[…]` around this object"
                refuse(Problem("malformed-policy", message, found.at))
            for each in found.values if isinstance(found, Items) else (found,):
                for there, statement in cases(each, within):
                    yield Said(argument, there, statement if argument == "own" else reread(statement, refuse))


def merged(said: Iterable[Said], refuse: Refuse) -> list[Node]:
    """The statements that are left. Those without a Sid, or with one that is not known, are all kept."""
    places: list[_Place] = []
    by_sid: dict[str, list[_Place]] = {}
    for each in said:
        sid = _sid(each.statement)
        if sid is None:
            places.append(_Place(each))
            continue
        earlier = by_sid.setdefault(sid.form, [])
        _unique(sid, each, earlier, refuse)
        for under in _replaced(each, earlier):
            place = _Place(each._replace(under=under))
            places.append(place)
            earlier.append(place)
    return [only(statement, under, statement.at) for place in places for under, statement in place.alternatives]


def _sid(statement: Node) -> Text | None:
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    return sid if isinstance(sid, Text) and sid and sid.known else None


def _unique(sid: Text, said: Said, earlier: Sequence[_Place], refuse: Refuse) -> None:
    """Sids are unique within the block itself, and within the documents that it begins with."""
    if said.argument not in ("own", "source_policy_documents"):
        return
    if any(place.argument == said.argument and _together(place, said) for place in earlier):
        where = "this document" if said.argument == "own" else "`source_policy_documents`"
        message = f"the Sid `{sid}` occurs twice in {where}, which Terraform refuses: give one of the two another Sid"
        refuse(Problem("malformed-policy", message, sid.at, str(sid)))


def _together(place: _Place, said: Said) -> bool:
    return any(both(under, said.under) is not None for under, _ in place.alternatives)


def _undecided(statement: Node) -> Unknown:
    sid = _sid(statement)
    assert sid is not None
    return Unknown(str(sid), sid.at, "too many conditions decide which of the statements with this Sid is left")


def _replaced(said: Said, places: Sequence[_Place]) -> list[Under]:
    """Puts a statement where those of its Sid stand. What is left are the conditions under which none does."""
    left: list[Under] = [said.under]
    for place in places:
        if len(place.alternatives) + len(left) > _MOST_ALTERNATIVES:
            place.alternatives = [(ALWAYS, _undecided(said.statement))]
            return []
        replaced = False
        alternatives: list[tuple[Under, Node]] = []
        for under, statement in place.alternatives:
            common = both(under, said.under)
            if common is None:
                alternatives.append((under, statement))
                continue
            replaced = True
            alternatives.append((common, said.statement))
            kept = (both(under, other) for other in otherwise(said.under))
            alternatives.extend((each, statement) for each in kept if each is not None)
            still = (both(each, other) for each in left for other in otherwise(under))
            left = [each for each in still if each is not None]
        place.alternatives = alternatives
        place.argument = said.argument if replaced else place.argument
    return left
