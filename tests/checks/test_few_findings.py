"""One statement, few findings: of two that say the same, the more telling one stays."""

from __future__ import annotations

import pytest

from kms_lint.finding import Severity
from tests.checks.linted import found

EVERY = "*"
OF_ACCOUNT = "arn:aws:kms:*:111122223333:key/*"
THROUGH_S3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
NAMED = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}


@pytest.mark.parametrize(
    ("actions", "condition", "expected"),
    [
        pytest.param("kms:Decrypt", None, {"wildcard-resource": "high"}, id="it decrypts"),
        pytest.param("kms:Encrypt", None, {"foreign-key-encryption": "medium"}, id="it encrypts only"),
        pytest.param(
            ["kms:Encrypt", "kms:DescribeKey"],
            None,
            {"foreign-key-encryption": "medium"},
            id="it encrypts and describes",
        ),
        pytest.param(["kms:Encrypt", "kms:Decrypt"], None, {"wildcard-resource": "high"}, id="both"),
        pytest.param(
            ["kms:Encrypt", "kms:Decrypt"], THROUGH_S3, {"wildcard-resource": "medium"}, id="both, through a service"
        ),
        pytest.param(
            "kms:GenerateDataKey", THROUGH_S3, {"foreign-key-encryption": "medium"}, id="it encrypts, through a service"
        ),
        pytest.param(
            ["kms:Encrypt", "kms:Decrypt"],
            {**THROUGH_S3, **NAMED},
            {"wildcard-resource": "low", "foreign-key-encryption": "medium"},
            id="a low finding hides no medium one",
        ),
        pytest.param(
            ["kms:Encrypt", "kms:Decrypt"],
            {"StringEquals": {"aws:ResourceAccount": "111122223333"}},
            {"wildcard-resource": "medium"},
            id="keys of the account",
        ),
        pytest.param("kms:*", None, {"full-kms-access": "high"}, id="everything"),
    ],
)
def test_the_more_telling_of_two_findings_stays(actions: object, condition: object, expected: dict[str, str]) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": EVERY}
    if condition is not None:
        statement["Condition"] = condition
    of = {"wildcard-resource", "foreign-key-encryption", "full-kms-access", "administrator-access"}
    assert {each.about.id: str(each.severity) for each in found(statement) if each.about.id in of} == expected


@pytest.mark.parametrize(
    ("actions", "condition", "expected"),
    [
        pytest.param("kms:ScheduleKeyDeletion", None, {"destructive-action": "high"}, id="it deletes"),
        pytest.param(
            ["kms:ScheduleKeyDeletion", "kms:DescribeKey"],
            None,
            {"destructive-action": "high"},
            id="it deletes and reads",
        ),
        pytest.param(
            ["kms:ScheduleKeyDeletion", "kms:EnableKey"],
            None,
            {"destructive-action": "high", "wildcard-resource": "high"},
            id="it deletes and enables",
        ),
        pytest.param(
            "kms:ScheduleKeyDeletion",
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"destructive-action": "medium", "wildcard-resource": "high"},
            id="a medium finding hides no high one",
        ),
        pytest.param("kms:ReplicateKey", None, {"replica-escape": "high"}, id="it replicates"),
        pytest.param(
            "kms:ReplicateKey", THROUGH_S3, {"replica-escape": "medium"}, id="it replicates, through a service"
        ),
    ],
)
def test_what_destroys_or_replicates_is_told_once(actions: object, condition: object, expected: dict[str, str]) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": EVERY}
    if condition is not None:
        statement["Condition"] = condition
    of = {"wildcard-resource", "destructive-action", "replica-escape"}
    assert {each.about.id: str(each.severity) for each in found(statement) if each.about.id in of} == expected


def test_of_two_rules_the_one_that_was_asked_for_alone_speaks() -> None:
    statement = {"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": EVERY}
    (finding,) = found(statement, select=("foreign-key-encryption",))
    assert finding.severity is Severity.MEDIUM
    statement = {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": EVERY}
    (finding,) = found(statement, select=("wildcard-resource",))
    assert finding.severity is Severity.MEDIUM


def test_whoever_may_do_everything_is_told_once() -> None:
    """A guard by a tag, which an administrator can take off, is no finding of its own beside `administrator-access`."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    guard = {
        "Effect": "Deny",
        "Action": "kms:ScheduleKeyDeletion",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/keep": "true"}},
    }
    assert {each.about.id for each in found(everything, guard)} == {"administrator-access"}
    every_key = {**everything, "Action": "kms:*"}
    assert "tag-escalation" in {each.about.id for each in found(every_key, guard)}


@pytest.mark.parametrize(
    ("actions", "resource", "condition", "expected"),
    [
        pytest.param("kms:ScheduleKeyDeletion", EVERY, None, {"destructive-action": "high"}, id="it deletes"),
        pytest.param("kms:ScheduleKeyDeletion", OF_ACCOUNT, None, {"destructive-action": "high"}, id="in one account"),
        pytest.param(
            ["kms:DescribeKey", "kms:DisableKeyRotation"],
            EVERY,
            None,
            {"destructive-action": "medium"},
            id="it stops rotation",
        ),
        pytest.param(
            ["kms:ScheduleKeyDeletion", "kms:TagResource"],
            EVERY,
            None,
            {"destructive-action": "high", "wildcard-resource": "high"},
            id="it deletes and tags",
        ),
        pytest.param("kms:ReplicateKey", EVERY, None, {"replica-escape": "high"}, id="it replicates"),
        pytest.param(
            "kms:ReplicateKey", EVERY, THROUGH_S3, {"replica-escape": "medium"}, id="it replicates, through a service"
        ),
        pytest.param(
            "kms:*",
            EVERY,
            THROUGH_S3,
            {"wildcard-resource": "medium", "unneeded-create-key": "low"},
            id="everything, through a service: who rewrites policies needs no replica",
        ),
        pytest.param(
            "kms:EnableKeyRotation", EVERY, None, {"wildcard-resource": "medium"}, id="it switches rotation on"
        ),
        pytest.param(
            "kms:EnableKeyRotation", OF_ACCOUNT, None, {"account-wide-resource": "low"}, id="rotation of an account"
        ),
        pytest.param(
            "kms:DisableKey", OF_ACCOUNT, None, {"account-wide-resource": "medium"}, id="it switches keys off"
        ),
        pytest.param("kms:Encrypt", OF_ACCOUNT, None, {"missing-via-service": "low"}, id="it encrypts in one account"),
        pytest.param(
            "kms:ScheduleKeyDeletion",
            OF_ACCOUNT,
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            {"grant-condition-misused": "medium"},
            id="a statement that allows nothing deletes nothing",
        ),
        pytest.param(
            "kms:GenerateDataKey*",
            OF_ACCOUNT,
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            {"grant-condition-misused": "medium"},
            id="a pattern of which nothing is left",
        ),
        pytest.param(
            ["kms:DescribeKey", "kms:List*"],
            OF_ACCOUNT,
            {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-0a1b2c3d4e5f67890"}},
            {"condition-fails-open": "low"},
            id="what stands open only tells about keys",
        ),
    ],
)
def test_severity_is_that_of_what_is_given(
    actions: object, resource: str, condition: object, expected: dict[str, str]
) -> None:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    if condition is not None:
        statement["Condition"] = condition
    assert {each.about.id: str(each.severity) for each in found(statement)} == expected
