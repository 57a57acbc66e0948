"""Policies in files that are templates: what is put into them is unknown, and AWS's own variables stay what they are."""

import pytest

from kms_lint.model import Policy
from tests.load.reading import document, findings


def policy(statement: str) -> Policy:
    (found,) = document("policy.json", f'{{"Version": "2012-10-17", "Statement": {{{statement}}}}}').policies
    return found


def principal(written: str) -> str:
    statement = policy(
        f'"Effect": "Allow", "Principal": {{"AWS": "{written}"}}, "Action": "kms:Decrypt", "Resource": "*"'
    ).statements[0]
    assert statement.principals is not None
    return str(statement.principals.values[0].value) + ("" if statement.principals.values[0].value.known else " ?")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("arn:aws:iam::${account_id}:root", "arn:aws:iam::<account_id>:root ?"),
        ("${role}", "<role> ?"),
        ("arn:aws:iam::${AWS::AccountId}:root", "arn:aws:iam::<AWS::AccountId>:root ?"),
        ("arn:aws:iam::${join(var.x, local.y)}:root", "arn:aws:iam::<join(var.x, local.y)>:root ?"),
        ("arn:aws:iam::{{ account }}:role/{{role}}", "arn:aws:iam::<account>:role/<role> ?"),
        ("arn:aws:iam::${aws:PrincipalAccount}:root", "arn:aws:iam::${aws:PrincipalAccount}:root"),
        ("${aws:PrincipalTag/team, 'all'}", "${aws:PrincipalTag/team, 'all'}"),
        ("${cognito-identity.amazonaws.com:sub}", "${cognito-identity.amazonaws.com:sub}"),
        ("a${*}b${?}c${$}", "a${*}b${?}c${$}"),
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"),
    ],
)
def test_placeholders_are_unknown_and_variables_are_not(written: str, read: str) -> None:
    assert principal(written) == read


def test_what_is_put_in_is_told_and_accuses_nobody() -> None:
    read = document(
        "policy.json",
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::${id}:root"}, '
        '"Action": ["kms:${operation}", "kms:*"], "Resource": "*", "Condition": {"${test}": {"${key}": "${value}"}}}]}',
    )
    assert {each.expression for each in read.policies[0].unresolved} == {"id", "operation", "test", "key", "value"}
    assert [each.about.id for each in findings(read)] == []


def test_a_policy_that_aws_has_printed_is_no_template() -> None:
    answer = document(
        "answer.json",
        '{"Policy": "{\\"Version\\": \\"2012-10-17\\", \\"Statement\\": [{\\"Effect\\": \\"Allow\\", \\"Principal\\": '
        '{\\"AWS\\": \\"arn:aws:iam::${id}:root\\"}, \\"Action\\": \\"kms:*\\", \\"Resource\\": \\"*\\"}]}", "PolicyName": "default"}',
    )
    statement = answer.policies[0].statements[0]
    assert statement.principals is not None
    assert statement.principals.values[0].value.known
