"""How the provider merges policy documents: a statement replaces, in its place, the one before it with the same Sid.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document#example-with-both-source-and-override-documents
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from kms_lint.load.reading import expressions
from kms_lint.load.terraform.document_reread import reread
from kms_lint.load.terraform.under import ALWAYS, Under, both, cases, only, otherwise
from kms_lint.load.terraform.value import is_null
from kms_lint.model import Problem
from kms_lint.source import At, Span
from kms_lint.syntax.tree import ANYTHING, Choice, Items, Mapping, Node, Text, Unknown

_LATEST: Final = "2012-10-17"
_MOST_ALTERNATIVES: Final = 64
_MOST_COMPARED: Final = 1000
_WITHOUT_DUPLICATES: Final = ("own", "source_policy_documents")
_WHICH: Final = "it may replace the statements before it that have a Sid: which ones is only known when it is deployed"

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
    """The statements that are left. Those without a Sid, or with one that is not known, are all kept.

    What stands before one that is not known, and which that may replace, is not known either.
    """
    places: list[_Place] = []
    by_sid: dict[str, list[_Place]] = {}
    certain: dict[str, dict[str, None]] = {}
    for each in said:
        sid = _sid(each.statement)
        if sid is None:
            for doubtful in _doubtful(each, certain):
                _doubt(each, by_sid[doubtful])
            places.append(_Place(each))
            continue
        certain.setdefault(each.argument, {})[sid.form] = None
        earlier = by_sid.setdefault(sid.form, [])
        _unique(sid, each, earlier, refuse)
        _tell(sid, each, earlier, refuse)
        for under in _replaced(each, earlier):
            place = _Place(each._replace(under=under))
            places.append(place)
            earlier.append(place)
    return [only(statement, under, statement.at) for place in places for under, statement in place.alternatives]


def _sid(statement: Node) -> Text | None:
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    return sid if isinstance(sid, Text) and sid and sid.known else None


def _doubtful(said: Said, certain: dict[str, dict[str, None]]) -> Iterator[str]:
    """The Sids that one which is not known may be, taken from those that are certain, by the arguments they are from."""
    wanted = _perhaps(said.statement)
    if wanted is None:
        return
    for argument, sids in certain.items():
        if argument == said.argument and argument in _WITHOUT_DUPLICATES:
            continue
        pattern = wanted.pattern if len(sids) <= _MOST_COMPARED else None
        found = [sid for sid in sids if pattern is None or pattern.fullmatch(sid)]
        for sid in found:
            del sids[sid]
        yield from found


def _doubt(said: Said, places: Sequence[_Place]) -> None:
    """Makes unknown what a statement whose Sid is not known may replace."""
    wanted = _perhaps(said.statement)
    assert wanted is not None
    replacement = Unknown(wanted.shown, wanted.at, _WHICH)
    for place in places:
        place.alternatives = [
            (under, statement if both(under, said.under) is None else replacement)
            for under, statement in place.alternatives
        ]


class _Wanted(NamedTuple):
    """What decides on a Sid, where, and how that Sid may look when something is known of that."""

    shown: str
    at: At
    pattern: re.Pattern[str] | None = None


def _perhaps(statement: Node) -> _Wanted | None:
    """How the Sid of a statement may look that is not known; `None` for one that is, and where there is none."""
    if isinstance(statement, Unknown):
        return _Wanted(statement.expression, statement.at)
    sid = statement.get("Sid") if isinstance(statement, Mapping) else None
    if isinstance(sid, Unknown):
        return _Wanted(sid.expression, sid.at)
    if isinstance(sid, Choice):
        return _Wanted(sid.branches[0].condition, sid.at)
    if not isinstance(sid, Text) or sid.known:
        return None
    pattern = re.compile(".*".join(map(re.escape, sid.form.split(ANYTHING))), re.DOTALL)
    return _Wanted(", ".join(expressions(sid)), sid.at, pattern)


def _unique(sid: Text, said: Said, earlier: Sequence[_Place], refuse: Refuse) -> None:
    """Sids are unique within the block itself, and within the documents that it begins with."""
    if said.argument not in _WITHOUT_DUPLICATES:
        return
    if any(place.argument == said.argument and _together(place, said) for place in earlier):
        where = "this document" if said.argument == "own" else "`source_policy_documents`"
        message = f"the Sid `{sid}` occurs twice in {where}, which Terraform refuses: give one of the two another Sid"
        refuse(Problem("malformed-policy", message, sid.at, str(sid)))


def _tell(sid: Text, said: Said, earlier: Sequence[_Place], refuse: Refuse) -> None:
    """Says of what is surely there, and surely replaced, that it does not count."""
    if said.under:
        return
    for place in earlier:
        for under, statement in place.alternatives:
            if not under and (place.argument != said.argument or said.argument not in _WITHOUT_DUPLICATES):
                message = f"it does not count: the later statement with the Sid `{sid}` takes its place"
                refuse(Problem("overridden-statement", message, statement.at, str(sid)))


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
