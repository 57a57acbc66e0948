from __future__ import annotations

from typing import Any

import pytest

from kms_lint.iam import comparisons, services
from tests.iam.build import OWNER, text
from tests.iam.build import conditions as block

EQUALS = comparisons.parse(text("StringEquals"))
LIKE = comparisons.parse(text("StringLike"))


# https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
@pytest.mark.parametrize(
    ("value", "operator"),
    [
        ("s3.us-east-1.amazonaws.com", EQUALS),
        ("s3.us-east-1.amazonaws.com", LIKE),
        ("s3.<region>.amazonaws.com", EQUALS),
        ("s3.cn-north-1.amazonaws.com", EQUALS),
        ("s3.*.amazonaws.com", LIKE),
        ("s3.us-*.amazonaws.com", LIKE),
        ("*.us-east-1.amazonaws.com", LIKE),
        ("s3.*", LIKE),
        ("*", LIKE),
        ("s3.@.amazonaws.com", EQUALS),
        ("@", EQUALS),
        ("logs.us-east-1.amazonaws.com", EQUALS),
        ("ec2.us-east-1.amazonaws.com", None),
    ],
)
def test_values_of_via_service(value: str, operator: Any) -> None:
    assert services.via_service(text(value).form, operator) is None


@pytest.mark.parametrize(
    ("value", "operator", "words", "instead"),
    [
        ("s3.amazonaws.com", EQUALS, "the Region is missing", "s3.eu-west-1.amazonaws.com"),
        ("s3.amazonaws.com", LIKE, "the Region is missing", "s3.eu-west-1.amazonaws.com"),
        ("s3.cn-north-1.amazonaws.com.cn", EQUALS, "in every partition", "s3.cn-north-1.amazonaws.com"),
        ("s3.*.amazonaws.com.cn", LIKE, "in every partition", "s3.*.amazonaws.com"),
        ("s3.*.amazonaws.com", EQUALS, "wildcards do not work with this operator", None),
        ("s3.us-east-1", EQUALS, "has to end in .amazonaws.com", None),
        ("s3", LIKE, "has to end in .amazonaws.com", None),
        ("us-east-1.s3.amazonaws.com", EQUALS, "the wrong way round", "s3.us-east-1.amazonaws.com"),
        ("S3.us-east-1.amazonaws.com", EQUALS, "lower case", "s3.us-east-1.amazonaws.com"),
        ("s3.us-east-1.amazonaws.com", EQUALS, "the key is in eu-west-1", "s3.eu-west-1.amazonaws.com"),
        ("ebs.eu-west-1.amazonaws.com", EQUALS, "under the name `ec2`", "ec2.eu-west-1.amazonaws.com"),
        ("ebs.*.amazonaws.com", LIKE, "under the name `ec2`", "ec2.*.amazonaws.com"),
        ("s3.*.amazonaws.org", LIKE, "no service calls by a name like this", None),
        ("a.b.eu-west-1.amazonaws.com", EQUALS, "SERVICE.REGION.amazonaws.com", None),
    ],
)
def test_faults_of_via_service(value: str, operator: Any, words: str, instead: str | None) -> None:
    found = services.via_service(value, operator, "eu-west-1")
    assert found is not None
    assert words in found.message
    assert found.instead == instead
    assert found.certain


def test_an_unknown_service_is_a_hint() -> None:
    found = services.via_service("eks.eu-west-1.amazonaws.com", EQUALS, "eu-west-1")
    assert found is not None
    assert not found.certain
    assert "eks" in found.message


def test_an_unknown_region_is_a_hint() -> None:
    found = services.via_service("s3.us-est-1.amazonaws.com", EQUALS)
    assert found is not None
    assert not found.certain
    assert "us-est-1" in found.message


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (["elasticache.us-east-1.amazonaws.com"], ("dax.us-east-1.amazonaws.com",)),
        (["elasticache.us-east-1.amazonaws.com", "dax.us-east-1.amazonaws.com"], ()),
        (["elasticache.*.amazonaws.com"], ("dax.*.amazonaws.com",)),
        (["elasticache.us-east-1.amazonaws.com", "*"], ()),
        (["elasticache.us-east-1.amazonaws.com", "@"], ()),
        (["dax.us-east-1.amazonaws.com"], ()),
        (["s3.us-east-1.amazonaws.com"], ()),
    ],
)
def test_services_that_call_under_two_names(values: list[str], missing: tuple[str, ...]) -> None:
    assert services.companions(text(value).form for value in values) == missing


@pytest.mark.parametrize(
    ("principal", "name"),
    [
        ("logs.us-east-1.amazonaws.com", "logs"),
        ("logs.cn-north-1.amazonaws.com.cn", "logs"),
        ("logs.<region>.amazonaws.com", "logs"),
        ("logs.@.amazonaws.com", "logs"),
        ("delivery.logs.amazonaws.com", "delivery.logs"),
        ("cloudtrail.amazonaws.com", "cloudtrail"),
        ("dnssec-route53.amazonaws.com", "dnssec-route53"),
    ],
)
def test_the_service_behind_a_principal(principal: str, name: str) -> None:
    assert services.service_name(text(principal).form) == name


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({}, False),
        ({"StringEquals": {"AWS:SourceAccount": OWNER}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:config:us-east-1:{OWNER}:*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:config:*:*:*"}}, False),
        ({"StringEqualsIfExists": {"aws:SourceAccount": OWNER}}, False),
        ({"StringEquals": {"aws:SourceAccount": "@"}}, None),
        ({"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}, True),
        ({"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-1:{OWNER}:*"}}, True),
        ({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:*:{OWNER}:trail/*"}}, True),
        ({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:*:trail/*"}}, False),
        ({"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "*"}}, False),
        ({"Null": {"kms:EncryptionContext:aws:cloudtrail:arn": "false"}}, False),
        ({"StringEquals": {"kms:EncryptionContext:aws:ses:source-account": OWNER}}, True),
        ({"StringEquals": {"kms:EncryptionContext:project": "alpha"}}, None),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, False),
        ({"StringEquals": {"@": OWNER}}, None),
    ],
)
def test_whether_a_service_is_tied_to_a_source(entries: dict[str, dict[str, str]], expected: bool | None) -> None:
    assert services.source_limited(block(entries)) is expected
