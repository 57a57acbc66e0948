"""Small documents of every kind with all that an expert finds in them: what is marked must be found, and nothing else.

`«rule-a rule-b|token»` marks the exact text that findings of these rules lie on, and `«rule|»` where one begins;
`rule=severity` says how severe it is, and `rule?` that it is only possible. What is no more than info counts only where it is marked.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from kms_lint import library
from kms_lint.engine import lint
from kms_lint.files import File
from kms_lint.finding import Confidence, Finding, Severity
from kms_lint.load import load
from kms_lint.load.options import Options
from kms_lint.model import Accounts, PolicyKind, Settings, World

OWN, OTHER = "111122223333", "999988887777"
ROOT = '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}'
APP = '{"AWS": "arn:aws:iam::111122223333:role/app"}'
STRANGER = '{"AWS": "arn:aws:iam::999988887777:role/app"}'
EVERYONE = '"*"'
USE = '["kms:Decrypt", "kms:GenerateDataKey*"]'
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


RULES = library.built_in({about.id for about in library.described() if about.persona == "default"})


class Case(NamedTuple):
    name: str
    file: str
    text: str
    account: str | None = None
    own: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    organizations: tuple[str, ...] = ()
    kind: PolicyKind | None = None


def policy(*statements: str) -> str:
    return '{"Version": "2012-10-17", "Statement": [\n' + ",\n".join(statements) + "\n]}"


def key(name: str, *statements: str, **more: object) -> Case:
    """A key policy that delegates to its account, and says more."""
    return Case(name, "key-policy.json", policy(ROOT, *statements), **more)  # type: ignore[arg-type]


def bare(name: str, *statements: str, **more: object) -> Case:
    """A policy as it stands."""
    return Case(name, "policy.json", policy(*statements), **more)  # type: ignore[arg-type]


def allow(
    principal: str, action: str = USE, condition: str = "", resource: str = '"*"', effect: str = '"Allow"'
) -> str:
    return (
        f'{{"Effect": {effect}, "Principal": {principal}, "Action": {action}, "Resource": {resource}'
        + (f', "Condition": {condition}' if condition else "")
        + "}"
    )


def deny(principal: str, action: str, condition: str = "") -> str:
    return allow(principal, action, condition, effect='"Deny"')


def iam(action: str, resource: str = '"*"', condition: str = "", effect: str = "Allow") -> str:
    return (
        f'{{"Effect": "{effect}", "Action": {action}, "Resource": {resource}'
        + (f', "Condition": {condition}' if condition else "")
        + "}"
    )


def everyone(condition: str, action: str = '"kms:Decrypt"', mark: str = '«public-principal=critical|"*"»') -> str:
    return allow(f'{{"AWS": {mark}}}', action, condition)


PUBLIC = [
    key("star", allow('«public-principal|"*"»')),
    key("aws star", allow('{"AWS": «public-principal|"*"»}')),
    key("aws star in a list", allow('{"AWS": ["arn:aws:iam::111122223333:role/a", «public-principal|"*"»]}')),
    key("aws star in a list of one", allow('{"AWS": [«public-principal|"*"»]}')),
    key("any caller account", everyone('{"StringLike": {"kms:CallerAccount": "*"}}')),
    key("any caller account by question marks", everyone('{"StringLike": {"kms:CallerAccount": "????????????"}}')),
    key(
        "a star where stars are plain",
        everyone('{"StringEquals": {"kms:CallerAccount": «literal-wildcard|"*"»}}', mark=EVERYONE),
    ),
    key("through a service", everyone('{"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}')),
    key("called via", everyone('{"ForAnyValue:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}')),
    key("a context", everyone('{"StringEquals": {"kms:EncryptionContext:app": "payments"}}')),
    key("secure transport", everyone('{"Bool": {"aws:SecureTransport": "true"}}')),
    key("multi-factor", everyone('{"Bool": {"aws:MultiFactorAuthPresent": "true"}}')),
    key(
        "account and service",
        everyone(
            '{"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.us-east-1.amazonaws.com"}}',
            mark=EVERYONE,
        ),
    ),
    key(
        "account without a service",
        everyone('{"StringEquals": {"kms:CallerAccount": "111122223333"}}', mark='«missing-via-service=low|"*"»'),
    ),
    key(
        "principal account",
        everyone('{"StringEquals": {"aws:PrincipalAccount": ["111122223333"]}}', mark='«missing-via-service=low|"*"»'),
    ),
    key(
        "organisation",
        everyone('{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}', mark='«missing-via-service=medium|"*"»'),
    ),
    key("organisation if it exists", everyone('{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}')),
    key(
        "any organisation",
        everyone('{"StringLike": {"aws:PrincipalOrgID": «open-organization-condition|"o-*"»}}', mark='"*"'),
    ),
    key(
        "organisation paths",
        everyone(
            '{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}',
            mark='«missing-via-service|"*"»',
        ),
    ),
    key(
        "all organisation paths",
        everyone('{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}'),
    ),
    key(
        "all organisation paths that are there",
        everyone(
            '{"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/*"]},'
            ' "Null": {"aws:PrincipalOrgPaths": "false"}}',
            mark='«missing-via-service|"*"»',
        ),
    ),
    key("not an organisation", everyone('{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}')),
    key("without an organisation", everyone('{"Null": {"aws:PrincipalOrgID": "true"}}')),
    key("with any organisation", everyone('{"Null": {"aws:PrincipalOrgID": "false"}}')),
    key("every address", everyone('{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}')),
    key("both halves of all addresses", everyone('{"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}')),
    key("some addresses", everyone('{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}', mark=EVERYONE)),
    key("not some addresses", everyone('{"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}')),
    key("an endpoint", everyone('{"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}', mark=EVERYONE)),
    key("another endpoint than", everyone('{"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}')),
    key(
        "a role by condition",
        everyone('{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app"}}', mark=EVERYONE),
    ),
    key(
        "roles by pattern",
        everyone('{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*"}}', mark=EVERYONE),
    ),
    key(
        "a role of any account",
        everyone(
            '{"ArnLike": {"aws:PrincipalArn": «account-wildcard-condition|"arn:aws:iam::*:role/app"»}}', mark='"*"'
        ),
    ),
    key(
        "a role of any account, as a string",
        everyone('{"StringLike": {"aws:PrincipalArn": «account-wildcard-condition|"*:role/app"»}}', mark='"*"'),
    ),
    key("a tag of the caller", everyone('{"StringEquals": {"aws:PrincipalTag/team": "payments"}}')),
    key(
        "what the caller says it is",
        everyone(
            '{"StringEquals": {"aws:PrincipalAccount": «caller-chosen-condition|"${aws:PrincipalAccount}"»}}',
            mark='"*"',
        ),
    ),
    key(
        "one limit and one that fails open",
        everyone(
            '{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "StringEqualsIfExists": {"aws:SourceVpc": "vpc-1a2b3c4d"}}',
            mark='«missing-via-service|"*"»',
        ).replace('"aws:SourceVpc"', '«condition-fails-open|"aws:SourceVpc"»'),
    ),
    key(
        "the case of a condition key",
        everyone(
            '{"StringEquals": {"KMS:calleraccount": "111122223333", "kms:viaservice": "s3.us-east-1.amazonaws.com"}}',
            mark=EVERYONE,
        ),
    ),
    key(
        "an account of somebody else",
        everyone(
            '{"StringEquals": {"kms:CallerAccount": «cross-account-use|"999988887777"»,'
            ' "kms:ViaService": "s3.us-east-1.amazonaws.com"}}',
            mark=EVERYONE,
        ),
        account=OWN,
    ),
    key(
        "an account that is trusted",
        everyone(
            '{"StringEquals": {"kms:CallerAccount": "999988887777", "kms:ViaService": "s3.us-east-1.amazonaws.com"}}',
            mark=EVERYONE,
        ),
        account=OWN,
        trusted=(OTHER,),
    ),
    key("not through the principal alone", allow('{"AWS": "*"}', USE, effect='"Deny"')),
    key("federated everyone", allow('{"Federated": «public-principal|"*"»}')),
    key(
        "the case of an operator, of which AWS says nothing",
        everyone(
            '{«unknown-operator?|"stringequals"»: {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}',
            mark='«public-principal?|"*"»',
        ),
    ),
]

DENIES = [
    key(
        "outside of the organisation",
        everyone("", mark=EVERYONE),
        deny('"*"', '"kms:*"', '{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key(
        "outside, if it exists",
        everyone("", mark=EVERYONE),
        deny('"*"', '"kms:*"', '{"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key(
        "outside, for another operation",
        everyone(""),
        deny('"*"', '"kms:Encrypt"', '{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key(
        "outside, for one of the operations",
        everyone("", action=USE),
        deny('"*"', '"kms:Decrypt"', '{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key(
        "no organisation at all", everyone(""), deny('"*"', '"kms:*"', '{"StringNotLike": {"aws:PrincipalOrgID": "*"}}')
    ),
    key(
        "outside and insecure",
        everyone(""),
        deny(
            '"*"',
            '"kms:*"',
            '{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, "Bool": {"aws:SecureTransport": "false"}}',
        ),
    ),
    key("a deny of one role", everyone(""), deny(APP, '"kms:*"')),
    key(
        "a deny of everything else",
        everyone("", mark=EVERYONE),
        '{"Effect": "Deny", "Principal": "*", "NotAction": "kms:DescribeKey", "Resource": "*",'
        ' "Condition": {"StringNotEquals": {"kms:CallerAccount": "111122223333"}}}',
    ),
    key(
        "a deny of everyone else",
        everyone("", mark=EVERYONE),
        '{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:Decrypt", "Resource": "*"}',
    ),
    key(
        "two denies that together leave nobody out",
        everyone("", action=USE, mark=EVERYONE),
        deny('"*"', '"kms:Decrypt"', '{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
        deny('"*"', '"kms:Generate*"', '{"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key(
        "a deny of positive form",
        everyone(""),
        deny('"*"', '"kms:*"', '{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key(
        "a deny that passes over absent accounts",
        everyone(""),
        deny('"*"', '"kms:*"', '{"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/"}}'),
    ),
]


def service(name: str, condition: str = "", action: str = USE) -> str:
    return allow(f'{{"Service": {name}}}', action, condition)


OPEN_SERVICE = '«confused-deputy|"s3.amazonaws.com"»'
DEPUTY = [
    key("a service", service(OPEN_SERVICE)),
    key("own source account", service('"s3.amazonaws.com"', '{"StringEquals": {"aws:SourceAccount": "111122223333"}}')),
    key("any source account", service(OPEN_SERVICE, '{"StringLike": {"aws:SourceAccount": "*"}}')),
    key(
        "source account if it exists",
        service(OPEN_SERVICE, '{"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}'),
    ),
    key("not a source account", service(OPEN_SERVICE, '{"StringNotEquals": {"aws:SourceAccount": "999988887777"}}')),
    key("one bucket", service('"s3.amazonaws.com"', '{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::payments"}}')),
    key("every bucket", service(OPEN_SERVICE, '{"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}')),
    key(
        "a topic of the account",
        service('"sns.amazonaws.com"', '{"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}'),
    ),
    key(
        "a topic of any account",
        service(
            '«confused-deputy|"sns.amazonaws.com"»', '{"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:alarms"}}'
        ),
    ),
    key("source organisation", service('"s3.amazonaws.com"', '{"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5"}}')),
    key("any source organisation", service(OPEN_SERVICE, '{"StringLike": {"aws:SourceOrgID": "o-*"}}')),
    key(
        "log groups of the account",
        service(
            '"logs.us-east-1.amazonaws.com"',
            '{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111122223333:*"}}',
        ),
    ),
    key(
        "log groups of any account",
        service(
            '«confused-deputy|"logs.us-east-1.amazonaws.com"»',
            '{"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:*:*"}}',
        ),
    ),
    key(
        "trails of the account",
        service(
            '"cloudtrail.amazonaws.com"',
            '{"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}',
            '"kms:GenerateDataKey*"',
        ),
    ),
    key(
        "via service does not limit a service",
        service(
            '"s3.amazonaws.com"',
            '{"StringEquals": {«via-service-on-service-principal|"kms:ViaService"»: "s3.us-east-1.amazonaws.com"}}',
        ),
    ),
    key(
        "a service is in no organisation",
        service('"s3.amazonaws.com"', '{"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}'),
    ),
    key("a source that only describes", service('"s3.amazonaws.com"', "", '"kms:DescribeKey"')),
    key(
        "a deny of sources elsewhere",
        service('"s3.amazonaws.com"'),
        deny(
            '{"Service": "s3.amazonaws.com"}', '"kms:*"', '{"StringNotEquals": {"aws:SourceAccount": "111122223333"}}'
        ),
    ),
    key("several services", service('[«confused-deputy|"s3.amazonaws.com"», «confused-deputy|"sns.amazonaws.com"»]')),
    key(
        "a service and a role",
        allow('{"Service": «confused-deputy|"s3.amazonaws.com"», "AWS": "arn:aws:iam::111122223333:role/app"}'),
    ),
    key("events to a topic", service('"events.amazonaws.com"')),
]

PRINCIPALS = [
    key("a role", allow(APP)),
    key(
        "everything for a role",
        allow('{"AWS": «whole-key-access=high|"arn:aws:iam::111122223333:role/app"»}', '"kms:*"'),
    ),
    key(
        "some of everything",
        allow(
            APP,
            '["kms:Create*", "kms:Put*", "kms:ScheduleKeyDeletion", "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]',
        ),
    ),
    key("everything for an account id", allow('{"AWS": "111122223333"}', '"kms:*"')),
    key(
        "everything for an assumed role",
        allow('{"AWS": «whole-key-access|"arn:aws:sts::111122223333:assumed-role/app/session"»}', '"kms:*"'),
    ),
    key("a stranger", allow('{"AWS": «cross-account-use=medium|"arn:aws:iam::999988887777:role/app"»}'), account=OWN),
    key("a stranger's account", allow('{"AWS": «cross-account-use=medium|"999988887777"»}'), account=OWN),
    key("a stranger of whom only metadata is shown", allow(STRANGER, '"kms:DescribeKey"'), account=OWN),
    key("a stranger who is trusted", allow(STRANGER), account=OWN, trusted=(OTHER,)),
    key("another account of ours", allow(STRANGER), account=OWN, own=(OTHER,)),
    key(
        "everything for a stranger's account",
        allow('{"AWS": «whole-key-access|"arn:aws:iam::999988887777:root"»}', '"kms:*"'),
        account=OWN,
    ),
    key(
        "grants by a stranger",
        allow('{"AWS": «cross-account-grants=high|"arn:aws:iam::999988887777:role/app"»}', '"kms:CreateGrant"'),
        account=OWN,
    ),
    key(
        "grants for services by a stranger",
        allow(STRANGER, '"kms:CreateGrant"', '{"Bool": {"kms:GrantIsForAWSResource": "true"}}'),
        account=OWN,
    ),
    key(
        "grants of some operations by a stranger",
        allow(STRANGER, '"kms:CreateGrant"', '{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}'),
        account=OWN,
    ),
    key("grants by a role", allow(APP, '«unrestricted-grants=high|"kms:CreateGrant"»')),
    key(
        "grants for services by a role",
        allow(
            APP,
            '["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]',
            '{"Bool": {"kms:GrantIsForAWSResource": true}}',
        ),
    ),
    key(
        "grants not for services",
        allow(APP, '«unrestricted-grants|"kms:CreateGrant"»', '{"Bool": {"kms:GrantIsForAWSResource": "false"}}'),
    ),
    key(
        "grants to one grantee",
        allow(
            APP,
            '"kms:CreateGrant"',
            '{"StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::111122223333:role/worker"}}',
        ),
    ),
    key(
        "grants to any grantee",
        allow(APP, '«unrestricted-grants|"kms:CreateGrant"»', '{"StringLike": {"kms:GranteePrincipal": "*"}}'),
    ),
    key("grants by the account", allow('{"AWS": "arn:aws:iam::111122223333:root"}', '"kms:CreateGrant"')),
    key("a group", allow('{"AWS": «invalid-principal|"arn:aws:iam::111122223333:group/team"»}')),
    key("the root of any account", allow('{"AWS": «invalid-principal|"arn:aws:iam::*:root"»}')),
    key("any role", allow('{"AWS": «invalid-principal|"arn:aws:iam::111122223333:role/*"»}')),
    key("eleven digits", allow('{"AWS": «invalid-principal|"11112222333"»}')),
    key("no service in the arn", allow('{"AWS": «invalid-principal|"arn:aws::111122223333:role/app"»}')),
    key("a region in the arn", allow('{"AWS": «invalid-principal|"arn:aws:iam:us-east-1:111122223333:role/app"»}')),
    key("a deleted role", allow('{"AWS": «deleted-principal|"AROAEXAMPLEID12345678"»}')),
    key(
        "a deleted user among others",
        allow('{"AWS": ["arn:aws:iam::111122223333:role/app", «deleted-principal|"AIDAEXAMPLEID12345678"»]}'),
    ),
    key(
        "a service-linked role",
        allow(
            '{"AWS": "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"}',
            '"kms:CreateGrant"',
            '{"Bool": {"kms:GrantIsForAWSResource": true}}',
        ),
    ),
    key(
        "all but one",
        '{"Effect": "Allow", «not-principal-allow|"NotPrincipal"»: {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "kms:Decrypt", "Resource": "*"}',
        account=OWN,
    ),
    key("china", allow('{"AWS": "arn:aws-cn:iam::111122223333:role/app"}')),
]

CONDITIONS = [
    key(
        "an endpoint if it exists",
        allow(APP, USE, '{"StringEqualsIfExists": {«condition-fails-open|"aws:SourceVpce"»: "vpce-1a2b3c4d"}}'),
    ),
    key(
        "multi-factor if it exists",
        allow(APP, USE, '{"BoolIfExists": {«condition-fails-open|"aws:MultiFactorAuthPresent"»: "true"}}'),
    ),
    key("time if it exists", allow(APP, USE, '{"DateLessThanIfExists": {"aws:CurrentTime": "2027-01-01T00:00:00Z"}}')),
    key("another region than", allow(APP, USE, '{"StringNotEquals": {"aws:RequestedRegion": "us-west-1"}}')),
    key(
        "all context keys",
        allow(APP, USE, '{"ForAllValues:StringEquals": {«condition-fails-open|"kms:EncryptionContextKeys"»: "app"}}'),
    ),
    key(
        "all context keys that are there",
        allow(
            APP,
            USE,
            '{"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "app"}, "Null": {"kms:EncryptionContextKeys": "false"}}',
        ),
    ),
    key(
        "context keys and a context",
        allow(
            APP,
            USE,
            '{"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "app"}, "StringEquals": {"kms:EncryptionContext:app": "x"}}',
        ),
    ),
    key(
        "other services than",
        allow(APP, USE, '{"StringNotEquals": {«condition-fails-open|"kms:ViaService"»: "s3.us-east-1.amazonaws.com"}}'),
    ),
    key(
        "a deny may pass by absence",
        deny(
            '"*"',
            '"kms:Decrypt"',
            '{"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1a2b3c4d"}, "BoolIfExists": {"aws:ViaAWSService": "false"}}',
        ),
    ),
    key("via aws service", allow(APP, USE, '{"Bool": {"aws:ViaAWSService": "true"}}')),
    key(
        "no region",
        allow(APP, USE, '{"StringEquals": {"kms:ViaService": «malformed-via-service|"ec2.amazonaws.com"»}}'),
    ),
    key(
        "any region where stars are plain",
        allow(APP, USE, '{"StringEquals": {"kms:ViaService": «malformed-via-service|"ec2.*.amazonaws.com"»}}'),
    ),
    key("any region", allow(APP, USE, '{"StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}}')),
    key(
        "one of two is wrong",
        allow(
            APP,
            USE,
            '{"StringEquals": {"kms:ViaService": ["ec2.us-east-1.amazonaws.com", «malformed-via-service|"ebs.us-east-1.amazonaws.com"»]}}',
        ),
    ),
    key(
        "a service nobody knows",
        allow(
            APP, USE, '{"StringEquals": {"kms:ViaService": «malformed-via-service=info|"foo.us-east-1.amazonaws.com"»}}'
        ),
    ),
    key(
        "a url",
        allow(
            APP,
            USE,
            '{"StringEquals": {"kms:ViaService": «malformed-via-service|"https://ec2.us-east-1.amazonaws.com"»}}',
        ),
    ),
    key(
        "a region that does not exist",
        allow(
            APP, USE, '{"StringEquals": {"kms:ViaService": «malformed-via-service=info|"ec2.us-est-1.amazonaws.com"»}}'
        ),
    ),
    key("a principal name", allow(APP, USE, '{"StringEquals": {"kms:ViaService": «malformed-via-service|"s3"»}}')),
    key(
        "an unknown key",
        allow(APP, USE, '{"StringEquals": {«unknown-condition-key|"kms:ViaServices"»: "s3.us-east-1.amazonaws.com"}}'),
    ),
    key(
        "a context without a name",
        allow(APP, USE, '{"StringEquals": {«unknown-condition-key|"kms:EncryptionContext"»: "x"}}'),
    ),
    key(
        "attestation",
        allow(
            APP,
            '"kms:Decrypt"',
            '{"StringEqualsIgnoreCase": {"kms:RecipientAttestation:PCR0": "EXAMPLE", "kms:RecipientAttestation:ImageSha384": "EXAMPLE"}}',
        ),
    ),
    key(
        "attestation beyond",
        allow(
            APP,
            '"kms:Decrypt"',
            '{"StringEqualsIgnoreCase": {«unknown-condition-key|"kms:RecipientAttestation:PCR32"»: "EXAMPLE"}}',
        ),
    ),
    key(
        "an operator that is missing a letter",
        allow(APP, USE, '{«unknown-operator|"StringEqual"»: {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}'),
    ),
    key(
        "a set operator that is missing a letter",
        allow(APP, USE, '{«unknown-operator|"ForAllValue:StringEquals"»: {"kms:EncryptionContextKeys": "app"}}'),
    ),
    key(
        "an operator that does not fit",
        allow(
            APP, USE, '{"NumericEquals": {«unknown-operator=medium|"kms:ViaService"»: "s3.us-east-1.amazonaws.com"}}'
        ),
    ),
    key(
        "arn like on a context",
        allow(
            APP, USE, '{"ArnLike": {"kms:EncryptionContext:aws:sqs:arn": "arn:aws:sqs:us-east-1:111122223333:queue"}}'
        ),
    ),
]

STATEMENTS = [
    key("re-encrypt", allow(APP, '["kms:Decrypt", «unknown-action|"kms:ReEncrypt"»]')),
    key("a misspelling", allow(APP, '«unknown-action|"kms:Decyrpt"»')),
    key("a pattern of nothing", allow(APP, '["kms:Decrypt", «unknown-action|"kms:Encrypt-*"»]')),
    key(
        "case and question marks",
        allow(APP, '["KMS:DECRYPT", "kms:?ncrypt", "kms:getkeylastusage", "kms:Encapsulate"]'),
    ),
    key("another service", allow(APP, '["kms:Decrypt", «foreign-action|"s3:GetObject"»]')),
    key(
        "outside of a key policy",
        allow(
            APP,
            '["kms:Decrypt", «action-outside-key-policy|"kms:ListKeys"», «action-outside-key-policy|"kms:CreateKey"»]',
        ),
    ),
    key("outside only by pattern", allow(APP, '["kms:List*", "kms:Generate*"]')),
    key(
        "an alias as resource",
        allow(APP, USE, resource='«key-policy-resource|"arn:aws:kms:us-east-1:111122223333:alias/app"»'),
    ),
    key(
        "keys of a stranger as resource",
        allow(APP, USE, resource='«key-policy-resource|"arn:aws:kms:us-east-1:999988887777:key/*"»'),
        account=OWN,
    ),
    key("a bucket as resource", allow(APP, USE, resource='«key-policy-resource|"arn:aws:s3:::payments"»')),
    key("every key as resource", allow(APP, USE, resource='["arn:aws:kms:*:*:key/*"]')),
    key("perhaps this key as resource", allow(APP, USE, resource=f'«key-policy-resource?|"{KEY}"»')),
    key(
        "no resource",
        '«void-statement|»{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt"}',
    ),
    key(
        "no action",
        '«void-statement|»{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Resource": "*"}',
    ),
    key(
        "no effect",
        '«malformed-policy|»{"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*"}',
    ),
    key("effect in lower case", allow(APP, USE, effect='«malformed-policy|"allow"»')),
    key(
        "action and its opposite",
        '{"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", «malformed-policy|"NotAction"»: "kms:Encrypt", "Resource": "*"}',
    ),
    key(
        "no principal",
        '«malformed-policy|»{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}',
        kind=PolicyKind.KEY,
    ),
    key("no principal in it", allow("«malformed-policy|{}»")),
    key(
        "a condition twice",
        '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "kms:Decrypt", "Resource": "*",'
        ' "Condition": {"StringEquals": {"aws:PrincipalTag/a": "b"}}, «duplicate-json-key|"Condition"»: {"StringEquals": {"aws:PrincipalTag/c": "d"}}}',
    ),
    key("a sid with spaces", allow(APP).replace("{", '{"Sid": "Allow use of the key", ', 1)),
    key("a sid twice", allow(APP).replace("{", '{"Sid": "a", ', 1), allow(APP).replace("{", '{"Sid": "a", ', 1)),
    key(
        "not action",
        '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, «not-action-allow|"NotAction"»: ["kms:ScheduleKeyDeletion"], "Resource": "*"}',
    ),
    key(
        "not action of all of kms",
        '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "NotAction": "kms:*", "Resource": "*"}',
    ),
    bare("one statement without a list", ROOT),
]

MANAGED = """{"Version": "2012-10-17", "Id": "auto-ebs-2", "Statement": [
 {"Sid": "Allow access through EBS", "Effect": "Allow", "Principal": {"AWS": "*"},
  "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"], "Resource": "*",
  "Condition": {"StringEquals": {"kms:ViaService": "ec2.us-east-1.amazonaws.com", "kms:CallerAccount": "111122223333"}}},
 {"Sid": "Allow direct access", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"], "Resource": "*"}]}"""

LOCKOUT = [
    Case("only use", "p.json", "«key-lockout|»" + policy(allow(APP)), account=OWN),
    bare(
        "an administrator",
        allow('{"AWS": «fragile-administration|"arn:aws:iam::111122223333:role/app"»}', '["kms:Put*", "kms:Get*"]'),
    ),
    bare(
        "only a stranger",
        allow('{"AWS": «whole-key-access|"arn:aws:iam::999988887777:root"»}', '«key-lockout|"kms:*"»'),
        account=OWN,
    ),
    bare(
        "only a service",
        allow(
            '{"Service": «whole-key-access|"s3.amazonaws.com"»}',
            '«key-lockout|"kms:*"»',
            '{"StringEquals": {"aws:SourceAccount": "111122223333"}}',
        ),
    ),
    bare(
        "only the deleted",
        allow('{"AWS": «deleted-principal|"AIDAEXAMPLEID12345678"»}', '«key-lockout|"kms:PutKeyPolicy"»'),
    ),
    bare(
        "the whole account by condition",
        allow('"*"', '"kms:PutKeyPolicy"', '{"StringEquals": {"kms:CallerAccount": "111122223333"}}'),
    ),
    key("all are denied", deny('"*"', '«key-lockout=critical|"kms:PutKeyPolicy"»')),
    key("all are denied by pattern", deny('{"AWS": "*"}', '«key-lockout|"kms:Put*"»')),
    key(
        "all but an administrator",
        deny(
            '"*"',
            '"kms:PutKeyPolicy"',
            '{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/admin"}}',
        ),
    ),
    key(
        "all but a stranger",
        deny(
            '"*"',
            '«key-lockout|"kms:PutKeyPolicy"»',
            '{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/admin"}}',
        ),
        account=OWN,
    ),
    key("all without tls", deny('"*"', '"kms:*"', '{"Bool": {"aws:SecureTransport": "false"}}')),
    key("all with tls", deny('"*"', '«key-lockout|"kms:*"»', '{"Bool": {"aws:SecureTransport": "true"}}')),
    key(
        "all but one by name",
        '{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/admin"}, "Action": "kms:PutKeyPolicy", "Resource": "*"}',
    ),
    key("the account", deny('{"AWS": "arn:aws:iam::111122223333:root"}', '«key-lockout|"kms:PutKeyPolicy"»')),
    key("a role of the account", deny(APP, '"kms:PutKeyPolicy"')),
    key(
        "all but lockout", deny('"*"', '"kms:PutKeyPolicy"', '{"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}')
    ),
    Case(
        "not action",
        "p.json",
        "«key-lockout|»"
        + policy(
            '{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, «not-action-allow|"NotAction"»: "kms:PutKeyPolicy", "Resource": "*"}'
        ),
        account=OWN,
    ),
    bare(
        "resource that is no key",
        allow(
            '{"AWS": "arn:aws:iam::111122223333:root"}',
            '«key-lockout|"kms:*"»',
            resource='«key-policy-resource|"arn:aws:kms:us-east-1:111122223333:alias/a"»',
        ),
        kind=PolicyKind.KEY,
    ),
    Case("an aws managed key", "p.json", MANAGED),
    Case(
        "a copy of its policy",
        "main.tf",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  policy = <<P\n«key-lockout|»'
        + MANAGED
        + "\nP\n}\n",
    ),
]

IDENTITY = [
    bare("decrypt", iam('"kms:Decrypt"', '«wildcard-resource=high|"*"»')),
    bare("decrypt, every key by arn", iam('"kms:Decrypt"', '«wildcard-resource=high|"arn:aws:kms:*:*:key/*"»')),
    bare("decrypt, short arn", iam('"kms:Decrypt"', '«wildcard-resource=high|"arn:aws:kms:*"»')),
    bare("decrypt, any arn", iam('"kms:Decrypt"', '«wildcard-resource=high|"arn:*"»')),
    bare(
        "decrypt, question marks",
        iam(
            '"kms:Decrypt"',
            '«wildcard-resource=high|"arn:aws:kms:*:????????????:key/????????-????-????-????-????????????"»',
        ),
    ),
    bare(
        "decrypt, one account",
        iam('"kms:Decrypt"', '«account-wide-resource=medium|"arn:aws:kms:*:111122223333:key/*"»'),
    ),
    bare(
        "decrypt, one region",
        iam('"kms:Decrypt"', '«account-wide-resource=medium|"arn:aws:kms:us-east-1:111122223333:key/*"»'),
    ),
    bare(
        "decrypt, own account by variable",
        iam('"kms:Decrypt"', '«account-wide-resource|"arn:aws:kms:*:${aws:PrincipalAccount}:key/*"»'),
    ),
    bare(
        "decrypt, everything of the account",
        iam('"kms:Decrypt"', '«account-wide-resource|"arn:aws:kms:us-east-1:111122223333:*"»'),
    ),
    bare(
        "encrypt, one account",
        iam(
            '[«missing-via-service=low|"kms:Encrypt"», "kms:DescribeKey"]',
            '"arn:aws:kms:us-east-1:111122223333:key/*"',
        ),
    ),
    bare("decrypt, multi-region keys", iam('"kms:Decrypt"', '"arn:aws:kms:*:111122223333:key/mrk-*"')),
    bare("decrypt, one key", iam('"kms:Decrypt"', f'"{KEY}"')),
    bare(
        "decrypt, one multi-region key",
        iam('"kms:Decrypt"', '"arn:aws:kms:*:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"'),
    ),
    bare("decrypt, a key and all", iam('"kms:Decrypt"', f'["{KEY}", «wildcard-resource|"*"»]')),
    bare(
        "encrypt",
        iam('[«foreign-key-encryption=medium|"kms:Encrypt"», "kms:GenerateDataKeyWithoutPlaintext"]', '"*"'),
    ),
    bare("describe", iam('["kms:DescribeKey", "kms:List*", "kms:Get*"]', '«wildcard-resource=info|"*"»')),
    bare("list", iam('["kms:ListKeys", "kms:ListAliases"]')),
    bare("disable", iam('"kms:DisableKey"', '«wildcard-resource=high|"*"»')),
    bare("tag", iam('"kms:TagResource"', '«wildcard-resource=high|"*"»')),
    bare("switch rotation on", iam('"kms:EnableKeyRotation"', '«wildcard-resource=medium|"*"»')),
    bare("replicate", iam('«replica-escape=high|"kms:ReplicateKey"»')),
    bare(
        "through a service",
        iam(
            '"kms:Decrypt"',
            '«wildcard-resource=medium|"*"»',
            '{"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}',
        ),
    ),
    bare(
        "through any service",
        iam('"kms:Decrypt"', '«wildcard-resource=high|"*"»', '{"StringLike": {"kms:ViaService": "*"}}'),
    ),
    bare(
        "not through a service",
        iam(
            '"kms:Decrypt"',
            '«wildcard-resource=high|"*"»',
            '{"StringNotEquals": {«condition-fails-open|"kms:ViaService"»: "s3.us-east-1.amazonaws.com"}}',
        ),
    ),
    bare(
        "keys of the account",
        iam(
            '"kms:Decrypt"',
            '«wildcard-resource=medium|"*"»',
            '{"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}',
        ),
    ),
    bare(
        "keys of any account",
        iam('"kms:Decrypt"', '«wildcard-resource=high|"*"»', '{"StringLike": {"aws:ResourceAccount": "*"}}'),
    ),
    bare(
        "keys with an alias",
        iam(
            '"kms:Decrypt"',
            '«wildcard-resource=medium|"*"»',
            '{"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/app-*"}}',
        ),
    ),
    bare(
        "keys with any alias",
        iam(
            '"kms:Decrypt"', '«wildcard-resource=high|"*"»', '{"ForAnyValue:StringLike": {"kms:ResourceAliases": "*"}}'
        ),
    ),
    bare(
        "a condition of no account",
        iam('"kms:Decrypt"', '«wildcard-resource=high|"*"»', '{"StringLike": {"aws:PrincipalArn": "*"}}'),
    ),
    bare("all of kms", iam('«full-kms-access=high|"kms:*"»')),
    bare("all of kms in upper case", iam('«full-kms-access|"KMS:*"»')),
    bare("all of kms on keys", iam('«full-kms-access|"kms:*"»', '"arn:aws:kms:*:*:key/*"')),
    bare(
        "all of kms and a deny of one key", iam('«full-kms-access|"kms:*"»'), iam('"kms:*"', f'"{KEY}"', effect="Deny")
    ),
    bare(
        "all of kms and a deny by condition",
        iam('«full-kms-access|"kms:*"»'),
        iam('"kms:*"', '"*"', '{"Bool": {"aws:MultiFactorAuthPresent": "false"}}', "Deny"),
    ),
    bare(
        "all of kms and a deny of the grave",
        iam('«unneeded-create-key|«replica-escape|"kms:*"»»', '«wildcard-resource|"*"»'),
        iam(
            '["kms:Decrypt", "kms:ReEncrypt*", "kms:Put*", "kms:CreateGrant", "kms:Schedule*", "kms:Delete*", "kms:Disable*", "kms:Update*"]',
            effect="Deny",
        ),
    ),
    bare("all of kms, one account", iam('«policy-takeover|"kms:*"»', '"arn:aws:kms:*:111122223333:key/*"')),
    bare("all of kms, one key", iam('«unrestricted-grants|"kms:*"»', f'"{KEY}"')),
    bare("everything", iam('«administrator-access=info|"*"»')),
    bare("everything by two stars", iam('«administrator-access=info|"**"»')),
    bare("everything by a colon", iam('«administrator-access=info|"*:*"»')),
    bare("takeover", iam('«policy-takeover=high|"kms:PutKeyPolicy"»')),
    bare("takeover of one key", iam('"kms:PutKeyPolicy"', f'"{KEY}"')),
    bare("grants", iam('«unrestricted-grants=high|"kms:CreateGrant"»', f'"{KEY}"')),
    bare(
        "grants for services",
        iam(
            '["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]',
            f'"{KEY}"',
            '{"Bool": {"kms:GrantIsForAWSResource": "true"}}',
        ),
    ),
    bare(
        "grants if for services",
        iam(
            '«unrestricted-grants|"kms:CreateGrant"»',
            f'"{KEY}"',
            '{"BoolIfExists": {"kms:GrantIsForAWSResource": "true"}}',
        ),
    ),
    bare(
        "grants of operations",
        iam(
            '"kms:CreateGrant"',
            f'"{KEY}"',
            '{"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}}',
        ),
    ),
    bare("deletion", iam('«destructive-action=high|"kms:ScheduleKeyDeletion"»')),
    bare("deletion of one key", iam('«unbounded-deletion-window=low|"kms:ScheduleKeyDeletion"»', f'"{KEY}"')),
    bare(
        "the worst three", iam('[«policy-takeover|"kms:PutKeyPolicy"», "kms:CreateGrant", "kms:ScheduleKeyDeletion"]')
    ),
    bare("creation", iam('«unneeded-create-key=medium|"kms:CreateKey"»')),
    bare(
        "creation of some kinds",
        iam(
            '«unneeded-create-key=low|"kms:CreateKey"»', '"*"', '{"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}'
        ),
    ),
    bare(
        "creation on a key",
        iam('«action-needs-any-resource|"kms:CreateKey"»', '"arn:aws:kms:us-east-1:111122223333:key/*"'),
    ),
    bare("list on a key", iam('[«action-needs-any-resource|"kms:ListKeys"», "kms:DescribeKey"]', f'"{KEY}"')),
    bare("not action", '{"Effect": "Allow", «not-action-allow=high|"NotAction"»: "iam:*", "Resource": "*"}'),
    bare("not action but kms", '{"Effect": "Allow", "NotAction": ["iam:*", "kms:*"], "Resource": "*"}'),
    bare("not action on buckets", '{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::*"}'),
    bare(
        "not resource",
        '{"Effect": "Allow", "Action": "kms:Decrypt", «wildcard-resource=high|"NotResource"»: "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}',
    ),
    bare(
        "not action in a deny",
        iam('"kms:DescribeKey"', f'"{KEY}"'),
        '{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}',
    ),
    bare("an alias arn", iam('"kms:Decrypt"', '«dead-resource=high|"arn:aws:kms:us-east-1:111122223333:alias/app"»')),
    bare("an alias arn with stars", iam('"kms:Decrypt"', '«dead-resource|"arn:aws:kms:*:111122223333:alias/*"»')),
    bare("an alias name", iam('"kms:Decrypt"', '«dead-resource|"alias/app"»')),
    bare("a key id", iam('"kms:Decrypt"', '«dead-resource|"1234abcd-12ab-34cd-56ef-1234567890ab"»')),
    bare(
        "no key in the arn",
        iam(
            '"kms:Decrypt"', '«dead-resource|"arn:aws:kms:us-east-1:111122223333:1234abcd-12ab-34cd-56ef-1234567890ab"»'
        ),
    ),
    bare(
        "no account",
        iam('"kms:Decrypt"', '«dead-resource|"arn:aws:kms:us-east-1::key/1234abcd-12ab-34cd-56ef-1234567890ab"»'),
    ),
    bare(
        "one good arn",
        iam('"kms:Decrypt"', f'["{KEY}", «dead-resource|"arn:aws:kms:us-east-1:111122223333:alias/app"»]'),
    ),
    bare(
        "alias operations",
        iam('["kms:CreateAlias", "kms:DeleteAlias"]', f'["{KEY}", "arn:aws:kms:us-east-1:111122223333:alias/app"]'),
    ),
    bare(
        "alias operations and more",
        iam('["kms:CreateAlias", "kms:Decrypt"]', f'["{KEY}", "arn:aws:kms:us-east-1:111122223333:alias/app"]'),
    ),
    bare(
        "dead deny",
        iam('"kms:DescribeKey"', f'"{KEY}"'),
        iam('"kms:Decrypt"', '«dead-resource|"arn:aws:kms:us-east-1:111122223333:alias/app"»', effect="Deny"),
    ),
    bare(
        "a bucket in the same statement",
        iam('["s3:GetObject", "kms:Decrypt"]', f'["arn:aws:s3:::payments/*", "{KEY}"]'),
    ),
    bare("only a bucket for kms", iam('["s3:GetObject", "kms:Decrypt"]', '"arn:aws:s3:::payments/*"')),
    bare(
        "malformed service",
        iam(
            '"kms:Decrypt"',
            f'"{KEY}"',
            '{"StringEquals": {"kms:ViaService": «malformed-via-service|"s3.amazonaws.com"»}}',
        ),
    ),
    bare(
        "service and context",
        iam(
            '"kms:Decrypt"',
            '«wildcard-resource=low|"*"»',
            '{"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::payments"}}',
        ),
    ),
    bare(
        "principal",
        '{"Effect": "Allow", «malformed-policy|"Principal"»: "*", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}',
        kind=PolicyKind.IDENTITY,
    ),
    bare(
        "a sid with spaces",
        '{"Sid": «malformed-policy|"use of the key"», "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"}',
    ),
    bare("a version of long ago", iam('"kms:Decrypt"', f'"{KEY}"'))._replace(
        text=policy(iam('"kms:Decrypt"', f'"{KEY}"')).replace('"2012-10-17"', '«malformed-policy|"2012-10-18"»')
    ),
    bare(
        "unknown key",
        iam(
            '"kms:Decrypt"', f'"{KEY}"', '{"StringEquals": {«unknown-condition-key|"kms:ResourceAlias"»: "alias/app"}}'
        ),
    ),
    bare("nothing of kms", iam('"s3:*"')),
    bare(
        "a bucket policy",
        '{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::payments/*"}',
    ),
    bare(
        "a trust policy",
        '{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}',
    ),
    bare(
        "a queue policy",
        '{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:us-east-1:111122223333:queue"}',
    ),
    bare("a control policy", iam('["kms:ScheduleKeyDeletion", "kms:DisableKey"]', effect="Deny"), kind=PolicyKind.SCP),
    bare("a control policy that allows all", iam('"*"'), kind=PolicyKind.SCP),
    bare(
        "session by variable", iam('"kms:Decrypt"', '"arn:aws:kms:us-east-1:111122223333:key/${aws:PrincipalTag/key}"')
    ),
]


def terraform(name: str, text: str, **more: object) -> Case:
    return Case(name, "main.tf", text, **{"account": OWN, **more})  # type: ignore[arg-type]


def tf_key(name: str, body: str, **more: object) -> Case:
    return terraform(name, f'resource "aws_kms_key" "k" {{\n  enable_key_rotation = true\n{body}\n}}\n', **more)


def tf_document(name: str, statements: str, rest: str = "", **more: object) -> Case:
    root = 'statement {\n actions = ["kms:*"]\n resources = ["*"]\n principals {\n  type = "AWS"\n  identifiers = ["arn:aws:iam::111122223333:root"]\n }\n}\n'
    return terraform(
        name,
        f'data "aws_iam_policy_document" "d" {{\n{root}{statements}}}\n'
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  policy = data.aws_iam_policy_document.d.json\n}\n'
        + rest,
        **more,
    )


def tf_grant(name: str, body: str, **more: object) -> Case:
    head = 'resource "aws_kms_grant" "g" {\n  name = "g"\n  key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"\n'
    return terraform(name, f"{head}{body}\n}}\n", **more)


CONTEXT = '  constraints {\n    encryption_context_equals = { app = "payments" }\n  }'
TERRAFORM = [
    tf_key("k01 heredoc", "  policy = <<POLICY\n" + policy(ROOT, allow('«public-principal|"*"»')) + "\nPOLICY\n"),
    tf_key("one-letter heredoc", "  policy = <<P\n" + policy(ROOT, allow('«public-principal|"*"»')) + "\nP\n"),
    tf_key(
        "k02 jsonencode",
        '  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = {AWS = "arn:aws:iam::111122223333:root"}, Action = "kms:*", Resource = "*" },'
        ' { Effect = "Allow", Principal = «public-principal|"*"», Action = "kms:Decrypt", Resource = "*" }] })',
    ),
    tf_key(
        "k12 one statement",
        '  policy = jsonencode({ Statement = { Effect = "Allow", Principal = {AWS = «public-principal|"*"»}, Action = "kms:*", Resource = "*" } })',
    ),
    tf_key(
        "k08 not principal",
        '  policy = jsonencode({ Statement = [{ Effect = "Allow", «not-principal-allow|NotPrincipal» = {AWS = "arn:aws:iam::999988887777:root"}, Action = "kms:*", Resource = "*" }] })',
    ),
    tf_document(
        "k03 document",
        'statement {\n actions = ["kms:Decrypt"]\n resources = ["*"]\n principals {\n  type = "AWS"\n  identifiers = [«public-principal|"*"»]\n }\n}\n',
    ),
    tf_document("k17 default", ""),
    tf_document(
        "k13 service",
        'statement {\n actions = ["kms:Decrypt", "kms:GenerateDataKey"]\n resources = ["*"]\n principals {\n  type = "Service"\n  identifiers = [«confused-deputy|"sns.amazonaws.com"»]\n }\n}\n',
    ),
    tf_document(
        "k07 any caller account",
        'statement {\n actions = ["kms:Decrypt"]\n resources = ["*"]\n principals {\n  type = "*"\n  identifiers = [«public-principal|"*"»]\n }\n'
        ' condition {\n  test = "StringLike"\n  variable = "kms:CallerAccount"\n  values = ["*"]\n }\n}\n',
    ),
    tf_document(
        "no resources",
        '«void-statement|»statement {\n actions = ["kms:Decrypt"]\n principals {\n  type = "AWS"\n  identifiers = ["arn:aws:iam::111122223333:role/app"]\n }\n}\n',
    ),
    terraform(
        "k04 policy of a key",
        'resource "aws_kms_key_policy" "p" {\n  key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"\n  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = «public-principal|"*"», Action = "kms:*", Resource = "*" }] })\n}\n',
    ),
    terraform(
        "k05 replica",
        'resource "aws_kms_replica_key" "r" {\n  primary_key_arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"\n  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = «public-principal|"*"», Action = "kms:*", Resource = "*" }] })\n}\n',
    ),
    terraform(
        "k06 external",
        'resource "aws_kms_external_key" "e" {\n  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = «public-principal|"*"», Action = "kms:*", Resource = "*" }] })\n}\n',
    ),
    terraform(
        "k09 local",
        'locals {\n  p = jsonencode({ Statement = [{ Effect = "Allow", Principal = «public-principal|"*"», Action = "kms:*", Resource = "*" }] })\n}\n'
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  policy = local.p\n}\n',
    ),
    terraform(
        "k14 stranger",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  policy = jsonencode({ Statement = [\n'
        '   { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },\n'
        '   { Effect = "Allow", Principal = { AWS = «whole-key-access|"arn:aws:iam::999988887777:root"» }, Action = "kms:*", Resource = "*" }] })\n}\n',
        account=OWN,
    ),
    terraform(
        "k15 hmac",
        'resource "aws_kms_key" "k" {\n  customer_master_key_spec = "HMAC_256"\n  key_usage = "GENERATE_VERIFY_MAC"\n}\n',
    ),
    terraform(
        "k16 bypass",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  multi_region = true\n  bypass_policy_lockout_safety_check = «lockout-check-bypassed=high|true»\n'
        '  deletion_window_in_days = «deletion-window-short=low|7»\n  policy = jsonencode(«key-lockout|»{ Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = "kms:Decrypt", Resource = "*" }] })\n}\n',
    ),
    terraform("no rotation", '«rotation-disabled=medium|»resource "aws_kms_key" "k" {\n}\n'),
    terraform(
        "rotation off", 'resource "aws_kms_key" "k" {\n  enable_key_rotation = «rotation-disabled=medium|false»\n}\n'
    ),
    terraform(
        "j10 rotation unknown",
        'variable "r" {}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = «rotation-disabled?|var.r»\n}\n',
    ),
    terraform(
        "rotation by default",
        'variable "r" {\n  default = false\n}\nresource "aws_kms_key" "k" {\n  enable_key_rotation = var.r\n}\n'.replace(
            "default = false", "default = «rotation-disabled|false»"
        ),
    ),
    terraform(
        "asymmetric",
        'resource "aws_kms_key" "k" {\n  customer_master_key_spec = "RSA_4096"\n  key_usage = "SIGN_VERIFY"\n}\n',
    ),
    terraform(
        "asymmetric with rotation",
        'resource "aws_kms_key" "k" {\n  customer_master_key_spec = "ECC_NIST_P256"\n  key_usage = "KEY_AGREEMENT"\n  enable_key_rotation = «rotation-unsupported=medium|true»\n}\n',
    ),
    terraform(
        "spec unknown",
        'variable "s" {}\n«rotation-disabled?|»resource "aws_kms_key" "k" {\n  customer_master_key_spec = var.s\n}\n',
    ),
    terraform("custom key store", 'resource "aws_kms_key" "k" {\n  custom_key_store_id = "cks-1234567890abcdef0"\n}\n'),
    terraform(
        "external key store",
        'resource "aws_kms_key" "k" {\n  custom_key_store_id = "cks-1234567890abcdef0"\n  xks_key_id = "bb8562717f809024"\n}\n',
    ),
    terraform("external", 'resource "aws_kms_external_key" "k" {\n}\n'),
    terraform(
        "disabled",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  is_enabled = «key-disabled=low|false»\n}\n',
    ),
    terraform(
        "window of no key",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  deletion_window_in_days = «deletion-window-short=high|3»\n}\n',
    ),
    terraform(
        "window enough",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n  deletion_window_in_days = 14\n}\n',
    ),
    terraform(
        "alias of aws",
        'resource "aws_kms_alias" "a" {\n  name = «reserved-alias=high|"alias/aws/app"»\n  target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"\n}\n',
    ),
    terraform(
        "alias without prefix",
        'resource "aws_kms_alias" "a" {\n  name = «reserved-alias|"app"»\n  target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"\n}\n',
    ),
    terraform(
        "alias",
        'resource "aws_kms_alias" "a" {\n  name = "alias/app"\n  target_key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"\n}\n',
    ),
    terraform(
        "secrets",
        'resource "aws_kms_custom_key_store" "s" {\n  custom_key_store_name = "s"\n  key_store_password = "«key-material-in-code=critical|kmsPswd1234»"\n}\n'
        'resource "aws_kms_external_key" "e" {\n  key_material_base64 = "«key-material-in-code|Wblj06fduthWggmsT0cLVoIMOkeLbc2kVfMud77i/JY=»"\n}\n'
        'resource "aws_kms_ciphertext" "c" {\n  key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"\n  plaintext = "«key-material-in-code|secret»"\n}\n',
    ),
    terraform(
        "i07 alias of a policy",
        'resource "aws_kms_alias" "a" {\n  name = "alias/app"\n  target_key_id = "x"\n}\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = «dead-resource|aws_kms_alias.a.arn» }] })\n}\n',
    ),
    terraform(
        "key id of a policy",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = «dead-resource|aws_kms_key.k.key_id» }] })\n}\n',
    ),
    terraform(
        "key arn of a policy",
        'resource "aws_kms_key" "k" {\n  enable_key_rotation = true\n}\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = aws_kms_key.k.arn }] })\n}\n',
    ),
    terraform(
        "i10 inline policy",
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })\n'
        '  inline_policy {\n    name = "p"\n    policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = «wildcard-resource|"*"» }] })\n  }\n}\n',
    ),
    terraform(
        "i01 role policy",
        'resource "aws_iam_role_policy" "p" {\n  role = "r"\n  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["kms:Decrypt"], Resource = [«wildcard-resource|"*"»] }] })\n}\n',
    ),
    terraform(
        "document of a policy",
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["kms:Decrypt"]\n    resources = [«wildcard-resource|"*"»]\n  }\n}\nresource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n',
    ),
    terraform(
        "account in a document",
        'data "aws_caller_identity" "c" {}\ndata "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["kms:Decrypt"]\n    resources = [«account-wide-resource|"arn:aws:kms:*:${data.aws_caller_identity.c.account_id}:key/*"»]\n  }\n}\nresource "aws_iam_policy" "p" {\n  policy = data.aws_iam_policy_document.d.json\n}\n',
    ),
    terraform(
        "i14 organisation policy",
        'resource "aws_organizations_policy" "p" {\n  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "kms:ScheduleKeyDeletion", Resource = "*" }] })\n}\n',
    ),
    tf_grant(
        "g01 account",
        '  grantee_principal = «grant-to-account=high|"arn:aws:iam::999988887777:root"»\n  operations = ["Decrypt", «grant-of-grants=high|"CreateGrant"»]\n'
        + CONTEXT,
        account=OWN,
    ),
    tf_grant(
        "stranger",
        '  grantee_principal = «grant-to-stranger=medium|"arn:aws:iam::999988887777:role/app"»\n  operations = ["Decrypt"]\n'
        + CONTEXT,
        account=OWN,
    ),
    tf_grant(
        "trusted",
        '  grantee_principal = "arn:aws:iam::999988887777:role/app"\n  operations = ["Decrypt"]\n' + CONTEXT,
        account=OWN,
        trusted=(OTHER,),
    ),
    tf_grant(
        "role",
        '  grantee_principal = "arn:aws:iam::111122223333:role/app"\n  operations = ["Decrypt", "DescribeKey"]\n'
        + CONTEXT,
        account=OWN,
    ),
    tf_grant(
        "no grant operation",
        '  grantee_principal = "arn:aws:iam::111122223333:role/app"\n  operations = ["Decrypt", «invalid-grant=high|"ListGrants"»]\n'
        + CONTEXT,
    ),
    tf_grant(
        "group",
        '  grantee_principal = «invalid-grant|"arn:aws:iam::111122223333:group/team"»\n  operations = ["Decrypt"]\n'
        + CONTEXT,
    ),
    tf_grant(
        "signing needs no context",
        '  grantee_principal = "arn:aws:iam::111122223333:role/app"\n  operations = ["Sign", "Verify"]',
    ),
    tf_grant(
        "describing needs no context",
        '  grantee_principal = "arn:aws:iam::111122223333:role/app"\n  operations = ["DescribeKey"]',
    ),
]


def template(name: str, properties: str, kind: str = "AWS::KMS::Key", head: str = "", **more: object) -> Case:
    lines = "".join(f"      {line}\n" for line in properties.strip("\n").split("\n"))
    return Case(name, "template.yaml", f"{head}Resources:\n  R:\n    Type: {kind}\n    Properties:\n{lines}", **more)  # type: ignore[arg-type]


ROTATES = "EnableKeyRotation: true\n"
ACCOUNT = '- Effect: Allow\n      Principal: {AWS: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}\n      Action: kms:*\n      Resource: "*"'


def cf_key(name: str, statement: str, head: str = "") -> Case:
    return template(
        name, ROTATES + f'KeyPolicy:\n  Version: "2012-10-17"\n  Statement:\n    {ACCOUNT}\n' + statement, head=head
    )


CLOUDFORMATION = [
    cf_key("C01 star", '    - {Effect: Allow, Principal: «public-principal|"*"», Action: kms:Decrypt, Resource: "*"}'),
    cf_key(
        "C02 of aws",
        '    - {Effect: Allow, Principal: {AWS: "*"}, Action: kms:Decrypt, Resource: "*", Condition: {StringEquals: {kms:CallerAccount: !Ref AWS::AccountId, kms:ViaService: !Sub "s3.${AWS::Region}.amazonaws.com"}}}',
    ),
    template(
        "C03 object",
        ROTATES
        + 'KeyPolicy:\n  Statement: {Effect: Allow, Principal: «public-principal|"*"», Action: kms:*, Resource: "*"}',
    ),
    template(
        "C04 replica",
        'PrimaryKeyArn: arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab\nKeyPolicy:\n  Statement: {Effect: Allow, Principal: «public-principal|"*"», Action: kms:*, Resource: "*"}',
        "AWS::KMS::ReplicaKey",
    ),
    template("C05 hmac", f"KeySpec: HMAC_256\nKeyUsage: GENERATE_VERIFY_MAC\nKeyPolicy:\n  Statement:\n    {ACCOUNT}"),
    template(
        "C06 parameter",
        ROTATES + 'KeyPolicy:\n  Statement: {Effect: Allow, Principal: !Ref P, Action: kms:*, Resource: "*"}',
        head='Parameters:\n  P:\n    Type: String\n    Default: «public-principal|"*"»\n',
    ),
    template(
        "C07 not principal",
        ROTATES
        + 'KeyPolicy:\n  Statement: {Effect: Allow, «not-principal-allow|NotPrincipal»: {AWS: "arn:aws:iam::999988887777:root"}, Action: kms:*, Resource: "*"}',
    ),
    template(
        "C08 string",
        ROTATES + "KeyPolicy: '" + policy(allow('«public-principal|"*"»', '"kms:*"')).replace("\n", "") + "'",
    ),
    cf_key(
        "C09 if",
        '    - !If [Open, {Effect: Allow, Principal: «public-principal|"*"», Action: kms:Decrypt, Resource: "*"}, !Ref AWS::NoValue]',
        head='Parameters:\n  O:\n    Type: String\nConditions:\n  Open: !Equals [!Ref O, "yes"]\n',
    ),
    template("C10 external", f"Origin: EXTERNAL\nKeyPolicy:\n  Statement:\n    {ACCOUNT}"),
    template(
        "C11 bypass",
        ROTATES
        + f"BypassPolicyLockoutSafetyCheck: «lockout-check-bypassed|true»\nPendingWindowInDays: «deletion-window-short|7»\nKeyPolicy:\n  Statement:\n    {ACCOUNT}",
    ),
    Case(
        "no rotation",
        "template.yaml",
        'Resources:\n  «rotation-disabled|»R:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Statement:\n          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: kms:*, Resource: "*"}\n',
    ),
    cf_key(
        "stranger",
        '    - {Effect: Allow, Principal: {AWS: «cross-account-use?|arn:aws:iam::999988887777:role/app»}, Action: kms:Decrypt, Resource: "*"}',
    ),
    cf_key(
        "a role of the template",
        '    - {Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: [kms:Decrypt, kms:GenerateDataKey*], Resource: "*"}',
    ),
    cf_key(
        "a misspelt operator",
        '    - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:role/app"}, Action: kms:Decrypt, Resource: "*", Condition: {«unknown-operator|StringEqual»: {kms:ViaService: s3.us-east-1.amazonaws.com}}}',
    ),
    template(
        "P01 second statement",
        'PolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: s3:GetObject, Resource: "*"}\n    - {Effect: Allow, Action: «administrator-access|"*"», Resource: "*"}',
        "AWS::IAM::Policy",
    ),
    template(
        "P02 grants",
        'PolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: [«unrestricted-grants|kms:CreateGrant»], Resource: «wildcard-resource|"*"»}',
        "AWS::IAM::Policy",
    ),
    template(
        "P03 all",
        'ManagedPolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: «full-kms-access|kms:*», Resource: "*"}',
        "AWS::IAM::ManagedPolicy",
    ),
    template(
        "P04 all keys",
        'PolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: «full-kms-access|kms:*», Resource: "arn:aws:kms:*:*:key/*"}',
        "AWS::IAM::Policy",
    ),
    template(
        "P05 inline",
        'AssumeRolePolicyDocument:\n  Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}\nPolicies:\n  - PolicyName: p\n    PolicyDocument:\n      Version: "2012-10-17"\n      Statement:\n        - {Effect: Allow, Action: kms:Decrypt, Resource: «wildcard-resource|"*"»}',
        "AWS::IAM::Role",
    ),
    template(
        "P06 role policy",
        'RoleName: r\nPolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: kms:Decrypt, Resource: «wildcard-resource|"*"»}',
        "AWS::IAM::RolePolicy",
    ),
    template(
        "P07 alias",
        'PolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: kms:Decrypt, Resource: «dead-resource|arn:aws:kms:us-east-1:111122223333:alias/app»}',
        "AWS::IAM::Policy",
    ),
    template(
        "P08 alias by sub",
        'PolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: kms:Decrypt, Resource: !Sub «dead-resource|"arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/app"»}',
        "AWS::IAM::Policy",
    ),
    template(
        "account by sub",
        'PolicyName: p\nPolicyDocument:\n  Version: "2012-10-17"\n  Statement:\n    - {Effect: Allow, Action: kms:Decrypt, Resource: !Sub «account-wide-resource|"arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"»}',
        "AWS::IAM::Policy",
    ),
    template(
        "alias of aws",
        "AliasName: «reserved-alias|alias/aws/foo»\nTargetKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab",
        "AWS::KMS::Alias",
    ),
]

CASES = [
    (group, case)
    for group, cases in [
        ("public", PUBLIC), ("deny", DENIES), ("deputy", DEPUTY), ("principal", PRINCIPALS), ("condition", CONDITIONS),
        ("statement", STATEMENTS), ("lockout", LOCKOUT), ("identity", IDENTITY), ("terraform", TERRAFORM), ("cloudformation", CLOUDFORMATION),
    ]
    for case in cases
]  # fmt: skip


class Expected(NamedTuple):
    rule: str
    severity: str | None
    possible: bool
    start: int
    end: int | None


MARK = re.compile(r"«([^|«»]*)\||»")


def unmarked(text: str) -> tuple[str, list[Expected]]:
    """A document without its marks, and what they say."""
    plain, expected, open_marks, last = "", [], [], 0
    for mark in MARK.finditer(text):
        plain += text[last : mark.start()]
        last = mark.end()
        if mark[1] is not None:
            open_marks.append((mark[1], len(plain)))
            continue
        rules, start = open_marks.pop()
        for rule in rules.split():
            name, _, severity = rule.rstrip("?").partition("=")
            end = len(plain) if len(plain) > start else None
            expected.append(Expected(name, severity or None, rule.endswith("?"), start, end))
    return plain + text[last:], expected


def found(case: Case, text: str, folder: Path) -> list[Finding]:
    path = folder / case.file
    path.write_text(text, encoding="utf-8")
    files = [File(case.file, str(path), True)]
    documents = load(files, Options(account=case.account, kind=case.kind))
    own = {*case.own, *([case.account] if case.account else [])}
    world = World(
        documents, Accounts(frozenset(own), frozenset(case.trusted), frozenset(case.organizations)), Settings()
    )
    return list(lint(world, RULES, include_possible=True).findings)


def told(rule: str, severity: object, possible: bool, start: int, text: str) -> str:
    line = text.count("\n", 0, start) + 1
    return f"{rule}{'?' if possible else ''} ({severity}) in line {line} at {text[start : start + 60].splitlines()[0]}"


OF_ALL_THAT_SAYS_NO_MORE = {"deletion-unprotected", "grant-never-retires", "imported-key-without-alias"}
"""What is wrong with every key and grant that says no more than these cases do; the examples of these rules show it."""


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{group}: {case.name}") for group, case in CASES])
def test_matrix(case: Case, tmp_path: Path) -> None:
    text, expected = unmarked(case.text)
    missing, surplus = list(expected), []
    for finding in found(case, text, tmp_path):
        if finding.about.id in OF_ALL_THAT_SAYS_NO_MORE:
            continue
        one = Expected(
            finding.about.id, str(finding.severity), finding.confidence is Confidence.POSSIBLE, *finding.span[1:]
        )
        same = [each for each in missing if meets(one, each)]
        if same:
            missing.remove(same[0])
        elif finding.severity > Severity.INFO:
            surplus.append(told(one.rule, one.severity, one.possible, one.start, text) + f": {finding.message}")
    absent = [told(each.rule, each.severity, each.possible, each.start, text) for each in missing]
    assert (absent, surplus) == ([], []), text


def meets(found: Expected, expected: Expected) -> bool:
    """Whether a finding is the one that a mark asks for."""
    return (
        (found.rule, found.possible, found.start) == (expected.rule, expected.possible, expected.start)
        and expected.severity in (None, found.severity)
        and expected.end in (None, found.end)
    )
