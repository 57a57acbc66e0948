"""Who is left of everyone, and for how little, as messages say it."""

from __future__ import annotations

from typing import Any

import pytest

from kms_lint.finding import Severity
from kms_lint.model import PolicyKind
from tests.checks.linted import FOREIGN, OWN, found

ORGANIZATION = "o-a1b2c3d4e5"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "kms:*", "Resource": "*"}
Said = dict[str, Any]


def public(action: Any = "kms:Decrypt", **condition: Any) -> Said:
    said: Said = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def deny(principal: Any = "*", action: Any = "kms:*", **condition: Any) -> Said:
    said = {"Sid": "Deny", "Effect": "Deny", "Principal": principal, "Action": action, "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def judged(rule: str, *statements: Said) -> list[tuple[str, Severity]]:
    said = found(ROOT, *statements, kind=PolicyKind.KEY, select=(rule,))
    return [(each.message, each.severity) for each in said]


@pytest.mark.parametrize(
    ("action", "words", "severity"),
    [
        ("kms:Decrypt", "", Severity.CRITICAL),
        ("kms:DescribeKey", ", for no more than reading about the key: kms:DescribeKey", Severity.MEDIUM),
        ("kms:Verify", ", for no more than checking what it has signed: kms:Verify", Severity.MEDIUM),
        (
            ["kms:GetPublicKey", "kms:Verify"],
            ", for no more than reading about the key and checking what it has signed: kms:GetPublicKey, kms:Verify",
            Severity.MEDIUM,
        ),
        (["kms:Verify", "kms:Encrypt"], "", Severity.CRITICAL),
    ],
)
def test_what_everyone_may_do(action: Any, words: str, severity: Severity) -> None:
    assert judged("public-principal", public(action)) == [(f"anyone in any AWS account{words}", severity)]


@pytest.mark.parametrize(
    ("action", "words", "severity"),
    [
        ("kms:PutKeyPolicy", "", Severity.CRITICAL),
        ("kms:GetKeyPolicy", ", for no more than reading about the key: kms:GetKeyPolicy", Severity.LOW),
        (
            "kms:GetParametersForImport",
            ", for no more than reading about the key: kms:GetParametersForImport",
            Severity.LOW,
        ),
    ],
)
def test_what_works_from_the_own_account_only(action: str, words: str, severity: Severity) -> None:
    said = f"anyone in the key's account, without any IAM policy{words}"
    assert judged("public-principal", public(action)) == [(said, severity)]


@pytest.mark.parametrize(
    ("against", "who"),
    [
        (deny(Bool={"aws:SecureTransport": "false"}), "anyone in any AWS account"),
        (deny(action="kms:Encrypt"), "anyone in any AWS account"),
        (deny({"AWS": FOREIGN}), "anyone in any AWS account whom `Deny` does not deny"),
        (
            deny(BoolIfExists={"aws:MultiFactorAuthPresent": "false"}),
            "anyone in any AWS account whom `Deny` does not deny",
        ),
        (
            deny(StringNotEquals={"kms:ViaService": "s3.us-east-1.amazonaws.com"}),
            "anyone, through s3.us-east-1.amazonaws.com",
        ),
        (
            deny(ArnNotLike={"aws:PrincipalArn": "arn:aws:iam::*:role/app"}),
            "anyone: `Deny` lets arn:aws:iam::*:role/app pass, and anybody can make one in an account of theirs",
        ),
    ],
)
def test_whom_a_deny_leaves(against: Said, who: str) -> None:
    assert [message for message, _ in judged("public-principal", public(), against)] == [who]


@pytest.mark.parametrize(
    ("condition", "against", "who"),
    [
        ({}, [], "everyone in every AWS account"),
        ({"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}, [], f"everyone of organization {ORGANIZATION}"),
        (
            {},
            [deny(StringNotEquals={"aws:PrincipalAccount": [OWN, FOREIGN]})],
            f"everyone of account {OWN}, account {FOREIGN}",
        ),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}, [], "everyone whom conditions and Denies let pass"),
    ],
)
def test_whom_an_allow_with_not_principal_lets_in(condition: Said, against: list[Said], who: str) -> None:
    given = {**public(**condition), "NotPrincipal": {"AWS": FOREIGN}}
    del given["Principal"]
    severity = Severity.MEDIUM if condition or against else Severity.CRITICAL
    assert judged("not-principal-allow", given, *against) == [(f"{who}, except those named", severity)]
