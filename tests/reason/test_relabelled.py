"""What tags and aliases open to those who may change them: the change allowed, the access refused before and allowed after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kms_lint.model import Policy, PolicyKind
from kms_lint.reason.relabelled import gained_by_aliases, gained_by_tags
from tests.iam.build import OWNER
from tests.reason.test_alone import policy

KEYS = f"arn:aws:kms:us-east-1:{OWNER}:key/*"
ORDERS = f"arn:aws:kms:us-east-1:{OWNER}:alias/orders"
USE = frozenset({"kms:Decrypt"})
Said = Mapping[str, Any]

TAG: Said = {"Action": "kms:TagResource", "Resource": "*"}
UNTAG: Said = {"Action": "kms:UntagResource", "Resource": "*"}
PAYMENTS: Said = {"StringEquals": {"aws:ResourceTag/team": "payments"}}


def identity(giving: Said, trusting: Said, *others: Said) -> Policy:
    use = {"Action": "kms:Decrypt", "Resource": KEYS, **({"Condition": trusting} if trusting else {})}
    return policy(giving, use, *others, kind=PolicyKind.IDENTITY)


def deny(action: str, condition: Said | None = None, resource: str = "*") -> Said:
    said = {"Effect": "Deny", "Action": action, "Resource": resource}
    return said | ({"Condition": condition} if condition else {})


def on(giving: Said, **condition: Any) -> Said:
    return {**giving, "Condition": condition}


@pytest.mark.parametrize(
    ("giving", "trusting", "others", "gained"),
    [
        pytest.param(TAG, PAYMENTS, [], True, id="sets it"),
        pytest.param(UNTAG, PAYMENTS, [], False, id="takes off what it needs"),
        pytest.param(TAG, {"Null": {"aws:ResourceTag/team": "true"}}, [], False, id="sets what has to be absent"),
        pytest.param(UNTAG, {"Null": {"aws:ResourceTag/team": "true"}}, [], True, id="takes off what has to be absent"),
        pytest.param(UNTAG, {"StringNotEquals": {"aws:ResourceTag/team": "live"}}, [], True, id="takes off a value"),
        pytest.param(TAG, {"StringLike": {"aws:ResourceTag/team": "pay*"}}, [], True, id="sets a value of a pattern"),
        pytest.param(
            TAG, PAYMENTS, [deny("kms:Tag*", {"Null": {"aws:RequestTag/team": "false"}})], False, id="may not set it"
        ),
        pytest.param(
            TAG,
            PAYMENTS,
            [deny("kms:Tag*", {"StringEquals": {"aws:RequestTag/team": "payments"}})],
            False,
            id="may not set that value",
        ),
        pytest.param(
            TAG,
            PAYMENTS,
            [deny("kms:Tag*", {"StringEquals": {"aws:RequestTag/team": "orders"}})],
            True,
            id="may not set another value",
        ),
        pytest.param(
            TAG,
            PAYMENTS,
            [deny("kms:*", {"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}})],
            False,
            id="may not name the tag",
        ),
        pytest.param(
            TAG, PAYMENTS, [deny("kms:Tag*", {"Bool": {"aws:MultiFactorAuthPresent": "false"}})], True, id="with MFA"
        ),
        pytest.param(
            UNTAG,
            {"Null": {"aws:ResourceTag/team": "true"}},
            [deny("kms:Tag*", {"Null": {"aws:RequestTag/team": "false"}})],
            True,
            id="may not set it, and may take it off",
        ),
        pytest.param(on(TAG, **PAYMENTS), PAYMENTS, [], False, id="tags only what it may use"),
        pytest.param(
            on(TAG, StringEquals={"aws:RequestTag/cost": "a"}), PAYMENTS, [], True, id="has to set another tag as well"
        ),
        pytest.param(
            on(
                TAG,
                **{
                    "StringEquals": {"aws:RequestTag/cost": "a"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]},
                },
            ),
            PAYMENTS,
            [],
            False,
            id="sets another tag alone",
        ),
        pytest.param(
            TAG, {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}, [], True, id="its own tag"
        ),
        pytest.param(TAG, {"StringEquals": {"aws:ResourceTag/team": "@"}}, [], None, id="an unknown value"),
        pytest.param(TAG, PAYMENTS, [{"Action": "kms:*", "Resource": "*"}], False, id="had it before"),
        pytest.param(TAG, PAYMENTS, [deny("kms:Decrypt")], False, id="has it never"),
        pytest.param(
            TAG, {}, [deny("kms:Decrypt", {"StringNotEquals": {"aws:ResourceTag/team": "a"}})], True, id="by a Deny"
        ),
        pytest.param(
            {**TAG, "Resource": f"arn:aws:kms:eu-west-1:{OWNER}:key/*"}, PAYMENTS, [], False, id="tags other keys"
        ),
    ],
)
def test_what_tags_open(giving: Said, trusting: Said, others: list[Said], gained: bool | None) -> None:
    assert gained_by_tags(identity(giving, trusting, *others), 0, 1, "team", USE) is gained


CHANGE: Said = {"Action": ["kms:CreateAlias", "kms:UpdateAlias"], "Resource": "*"}
BY_ALIAS: Said = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}
DELETE: Said = {"Action": "kms:DeleteAlias", "Resource": "*"}


@pytest.mark.parametrize(
    ("giving", "trusting", "others", "gained"),
    [
        pytest.param(CHANGE, BY_ALIAS, [], True, id="gives it"),
        pytest.param(
            CHANGE, {"StringLike": {"kms:RequestAlias": "alias/o*"}}, [], True, id="by the alias in a request"
        ),
        pytest.param({**CHANGE, "Resource": [ORDERS, KEYS]}, BY_ALIAS, [], True, id="both halves"),
        pytest.param({**CHANGE, "Resource": ORDERS}, BY_ALIAS, [], None, id="the half of the alias"),
        pytest.param({**CHANGE, "Resource": [ORDERS + "-test", KEYS]}, BY_ALIAS, [], False, id="another alias"),
        pytest.param(CHANGE, BY_ALIAS, [deny("kms:*Alias", None, ORDERS)], False, id="may not give that one"),
        pytest.param(CHANGE, BY_ALIAS, [deny("kms:*Alias", None, ORDERS + "2")], True, id="may not give another"),
        pytest.param(CHANGE, BY_ALIAS, [deny("kms:*Alias", None, KEYS)], False, id="may not for the key"),
        pytest.param(DELETE, BY_ALIAS, [], False, id="takes off what it needs"),
        pytest.param(DELETE, {"Null": {"kms:ResourceAliases": "true"}}, [], True, id="takes off what has to be absent"),
        pytest.param(
            DELETE,
            {"ForAllValues:StringNotEquals": {"kms:ResourceAliases": "alias/orders"}},
            [],
            True,
            id="takes off one of several",
        ),
    ],
)
def test_what_aliases_open(giving: Said, trusting: Said, others: list[Said], gained: bool | None) -> None:
    assert gained_by_aliases(identity(giving, trusting, *others), 0, 1, USE) is gained
