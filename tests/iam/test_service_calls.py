"""What holds for the calls that services make as themselves: they are of no account, organization or network of yours."""

from __future__ import annotations

from typing import Any

import pytest

from kms_lint.iam import service_calls
from tests.iam.build import OWNER, condition, principal, statement

SNS = principal("sns.amazonaws.com", "Service")
ORGANIZATION = "o-a1b2c3d4e5"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
@pytest.mark.parametrize(
    ("operator", "key", "value", "holds"),
    [
        ("StringNotEquals", "aws:PrincipalOrgID", ORGANIZATION, True),
        ("StringNotEqualsIfExists", "aws:PrincipalOrgID", ORGANIZATION, True),
        ("StringEquals", "aws:PrincipalOrgID", ORGANIZATION, False),
        ("Null", "aws:PrincipalOrgID", "true", True),
        ("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", f"{ORGANIZATION}/*", True),
        ("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", f"{ORGANIZATION}/*", False),
        ("StringNotEquals", "aws:PrincipalAccount", OWNER, True),
        ("StringNotEquals", "aws:PrincipalAccount", "@", None),
        ("StringEquals", "aws:PrincipalAccount", OWNER, None),
        ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/app", True),
        ("ArnNotLike", "aws:PrincipalArn", "*", None),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1a2b3c4d", True),
        ("NotIpAddress", "aws:SourceIp", "192.0.2.0/24", True),
        ("NotIpAddress", "aws:SourceIp", "0.0.0.0/0", None),
        ("StringNotEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com", True),
        ("Bool", "aws:PrincipalIsAWSService", "false", False),
        ("BoolIfExists", "aws:PrincipalIsAWSService", "false", False),
        ("Bool", "aws:PrincipalIsAWSService", "true", True),
        ("Bool", "aws:ViaAWSService", "false", True),
        ("StringNotEquals", "aws:PrincipalServiceName", "sns.amazonaws.com", False),
        ("StringNotEquals", "aws:PrincipalServiceName", "sqs.amazonaws.com", True),
        ("StringNotEquals", "aws:SourceAccount", OWNER, None),
        ("StringNotEquals", "kms:EncryptionContext:app", "orders", None),
        ("@", "@", "@", None),
    ],
)
def test_what_holds_for_a_call_of_a_service(operator: str, key: str, value: str, holds: bool | None) -> None:
    assert service_calls.holds(condition(operator, key, value), SNS) is holds


@pytest.mark.parametrize(
    ("said", "stopped"),
    [
        pytest.param({"Principal": "*"}, True, id="everyone"),
        pytest.param({"Principal": {"AWS": "*"}}, None, id="every AWS principal"),
        pytest.param({"Principal": {"Service": "sns.amazonaws.com"}}, True, id="the service"),
        pytest.param({"Principal": {"Service": "sqs.amazonaws.com"}}, False, id="another service"),
        pytest.param({"Principal": {"AWS": OWNER}}, False, id="an account"),
        pytest.param({"Principal": {"Service": "@"}}, None, id="what is not known"),
        pytest.param({"NotPrincipal": {"AWS": OWNER}}, True, id="all but an account"),
        pytest.param({"NotPrincipal": {"Service": "sns.amazonaws.com"}}, False, id="all but the service"),
    ],
)
def test_whom_a_deny_stops(said: dict[str, Any], stopped: bool | None) -> None:
    asked = {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}}
    deny = statement({"Effect": "Deny", "Action": "kms:*", "Condition": asked, **said})
    assert service_calls.stopped(deny, SNS) is stopped


@pytest.mark.parametrize(
    "spares",
    [
        {"Bool": {"aws:PrincipalIsAWSService": "false"}},
        {"StringNotEquals": {"aws:SourceAccount": OWNER}},
        {"StringEquals": {"aws:PrincipalTag/team": "x"}},
    ],
)
def test_a_condition_that_may_not_hold_spares(spares: dict[str, dict[str, str]]) -> None:
    asked = {"StringNotLike": {"aws:PrincipalOrgID": ORGANIZATION}, **spares}
    deny = statement({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Condition": asked})
    assert service_calls.stopped(deny, SNS) is False
