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
        if operator.quantifier is None and operator.comparison != "Null":
            space.counted(key)
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
        return _Wanted(Test(values.positive(name), form), "", hole)
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
        return disjunction((absent, _of_set(space, operator, key, wanted, negated)))
    matched = disjunction([_of_value(space, key, one) for one in wanted])
    return disjunction((conjunction((present, _either(matched, negated))), absent))


def _either(formula: Formula, negated: bool) -> Formula:
    return negation(formula) if negated else formula


def _of_set(space: Space, operator: Operator, key: str, wanted: Sequence[_Wanted], negated: bool) -> Formula:
    """Whether the values of a key that holds several pass, when there are any for a plain operator or `ForAnyValue`."""
    if operator.quantifier == FOR_ALL:
        return negation(_some(space, key, wanted)) if negated else _every(space, key, wanted)
    if operator.quantifier == FOR_ANY:
        some = negation(_every(space, key, wanted)) if negated else _some(space, key, wanted)
        return conjunction((space.presence(key), some))
    return _plain(space, key, wanted, negated, f"{operator.text} {key} {', '.join(one.text for one in wanted)}")


def _some(space: Space, key: str, wanted: Sequence[_Wanted]) -> Formula:
    """That a value in the set matches. Of what is not decided it is one question for each value of the entry.

    Two values of one class need not get the same answer from what is not known, so nothing is asked of a class.
    """
    found: list[Formula] = []
    for each in wanted:
        sure, unsure = _told(space, key, each)
        doubt = open_question(each.reason or "ambiguity", f"{each.text} for one of several values")
        found += [sure, conjunction((unsure, doubt))]
    return disjunction(found)


def _every(space: Space, key: str, wanted: Sequence[_Wanted]) -> Formula:
    """That no value in the set is without a match."""
    text = f"{', '.join(sorted(one.text for one in wanted))} for each of several values"
    unmatched: list[Formula] = []
    doubtful: list[Formula] = []
    told = [space.answers(key, each.test) for each in wanted]
    for index in range(len(space.chosen[key])):
        answers = [(answer[index], each.reason) for answer, each in zip(told, wanted, strict=True)]
        if not any(answer and not reason for answer, reason in answers):
            open_ = any(answer is not False for answer, _ in answers)
            (doubtful if open_ else unmatched).append(space.element(key, index))
    doubt = negation(open_question(_reason(wanted), text))
    return negation(disjunction((*unmatched, conjunction((disjunction(doubtful), doubt)))))


def _reason(wanted: Sequence[_Wanted]) -> str:
    return next((each.reason for each in wanted if each.reason), "ambiguity")


def _told(space: Space, key: str, wanted: _Wanted) -> tuple[Formula, Formula]:
    """That a value in the set surely matches one value of the entry, and that one may."""
    sure: list[Formula] = []
    unsure: list[Formula] = []
    for index, answer in enumerate(space.answers(key, wanted.test)):
        if answer is not False:
            (sure if answer and not wanted.reason else unsure).append(space.element(key, index))
    return disjunction(sure), disjunction(unsure)


def _plain(space: Space, key: str, wanted: Sequence[_Wanted], negated: bool, text: str) -> Formula:
    """An operator without a set operator on a key with several values: decided for one value, and where none passes.

    AWS's guide says that such keys require a set operator, and not what one without does: once a value passes beside
    others, any answer counts as possible, the same for each entry of one text.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    told = [space.answers(key, each.test) for each in wanted]
    elements = [space.element(key, index) for index in range(len(space.chosen[key]))]
    alone: list[Formula] = []
    possible: list[Formula] = []
    for index, element in enumerate(elements):
        answers = [(answer[index], each.reason) for answer, each in zip(told, wanted, strict=True)]
        sure = any(answer and not reason for answer, reason in answers)
        unlike = all(answer is False for answer, _ in answers)
        if sure if negated else unlike:
            continue
        possible.append(element)
        if unlike if negated else sure:
            others = (negation(other) for place, other in enumerate(elements) if place != index)
            alone.append(conjunction((element, *others)))
    return disjunction((*alone, conjunction((disjunction(possible), open_question(_reason(wanted), text)))))


def _of_value(space: Space, key: str, wanted: _Wanted) -> Formula:
    """Whether the one value of a key matches one value of the entry."""
    if wanted.test is None:
        return open_question(wanted.reason, wanted.text)
    if key in callers.KEYS:
        found = callers.passes(space, key, wanted.test, wanted.text)
        return conjunction((found, open_question("hole", wanted.text))) if wanted.reason else found
    sure = unsure = 0
    for index, answer in enumerate(space.answers(key, wanted.test)):
        sure |= (answer is True and not wanted.reason) << index
        unsure |= (answer is None or (answer and bool(wanted.reason))) << index
    doubt = open_question(wanted.reason or "ambiguity", wanted.text)
    return (
        disjunction((space.value(key, sure), conjunction((space.value(key, unsure), doubt))))
        if unsure
        else space.value(key, sure)
    )
