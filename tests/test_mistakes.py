"""What people get wrong with AWS KMS, one by one: each mistake has a rule that speaks at default settings, and where."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint import lint
from tests.conftest import PROJECT
from tests.threads import (
    FOREIGN,
    GITHUB,
    KEY_ARN,
    OWNER,
    ROOT,
    Case,
    allow,
    identity_policy,
    judge,
    key_policy,
    line_of,
    terraform,
)

APP = f"arn:aws:iam::{OWNER}:role/app"
USE = ["kms:Decrypt", "kms:GenerateDataKey*"]
REPOST = "https://repost.aws/knowledge-center/"
KMS = "https://docs.aws.amazon.com/kms/latest/"
PROVIDER = GITHUB + "hashicorp/terraform-provider-aws/issues/"
STATEMENT = '{ Effect = "Allow", Principal = { AWS = "%s" }, Action = "kms:*", Resource = "*" }'


def key(statements: str, more: str = "", name: str = "key") -> str:
    return f"""
resource "aws_kms_key" "{name}" {{
  enable_key_rotation = true
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {statements},
    ]
  }})
{more}}}
"""


ROOTED = STATEMENT % f"arn:aws:iam::{OWNER}:root"
ADMINISTRATOR = '{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = "kms:Decrypt", Resource = "*" }'

LOCK_OUT = [
    Case(
        REPOST + "update-key-policy-future",
        terraform(key(ADMINISTRATOR)),
        (("key-lockout", "jsonencode"),),
        about="M1: nobody may change the policy",
    ),
    Case(
        GITHUB + "cloudtools/awacs/issues/279",
        terraform(key(ROOTED, "  bypass_policy_lockout_safety_check = true\n")),
        (("lockout-check-bypassed", "bypass_policy_lockout_safety_check"),),
        about="M1: the check is passed over",
    ),
    Case(
        GITHUB + "cloudtools/awacs/issues/279",
        key_policy({**ROOT, "Resource": ["*"]}, root=False),
        about='M1: `["*"]` is the same as `"*"`',
    ),
    Case(
        "linden.consulting, sns-sqs-kms",
        terraform(
            key((STATEMENT % f"arn:aws:iam::{OWNER}:role/admin").replace('"kms:*"', '["kms:Describe*", "kms:Put*"]'))
            + """
resource "aws_iam_role_policy" "app" {
  role   = "app"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.key.arn }] })
}
"""
        ),
        (("undelegated-iam-access", 'Action = "kms:Decrypt"'), ("fragile-administration", "role/admin")),
        whole=False,
        about="M2: without the account's statement, IAM policies count for nothing",
    ),
    Case(
        "Cornell wiki, How To Recover Management Access to AWS KMS Keys",
        terraform(key(STATEMENT % f"arn:aws:iam::{OWNER}:role/admin")),
        (("fragile-administration", "role/admin"),),
        whole=False,
        about="M3: one role, which can be deleted",
    ),
    Case(
        KMS + "APIReference/API_PutKeyPolicy.html",
        key_policy({"Sid": "NoResource", "Effect": "Allow", "Principal": {"AWS": APP}, "Action": "kms:Decrypt"}),
        (("void-statement", "{"),),
        about="M4: no Resource",
    ),
    Case(
        KMS + "APIReference/API_PutKeyPolicy.html",
        key_policy({"Sid": "NoAction", "Effect": "Allow", "Principal": {"AWS": APP}, "Resource": "*"}),
        (("void-statement", "{"),),
        about="M4: no Action",
    ),
    Case(
        KMS + "APIReference/API_CreateKey.html",
        terraform(
            key(",\n      ".join([ROOTED, *(ADMINISTRATOR.replace("role/app", f"role/app-{i}") for i in range(300))]))
        ),
        (("policy-too-large", "policy = jsonencode"),),
        whole=False,
        about="M5: more than 32 KiB",
    ),
]

PRINCIPALS = [
    Case(
        REPOST + "kms-policy-error-invalid-principals",
        key_policy(allow({"AWS": f"arn:aws:iam::{OWNER}:group/admins"}, USE)),
        (("invalid-principal", "group/admins"),),
        about="M6: a group",
    ),
    Case(
        REPOST + "kms-policy-error-invalid-principals",
        key_policy(allow({"AWS": f"arn:aws:iam::{OWNER}:role/app-*"}, USE)),
        (("invalid-principal", "role/app-*"),),
        about="M6: a wildcard in an ARN",
    ),
    Case(
        GITHUB + "terraform-aws-modules/terraform-aws-kms/issues/30",
        key_policy(allow({"AWS": f"arn:aws:{OWNER}:role/app"}, USE)),
        (("invalid-principal", "arn:aws:111122223333:role/app"),),
        about="M6: iam is missing",
    ),
    Case(
        REPOST + "kms-policy-error-invalid-principals",
        key_policy(allow({"AWS": "AROADBQP57FF2AEXAMPLE"}, USE)),
        (("deleted-principal", "AROADBQP57FF2AEXAMPLE"),),
        about="M6: a role that is gone",
    ),
    Case(
        GITHUB + "lightspin-tech/eks-creation-engine/issues/4",
        key_policy(
            allow(
                {
                    "AWS": f"arn:aws:iam::{OWNER}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
                },
                [*USE, "kms:DescribeKey"],
            )
        ),
        about="M6: a service-linked role is nothing wrong",
    ),
]

IDENTITIES = [
    Case(
        KMS + "developerguide/cmks-in-iam-policies.html",
        identity_policy(
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": f"arn:aws:kms:us-east-1:{OWNER}:alias/orders"},
            {"Effect": "Allow", "Action": "kms:CreateAlias", "Resource": f"arn:aws:kms:us-east-1:{OWNER}:alias/orders"},
            {"Effect": "Allow", "Action": "kms:CreateAlias", "Resource": KEY_ARN},
            {"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "1234abcd-12ab-34cd-56ef-1234567890ab"},
        ),
        (("dead-resource", "alias/orders"), ("dead-resource", '"1234abcd')),
        silent=("alias-operation-half",),
        whole=False,
        about="M7: an alias or a bare id names no key",
    ),
    Case(
        REPOST + "cross-account-access-denied-error-s3",
        terraform("""
resource "aws_sqs_queue" "shared" {
  kms_master_key_id = "alias/aws/sqs"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::444455556666:role/reader" }, Action = "sqs:ReceiveMessage", Resource = "*" }]
  })
}
"""),
        (("aws-managed-key-shared", "kms_master_key_id"),),
        whole=False,
        account=OWNER,
        about="M8: the key of AWS cannot be shared",
    ),
    Case(
        GITHUB + "ministryofjustice/modernisation-platform/issues/2262",
        key_policy(allow({"AWS": APP}, "kms:CreateGrant")),
        (("unrestricted-grants", "kms:CreateGrant"),),
        about="M9: grants for anybody",
    ),
    Case(
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html",
        key_policy(allow({"AWS": APP}, "kms:CreateGrant", Bool={"kms:GrantIsForAWSResource": "true"})),
        about="M9: grants that AWS makes",
    ),
    Case(
        GITHUB + "aws/aws-cdk/issues/21526",
        identity_policy({"Effect": "Allow", "Action": ["kms:Decrypt", "kms:ReEncryptFrom"], "Resource": "*"}),
        (("wildcard-resource", '"*"'),),
        about="M16: every key of everybody",
    ),
    Case(
        GITHUB + "aws/aws-cdk/issues/21526",
        identity_policy({"Effect": "Allow", "Action": ["kms:ReEncrypt*", "kms:GenerateDataKey*"], "Resource": KEY_ARN}),
        about="M16: the suffixes that CDK writes",
    ),
]

SERVICES = [
    Case(
        "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
        key_policy(allow({"Service": service}, "kms:Encrypt", StringEquals={"aws:SourceAccount": OWNER})),
        (("service-lacks-access", service),),
        about=f"M10: {service} may encrypt only",
    )
    for service in ("cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com")
] + [
    Case(
        "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
        key_policy(allow({"Service": "cloudwatch.amazonaws.com"}, USE, StringEquals={"aws:SourceAccount": OWNER})),
        about="M10: what an alarm needs",
    ),
    Case(
        KMS + "developerguide/conditions-kms.html",
        key_policy(
            allow(
                {"Service": "sns.amazonaws.com"},
                USE,
                StringEquals={"kms:ViaService": "sns.us-east-1.amazonaws.com", "aws:SourceAccount": OWNER},
            )
        ),
        (("via-service-on-service-principal", "kms:ViaService"),),
        about="M11: on a service principal",
    ),
    Case(
        KMS + "developerguide/conditions-kms.html",
        key_policy(
            allow(
                {"AWS": APP}, USE, StringEquals={"kms:ViaService": ["s3.amazonaws.com", "ebs.us-east-1.amazonaws.com"]}
            )
        ),
        (("malformed-via-service", '"s3.amazonaws.com"'), ("malformed-via-service", '"ebs.us-east-1')),
        about="M11: no Region, no such name",
    ),
    Case(
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
        key_policy(allow({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*")),
        (("confused-deputy", "cloudtrail.amazonaws.com"),),
        about="M12: for whichever trail",
    ),
    Case(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        terraform(
            key(ROOTED) + '\nresource "aws_cloudwatch_log_group" "app" {\n  kms_key_id = aws_kms_key.key.arn\n}\n'
        ),
        (("service-lacks-access", "kms_key_id = aws_kms_key.key.arn"),),
        about="M13: the log group's key does not let CloudWatch Logs in",
    ),
    Case(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        key_policy(
            allow({"Service": "logs.us-east-1.amazonaws.com"}, ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*"])
        ),
        (("confused-deputy", "logs.us-east-1.amazonaws.com"),),
        about="M13: for whichever log group",
    ),
    Case(
        GITHUB + "prowler-cloud/prowler/issues/4714",
        key_policy(
            allow({"Service": "zebra.amazonaws.com"}, USE),
            allow({"Service": "codecommit.amazonaws.com"}, USE),
            allow({"Service": "events.amazonaws.com"}, USE),
        ),
        about="M17: nothing is advised that the service may not send",
    ),
    Case(
        GITHUB + "prowler-cloud/prowler/issues/2810",
        key_policy(allow({"Service": "s3.amazonaws.com"}, USE)),
        (("confused-deputy", "s3.amazonaws.com"),),
        about="M17: where AWS says that the source is sent",
    ),
]

CONDITIONS = [
    Case(
        GITHUB + "cloud-custodian/cloud-custodian/issues/2392",
        key_policy(allow({"AWS": APP}, USE, ForAnyValue__StringEquals={"kms:EncryptionContext:app": "orders"})),
        (("set-operator-misused", "ForAnyValue:StringEquals"),),
        whole=False,
        about="M14: a set operator on one value",
    ),
    Case(
        GITHUB + "cloud-custodian/cloud-custodian/issues/2392",
        key_policy(allow({"AWS": APP}, USE, StringEqualsIfExists={"kms:EncryptionContext:app": "orders"})),
        (("condition-fails-open", "kms:EncryptionContext:app"),),
        about="M14: IfExists in an Allow",
    ),
    Case(
        KMS + "developerguide/policy-conditions.html",
        key_policy(
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
            }
        ),
        (("service-breaking-deny", "aws:SourceIp"),),
        about="M15: calls of services come from other addresses",
    ),
    Case(
        GITHUB + "nccgroup/ScoutSuite/issues/1579",
        key_policy(allow({"AWS": APP}, USE, StringEquals={"kms:EncryptionContxt:app": "orders"})),
        (("unknown-condition-key", "kms:EncryptionContxt:app"),),
        about="M20: a key that does not exist",
    ),
    Case(
        GITHUB + "boogy/iam-policy-validator",
        key_policy(allow({"AWS": APP}, USE, StringIs={"kms:EncryptionContext:app": "orders"})),
        (("unknown-operator", "StringIs"),),
        about="M20: an operator that does not exist",
    ),
]

KEYS = [
    Case(
        PROVIDER + "39788",
        key_policy(allow({"AWS": f"arn:aws:sts::{OWNER}:assumed-role/app/session"}, USE)),
        about="M18: a session is a principal: nothing is wrong, though AWS may write it otherwise",
    ),
    Case(
        KMS + "APIReference/API_ReplicateKey.html",
        terraform("""
resource "aws_kms_key" "primary" {
  enable_key_rotation = true
  multi_region        = true
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/admin" }, Action = "kms:*", Resource = "*" }]
  })
}

resource "aws_kms_replica_key" "replica" {
  primary_key_arn = aws_kms_key.primary.arn
}
"""),
        (("replica-differs", "aws_kms_replica_key"),),
        whole=False,
        about="M19: a replica without a policy gets the default one",
    ),
]


def grant(arguments: str) -> dict[str, str]:
    return terraform(
        key(ROOTED)
        + f"""
resource "aws_kms_grant" "app" {{
  key_id = aws_kms_key.key.key_id
{arguments}
}}
"""
    )


GRANTEE = f'  grantee_principal = "{APP}"\n  retiring_principal = "{APP}"\n'
GRANTS = [
    Case(
        PROVIDER + "3946",
        grant(GRANTEE + '  operations = ["Decrypt", "ListGrants"]\n'),
        (("invalid-grant", "ListGrants"),),
        whole=False,
        about="no operation of grants",
    ),
    Case(
        PROVIDER + "13994",
        grant('  grantee_principal = "logs.us-east-1.amazonaws.com"\n  operations = ["Decrypt"]\n'),
        (("invalid-grant", "logs.us-east-1.amazonaws.com"),),
        whole=False,
        about="a service as grantee",
    ),
    Case(
        GITHUB + "ansible/ansible/pull/31960",
        grant(GRANTEE + '  operations = ["CreateGrant"]\n'),
        (("invalid-grant", "CreateGrant"),),
        whole=False,
        about="nothing but CreateGrant",
    ),
    Case(
        GITHUB + "aws/aws-sdk-java/issues/328",
        grant(
            GRANTEE
            + '  operations = ["Decrypt"]\n  constraints {\n    encryption_context_equals = { a = "b" }\n    encryption_context_subset = { a = "b" }\n  }\n'
        ),
        (("invalid-grant", "encryption_context_subset"),),
        whole=False,
        about="both constraints",
    ),
    Case(
        PROVIDER + "29340",
        grant('  grantee_principal = "AROADBQP57FF2AEXAMPLE"\n  operations = ["Decrypt"]\n'),
        (("deleted-grantee", "AROADBQP57FF2AEXAMPLE"),),
        whole=False,
        about="a grantee that is gone",
    ),
    Case(
        GITHUB + "mondoohq/cnspec/pull/2213",
        grant('  grantee_principal = "*"\n  operations = ["Decrypt"]\n'),
        (("invalid-grant", 'grantee_principal = "*"'),),
        whole=False,
        about="a wildcard as grantee",
    ),
    Case(
        GITHUB + "bridgecrewio/checkov/issues/183",
        {
            "grants.json": json.dumps(
                {
                    "Grants": [
                        {
                            "KeyId": KEY_ARN,
                            "GrantId": "abc",
                            "GranteePrincipal": f"arn:aws:iam::{FOREIGN}:role/reader",
                            "IssuingAccount": f"arn:aws:iam::{OWNER}:root",
                            "Operations": ["Decrypt"],
                        }
                    ]
                },
                indent=1,
            )
        },
        (("grant-to-stranger", f"{FOREIGN}:role/reader"),),
        whole=False,
        about="a grantee of another account",
    ),
    Case(
        KMS + "developerguide/create-grant-overview.html",
        {
            "grants.json": json.dumps(
                {
                    "Grants": [
                        {
                            "KeyId": KEY_ARN,
                            "GrantId": "abc",
                            "Name": "service",
                            "GranteeServicePrincipal": "dynamodb.amazonaws.com",
                            "RetiringServicePrincipal": "dynamodb.amazonaws.com",
                            "IssuingAccount": f"arn:aws:iam::{OWNER}:root",
                            "Operations": ["Decrypt"],
                            "Constraints": {"SourceArn": f"arn:aws:dynamodb:us-east-1:{OWNER}:table/orders"},
                        }
                    ]
                },
                indent=1,
            )
        },
        about="a service as grantee in the present API",
    ),
]


@pytest.mark.parametrize(
    "case",
    [*LOCK_OUT, *PRINCIPALS, *IDENTITIES, *SERVICES, *CONDITIONS, *KEYS, *GRANTS],
    ids=lambda case: case.id,
)
def test_a_mistake(case: Case, tmp_path: Path) -> None:
    judge(case, tmp_path)


@pytest.mark.parametrize("thread", ["30232", "39788"])
def test_what_aws_stores_otherwise_is_said_to_those_who_ask(thread: str, tmp_path: Path) -> None:
    """M18, https://github.com/hashicorp/terraform-provider-aws/issues/30232: a plan that never comes to rest. Said with `--persona strict`."""
    twice = allow({"AWS": [f"arn:aws:iam::{FOREIGN}:root", FOREIGN]}, USE)
    (tmp_path / "policy.json").write_text(key_policy(twice)["policy.json"])
    found = [each for each in lint(tmp_path, persona="strict").findings if each.about.id == "repeated-principal"]
    assert [line_of(each) for each in found] == [f'"{FOREIGN}"']
    assert "repeated-principal" not in {each.about.id for each in lint(tmp_path).findings}


def test_no_page_repeats_advice_that_is_wrong() -> None:
    """A grant needs no statement for the account; the root user has no power that the key policy does not give."""
    pages = [path.read_text(encoding="utf-8").lower() for path in (PROJECT / "docs").rglob("*.md")]
    for wrong in ("grants are ignored", "root user can always", "both the key policy and iam must allow"):
        assert not [page[:60] for page in pages if wrong in page], wrong
