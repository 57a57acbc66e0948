"""What somebody gains by giving keys other tags or aliases: access that was refused before a change and is allowed after.

The change is a request of its own, which the same policies have to allow. The key, its Region and other labels, and the caller are
the same in it as in the request that follows; all else may differ. Unknown values are one of their own each.

https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from kms_lint.iam import pins
from kms_lint.model import Policy
from kms_lint.reason import variables
from kms_lint.reason.alone import MOST_STEPS
from kms_lint.reason.formula import And, Formula, Literal, conjunction, disjunction, negation, settled, solve
from kms_lint.reason.formula import BudgetError as BudgetError
from kms_lint.reason.separate import separated
from kms_lint.reason.space import ACCOUNT, ACTION, NAME, PARTITION, RESOURCE, SESSION, Space, Word
from kms_lint.reason.statements import Meant, meant
from kms_lint.reason.values import Test
from kms_lint.texts import of_policy

_TAG: Final = "aws:resourcetag/"
_TAG_ASKED: Final = "aws:requesttag/"
_TAGS_ASKED: Final = "aws:tagkeys"
_ALIASES: Final = "kms:resourcealiases"
_ALIAS_ASKED: Final = "kms:requestalias"
_OF_KEY: Final = (_TAG, _ALIASES, "kms:key", "kms:multiregion", "kms:customermasterkey", "aws:resource")
_OF_CALLER: Final = ("aws:principal", "kms:calleraccount", "aws:userid", "aws:username", "aws:requestedregion")
_REMAINING: Final = frozenset({PARTITION, ACCOUNT, NAME, SESSION, *RESOURCE})
_SOMETHING: Final = "their-own"
"""What policy variables stand for: a tag or a name of whoever asks."""

_KEY: Final = Word("key/*", True)


@dataclass(frozen=True)
class _Change:
    """A change of a label of a key.

    `after` is what the request that follows shows of the label, in the dimension `label`; `before` what else was so.
    `asked` is the request for the change; `of_alias` whether it is about an alias, too, whose name is then in `asked`.
    """

    label: str
    after: Formula
    asked: Formula
    before: Formula = True
    of_alias: bool = False


class _Read:
    """The policies of an identity as formulas, in a space that also tells apart what `record` asks."""

    def __init__(self, policy: Policy, record: Callable[[Space], None]) -> None:
        named = {name: _SOMETHING for text in of_policy(policy) for name in pins.variables(text.form)}
        policy = separated(variables.given(policy, named) if named else policy, "here")
        self.space = Space(closed=False)
        self.space.word(RESOURCE[4], _KEY)
        meant(self.space, policy, True, "here")
        record(self.space)
        self.space.settle()
        self.statements: list[Meant] = meant(self.space, policy, True, "here")

    def gained(self, giving: int, trusting: int, among: frozenset[str], changes: Iterable[_Change]) -> bool | None:
        """Whether one of the changes is allowed by `giving` and lets `trusting` allow what nothing did before it.

        `None` when that depends on what is unknown, or on the key policy: who changes an alias needs the permission on
        the key as well.
        """
        answer: bool | None = False
        denied = disjunction([conjunction((each.denies, each.whole)) for each in self.statements])
        allowed = disjunction([conjunction((each.allows, each.whole)) for each in self.statements])
        key = self.space.word(RESOURCE[4], _KEY)
        wanted = self.space.among(ACTION, among.__contains__)
        for change in changes:
            used = conjunction((self.statements[trusting].whole, negation(denied), wanted, key, change.after))
            refused = conjunction((negation(conjunction((allowed, negation(denied)))), change.before))
            made = conjunction((self.statements[giving].whole, negation(denied), change.asked))
            of_key = conjunction((negation(denied), _without_name(change.asked))) if change.of_alias else True
            found = conjunction(
                (
                    used,
                    _renamed(refused, _earlier(change)),
                    _renamed(made, _at_change(change)),
                    _renamed(of_key, _at_key(change)),
                )
            )
            if solve(found, MOST_STEPS) is None:
                continue
            given = _renamed(allowed, _at_key(change)) if change.of_alias else True
            if solve(settled(conjunction((found, given))), MOST_STEPS) is not None:
                return True
            answer = None
        return answer


def gained_by_tags(policy: Policy, giving: int, trusting: int, tag: str, among: frozenset[str]) -> bool | None:
    """Whether the statement `giving` lets somebody tag keys, or take tags off, so that `trusting` allows them more.

    `tag` is the name of the tag as written; of the actions `among` counts. `None` when it depends on what is unknown.
    """
    label, asked = _TAG + tag.lower(), _TAG_ASKED + tag.lower()

    def record(space: Space) -> None:
        known = space.condition_keys()
        tests = [test for key in (label, asked) if key in known for test in space.asked(key)]
        space.compared(label, tests, False)
        space.compared(asked, tests, False)
        space.compared(_TAGS_ASKED, [Test("StringEquals", name) for name in (tag, *_tags(policy))], True)

    read = _Read(policy, record)
    return read.gained(giving, trusting, among, _tag_changes(read.space, tag, _tags(policy)))


def gained_by_aliases(policy: Policy, giving: int, trusting: int, among: frozenset[str]) -> bool | None:
    """Whether the statement `giving` lets somebody make, move or delete aliases so that `trusting` allows them more.

    Of the actions `among` counts. `None` when it depends on what is unknown, or on the key policy.
    """
    names: list[str] = []

    def record(space: Space) -> None:
        known = space.condition_keys()
        tests = [test for key in (_ALIASES, _ALIAS_ASKED) if key in known for test in space.asked(key)]
        tests += [Test("StringLike", each) for each in (*_aliases(policy), "alias/?*")]
        space.compared(_ALIASES, tests, True)
        space.compared(_ALIAS_ASKED, tests, False)
        for name in names:
            space.word(RESOURCE[4], Word(name))

    names += [name for name in _Read(policy, record).space.chosen[_ALIASES] if name.startswith("alias/")]
    read = _Read(policy, record)
    return read.gained(giving, trusting, among, _alias_changes(read.space, names))


def _tags(policy: Policy) -> tuple[str, ...]:
    """The names of the tags that a policy's conditions speak of in requests."""
    found = (each.key for statement in policy.statements for each in statement.conditions)
    return tuple(dict.fromkeys(str(key)[len(_TAG_ASKED) :] for key in found if key.form.lower().startswith(_TAG_ASKED)))


def _aliases(policy: Policy) -> Iterator[str]:
    """The names of aliases, or patterns of them, that a policy's statements are about."""
    for statement in policy.statements:
        for value in statement.resources.values if statement.resources is not None else ():
            name = value.form.split(":", 5)[-1]
            if value.known and name.startswith("alias/"):
                yield name


def _tag_changes(space: Space, tag: str, tags: Collection[str]) -> Iterator[_Change]:
    """Each value that a key may be given for a tag, and that the tag is taken off."""
    label, asked = _TAG + tag.lower(), _TAG_ASKED + tag.lower()
    others = [each for each in dict.fromkeys(tags) if each.lower() != tag.lower()]
    known = set(space.condition_keys())
    listed, alone = [_element(space, _TAGS_ASKED, tag)], []
    for other in others:
        there = space.presence(_TAG_ASKED + other.lower())
        # What the change does to the other tags that access is decided by is not followed.
        listed.append(
            negation(there) if _TAG + other.lower() in known else _same(there, _element(space, _TAGS_ASKED, other))
        )
        alone.append(negation(there))
    for index in range(len(space.chosen[label])):
        request = (_is(space, "kms:TagResource"), _the_same(space, label, index, asked), *listed)
        yield _Change(label, space.value(label, 1 << index), conjunction(request))
    untagging = (_is(space, "kms:UntagResource"), listed[0], negation(space.presence(asked)), *alone)
    yield _Change(label, negation(space.presence(label)), conjunction(untagging))


def _alias_changes(space: Space, names: Iterable[str]) -> Iterator[_Change]:
    """Each alias that a key may be given, or may lose."""
    makes = disjunction((_is(space, "kms:CreateAlias"), _is(space, "kms:UpdateAlias")))
    deletes = _is(space, "kms:DeleteAlias")
    for name in names:
        index = space.chosen[_ALIASES].index(name)
        label, has = f"{_ALIASES}#{index}", space.element(_ALIASES, index)
        of_alias = space.word(RESOURCE[4], Word(name))
        yield _Change(label, has, conjunction((makes, of_alias)), of_alias=True)
        yield _Change(label, negation(has), conjunction((deletes, of_alias)), of_alias=True)
        asked = _the_same(space, _ALIASES, index, _ALIAS_ASKED)
        by_key = negation(space.presence(_ALIAS_ASKED))
        yield _Change(_ALIAS_ASKED, asked, conjunction((makes, of_alias)), by_key, of_alias=True)


def _is(space: Space, action: str) -> Formula:
    return space.among(ACTION, action.__eq__)


def _element(space: Space, key: str, value: str) -> Formula:
    return space.element(key, space.chosen[key].index(value))


def _the_same(space: Space, key: str, index: int, other: str) -> Formula:
    """That a condition key holds what another one of the same tests holds, of which `index` is the class."""
    tests = space.asked(key)
    wanted = [space.answers(key, test)[index] for test in tests]
    alike = [
        place
        for place in range(len(space.chosen[other]))
        if wanted == [space.answers(other, test)[place] for test in tests]
    ]
    return space.value(other, sum(1 << place for place in alike))


def _same(one: Formula, other: Formula) -> Formula:
    return disjunction((conjunction((one, other)), conjunction((negation(one), negation(other)))))


def _without_name(formula: Formula) -> Formula:
    """A request for a change of an alias, as it is judged for the key."""
    parts = formula.parts if isinstance(formula, And) else (formula,)
    return conjunction([each for each in parts if not isinstance(each, Literal) or each.dimension != RESOURCE[4]])


def _earlier(change: _Change) -> Callable[[str], str]:
    return lambda name: f"before {name}" if name == change.label else name


def _at_change(change: _Change) -> Callable[[str], str]:
    def name_at(name: str) -> str:
        if change.of_alias and name == RESOURCE[4]:
            return f"alias {name}"
        return _at_key(change)(name)

    return name_at


def _at_key(change: _Change) -> Callable[[str], str]:
    def name_at(name: str) -> str:
        if name == change.label:
            return f"before {name}"
        remains = name in _REMAINING or name.startswith((*_OF_KEY, *_OF_CALLER))
        return name if remains else f"change {name}"

    return name_at


def _renamed(formula: Formula, name: Callable[[str], str]) -> Formula:
    """A formula about another request: its dimensions under other names, but for what is unknown of the policies."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Literal):
        return formula if formula.free else formula._replace(dimension=name(formula.dimension))
    parts = [_renamed(part, name) for part in formula[0]]
    return conjunction(parts) if isinstance(formula, And) else disjunction(parts)
