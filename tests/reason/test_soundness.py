"""What must not be claimed as proved: unknown values and statements that only look the same."""

from dataclasses import replace
from typing import Any

import pytest

from kms_lint.model import PolicyKind
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Verdict, difference
from kms_lint.reason.statements import Reading
from kms_lint.syntax.tree import ANYTHING
from tests.reason.cases import policy

APP = "arn:aws:iam::111122223333:role/app"


def one(principal: str = APP, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    return {
        "Effect": effect,
        "Principal": {"AWS": principal},
        "Action": "kms:Decrypt",
        "Resource": "*",
        **more,
    }


def verdict(old: list[dict[str, Any]], new: list[dict[str, Any]], reading: Reading = Reading.KMS) -> Verdict:
    return difference(policy({"Statement": old}), policy({"Statement": new}), Settings(reading, "111122223333")).verdict


def both(one_key: str, other_key: str, wanted: str) -> dict[str, Any]:
    present = {one_key: "false", other_key: "false"}
    return one(Condition={"Null": present, "StringEquals": {wanted: "<hole:x>"}})


FIRST, SECOND = "kms:EncryptionContext:a", "kms:EncryptionContext:b"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (both(FIRST, SECOND, FIRST), both(FIRST, SECOND, SECOND)),
        (
            one(Condition={"StringEquals": {FIRST: "<hole:x>"}}),
            one(Condition={"StringEqualsIgnoreCase": {FIRST: "<hole:x>"}}),
        ),
        (one(), one("arn:aws:iam::<hole:account>:root")),
        (one("arn:aws:iam::111122223333:root"), one("arn:aws:iam::<hole:account>:root")),
    ],
    ids=["two keys", "two comparisons", "an account that is unknown", "an account that may be another"],
)
@pytest.mark.parametrize("reading", list(Reading))
def test_one_name_in_two_places_is_no_proof(old: dict[str, Any], new: dict[str, Any], reading: Reading) -> None:
    assert verdict([old], [new], reading) is not Verdict.NO_NEW_ACCESS


def test_a_value_that_is_named_is_the_same_on_both_sides() -> None:
    wide = {**one("<hole:x>"), "Action": "kms:*"}
    assert verdict([wide], [one("<hole:x>")]) is Verdict.NO_NEW_ACCESS


def test_a_statement_of_unknown_content_may_have_changed() -> None:
    read = policy({"Statement": [one()]})
    unknown = replace(
        read.statements[0], effect=None, unknown=True, principals=None, actions=None, resources=None, conditions=()
    )
    both_unknown = replace(read, statements=(unknown,))
    assert difference(both_unknown, both_unknown).verdict is Verdict.UNKNOWN
    assert difference(read, both_unknown).verdict is Verdict.UNKNOWN


def test_an_expression_that_nobody_named_may_have_changed() -> None:
    read = policy({"Statement": [one("arn:aws:iam::111122223333:role/name")]})
    named = read.statements[0].principals
    assert named is not None
    value = named.values[0].value
    text = type(value)("var.who", value.at, ANYTHING)
    named = named._replace(values=(named.values[0]._replace(value=text),))
    unknown = replace(read, statements=(replace(read.statements[0], principals=named),))
    assert difference(unknown, unknown).verdict is Verdict.UNKNOWN


def test_a_deny_that_covers_less_may_have_kept_other_policies_in_bounds() -> None:
    def identity(*statements: dict[str, Any]) -> Any:
        return policy({"Statement": list(statements)}, PolicyKind.IDENTITY)

    deny = {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}
    less = {**deny, "Action": "kms:Encrypt"}
    assert difference(identity(deny), identity(less)).verdict is Verdict.NO_NEW_ACCESS
    assert difference(identity(deny), identity(less), Settings(alone=False)).verdict is Verdict.UNKNOWN
    assert difference(identity(less), identity(deny), Settings(alone=False)).verdict is Verdict.NO_NEW_ACCESS
