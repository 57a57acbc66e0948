"""Unknown values that are the same before and after, and those that need not be: each of these is one of its own.

Two expressions with the same text may have different values: their definitions may have changed between the sides, and
`each.value` is another one in each place. The same are those whose definition is (`Defined`), and those that the reader
of the comparison named, as `<hole:name>`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from kms_lint import texts
from kms_lint.model import Policy, Statement
from kms_lint.syntax.tree import ANYTHING, Defined, Text

NAMED = "<hole:"


def separated(policy: Policy, side: str) -> Policy:
    """The policy with each unknown value, which is not known to be the same on both sides, told apart from all others."""
    numbers = count(1)

    def own(text: Text) -> Text:
        if ANYTHING not in text.form or NAMED in text or isinstance(text, Defined):
            return text
        return Text(f"{text} ({side}, {next(numbers)})", text.at, text.form)

    return texts.changed(policy, own)


def aligned(old: Policy, new: Policy) -> tuple[Policy, Policy]:
    """Both, in which unknown values of one definition have one text, and only what both hold counts as defined."""
    shared = _definitions(old) & _definitions(new)
    names: dict[str, str] = {}
    taken: dict[str, int] = {}

    def name(text: Text) -> Text:
        if not isinstance(text, Defined):
            return text
        if text.definition not in shared:
            return text.otherwise
        if text.known:
            return text
        if text.definition not in names:
            taken[str(text)] = number = taken.get(str(text), 0) + 1
            names[text.definition] = str(text) if number == 1 else f"{text} ({number})"
        return Defined(Text(names[text.definition], text.at, text.form), text.definition)

    return texts.changed(old, name), texts.changed(new, name)


def _definitions(policy: Policy) -> set[str]:
    return {text.definition for text in texts.of_policy(policy) if isinstance(text, Defined) and text.definition}


def without_shared(old: Policy, new: Policy) -> tuple[Policy, Policy, tuple[str, ...]]:
    """Both without the statements of unknown content that are the same in both, and the names of these."""
    shared = _unknown(old) & _unknown(new)
    names = tuple(sorted(each.name for each in new.statements if _whole(each) in shared))
    kept = [
        replace(side, statements=tuple(each for each in side.statements if _whole(each) not in shared or not shared))
        for side in (old, new)
    ]
    return kept[0], kept[1], names


def _unknown(policy: Policy) -> set[str]:
    return {whole for each in policy.statements if (whole := _whole(each))}


def _whole(statement: Statement) -> str:
    """The definition of a statement of which nothing is known."""
    bare = statement.unknown and statement.effect is None and statement.actions is None
    return statement.sid.definition if bare and isinstance(statement.sid, Defined) else ""


def same(old: Policy, new: Policy) -> bool:
    """Whether both surely say the same, word for word, with the same unknown values."""
    if len(old.statements) != len(new.statements) or old.version != new.version or old.kind is not new.kind:
        return False
    pairs = zip(old.statements, new.statements, strict=True)
    return all(_words(one) is not None and _words(one) == _words(other) for one, other in pairs)


def _words(statement: Statement) -> object | None:
    """What a statement says, its name apart; `None` where that need not be the same each time it is said."""
    if statement.unknown:
        return _whole(statement) or None
    said = [_word(text) for text in texts.of_statement(statement)]
    if None in said:
        return None
    shape = (
        statement.effect,
        statement.principals and (statement.principals.negated, len(statement.principals.values)),
        statement.actions and (statement.actions.negated, len(statement.actions.values)),
        statement.resources and (statement.resources.negated, len(statement.resources.values)),
        tuple(len(each.values) for each in statement.conditions),
    )
    return shape, said


def _word(text: Text) -> tuple[str, str] | None:
    if isinstance(text, Defined):
        return (text.definition, text.form) if text.definition else None
    if text.known or NAMED in text:
        return str(text) if NAMED in text else "", text.form
    return None
