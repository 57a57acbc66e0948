"""What the elements of one statement say of one concrete request, read straight from AWS's documentation.

This is the second reading of the operators, on purpose: it shares no code with `iam` and the solver, so that what those
conclude can be tested against it. `None` is what documentation does not decide.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final

from kms_lint.reason.request import Caller, CallerKind, Request

ALWAYS: Final = {
    "aws:securetransport": "true",
    "aws:currenttime": "2026-01-01T00:00:00Z",
    "aws:epochtime": "1767225600",
    "aws:requestedregion": "us-east-1",
}
"""Keys that every request carries, with a value for requests that leave them out."""

_LITERAL: Final = {"*": "\ue005", "?": "\ue006"}
"""Wildcards that came from a variable, or were written as `${*}` or `${?}`: they are the characters themselves."""

_VARIABLE: Final = re.compile(r"\$\{([^{},]*)(?:,\s*'([^']*)')?\}")


def listed(value: Any) -> list[Any]:
    """A value that may be one or several."""
    return list(value) if isinstance(value, list | tuple) else [value]


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The statements of a policy. In versions of the language without variables, `${` is text like any other.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    found = listed(document["Statement"])
    return found if document.get("Version") == "2012-10-17" else [_without_variables(each) for each in found]


def _without_variables(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "${$}{")
    if isinstance(value, Mapping):
        return {name: _without_variables(each) for name, each in value.items()}
    return [_without_variables(each) for each in value] if isinstance(value, list | tuple) else value


def any_of(answers: Sequence[bool | None]) -> bool | None:
    """True when one is, false when all are."""
    return True if True in answers else None if None in answers else False


def all_of(answers: Sequence[bool | None]) -> bool | None:
    """False when one is, true when all are."""
    return False if False in answers else None if None in answers else True


def opposite(answer: bool | None) -> bool | None:
    """The opposite, unless nothing is decided."""
    return None if answer is None else not answer


@lru_cache(maxsize=4096)
def _expression(pattern: str, lower: bool) -> re.Pattern[str]:
    pieces = {"*": ".*", "?": ".", **{mark: re.escape(each) for each, mark in _LITERAL.items()}}
    text = "".join(pieces.get(each) or re.escape(each) for each in re.sub(r"\*+", "*", pattern))
    return re.compile(text, re.DOTALL | (re.IGNORECASE if lower else 0))


def _like(pattern: str, value: str, lower: bool = False) -> bool:
    return _expression(pattern, lower).fullmatch(value) is not None


def action(statement: Mapping[str, Any], request: Request) -> bool:
    """Whether `Action` or `NotAction` is about the action of the request; letter case does not count."""
    negated = "NotAction" in statement
    patterns = listed(statement.get("NotAction" if negated else "Action", []))
    return any(_like(str(each), request.action, lower=True) for each in patterns) is not negated


def resource(statement: Mapping[str, Any], request: Request, whole: bool = False) -> bool | None:
    """Whether `Resource` or `NotResource` is about the resource, segment by segment or, when `whole`, as one text."""
    negated = "NotResource" in statement
    found = False
    for each in listed(statement.get("NotResource" if negated else "Resource", [])):
        pattern = substituted(str(each), request)
        found = found or (pattern is not None and _resource(pattern, request.resource, whole))
    return found is not negated


def _resource(pattern: str, value: str, whole: bool) -> bool:
    mine, parts = pattern.split(":", 5), value.split(":", 5)
    if whole or len(mine) < 6:
        return _like(pattern, value)
    return len(parts) == 6 and all(_like(one, other) for one, other in zip(mine, parts, strict=True))


def substituted(text: str, request: Request) -> str | None:
    """A text with its policy variables replaced; `None` when one has no value, for that matches nothing.

    What replaces a variable is literal: wildcards in it stand for themselves.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, default = found.group(1).strip(), found.group(2)
        if name in ("*", "?", "$"):
            return _LITERAL.get(name, name)
        values = carried(name, request)
        if len(values) != 1 and default is None:
            missing = True
        meant = values[0] if len(values) == 1 else default or ""
        return "".join(_LITERAL.get(each, each) for each in meant)

    done = _VARIABLE.sub(value, text)
    return None if missing else done


def carried(key: str, request: Request) -> tuple[str, ...]:
    """The values that a request carries for a condition key."""
    lower, caller = key.lower(), request.caller
    if lower == "aws:principalisawsservice":
        return ("true",) if caller.kind is CallerKind.SERVICE else ("false",)
    if lower == "aws:principalarn":
        return (caller.arn,) if caller.arn else ()
    if lower == "aws:principalaccount" or (lower == "kms:calleraccount" and lower not in request.context):
        return (caller.account,) if caller.account else ()
    found = request.context.get(lower, ())
    return found or ((ALWAYS[lower],) if lower in ALWAYS else ())


def conditions(statement: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    """The entries of `Condition`: operator, key, values. It may be written as the list of them."""
    block = statement.get("Condition") or {}
    if isinstance(block, list):
        return [(operator, key, [_text(value) for value in listed(values)]) for operator, key, values in block]
    return [
        (operator, key, [_text(value) for value in listed(values)])
        for operator, keys in block.items()
        for key, values in keys.items()
    ]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def condition(operator: str, key: str, values: Sequence[str], request: Request) -> bool | None:
    """Whether an entry of a condition holds for a request.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    present = carried(key, request)
    quantifier, _, name = operator.rpartition(":")
    if name == "Null":
        return any(value.lower() == ("false" if present else "true") for value in values)
    optional = name.endswith("IfExists")
    name = name.removesuffix("IfExists")
    negated = "Not" in name
    compare = _COMPARE.get(name.replace("Not", ""))
    if compare is None:
        return None
    if not present:
        return optional or (quantifier != "ForAnyValue" and (negated or quantifier == "ForAllValues"))
    answers = [_one(compare, values, value, negated, request) for value in present]
    if quantifier == "ForAllValues":
        return all_of(answers)
    if quantifier == "ForAnyValue":
        return any_of(answers)
    return answers[0] if len(answers) == 1 else None


def _plain(text: str) -> str:
    """A text in which wildcards that stand for themselves are written so again."""
    for each, mark in _LITERAL.items():
        text = text.replace(mark, each)
    return text


_Compare = Callable[[str, str], bool | None]


def _one(compare: _Compare, values: Sequence[str], value: str, negated: bool, request: Request) -> bool | None:
    found: list[bool | None] = []
    for each in values:
        written = substituted(each, request) if "${" in each else each
        if written is not None and compare not in (_like, _arn):
            written = _plain(written)
        found.append(False if written is None else compare(written, value))
    answer = any_of(found)
    return opposite(answer) if negated else answer


def _arn(pattern: str, value: str) -> bool | None:
    mine, parts = pattern.split(":", 5), value.split(":", 5)
    if len(mine) != 6:
        return None
    return len(parts) == 6 and all(_like(one, other) for one, other in zip(mine, parts, strict=True))


def _bool(written: str, value: str) -> bool | None:
    one, other = written.lower(), value.lower()
    return one == other if {one, other} <= {"true", "false"} else None


def _number(text: str) -> Fraction | None:
    if len(text) > 39 or not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", text, re.ASCII):
        return None
    return Fraction(text)


def _instant(text: str) -> Fraction | None:
    if (number := _number(text)) is not None and not re.fullmatch(r"\d{4}", text):
        return number
    try:
        found = datetime.fromisoformat(f"{text}-01-01" if len(text) == 4 else text)
    except ValueError:
        return None
    return Fraction((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _ip(written: str, value: str) -> bool | None:
    try:
        network, address = ipaddress.ip_network(written, strict=False), ipaddress.ip_address(value)
    except ValueError:
        return None
    return address in network


def _ordered(read: Callable[[str], Fraction | None], test: Callable[[Fraction, Fraction], bool]) -> _Compare:
    def compare(written: str, value: str) -> bool | None:
        one, other = read(written), read(value)
        return None if one is None or other is None else test(other, one)

    return compare


_ORDERS: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "Equals": lambda value, written: value == written,
    "LessThan": lambda value, written: value < written,
    "LessThanEquals": lambda value, written: value <= written,
    "GreaterThan": lambda value, written: value > written,
    "GreaterThanEquals": lambda value, written: value >= written,
}
_COMPARE: Final[dict[str, _Compare]] = {
    "StringEquals": lambda written, value: written == value,
    "StringEqualsIgnoreCase": lambda written, value: written.lower() == value.lower(),
    "StringLike": _like,
    "BinaryEquals": lambda written, value: written == value,
    "Bool": _bool,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "IpAddress": _ip,
    **{f"Numeric{name}": _ordered(_number, test) for name, test in _ORDERS.items()},
    **{f"Date{name}": _ordered(_instant, test) for name, test in _ORDERS.items()},
}


def principal(type_: str, value: str, caller: Caller) -> bool:
    """Whether one value of `Principal` is about a caller.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if type_ == "*" or (type_ == "AWS" and value == "*"):
        return True
    if type_ == "Service":
        return caller.kind is CallerKind.SERVICE and caller.name == value
    if type_ != "AWS":
        return caller.kind is CallerKind.PROVIDER and value in ("*", caller.name)
    if account_of(value) is not None:
        return caller.account == account_of(value)
    parts = value.split(":", 5)
    if len(parts) != 6:
        return caller.kind is CallerKind.UNIQUE_ID and caller.name == value
    words = parts[5].split("/")
    if parts[2] == "sts" and words[0] == "assumed-role" and len(words) == 3:
        return (
            caller.kind is CallerKind.ROLE
            and (caller.partition, caller.account) == (parts[1], parts[4])
            and (caller.name.rsplit("/", 1)[-1], caller.session) == (words[1], words[2])
        )
    return caller.arn == value


def account_of(value: str) -> str | None:
    """The account that a principal is as a whole; `None` when it is something else."""
    parts = value.split(":", 5)
    if len(parts) == 6:
        return parts[4] if parts[2] == "iam" and parts[5] == "root" else None
    return value if value == "<account>" or value.isdecimal() else None
