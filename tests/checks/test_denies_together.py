"""What several Denies, or a Deny and the conditions of the Allow, take back together: one by one they do not."""

from __future__ import annotations

from typing import Any

import pytest

from kms_lint.model import PolicyKind
from tests.checks.linted import FOREIGN, OWN, found

S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
ORGANIZATION = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}
Said = dict[str, Any]


def allow(action: Any, principal: Any = "*", **condition: Any) -> Said:
    said: Said = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def deny(action: Any, principal: Any = "*", **condition: Any) -> Said:
    return {**allow(action, principal, **condition), "Effect": "Deny"}


def sure(rule: str, *statements: Said) -> bool:
    policy = (allow("kms:*", ROOT), *statements)
    return any(
        each.about.id == rule and each.confidence.value == "definite"
        for each in found(*policy, kind=PolicyKind.KEY, select=(rule,))
    )


APP = {"AWS": f"arn:aws:iam::{OWN}:role/app"}
PARTNER = {"AWS": f"arn:aws:iam::{FOREIGN}:role/partner"}
HALVES = [{"StringEquals": S3}, {"StringNotEquals": S3}]


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        pytest.param("public-principal", allow("kms:Decrypt"), id="everyone"),
        pytest.param("cross-account-use", allow("kms:Decrypt", PARTNER), id="a role of another account"),
        pytest.param("unrestricted-grants", allow("kms:CreateGrant", APP), id="grants"),
        pytest.param("whole-key-access", allow("kms:*", APP), id="all of the key"),
        pytest.param(
            "not-action-allow",
            {"Effect": "Allow", "Principal": APP, "NotAction": "kms:Encrypt", "Resource": "*"},
            id="all but one",
        ),
    ],
)
@pytest.mark.parametrize(
    ("denies", "left"),
    [
        pytest.param([], True, id="no Deny"),
        pytest.param([{"StringEquals": S3}], True, id="one half"),
        pytest.param(HALVES, False, id="two halves"),
        pytest.param([{"Bool": {"aws:MultiFactorAuthPresent": "false"}}], True, id="without MFA"),
        pytest.param(
            [
                {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            ],
            False,
            id="without and with MFA",
        ),
        pytest.param(
            [{"StringEquals": {"aws:PrincipalTag/a": "1"}}, {"StringEquals": {"aws:PrincipalTag/a": "2"}}],
            True,
            id="what neither covers",
        ),
    ],
)
def test_denies_count_together(rule: str, given: Said, denies: list[Said], left: bool) -> None:
    taken = [] if given.get("NotAction") else given["Action"]
    against = [
        deny(taken or "kms:*", "*" if rule == "public-principal" else given["Principal"], **each) for each in denies
    ]
    assert sure(rule, given, *against) is left


@pytest.mark.parametrize(
    ("denies", "left"),
    [
        pytest.param([{"StringNotEquals": ORGANIZATION}], False, id="but an organization"),
        pytest.param(
            [{"StringNotEqualsIfExists": {**ORGANIZATION, "aws:PrincipalTag/a": "b"}}], True, id="but that or a tag"
        ),
        pytest.param(
            [{"Null": {"aws:PrincipalOrgID": "true"}}, {"StringNotEqualsIfExists": ORGANIZATION}],
            False,
            id="absent, and another one",
        ),
        pytest.param(
            [{"Null": {"aws:PrincipalOrgID": "false"}, "StringNotEquals": ORGANIZATION}], True, id="absent passes"
        ),
        pytest.param(
            [
                {"StringNotEquals": ORGANIZATION, "StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}},
                {"StringNotEquals": ORGANIZATION, "StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}},
            ],
            False,
            id="all but an organization, in two parts",
        ),
        pytest.param([{"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}], True, id="but any organization"),
        pytest.param([{"StringNotLike": {"aws:PrincipalOrgID": "o-a1b2c3d4e5*"}}], False, id="but one, by a pattern"),
        pytest.param(
            [{"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-*/r-*"}}], True, id="but a path in any of them"
        ),
        pytest.param([{"StringNotLike": {"aws:userid": "*:session"}}], True, id="but sessions of a name"),
        pytest.param([{"StringNotLike": {"aws:userid": "AROAEXAMPLEEXAMPLE123:*"}}], False, id="but those of a role"),
        pytest.param([{"StringNotLike": {"aws:SourceVpce": "vpce-*"}}], True, id="but any endpoint"),
    ],
)
def test_who_is_a_stranger_beside_denies(denies: list[Said], left: bool) -> None:
    against = [deny("kms:*", **each) for each in denies]
    assert sure("public-principal", allow("kms:Decrypt"), *against) is left


def test_a_deny_that_is_met_whenever_the_allow_is() -> None:
    """The Allow asks for what the Deny is about, in other words."""
    given = allow("kms:Decrypt", StringEquals={"kms:EncryptionContext:stage": "live"})
    against = deny("kms:*", StringLike={"kms:EncryptionContext:Stage": "l*"})
    assert sure("public-principal", given)
    assert not sure("public-principal", given, against)


@pytest.mark.parametrize(
    ("action", "given"),
    [
        pytest.param(["kms:Decrypt", "kms:PutKeyPolicy"], False, id="which no such request carries"),
        pytest.param(["kms:Decrypt", "kms:CreateGrant"], True, id="which one of them carries"),
    ],
)
def test_a_condition_that_no_request_meets_lets_nobody_in(action: list[str], given: bool) -> None:
    """It is a matter of `condition-never-present`, and nothing is public."""
    statement = allow(action, Bool={"kms:GrantIsForAWSResource": "false"})
    assert sure("public-principal", statement) is given


@pytest.mark.parametrize("rule", ["wildcard-resource", "full-kms-access", "policy-takeover", "destructive-action"])
@pytest.mark.parametrize(
    ("denies", "left"),
    [
        pytest.param([], True, id="no Deny"),
        pytest.param([{"Bool": {"aws:MultiFactorAuthPresent": "false"}}], True, id="without MFA"),
        pytest.param([{"StringEquals": S3}, {"StringNotEquals": S3}], False, id="two halves"),
        pytest.param(
            [
                {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
                {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}},
            ],
            False,
            id="in a Region, and elsewhere",
        ),
    ],
)
def test_denies_of_identity_policies_count_together(rule: str, denies: list[Said], left: bool) -> None:
    given = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    against = [{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": each} for each in denies]
    findings = found(given, *against, select=(rule,))
    assert bool([each for each in findings if each.confidence.value == "definite"]) is left
