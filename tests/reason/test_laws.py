"""Laws that hold of every comparison: changes of a policy whose effect is known without knowing the policy."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from kms_lint.iam import keys
from kms_lint.model import PolicyKind
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Relation, Verdict, difference
from kms_lint.reason.statements import Reading
from tests.reason.cases import policy
from tests.reason.strategies import ACCOUNT, KEY, OTHER, Document, entries, pairs, policies, statements

Change = Callable[[Document, random.Random], Document | None]
"""A changed copy of a policy; None where a law does not speak of it."""

KINDS = {
    "key": (PolicyKind.KEY, Reading.KMS, 46),
    "key policy-only": (PolicyKind.KEY, Reading.POLICY_ONLY, 27),
    "identity": (PolicyKind.IDENTITY, Reading.KMS, 27),
}
"""Kind, reading and number of policies."""
NUMBERS = st.integers(0, 2**20)
every_kind = pytest.mark.parametrize(("kind", "reading", "count"), list(KINDS.values()), ids=list(KINDS))


def repeatable(count: int) -> Callable[[Any], Any]:
    kept = settings(max_examples=count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    return lambda test: seed(20261124)(kept(test))


def compared(
    old: Document, new: Document, kind: PolicyKind, reading: Reading, account: str = ACCOUNT, key: str = KEY
) -> Difference:
    return difference(policy(old, kind, account), policy(new, kind, account), Settings(reading, account, key))


def one_of(document: Document, chance: random.Random, fits: Callable[[Document], bool]) -> Document | None:
    """A statement that fits."""
    fitting = [each for each in document["Statement"] if fits(each)]
    return chance.choice(fitting) if fitting else None


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def clear(operator: str, key: str) -> bool:
    """Whether AWS says what an operator means for a key: not for several values without a quantifier."""
    known = keys.find(key)
    return operator.startswith("For") or not (known is not None and known.many)


def reordered(document: Document, chance: random.Random) -> Document:
    chance.shuffle(document["Statement"])
    return document


def twice(document: Document, _: random.Random) -> Document:
    document["Statement"] += copy.deepcopy(document["Statement"])
    return document


def one_twice(document: Document, chance: random.Random) -> Document:
    again = copy.deepcopy(chance.choice(document["Statement"]))
    document["Statement"].insert(chance.randint(0, len(document["Statement"])), again)
    return document


def split(document: Document, chance: random.Random, element: str) -> Document | None:
    statement = one_of(document, chance, lambda each: len(listed(each.get(element, []))) > 1)
    if statement is None:
        return None
    first, *rest = statement[element]
    document["Statement"].append({**copy.deepcopy(statement), element: rest})
    statement[element] = [first]
    return document


def by_actions(document: Document, chance: random.Random) -> Document | None:
    return split(document, chance, "Action")


def by_resources(document: Document, chance: random.Random) -> Document | None:
    return split(document, chance, "Resource")


def by_principals(document: Document, chance: random.Random) -> Document | None:
    """One statement for each principal."""
    statement = one_of(document, chance, lambda each: len(list(_principals(each))) > 1)
    if statement is None:
        return None
    document["Statement"].remove(statement)
    document["Statement"] += [{**copy.deepcopy(statement), "Principal": named} for named in _principals(statement)]
    return document


def _principals(statement: Document) -> Iterator[dict[str, str]]:
    named = statement.get("Principal", "*")
    for type_, values in named.items() if isinstance(named, dict) else ():
        yield from ({type_: value} for value in listed(values))


def other_brackets(document: Document, _: random.Random) -> Document:
    """`X` for `["X"]` and the other way round, wherever there is one value."""

    def turned(value: Any) -> Any:
        if isinstance(value, list):
            return value[0] if len(value) == 1 else value
        return [value]

    for statement in document["Statement"]:
        for element in ("Action", "NotAction", "Resource", "NotResource"):
            if element in statement:
                statement[element] = turned(statement[element])
        for named in (
            statement.get("Principal"),
            statement.get("NotPrincipal"),
            *statement.get("Condition", {}).values(),
        ):
            if isinstance(named, dict):
                named.update({name: turned(value) for name, value in named.items()})
    document["Statement"] = turned(document["Statement"])
    return document


def other_letter_case(document: Document, _: random.Random) -> Document:
    for statement in document["Statement"]:
        for element in ("Action", "NotAction"):
            if element in statement:
                statement[element] = [value.swapcase() for value in listed(statement[element])]
        for operator, block in statement.get("Condition", {}).items():
            statement["Condition"][operator] = {key.swapcase(): values for key, values in block.items()}
    return document


SAME: list[Change] = [
    reordered,
    twice,
    one_twice,
    by_actions,
    by_resources,
    by_principals,
    other_brackets,
    other_letter_case,
    lambda document, _: document,
]
NAMES = [change.__name__ for change in SAME[:-1]] + ["nothing changed"]


@every_kind
@pytest.mark.parametrize("change", SAME, ids=NAMES)
def test_what_says_the_same_is_equivalent(change: Change, kind: PolicyKind, reading: Reading, count: int) -> None:
    if kind is PolicyKind.IDENTITY and change is by_principals:
        pytest.skip("an identity policy names no principals")

    @repeatable(count // 2)
    @given(document=policies(kind), number=NUMBERS)
    def each(document: Document, number: int) -> None:
        other = change(copy.deepcopy(document), random.Random(number))
        assume(other is not None)
        assert other is not None
        for old, new in ((document, other), (other, document)):
            found = compared(old, new, kind, reading)
            assert (found.verdict, found.relation) == (Verdict.NO_NEW_ACCESS, Relation.EQUIVALENT), found

    each()


def never_grows(larger: Document, smaller: Document, kind: PolicyKind, reading: Reading) -> None:
    found = compared(larger, smaller, kind, reading)
    assert found.verdict is Verdict.NO_NEW_ACCESS, found
    assert found.relation in (Relation.NARROWER, Relation.EQUIVALENT, Relation.UNKNOWN)
    other = compared(smaller, larger, kind, reading)
    assert other.relation in (Relation.WIDER, Relation.EQUIVALENT, Relation.UNKNOWN), other


@every_kind
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_another_allow_never_shrinks_and_another_deny_never_grows(
    effect: str, kind: PolicyKind, reading: Reading, count: int
) -> None:
    @repeatable(count)
    @given(document=policies(kind), added=statements(kind), number=NUMBERS)
    def each(document: Document, added: Document, number: int) -> None:
        assume(effect == "Deny" or "NotPrincipal" not in added)
        more = copy.deepcopy(document)
        more["Statement"].insert(number % (len(more["Statement"]) + 1), {**added, "Effect": effect})
        larger, smaller = (more, document) if effect == "Allow" else (document, more)
        never_grows(larger, smaller, kind, reading)

    each()


@every_kind
def test_another_value_in_a_positive_list_of_an_allow_never_narrows(
    kind: PolicyKind, reading: Reading, count: int
) -> None:
    @repeatable(count)
    @given(document=policies(kind), entry=entries(), other=statements(kind), number=NUMBERS)
    def each(document: Document, entry: tuple[str, str, list[str]], other: Document, number: int) -> None:
        operator, key, values = entry
        assume("Not" not in operator and len(values) > 1 and clear(operator, key))
        smaller = copy.deepcopy(document)
        statement = one_of(smaller, random.Random(number), lambda each: each["Effect"] == "Allow")
        assume(statement is not None)
        assert statement is not None
        statement["Condition"] = {**statement.get("Condition", {}), operator: {key: values[:1]}}
        larger = copy.deepcopy(smaller)
        larger["Statement"][smaller["Statement"].index(statement)]["Condition"][operator][key] = values
        never_grows(larger, smaller, kind, reading)
        wider = copy.deepcopy(smaller)
        at = wider["Statement"][smaller["Statement"].index(statement)]
        for element in ("Action", "Resource"):
            if element in at and element in other:
                at[element] = [*listed(at[element]), *listed(other[element])]
        never_grows(wider, smaller, kind, reading)

    each()


def test_what_is_narrower_than_the_narrower_is_narrower() -> None:
    """Three policies, each the one before with something changed; most of the changes are proved to grant nothing."""
    spoken = []

    @repeatable(80)
    @given(pair=pairs(), added=statements(), last=st.booleans())
    def each(pair: tuple[Document, Document], added: Document, last: bool) -> None:
        first, second = pair
        third = copy.deepcopy(second)
        if last and len(third["Statement"]) > 1:
            del third["Statement"][0]
        else:
            third["Statement"].append(added)
        for one, two, three in ((first, second, third), (third, second, first)):
            steps = [compared(*step, PolicyKind.KEY, Reading.KMS).verdict for step in ((one, two), (two, three))]
            if steps == [Verdict.NO_NEW_ACCESS, Verdict.NO_NEW_ACCESS]:
                spoken.append(one)
                assert compared(one, three, PolicyKind.KEY, Reading.KMS).verdict is not Verdict.NEW_ACCESS

    each()
    assert len(spoken) > 50


_NEGATED = {"StringEquals": "StringNotEquals", "StringLike": "StringNotLike", "IpAddress": "NotIpAddress"} | {
    f"{type_}Equals": f"{type_}NotEquals" for type_ in ("Numeric", "Date", "Arn")
}
_NEGATED |= {"ArnLike": "ArnNotLike", "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase"}
_NEGATED |= {f"ForAnyValue:{positive}": f"ForAllValues:{negative}" for positive, negative in _NEGATED.items()}


@every_kind
def test_a_deny_of_all_others_is_the_condition_of_an_allow(kind: PolicyKind, reading: Reading, count: int) -> None:
    """`StringNotEquals` and its like are true where the key is absent, `ForAllValues` as well: nobody slips through."""

    @repeatable(count)
    @given(statement=statements(kind), entry=entries())
    def each(statement: Document, entry: tuple[str, str, list[str]]) -> None:
        operator, key, values = entry
        assume(operator in _NEGATED and "NotPrincipal" not in statement and clear(operator, key))
        allow = {**statement, "Effect": "Allow"}
        allow.pop("Condition", None)
        deny: Document = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        deny |= {} if kind is PolicyKind.IDENTITY else {"Principal": "*"}
        one = {"Statement": [{**allow, "Condition": {operator: {key: values}}}]}
        two = {"Statement": [allow, {**deny, "Condition": {_NEGATED[operator]: {key: values}}}]}
        found = compared(one, two, kind, reading)
        assert found.relation is Relation.EQUIVALENT, found

    each()


@every_kind
def test_other_account_numbers_change_nothing(kind: PolicyKind, reading: Reading, count: int) -> None:
    """Accounts are names; one pattern of the policies matches the second account under both of its names."""

    @repeatable(count)
    @given(pair=pairs(kind))
    def each(pair: tuple[Document, Document]) -> None:
        def renamed(value: Any) -> Any:
            text = json.dumps(value).replace(ACCOUNT, "987654321098").replace(OTHER, "444410102020")
            return json.loads(text)

        found = compared(*pair, kind, reading)
        other = compared(*renamed(pair), kind, reading, renamed(ACCOUNT), renamed(KEY))
        assert (found.verdict, found.relation) == (other.verdict, other.relation)

    each()


@every_kind
def test_no_value_of_what_is_unknown_refutes_a_proof(kind: PolicyKind, reading: Reading, count: int) -> None:
    """One value of the policies is unknown, the same wherever it stands; each value that they name may be meant."""
    proved = []

    @repeatable(count * 3 // 2)
    @given(pair=pairs(kind), number=NUMBERS)
    def each(pair: tuple[Document, Document], number: int) -> None:
        texts = sorted({text for document in pair for text in _values(document)})
        assume(texts)
        taken = random.Random(number).choice(texts)
        old, new = ({"Statement": _with(each["Statement"], taken, "<hole:x>")} for each in pair)
        if compared(old, new, kind, reading).verdict is not Verdict.NO_NEW_ACCESS:
            return
        proved.append(taken)
        for text in texts:
            filled = (_with(old, "<hole:x>", text), _with(new, "<hole:x>", text))
            assert compared(*filled, kind, reading).verdict is not Verdict.NEW_ACCESS, (old, new, text)

    each()
    assert len(proved) > count // 4


def _values(document: Document) -> Iterator[str]:
    """What may be an expression in a template: values of conditions and what principals and resources are named."""
    for statement in document["Statement"]:
        for block in statement.get("Condition", {}).values():
            for values in block.values():
                yield from values
        yield from (value for named in _principals(statement) for value in named.values())
        yield from listed(statement.get("Resource", []))


def _with(value: Any, old: str, new: str) -> Any:
    """A document with a text in place of another."""
    if isinstance(value, dict):
        return {name: _with(each, old, new) for name, each in value.items()}
    if isinstance(value, list):
        return [_with(each, old, new) for each in value]
    return new if value == old else value
