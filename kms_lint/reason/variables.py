"""Policy variables: where they stand, what they may stand for, and policies in which they stand for something.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from typing import Final

from kms_lint.model import Policy, Statement
from kms_lint.reason import callers
from kms_lint.reason.formula import Formula, conjunction, negation
from kms_lint.reason.space import NAME, Space, Word
from kms_lint.reason.values import Test
from kms_lint.syntax.tree import Text

Given = tuple[tuple[str, str | None], ...]
"""What condition keys hold, in lower case; `None` for a key that a request does not carry."""

MOST_TRIES: Final = 48
"""As many combinations of values are tried for the variables of two policies."""

_USER: Final = "aws:username"
_LANGUAGE: Final = "2012-10-17"
_VARIABLE: Final = re.compile(r"\$\{(?![*?$]\})([^{},]*)(?:,\s*'([^']*)')?\}")


def active(policy: Policy) -> bool:
    """Whether variables mean something: older versions of the language, and none, know only text."""
    return policy.version is not None and (policy.version.form == _LANGUAGE or not policy.version.known)


def read(policy: Policy) -> Policy:
    """A policy in whose texts each `${` begins a variable or an escape: elsewhere it is written as `${$}{`."""
    return policy if active(policy) else _changed(policy, lambda text: text.replace("${", "${$}{"))


def given(policy: Policy, values: Mapping[str, str | None]) -> Policy:
    """A policy in which variables stand for values. A text with one that has no value matches nothing, and is left out."""
    return _changed(policy, lambda text: _filled(text, values)) if active(policy) else policy


def _filled(text: str, values: Mapping[str, str | None]) -> str | None:
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        held = values.get(_key(found))
        meant = found.group(2) if held is None else held
        missing = missing or meant is None
        return re.sub(r"[*?$]", lambda mark: f"${{{mark.group()}}}", meant or "")

    done = _VARIABLE.sub(value, text)
    return None if missing else done


def _key(found: re.Match[str]) -> str:
    return found.group(1).strip().lower()


def _changed(policy: Policy, change: Callable[[str], str | None]) -> Policy:
    if not any("${" in text.form for statement in policy.statements for _, text in _texts(statement)):
        return policy

    def each(values: Iterable[Text]) -> tuple[Text, ...]:
        pairs = [(text, change(text.form)) for text in values]
        return tuple(
            text if form == text.form else Text(str(text), text.at, form) for text, form in pairs if form is not None
        )

    def statement(one: Statement) -> Statement:
        resources = one.resources and one.resources._replace(values=each(one.resources.values))
        conditions = tuple(entry._replace(values=each(entry.values)) for entry in one.conditions)
        return replace(one, resources=resources, conditions=conditions)

    return replace(policy, statements=tuple(map(statement, policy.statements)))


def _texts(statement: Statement) -> Iterator[tuple[str, Text]]:
    """The texts that may hold variables, each with the key that it is compared with: none for a resource."""
    for text in statement.resources.values if statement.resources else ():
        yield "", text
    for entry in statement.conditions:
        for text in entry.values:
            yield entry.key.form.lower(), text


def combinations(policies: Sequence[Policy], account: str) -> Iterator[Given]:
    """What the variables of policies may stand for: few values each, those that need the least first."""
    texts: dict[str, dict[str, None]] = {}
    variables: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            for key, text in _texts(statement):
                texts.setdefault(key, {}).setdefault(text.form)
                if active(policy):
                    variables.update(dict.fromkeys(map(_key, _VARIABLE.finditer(text.form))))
    if not variables:
        return
    choices = [_choices(key, texts, policies, account) for key in variables]
    for chosen in islice(product(*choices), MOST_TRIES):
        yield tuple(zip(variables, chosen, strict=True))


def _choices(
    key: str, texts: Mapping[str, Iterable[str]], policies: Sequence[Policy], account: str
) -> tuple[str | None, ...]:
    """Absent, a value that nothing names, the values that the key is compared with, and what other texts have there."""
    named = [text for text in texts.get(key, ()) if not set("*?$") & set(text)]
    captured = [text for of, each in texts.items() for text in _captured(key, each)]
    known = {*named, *captured, *(text for each in texts.values() for text in each)}
    fresh = next(text for text in ("value", *map("value-{}".format, range(len(known) + 1))) if text not in known)
    free = {
        callers.ARN: (f"arn:aws:iam::{account}:role/{fresh}", *_names(policies, "arn:")),
        _USER: (fresh, *(name.rsplit("/", 1)[-1] for name in _names(policies, "arn:") if ":user/" in name)),
    }.get(key, (account, "444455556666") if key.endswith("account") else (fresh,))
    return tuple(dict.fromkeys((None, *free, *named, *captured)))


def _names(policies: Sequence[Policy], start: str) -> list[str]:
    """The principals that are named by an ARN."""
    return [
        each.value.form
        for policy in policies
        for statement in policy.statements
        for each in (statement.principals.values if statement.principals else ())
        if each.value.form.startswith(start) and each.value.known
    ]


def _captured(key: str, texts: Iterable[str]) -> Iterator[str]:
    """What stands in texts where others of the same place have a variable."""
    for pattern in texts:
        if not any(_key(found) == key for found in _VARIABLE.finditer(pattern)):
            continue
        expression = _expression(pattern, key)
        for text in texts:
            found = expression.fullmatch(text) if text != pattern and len(text) < 4096 else None
            if found and not set("*?$") & set(found.group("value")):
                yield found.group("value")


def _expression(pattern: str, key: str) -> re.Pattern[str]:
    """A pattern whose first variable of a key is the group `value`. Each wildcard stops at the next literal, once."""
    pieces: list[str] = []
    at = 0
    for found in _VARIABLE.finditer(pattern):
        pieces.append(_literal(pattern[at : found.start()]))
        first = _key(found) == key and not any("value" in piece for piece in pieces if piece.startswith("(?P"))
        pieces.append("(?P<value>[^:/]+)" if first else "[^:/]*")
        at = found.end()
    return re.compile("".join(pieces) + _literal(pattern[at:]), re.DOTALL)


def _literal(text: str) -> str:
    """Wildcards as such. More than one run in a text would make the search slow, so they stay within a part."""
    return "".join({"*": "[^:/]*", "?": "."}.get(each) or re.escape(each) for each in re.sub(r"\*+", "*", text))


def hold(space: Space, values: Given, facts: bool) -> Formula:
    """That a request carries these values."""
    return conjunction([_holds(space, key, value, facts) for key, value in values])


def _holds(space: Space, key: str, value: str | None, facts: bool) -> Formula:
    test = Test("StringEquals", value) if value is not None else None
    if key in callers.KEYS:
        there = callers.has_account(space) if key != callers.SERVICE_CALL else True
        return conjunction((there, callers.passes(space, key, test, ""))) if test else negation(there)
    if space.recording:
        space.compared(key, [test] if test else [], False)
    whose = space.word(NAME, Word(f"user/{value}")) if key == _USER and test else True
    if space.recording:
        return True
    if test is None:
        return negation(space.presence(key))
    wanted = [answer is True for answer in space.answers(key, test)]
    if space.several(key):
        elements = [space.element(key, index) for index in range(len(wanted))]
        held = conjunction([one if fits else negation(one) for one, fits in zip(elements, wanted, strict=True)])
        held = conjunction((held, any(wanted)))
    else:
        held = conjunction((space.presence(key), space.value(key, sum(fits << at for at, fits in enumerate(wanted)))))
    return conjunction((held, whose, space.carried(key) if facts else True))
