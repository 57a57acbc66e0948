from __future__ import annotations

import pytest

from kms_lint.iam import principals
from kms_lint.iam.principals import Side, Who
from kms_lint.model import Accounts, PolicyKind
from tests.iam.build import FOREIGN, OWNER, principal

OWN_ONLY = Accounts(own=frozenset({OWNER}))
PARTNER = Accounts(trusted=frozenset({FOREIGN}))


def iam(resource: str, account: str = OWNER) -> str:
    return f"arn:aws:iam::{account}:{resource}"


@pytest.mark.parametrize(
    ("value", "type", "owner", "accounts", "expected"),
    [
        pytest.param("*", "*", OWNER, Accounts(), Who.EVERYONE, id="star"),
        pytest.param("*", "AWS", OWNER, Accounts(), Who.EVERYONE, id="AWS star"),
        pytest.param("*", "Service", OWNER, Accounts(), Who.EVERYONE, id="every service"),
        pytest.param(iam("root"), "AWS", OWNER, Accounts(), Who.OWN_ACCOUNT, id="root"),
        pytest.param(OWNER, "AWS", OWNER, Accounts(), Who.OWN_ACCOUNT, id="number"),
        pytest.param(iam("root", "<account>"), "AWS", "<account>", Accounts(), Who.OWN_ACCOUNT, id="deployment"),
        pytest.param("<account>", "AWS", None, Accounts(), Who.OWN_ACCOUNT, id="deployment, owner unknown"),
        pytest.param(iam("root", FOREIGN), "AWS", OWNER, Accounts(), Who.FOREIGN_ACCOUNT, id="foreign root"),
        pytest.param(iam("root", FOREIGN), "AWS", "<account>", Accounts(), Who.SOME_ACCOUNT, id="may be own"),
        pytest.param(iam("root", FOREIGN), "AWS", "<account>", OWN_ONLY, Who.FOREIGN_ACCOUNT, id="not among own"),
        pytest.param(iam("root", FOREIGN), "AWS", None, PARTNER, Who.FOREIGN_ACCOUNT, id="a partner is foreign"),
        pytest.param(iam("root"), "AWS", "<account>", OWN_ONLY, Who.OWN_ACCOUNT, id="among own"),
        pytest.param(iam("root"), "AWS", FOREIGN, OWN_ONLY, Who.FOREIGN_ACCOUNT, id="own, but not the key's"),
        pytest.param(iam("root", "@"), "AWS", OWNER, Accounts(), Who.SOME_ACCOUNT, id="unknown account"),
        pytest.param(iam("role/app"), "AWS", OWNER, Accounts(), Who.IDENTITY, id="role"),
        pytest.param(iam("role/team/app"), "AWS", OWNER, Accounts(), Who.IDENTITY, id="role with path"),
        pytest.param(iam("user/bob", FOREIGN), "AWS", OWNER, Accounts(), Who.FOREIGN_IDENTITY, id="foreign user"),
        pytest.param(iam("role/app", FOREIGN), "AWS", None, Accounts(), Who.SOME_IDENTITY, id="owner unknown"),
        pytest.param(
            f"arn:aws:sts::{OWNER}:assumed-role/app/session", "AWS", OWNER, Accounts(), Who.IDENTITY, id="session"
        ),
        pytest.param(
            f"arn:aws:sts::{OWNER}:federated-user/bob", "AWS", OWNER, Accounts(), Who.IDENTITY, id="federated"
        ),
        pytest.param(
            "arn:<partition>:iam::<account>:role/<aws_iam_role.app.name>",
            "AWS",
            "<account>",
            Accounts(),
            Who.IDENTITY,
            id="a role to be",
        ),
        pytest.param("arn:aws-cn:iam::111122223333:root", "AWS", OWNER, Accounts(), Who.OWN_ACCOUNT, id="China"),
        pytest.param("logs.us-east-1.amazonaws.com", "Service", OWNER, Accounts(), Who.SERVICE, id="service"),
        pytest.param("logs.@.amazonaws.com", "Service", OWNER, Accounts(), Who.SERVICE, id="service, Region unknown"),
        pytest.param("AIDACKCEVSQ6C2EXAMPLE", "AWS", OWNER, Accounts(), Who.DELETED, id="deleted user"),
        pytest.param("AROADBQP57FF2AEXAMPLE", "AWS", OWNER, Accounts(), Who.DELETED, id="deleted role"),
        pytest.param("accounts.google.com", "Federated", OWNER, Accounts(), Who.FEDERATED, id="provider"),
        pytest.param(iam("group/admins"), "AWS", OWNER, Accounts(), Who.INVALID, id="group"),
        pytest.param(iam("role/*"), "AWS", OWNER, Accounts(), Who.INVALID, id="wildcard in an ARN"),
        pytest.param("@", "AWS", OWNER, Accounts(), Who.UNKNOWN, id="unknown"),
        pytest.param(iam("@"), "AWS", OWNER, Accounts(), Who.UNKNOWN, id="root or an identity"),
        pytest.param("<aws_iam_user.bob.unique_id>", "AWS", OWNER, Accounts(), Who.UNKNOWN, id="a name to be"),
    ],
)
def test_who_a_principal_is(value: str, type: str, owner: str | None, accounts: Accounts, expected: Who) -> None:
    assert principals.who(principal(value, type), owner, accounts) is expected


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
@pytest.mark.parametrize(
    ("value", "type", "words"),
    [
        (iam("group/admins"), "AWS", "a group cannot be a principal"),
        (iam("role/*"), "AWS", "a wildcard has to be the whole principal"),
        ("arn:aws:iam::*:root", "AWS", "a wildcard has to be the whole principal"),
        ("1111*", "AWS", "a wildcard has to be the whole principal"),
        ("arn:aws:iam::12345:root", "AWS", "no account number of 12 digits"),
        ("12345", "AWS", "has 12 digits, this has 5"),
        ("arn:aws:iam:::root", "AWS", "the account is missing"),
        ("arn:aws:iam::111122223333", "AWS", "no complete ARN"),
        ("arn:aws-china:iam::111122223333:root", "AWS", "no partition `aws-china`"),
        ("arn:aws:iam:us-east-1:111122223333:root", "AWS", "no Region"),
        ("arn:aws:s3:::bucket", "AWS", "nothing of `s3` is a principal"),
        ("arn:aws:organizations::111122223333:organization/o-x", "AWS", "nothing of `organizations` is a principal"),
        (iam("policy/x"), "AWS", "`policy` is no kind of principal"),
        (iam("assumed-role/app/x"), "AWS", "`assumed-role` does not belong to `iam`"),
        (f"arn:aws:sts::{OWNER}:assumed-role/app", "AWS", "the name of the session is missing"),
        (iam("role/"), "AWS", "the name of the role is missing"),
        ("bob", "AWS", "neither an ARN nor an account number"),
        ("", "AWS", "neither an ARN nor an account number"),
        ("lambda.amazonaws.com", "AWS", "stands under `Service`"),
        (iam("root"), "aws", "write `AWS`"),
        (iam("root"), "Account", "`Account` is no type of principal"),
        ("*", "Service", "`*` is no service"),
        ("*.amazonaws.com", "Service", "no wildcards"),
        ("lambda", "Service", "write `lambda.amazonaws.com`"),
        (iam("role/app"), "Service", "looks like"),
        ("accounts.google.com", "Federated", "takes no `Federated` principal"),
        (
            "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
            "CanonicalUser",
            "takes no `CanonicalUser`",
        ),
    ],
)
def test_why_aws_refuses_a_principal(value: str, type: str, words: str) -> None:
    assert words in (principals.fault(principal(value, type)) or "")


@pytest.mark.parametrize(
    ("value", "type"),
    [
        ("*", "*"),
        ("*", "AWS"),
        (OWNER, "AWS"),
        (iam("root"), "AWS"),
        (iam("root", "<account>"), "AWS"),
        (iam("root", "@"), "AWS"),
        (iam("role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"), "AWS"),
        (iam("role/@"), "AWS"),
        (iam("@"), "AWS"),
        ("@", "AWS"),
        ("arn:@", "AWS"),
        ("AIDACKCEVSQ6C2EXAMPLE", "AWS"),
        ("<aws_iam_user.bob.unique_id>", "AWS"),
        ("arn:<partition>:iam::<account>:role/<aws_iam_role.app.name>", "AWS"),
        ("arn:aws-eusc:iam::111122223333:root", "AWS"),
        ("cloudtrail.amazonaws.com", "Service"),
        ("logs.cn-north-1.amazonaws.com.cn", "Service"),
        ("@", "Service"),
        ("x", "@"),
    ],
)
def test_principals_that_aws_takes(value: str, type: str) -> None:
    assert principals.fault(principal(value, type)) is None


def test_bucket_policies_take_origin_access_identities() -> None:
    identity = principal("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE")
    assert principals.fault(identity, PolicyKind.RESOURCE) is None
    assert "`cloudfront` is no account number" in (principals.fault(identity) or "")


def test_trust_policies_take_providers() -> None:
    assert principals.fault(principal("accounts.google.com", "Federated"), PolicyKind.TRUST) is None


@pytest.mark.parametrize(
    ("value", "type", "expected"),
    [
        (iam("role/app"), "AWS", OWNER),
        (OWNER, "AWS", OWNER),
        (iam("root", "<account>"), "AWS", "<account>"),
        ("*", "AWS", None),
        ("AIDACKCEVSQ6C2EXAMPLE", "AWS", None),
        (OWNER, "Service", None),
    ],
)
def test_the_account_of_a_principal(value: str, type: str, expected: str | None) -> None:
    assert principals.account(principal(value, type)) == expected


def test_the_deployment_is_the_account_of_the_key_whatever_its_number() -> None:
    assert principals.side("<account>", OWNER) is Side.OWN
