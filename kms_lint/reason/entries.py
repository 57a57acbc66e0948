"""Condition entries as formulas: the truth table of operators, sets and absent keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from kms_lint.iam.comparisons import COMPARISONS, FOR_ALL, FOR_ANY, outcome, parse
from kms_lint.model import Condition, Operator
from kms_lint.reason import callers, values
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation
from kms_lint.reason.space import Space, open_question
from kms_lint.reason.values import Test
from kms_lint.syntax.tree import ANYTHING, Text

_ESCAPES: Final = ("${*}", "${?}", "${$}")


class _Wanted(NamedTuple):
    """One value of an entry: a test, or `reason` why it cannot be one; `text` names it."""

    test: Test | None
    reason: str
    text: str


def entry(space: Space, condition: Condition, facts: bool) -> Formula:
    """The requests for which an entry holds; `facts` is whether actions carry only the keys that AWS lists for them."""
    operator, key = parse(condition.operator.text), condition.key.form.lower()
    name = operator.comparison
    if name is None or ANYTHING in key:
        known = ANYTHING not in key and ANYTHING not in condition.operator.text.form
        shown = ", ".join(str(value) for value in condition.values)
        return open_question("unsupported" if known else "hole", f"{condition.operator.text} {condition.key} {shown}")
    wanted = [_wanted(name, key, value) for value in condition.values]
    if space.recording:
        return _record(space, key, wanted, operator)
    present = _presence(space, key)
    if name == "Null":
        found = _null(wanted, present)
        absent: Formula = _null(wanted, False)
    else:
        absent = bool(outcome(operator, (), None))
        found = _compared(space, operator, key, wanted, present)
    if not facts or key in callers.KEYS:
        return found
    carried = space.carried(key)
    return disjunction((conjunction((carried, found)), conjunction((negation(carried), absent))))


def _record(space: Space, key: str, wanted: Sequence[_Wanted], operator: Operator) -> Formula:
    tests = [each.test for each in wanted if each.test is not None and operator.comparison != "Null"]
    if key not in callers.KEYS:
        space.compared(key, tests, operator.quantifier is not None)
        return True
    callers.has_account(space)
    for test in tests:
        callers.passes(space, key, test, "")
    return True


def _presence(space: Space, key: str) -> Formula:
    if key == callers.SERVICE_CALL:
        return True
    return callers.has_account(space) if key in callers.KEYS else space.presence(key)


def variables(value: str) -> bool:
    """Whether a value holds a policy variable, which stands for something that the request decides."""
    for escape in _ESCAPES:
        value = value.replace(escape, "")
    return "${" in value


def _wanted(name: str, key: str, value: Text) -> _Wanted:
    form, shown = value.form, str(value)
    if variables(form):
        return _Wanted(None, "relational", f"{key} {values.positive(name)} {shown}")
    hole = f"{key} {values.positive(name)} {shown}"
    if ANYTHING not in form:
        return _Wanted(Test(values.positive(name), form), "", f"{COMPARISONS[name].type} {key} {shown}")
    kind = COMPARISONS[name]
    like = "StringLike" if name in ("StringEquals", "StringNotEquals") else values.positive(name)
    open_end = kind.type in ("String", "ARN") and like != "StringEqualsIgnoreCase" and "${" not in form
    if kind.wildcards or (open_end and not set("*?") & set(form)):
        return _Wanted(Test(like, form.replace(ANYTHING, "*")), "hole", hole)
    return _Wanted(None, "hole", hole)


def _null(wanted: Sequence[_Wanted], present: Formula) -> Formula:
    found: list[Formula] = []
    for each in wanted:
        if each.test is None or each.reason:
            found.append(open_question("hole", each.text))
        elif each.test.value.lower() in ("true", "false"):
            found.append(present if each.test.value.lower() == "false" else negation(present))
    return disjunction(found)


def _compared(space: Space, operator: Operator, key: str, wanted: Sequence[_Wanted], present: Formula) -> Formula:
    negated = COMPARISONS[str(operator.comparison)].negated
    absent = conjunction((negation(present), bool(outcome(operator, (), None))))
    if key not in callers.KEYS and space.several(key):
        each = [_either(_of_element(space, key, index, wanted), negated) for index in range(len(space.chosen[key]))]
        elements = [space.element(key, index) for index in range(len(each))]
        if operator.quantifier == FOR_ALL:
            pairs = [disjunction((negation(one), passes)) for one, passes in zip(elements, each, strict=True)]
            return conjunction(pairs)
        some = [conjunction((one, passes)) for one, passes in zip(elements, each, strict=True)]
        if operator.quantifier == FOR_ANY:
            return disjunction((*some, absent))
        text = f"{operator.text} {key}"
        return disjunction((absent, _plain(elements, each, f"{text} {', '.join(one.text for one in wanted)}")))
    matched = disjunction([_of_value(space, key, one) for one in wanted])
    return disjunction((conjunction((present, _either(matched, negated))), absent))


def _either(formula: Formula, negated: bool) -> Formula:
    return negation(formula) if negated else formula


def _plain(elements: Sequence[Formula], each: Sequence[Formula], text: str) -> Formula:
    """An operator without a set operator on a key with several values: decided when there is one value only."""
    one, several = [], []
    for index, element in enumerate(elements):
        rest = [other for place, other in enumerate(elements) if place != index]
        one.append(conjunction((element, each[index], *(negation(other) for other in rest))))
        several.append(conjunction((element, disjunction(rest))))
    return disjunction((*one, conjunction((disjunction(several), open_question("ambiguity", text)))))


def _of_element(space: Space, key: str, index: int, wanted: Sequence[_Wanted]) -> Formula:
    """Whether the values of one class match: known for tests, for each class on its own where nothing is known."""
    found: list[Formula] = []
    for each in wanted:
        answer = _answer(space, key, each, space.chosen[key][index])
        open_ = open_question(each.reason or "ambiguity", f"{each.text} for {space.chosen[key][index]}")
        found.append(open_ if answer is None or (answer and each.reason) else answer)
    return disjunction(found)


def _answer(space: Space, key: str, wanted: _Wanted, value: str) -> bool | None:
    if wanted.test is None or not space.comparable(key, wanted.test):
        return None
    return values.answer(wanted.test, value)


def _of_value(space: Space, key: str, wanted: _Wanted) -> Formula:
    """Whether the one value of a key matches one value of the entry."""
    if wanted.test is None:
        return open_question(wanted.reason, wanted.text)
    if key in callers.KEYS:
        found = callers.passes(space, key, wanted.test, wanted.text)
        return conjunction((found, open_question("hole", wanted.text))) if wanted.reason else found
    sure = unsure = 0
    for index, value in enumerate(space.chosen[key]):
        answer = _answer(space, key, wanted, value)
        sure |= (answer is True and not wanted.reason) << index
        unsure |= (answer is None or (answer and bool(wanted.reason))) << index
    doubt = open_question(wanted.reason or "ambiguity", wanted.text)
    return (
        disjunction((space.value(key, sure), conjunction((space.value(key, unsure), doubt))))
        if unsure
        else space.value(key, sure)
    )
