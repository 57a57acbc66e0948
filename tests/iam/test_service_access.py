"""How services use keys: the table is sound, and the questions to it are answered as their pages say."""

from __future__ import annotations

import pytest

from kms_lint.iam import actions, service_access, services
from kms_lint.iam.service_access import Caller
from tests.iam.build import text

USES = service_access.uses()


def test_at_least_forty_services_have_a_page() -> None:
    assert len({use.service for use in USES}) >= 40
    assert all(use.page.startswith("https://docs.aws.amazon.com/") for use in USES)


@pytest.mark.parametrize("use", USES, ids=lambda use: f"{use.service}: {use.of}, {use.caller.value}")
def test_a_row_of_the_table_holds_together(use: service_access.Use) -> None:
    assert use.needs <= use.allowed <= actions.ALL
    assert bool(use.principal) == (use.caller is Caller.ITSELF)
    assert bool(use.via) == (use.caller is Caller.SESSION)
    assert use.needs or use.doubt, "what the page does not say is a doubt"
    assert use.caller is Caller.ITSELF or (use.account, use.arn) == (None, None)
    assert use.tells is not None or use.doubt or use.caller is not Caller.ITSELF, "silence is a doubt"
    assert "kms:CreateGrant" not in use.needs or use.grants or "grant" in use.doubt.lower()


@pytest.mark.parametrize("via", sorted({use.via for use in USES if use.via}))
def test_the_names_in_via_service_are_those_that_kms_knows(via: str) -> None:
    found = services.via_service(f"{via}.us-east-1.amazonaws.com")
    assert found is None or (via == "eks" and not found.certain)  # neither its page nor the guide of KMS names it


# The pages stand in tools/services.json.
@pytest.mark.parametrize(
    ("principal", "account", "arn", "contexts"),
    [
        ("logs.us-east-1.amazonaws.com", False, False, ("aws:logs:arn",)),
        ("logs.cn-north-1.amazonaws.com.cn", False, False, ("aws:logs:arn",)),
        ("logs.<region>.amazonaws.com", False, False, ("aws:logs:arn",)),
        ("logs.@.amazonaws.com", False, False, ("aws:logs:arn",)),
        ("delivery.logs.amazonaws.com", True, True, ("SourceArn",)),
        ("fargate.amazonaws.com", False, False, ("aws:ecs:clusterAccount", "aws:ecs:clusterName")),
        ("maintenance.s3tables.amazonaws.com", False, False, ("aws:s3:arn",)),
        ("storage-lens.s3.amazonaws.com", True, True, ()),
        ("sso.amazonaws.com", True, False, ("aws:sso:instance-arn",)),
        ("cloudtrail.amazonaws.com", True, True, ("aws:cloudtrail:arn",)),
        ("cloudfront.amazonaws.com", False, True, ()),
        ("dnssec-route53.amazonaws.com", True, True, ()),
        ("guardduty.me-south-1.amazonaws.com", True, True, ()),
        ("s3.amazonaws.com", True, True, ("aws:sqs:arn", "aws:sns:topicArn")),
        ("events.amazonaws.com", True, True, ("aws:events:event-bus:arn",)),
    ],
)
def test_what_a_service_tells_about_itself(principal: str, account: bool, arn: bool, contexts: tuple[str, ...]) -> None:
    found = service_access.deputy(text(principal).form)
    assert found is not None
    assert (found.account, found.arn, found.contexts, found.tells) == (account, arn, contexts, True)


@pytest.mark.parametrize(
    "principal", ["codecommit.amazonaws.com", "budgets.amazonaws.com", "personalize.amazonaws.com"]
)
def test_where_the_page_is_silent_nothing_is_said(principal: str) -> None:
    found = service_access.deputy(principal)
    assert found is not None
    assert found.tells is None


def test_services_that_we_know_nothing_of() -> None:
    assert service_access.deputy("zebra.amazonaws.com") is None
    assert service_access.on_behalf("zebra.amazonaws.com") is None
    assert service_access.needed("zebra") is None
    assert service_access.too_little("zebra.amazonaws.com", frozenset({"kms:Encrypt"})) is None


@pytest.mark.parametrize(
    ("principal", "operations", "what"),
    [
        ("events.amazonaws.com", "Decrypt GenerateDataKey", "events to an encrypted topic"),
        (
            "events.amazonaws.com",
            "Decrypt GenerateDataKey GenerateDataKeyWithoutPlaintext",
            "events to an encrypted topic",
        ),
        ("events.amazonaws.com", "Encrypt Decrypt GenerateDataKey", None),
        ("cloudtrail.amazonaws.com", "Decrypt", "trails into a bucket with an S3 bucket key"),
        ("cloudtrail.amazonaws.com", "GenerateDataKey", None),
        ("ses.amazonaws.com", "Decrypt GenerateDataKey", "notifications to an encrypted topic"),
        ("sns.amazonaws.com", "Decrypt GenerateDataKey", None),
    ],
)
def test_uses_for_which_no_source_is_documented(principal: str, operations: str, what: str | None) -> None:
    found = service_access.deputy(principal)
    assert found is not None
    use = found.without_source(frozenset(f"kms:{name}" for name in operations.split()))
    assert (use and use.of) == what


@pytest.mark.parametrize(
    ("principal", "operations", "needs"),
    [
        ("cloudwatch.amazonaws.com", "Encrypt", "Decrypt GenerateDataKey"),
        ("cloudwatch.amazonaws.com", "GenerateDataKey", "Decrypt GenerateDataKey"),
        ("cloudwatch.amazonaws.com", "Decrypt GenerateDataKey", None),
        ("s3.amazonaws.com", "GenerateDataKey", None),  # inventory lists need no more
        ("events.amazonaws.com", "Decrypt GenerateDataKey", None),  # without kms:DescribeKey it may do
        ("ssm.amazonaws.com", "Decrypt", "GenerateDataKey"),
        ("logs.eu-west-1.amazonaws.com", "Encrypt GenerateDataKey", "Decrypt GenerateDataKey"),
    ],
)
def test_a_service_that_is_let_in_for_too_little(principal: str, operations: str, needs: str | None) -> None:
    use = service_access.too_little(principal, frozenset(f"kms:{name}" for name in operations.split()))
    assert (use and use.needs) == (needs and {f"kms:{name}" for name in needs.split()})


@pytest.mark.parametrize(
    ("principal", "via", "sure"),
    [
        ("secretsmanager.amazonaws.com", "secretsmanager", True),
        ("ec2.amazonaws.com", "ec2", True),
        ("ebs.amazonaws.com", "ec2", True),
        ("rds.amazonaws.com", "rds", False),
        ("elasticfilesystem.amazonaws.com", "elasticfilesystem", True),
    ],
)
def test_services_that_call_for_others_only(principal: str, via: str, sure: bool) -> None:
    found = service_access.on_behalf(principal)
    assert found is not None
    assert (found.via, found.sure) == (via, sure)


@pytest.mark.parametrize(
    "principal",
    [
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/inventory-create-resource-data-sync.html
        "ssm.amazonaws.com",
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html: notifications of DAX
        "dynamodb.amazonaws.com",
        "events.rds.amazonaws.com",
        "s3.amazonaws.com",
        "sns.amazonaws.com",
    ],
)
def test_services_that_also_call_as_themselves(principal: str) -> None:
    assert service_access.on_behalf(principal) is None
    assert service_access.as_itself(principal) != ()


@pytest.mark.parametrize(
    ("principal", "via", "itself"),
    [
        ("sns.amazonaws.com", "sns", True),
        ("ebs.amazonaws.com", "ec2", True),
        ("sns.amazonaws.com", "sqs", False),
        ("aiops.alarms.cloudwatch.amazonaws.com", "aiops", False),
    ],
)
def test_whether_a_service_would_call_through_itself(principal: str, via: str, itself: bool) -> None:
    assert service_access.calls_as(principal, via) is itself


@pytest.mark.parametrize(
    ("operations", "of"),
    [
        ("CreateGrant DescribeKey", "secrets of clusters"),
        ("CreateGrant DescribeKey GenerateDataKey", "data lakes"),
        ("CreateGrant DescribeKey GenerateDataKey GenerateDataKeyWithoutPlaintext", "data lakes"),
        ("CreateGrant DescribeKey Decrypt", None),
        ("CreateGrant DescribeKey Encrypt ReEncryptTo ReEncryptFrom", None),
        ("CreateGrant", None),
    ],
)
def test_what_aws_shows_without_a_condition_on_grants(operations: str, of: str | None) -> None:
    found = service_access.shown_with_grants(frozenset(f"kms:{name}" for name in operations.split()))
    assert (found.of if found else None) == of
