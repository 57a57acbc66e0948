from __future__ import annotations

import pytest

from kms_lint.iam import conditions, keys
from kms_lint.iam.conditions import Limit
from tests.iam.build import FOREIGN, OWNER
from tests.iam.build import conditions as block

CALLER, NETWORK, PATH, CONTEXT, KEY, GRANT, REQUEST = Limit
NOTHING: frozenset[Limit] = frozenset()
EVERYTHING = frozenset(Limit)
ROLE = f"arn:aws:iam::{OWNER}:role/app"
ANYBODYS_ROLE = "arn:aws:iam::*:role/app"
TRAIL = f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/main"


@pytest.mark.parametrize(
    ("operator", "key", "value", "limit"),
    [
        ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5", CALLER),
        ("StringEquals", "AWS:principalorgid", "o-a1b2c3d4e5", CALLER),
        ("StringLike", "aws:PrincipalOrgID", "o-a1b2c3d4e5", CALLER),
        ("ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5", CALLER),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", CALLER),
        ("StringEquals", "aws:PrincipalAccount", OWNER, CALLER),
        ("StringEquals", "aws:PrincipalAccount", "<account>", CALLER),
        ("StringEquals", "kms:CallerAccount", OWNER, CALLER),
        ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}", CALLER),
        # always in the request, so that IfExists and ForAllValues change nothing
        ("StringEqualsIfExists", "aws:PrincipalAccount", OWNER, CALLER),
        ("ForAllValues:StringEquals", "aws:PrincipalAccount", OWNER, CALLER),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/*", CALLER),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/${{aws:PrincipalTag/team}}", CALLER),
        ("StringLike", "aws:PrincipalArn", f"arn:*:iam::{OWNER}:*", CALLER),
        ("StringEquals", "aws:PrincipalArn", ANYBODYS_ROLE, CALLER),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/@", CALLER),
        ("StringLike", "aws:userid", "AROADBQP57FF2AEXAMPLE:*", CALLER),
        ("StringEquals", "aws:SourceAccount", OWNER, CALLER),
        ("ArnLike", "aws:SourceArn", f"arn:aws:cloudtrail:*:{OWNER}:trail/*", CALLER),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::my-bucket", CALLER),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::my-bucket/*", CALLER),
        ("ArnEquals", "aws:SourceArn", "arn:aws:route53:::hostedzone/Z123", CALLER),
        ("StringEquals", "aws:SourceOrgID", "o-a1b2c3d4e5", CALLER),
        ("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com", CALLER),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", NETWORK),
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", NETWORK),
        ("IpAddress", "aws:SourceIp", "2001:db8::/32", NETWORK),
        ("StringEquals", "aws:SourceVpce", "vpce-1a2b3c4d", NETWORK),
        ("StringEquals", "aws:SourceVpc", "vpc-1a2b3c4d", NETWORK),
        ("StringEquals", "aws:VpceOrgID", "o-a1b2c3d4e5", NETWORK),
        ("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com", PATH),
        ("StringLike", "kms:ViaService", "s3.*.amazonaws.com", PATH),
        ("ForAnyValue:StringEquals", "aws:CalledVia", "athena.amazonaws.com", PATH),
        ("Bool", "aws:ViaAWSService", "true", PATH),
        ("StringEquals", "kms:EncryptionContext:AppName", "ExampleApp", CONTEXT),
        ("ArnLike", "kms:EncryptionContext:aws:logs:arn", f"arn:aws:logs:us-east-1:{OWNER}:*", CONTEXT),
        ("ForAnyValue:StringEquals", "kms:EncryptionContextKeys", "AppName", CONTEXT),
        ("StringEqualsIgnoreCase", "kms:RecipientAttestation:PCR0", "abc", CONTEXT),
        ("ForAnyValue:StringLike", "kms:ResourceAliases", "alias/app-*", KEY),
        ("StringEquals", "aws:ResourceTag/Project", "Alpha", KEY),
        ("StringEquals", "aws:ResourceTag/Project", "${aws:PrincipalTag/Project}", KEY),
        ("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}", KEY),
        ("StringEquals", "kms:KeySpec", "SYMMETRIC_DEFAULT", KEY),
        ("Bool", "kms:GrantIsForAWSResource", "true", GRANT),
        ("ForAllValues:StringEquals", "kms:GrantOperations", "Decrypt", GRANT),
        ("StringEquals", "kms:GrantConstraintType", "EncryptionContextSubset", GRANT),
        ("StringEquals", "kms:GranteePrincipal", ROLE, GRANT),
        ("NumericGreaterThanEquals", "kms:ScheduleKeyDeletionPendingWindowInDays", "20", REQUEST),
        ("Bool", "aws:MultiFactorAuthPresent", "true", REQUEST),
        ("StringEquals", "aws:RequestedRegion", "us-east-1", REQUEST),
    ],
)
def test_a_condition_limits(operator: str, key: str, value: str, limit: Limit) -> None:
    entries = block({operator: {key: value}})
    assert conditions.surely_limited(entries) == {limit}
    assert conditions.possibly_limited(entries) == {limit}
    assert conditions.why_open(entries[0]) is None


@pytest.mark.parametrize(
    ("operator", "key", "value", "words"),
    [
        (
            "StringEqualsIfExists",
            "aws:PrincipalOrgID",
            "o-a1b2c3d4e5",
            "passes when aws:PrincipalOrgID is absent, because of IfExists",
        ),
        ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*", "because of ForAllValues"),
        ("StringNotEquals", "aws:PrincipalAccount", FOREIGN, "because of StringNotEquals"),
        ("Null", "aws:PrincipalOrgID", "false", "only asks whether aws:PrincipalOrgID is there"),
        ("Null", "aws:PrincipalOrgID", "true", "only asks whether aws:PrincipalOrgID is there"),
        ("StringLike", "aws:PrincipalOrgID", "*", "looks like *"),
        ("StringLike", "aws:PrincipalOrgID", "o-*", "looks like o-*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-*/r-ab12/*", "looks like o-*/r-ab12/*"),
        ("StringLike", "aws:PrincipalAccount", "*", "looks like *"),
        ("StringLike", "aws:PrincipalAccount", "1111*", "looks like 1111*"),
        ("StringLike", "kms:CallerAccount", "????????????", "looks like ????????????"),
        ("StringEquals", "kms:CallerAccount", "${aws:PrincipalAccount}", "compares the caller with itself"),
        ("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/account}", "which the caller's own account sets"),
        ("StringEquals", "aws:PrincipalOrgID", "${aws:PrincipalOrgID}", "compares the caller with itself"),
        ("ArnLike", "aws:PrincipalArn", ANYBODYS_ROLE, "anybody can make one in an account of theirs"),
        (
            "ArnEquals",
            "aws:PrincipalArn",
            "arn:aws:iam::${aws:PrincipalAccount}:role/x",
            "compares the caller with itself",
        ),
        ("StringLike", "aws:PrincipalArn", "*", "looks like *"),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*", "anybody can make one"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*", "anybody can make one"),
        ("ArnLike", "aws:SourceArn", "arn:aws:s3:::my-bucket*", "anybody can make one"),
        ("ArnLike", "aws:SourceArn", "arn:aws:route53:::hostedzone/*", "anybody can make one"),
        ("ArnLike", "aws:SourceArn", "arn:aws:cloudtrail:*:*:trail/*", "anybody can make one"),
        ("StringLike", "aws:userid", "*:bob", "looks like *:bob"),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", "lets nearly every aws:SourceIp pass: 0.0.0.0/0"),
        ("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"], "lets nearly every aws:SourceIp pass"),
        ("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "::/0"], "lets nearly every aws:SourceIp pass"),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", "because of NotIpAddress"),
        ("StringLike", "aws:SourceVpce", "vpce-*", "looks like vpce-*"),
        ("StringLike", "kms:ViaService", "*", "looks like *"),
        ("StringLike", "kms:ViaService", "*.us-east-1.amazonaws.com", "looks like"),
        ("StringEqualsIfExists", "kms:ViaService", "s3.us-east-1.amazonaws.com", "because of IfExists"),
        ("Bool", "aws:ViaAWSService", "false", "lets pass what is not aws:ViaAWSService"),
        ("Bool", "kms:GrantIsForAWSResource", "false", "lets pass what is not kms:GrantIsForAWSResource"),
        ("BoolIfExists", "kms:GrantIsForAWSResource", "true", "because of IfExists"),
        ("ForAnyValue:StringEquals", "kms:GrantOperations", "Decrypt", "lets all others pass with it"),
        ("ForAllValues:StringEquals", "kms:EncryptionContextKeys", "AppName", "because of ForAllValues"),
        ("StringLike", "kms:EncryptionContext:AppName", "*", "looks like *"),
        ("StringEquals", "aws:PrincipalAccount", [OWNER, "${aws:PrincipalAccount}"], "compares the caller with itself"),
    ],
)
def test_a_condition_is_open(operator: str, key: str, value: str | list[str], words: str) -> None:
    entries = block({operator: {key: value}})
    assert conditions.surely_limited(entries) == conditions.possibly_limited(entries) == NOTHING
    assert words in (conditions.why_open(entries[0]) or "")


@pytest.mark.parametrize(
    ("entries", "possibly"),
    [
        pytest.param({"StringEquals": {"aws:PrincipalOrgID": "@"}}, {CALLER}, id="value"),
        pytest.param({"StringLike": {"aws:PrincipalAccount": "@"}}, {CALLER}, id="pattern"),
        pytest.param({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::@:role/app"}}, {CALLER}, id="account in an ARN"),
        pytest.param({"ArnLike": {"aws:PrincipalArn": "@"}}, {CALLER}, id="ARN"),
        pytest.param({"IpAddress": {"aws:SourceIp": "@"}}, {NETWORK}, id="range"),
        pytest.param({"@": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, {CALLER}, id="operator"),
        pytest.param({"StringIs": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, {CALLER}, id="no operator"),
        pytest.param({"StringEquals": {"@": "x"}}, EVERYTHING, id="key"),
        pytest.param({"@": {"@": "@"}}, EVERYTHING, id="all"),
        pytest.param(
            {"StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}, {CALLER}, id="plain on several values"
        ),
        pytest.param({"StringEquals": {"kms:GrantOperations": "Decrypt"}}, {GRANT}, id="plain on operations"),
        pytest.param({"StringLike": {"aws:PrincipalOrgID": "o-a1b2c3d4*"}}, {CALLER}, id="most of an organization"),
    ],
)
def test_what_is_unknown_may_limit(entries: dict[str, dict[str, str]], possibly: set[Limit]) -> None:
    found = block(entries)
    assert conditions.surely_limited(found) == NOTHING
    assert conditions.possibly_limited(found) == possibly
    assert conditions.why_open(found[0]) is None


@pytest.mark.parametrize(
    ("entries", "surely"),
    [
        pytest.param({}, NOTHING, id="none"),
        pytest.param(
            {
                "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "AppName"},
                "Null": {"kms:EncryptionContextKeys": "false"},
            },
            {CONTEXT},
            id="Null closes ForAllValues",
        ),
        pytest.param(
            {
                "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                "Null": {"aws:principalorgid": "false"},
            },
            {CALLER},
            id="Null closes IfExists",
        ),
        pytest.param(
            {
                "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                "Null": {"aws:PrincipalOrgID": "true"},
            },
            NOTHING,
            id="Null true closes nothing",
        ),
        pytest.param(
            {"StringEquals": {"kms:CallerAccount": OWNER, "kms:ViaService": "s3.us-east-1.amazonaws.com"}},
            {CALLER, PATH},
            id="the form of AWS's own managed keys",
        ),
        pytest.param(
            {
                "StringEquals": {"aws:SourceAccount": ["1111-2222-3333"]},
                "ArnLike": {"aws:SourceArn": "arn:aws:route53:::hostedzone/*"},
            },
            {CALLER},
            id="DNSSEC, as AWS writes it",
        ),
    ],
)
def test_conditions_work_together(entries: dict[str, dict[str, str]], surely: set[Limit]) -> None:
    assert conditions.surely_limited(block(entries)) == surely


@pytest.mark.parametrize(
    ("entries", "accounts", "organizations"),
    [
        ({}, None, None),
        ({"StringEquals": {"kms:CallerAccount": [OWNER, FOREIGN]}}, {OWNER, FOREIGN}, None),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{FOREIGN}:role/*"}}, {FOREIGN}, None),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, {"<account>"}, None),
        ({"StringEquals": {"aws:PrincipalAccount": "@"}}, {"\ue000"}, None),
        ({"StringNotEquals": {"aws:PrincipalAccount": OWNER}}, None, None),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}, None, None),
        (
            {
                "StringEquals": {"aws:PrincipalAccount": [OWNER, FOREIGN]},
                "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWNER}:*"},
            },
            {OWNER},
            None,
        ),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, None, {"o-a1b2c3d4e5"}),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-1/*"}}, None, {"o-a1b2c3d4e5"}),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, None, None),
    ],
)
def test_whom_conditions_name(
    entries: dict[str, dict[str, str]], accounts: set[str] | None, organizations: set[str] | None
) -> None:
    assert conditions.accounts_named(block(entries)) == accounts
    assert conditions.organizations_named(block(entries)) == organizations


def test_conditions_on_a_key_or_a_family() -> None:
    entries = block({"StringEquals": {"KMS:ViaService": "x", "kms:EncryptionContext:a": "b", "kms:CallerAccount": "c"}})
    assert [str(each.key) for each in conditions.on(entries, "kms:ViaService", "kms:EncryptionContext:*")] == [
        "KMS:ViaService",
        "kms:EncryptionContext:a",
    ]


@pytest.mark.parametrize(
    ("name", "official", "many", "identity_only"),
    [
        ("KMS:viaservice", "kms:ViaService", False, False),
        ("kms:EncryptionContext:AppName", "kms:EncryptionContext:*", False, False),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys", True, False),
        ("kms:ResourceAliases", "kms:ResourceAliases", True, True),
        ("aws:resourcetag/Project", "aws:ResourceTag/*", False, True),
        ("aws:PrincipalTag/a", "aws:PrincipalTag/*", False, False),
        ("kms:RecipientAttestation:PCR31", "kms:RecipientAttestation:PCR*", False, False),
        ("kms:RecipientAttestation:NitroTPMPCR4", "kms:RecipientAttestation:NitroTPMPCR*", False, False),
    ],
)
def test_keys_are_found_in_any_letter_case(name: str, official: str, many: bool, identity_only: bool) -> None:
    found = keys.find(name)
    assert found is not None
    assert (found.name, found.many, found.identity_only) == (official, many, identity_only)


@pytest.mark.parametrize(
    "name", ["kms:ViaServices", "kms:EncryptionContext", "kms:EncryptionContext:", "s3:prefix", ""]
)
def test_other_keys_are_not_found(name: str) -> None:
    assert keys.find(name) is None


def test_did_you_mean() -> None:
    assert keys.suggestion("kms:ViaServices") == "kms:ViaService"
    assert keys.suggestion("kms:EncryptionContextKey") == "kms:EncryptionContextKeys"
    assert keys.suggestion("kms:Zebra") is None


@pytest.mark.parametrize(
    ("key", "action", "expected"),
    [
        ("kms:EncryptionContext:a", "kms:Decrypt", True),
        ("kms:EncryptionContext:a", "kms:DescribeKey", False),
        ("kms:GrantIsForAWSResource", "kms:Decrypt", False),
        ("aws:PrincipalOrgID", "kms:Decrypt", None),
        ("aws:ResourceTag/a", "kms:Decrypt", True),
        ("kms:Zebra", "kms:Decrypt", None),
    ],
)
def test_whether_a_request_can_carry_a_key(key: str, action: str, expected: bool | None) -> None:
    assert keys.in_request(key, action) is expected
