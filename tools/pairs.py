"""Random pairs of policies as people write them: most are one policy before and after a change, the others unrelated.

What they contain is what a comparison can get wrong: globs that overlap, one key under several operators, `IfExists`,
`Null`, set operators on keys with one value and with several, values that may be empty, networks inside networks of both
versions of IP, instants in several notations, ARNs as texts and texts as ARNs, variables with and without a default,
`NotAction`, `NotPrincipal`, `NotResource`, a role and a session of it, users with a path, services beside accounts.
"""

from __future__ import annotations

import copy
import random
from typing import Any, Final, NamedTuple

ACCOUNT: Final = "111122223333"
KEY_ARN: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_OTHER: Final = "444455556666"
_ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/app"

_PRINCIPALS: Final[tuple[Any, ...]] = (
    "*",
    {"AWS": "*"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": [_OTHER, _ROLE]},
    {"AWS": _ROLE},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/ops/admin"},
    {"AWS": [f"arn:aws:iam::{_OTHER}:role/x", f"arn:aws:iam::{ACCOUNT}:user/ann"]},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/ann"},
    {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:user/team/bea"},
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/ops/admin", f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/bob"]},
    {"AWS": "AROAEXAMPLEID0000001"},
    {"AWS": ["AROAEXAMPLEID0000001", _ROLE], "Service": "s3.amazonaws.com"},
    {"Service": "logs.us-east-1.amazonaws.com"},
    {"Service": ["s3.amazonaws.com", "logs.us-east-1.amazonaws.com"], "AWS": _OTHER},
)
_EXEMPT: Final[tuple[Any, ...]] = (
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", _ROLE]},
    {"AWS": [ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ann"]},
    {"AWS": _ROLE},
    {"AWS": [_OTHER, f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"]},
    {"Service": "logs.us-east-1.amazonaws.com"},
)
_KMS: Final[tuple[Any, ...]] = (
    "kms:*",
    "kms:*",
    "kms:Decrypt",
    "kms:de*",
    "kms:*Key*",
    ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    ["kms:TagResource", "kms:UntagResource"],
    ["kms:Create*", "kms:Put*", "kms:ScheduleKeyDeletion"],
    "kms:?ign",
    "kms:List*",
    "kms:RetireGrant",
    "kms:*Alias*",
    "*",
    "KMS:Generate?ata*",
    ["kms:Sign", "kms:*erify*", "kms:Get*"],
)
_ANY_SERVICE: Final[tuple[Any, ...]] = (
    *_KMS,
    "*",
    "s3:*",
    "s3:Get*",
    ["s3:GetObject", "kms:Decrypt"],
    "*:Get*",
    "iam:PassRole",
    "?am:*Role*",
)
_KEYS: Final[tuple[Any, ...]] = (
    *["*"] * 12,
    KEY_ARN,
    f"arn:aws:kms:us-east-1:{ACCOUNT}:key/*",
    f"arn:aws:kms:*:{ACCOUNT}:key/ffff*",
    "arn:aws:kms:*",
)
_RESOURCES: Final[tuple[Any, ...]] = (
    "*",
    "*",
    KEY_ARN,
    f"arn:aws:kms:*:{ACCOUNT}:key/*",
    f"arn:aws:kms:us-*:{ACCOUNT}:alias/app*",
    ["arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket"],
    "arn:aws:s3:::bucket/a*b",
    "arn:aws:s3:::buck?t/*ab*",
    f"arn:aws:iam::{ACCOUNT}:role/*",
    "arn:aws:kms:*",
    "arn:*:kms:*:*:*",
    f"arn:aws:kms:us-east-?:{ACCOUNT}:key/1234*",
    "arn:aws:kms:*:*:key/*-12ab-*",
)
_WITH_VARIABLES: Final[tuple[Any, ...]] = (
    "arn:aws:s3:::bucket/${aws:username}",
    "arn:aws:s3:::bucket/${aws:username}/*",
    "arn:aws:s3:::bucket/${aws:PrincipalTag/team, 'red'}/*",
)
_BASES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("StringEquals", "kms:ViaService", ["s3.us-east-1.amazonaws.com", "a*b"]),
    ("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
    ("StringNotEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
    ("StringLike", "kms:ViaService", ["s3.*.amazonaws.com", "*ab*"]),
    ("StringNotLike", "kms:ViaService", "?3.*"),
    ("StringEqualsIgnoreCase", "kms:EncryptionContext:App", ["Blue", "green"]),
    ("StringEquals", "kms:encryptioncontext:app", "blue"),
    ("StringNotEqualsIgnoreCase", "kms:EncryptionContext:App", "BLUE"),
    ("StringLike", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::bucket/*"),
    ("StringEquals", "aws:RequestTag/team", ["red", "blue"]),
    ("StringLike", "aws:PrincipalTag/team", ["r*", "*d"]),
    ("StringEquals", "aws:PrincipalTag/team", "red"),
    ("NumericLessThan", "aws:MultiFactorAuthAge", "300"),
    ("NumericNotEquals", "aws:MultiFactorAuthAge", ["300", "60.5"]),
    ("NumericGreaterThanEquals", "kms:RotationPeriodInDays", "90"),
    ("DateGreaterThan", "aws:TokenIssueTime", "2026-01-01T00:00:00Z"),
    ("DateLessThanEquals", "aws:TokenIssueTime", ["1767225600", "2026-02-01T00:00:00+02:00"]),
    ("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z"),
    ("DateGreaterThanEquals", "aws:CurrentTime", "1798761600"),
    ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"]),
    ("NotIpAddress", "aws:SourceIp", ["10.1.0.0/16", "192.0.2.7"]),
    ("NotIpAddress", "aws:SourceIp", "2001:db8:1::/48"),
    ("IpAddress", "aws:VpcSourceIp", "10.0.0.0/16"),
    ("Bool", "aws:SecureTransport", "false"),
    ("Bool", "aws:MultiFactorAuthPresent", "true"),
    ("Bool", "kms:GrantIsForAWSResource", "true"),
    ("Bool", "aws:PrincipalIsAWSService", "true"),
    ("StringEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5"),
    ("StringLike", "aws:PrincipalOrgID", "o-a1*"),
    ("StringNotEquals", "aws:SourceVpce", ["vpce-1", "vpce-2"]),
    ("ArnLike", "aws:PrincipalArn", [f"arn:aws:iam::{ACCOUNT}:role/a*", "arn:aws:iam::*:user/*"]),
    ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/*"),
    ("ArnNotEquals", "aws:PrincipalArn", _ROLE),
    ("ArnEquals", "aws:PrincipalArn", _ROLE),
    ("StringLike", "aws:PrincipalArn", ["*:role/app", "arn:aws:iam::444455556666:*"]),
    ("StringNotEquals", "aws:PrincipalAccount", ACCOUNT),
    ("StringEquals", "aws:PrincipalAccount", [ACCOUNT, _OTHER]),
    ("StringEquals", "kms:CallerAccount", ACCOUNT),
    ("StringLike", "kms:CallerAccount", "4444*"),
    ("ArnLike", "aws:SourceArn", "arn:aws:logs:*:111122223333:*"),
    ("ArnNotLike", "aws:SourceArn", "arn:aws:logs:us-*:*:log-group:*"),
    ("StringLike", "aws:SourceArn", "arn:aws:logs:*:111122223333:*"),
    ("StringEquals", "aws:SourceArn", "arn:aws:logs:us-east-1:111122223333:log-group:x"),
    ("StringEquals", "aws:SourceAccount", ACCOUNT),
    ("StringLike", "kms:ViaService", ["?*", "s3.us-*.amazonaws.com"]),
    ("StringLike", "kms:ViaService", "*"),
    ("StringNotEquals", "kms:EncryptionContext:App", ["", "blue"]),
    ("StringLike", "kms:EncryptionContext:app", ["b*e", "bl?e", "*${*}*"]),
    ("StringEquals", "kms:EncryptionContext:app", "${*}"),
    ("ArnLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:us-east-1:111122223333:log-group:*"),
    ("ArnEquals", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:us-east-1:111122223333:log-group:/app/x"),
    ("StringLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:us-east-1:111122223333:log-group:*"),
    ("ArnNotLike", "kms:EncryptionContext:aws:logs:arn", "arn:aws:logs:*:*:log-group:/app/*"),
    ("StringEquals", "aws:RequestedRegion", ["us-east-1", "eu-west-1"]),
    ("StringNotLike", "aws:RequestedRegion", "us-*"),
    ("Bool", "aws:ViaAWSService", "false"),
    ("NumericLessThanEquals", "kms:ScheduleKeyDeletionPendingWindowInDays", ["7", "14"]),
    ("NumericGreaterThan", "aws:MultiFactorAuthAge", "60.5"),
    ("DateNotEquals", "aws:TokenIssueTime", "2026-01-01T00:00:00Z"),
    ("StringLike", "kms:GranteePrincipal", f"arn:aws:iam::{ACCOUNT}:role/*"),
    ("StringEquals", "kms:RequestAlias", ["alias/app", "alias/app2"]),
    ("StringLike", "kms:RequestAlias", "alias/app*"),
    ("StringLike", "aws:userid", ["AROAEXAMPLEID0000001:*", "*:i-1"]),
    ("IpAddress", "aws:SourceIp", ["2001:db8:1:2::/64", "10.1.2.3/31"]),
    ("StringLike", "kms:CallerAccount", ["0*", "1*2*3333"]),
    ("StringLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:*a*"),
    ("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/ops/admin"),
    ("StringNotEquals", "aws:SourceOrgID", "o-a1b2c3d4e5"),
    ("StringEquals", "aws:ResourceTag/team", "red"),
)
_OF_SETS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("StringLike", "aws:TagKeys", ["a*", "*b"]),
    ("StringEquals", "aws:TagKeys", ["a", "ab"]),
    ("StringNotEquals", "aws:TagKeys", "a"),
    ("StringNotLike", "kms:GrantOperations", "De*"),
    ("StringEquals", "kms:GrantOperations", ["Decrypt", "Encrypt"]),
    ("StringEqualsIgnoreCase", "kms:EncryptionContextKeys", ["app", "TEAM"]),
    ("StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*"),
    ("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"),
    ("StringLike", "aws:SourceVpc", "vpc-*"),
    ("StringLike", "kms:ResourceAliases", ["alias/app*", "alias/*2"]),
    ("StringNotEquals", "kms:EncryptionContextKeys", ["app", "team"]),
    ("StringLike", "aws:TagKeys", "a?"),
    ("StringEquals", "aws:PrincipalServiceNamesList", "logs.us-east-1.amazonaws.com"),
    ("StringLike", "aws:CalledVia", ["athena.amazonaws.com", "*form*"]),
)
_NULLS: Final = (
    "kms:ViaService",
    "aws:TagKeys",
    "aws:PrincipalArn",
    "kms:GrantOperations",
    "aws:SourceIp",
    "aws:PrincipalTag/team",
    "kms:EncryptionContext:App",
    "aws:SourceAccount",
    "kms:CallerAccount",
)
_VARIABLES: Final[tuple[tuple[str, str, Any], ...]] = (
    ("StringEquals", "aws:PrincipalTag/team", "${aws:RequestTag/team}"),
    ("StringNotEquals", "aws:PrincipalTag/team", "${aws:RequestTag/team}"),
    ("StringEquals", "aws:ResourceTag/team", "${aws:PrincipalTag/team}"),
    ("StringLike", "aws:ResourceTag/team", ["${aws:PrincipalTag/team}*", "red"]),
    ("StringEquals", "kms:EncryptionContext:App", ["${aws:PrincipalTag/team, 'blue'}", "green"]),
    ("StringNotLike", "kms:RequestAlias", "alias/${aws:username}"),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:user/${aws:username}"),
    ("StringEquals", "aws:SourceAccount", "${aws:PrincipalAccount}"),
)


class Pair(NamedTuple):
    """Two policies of one kind (`key`, `identity`)."""

    kind: str
    old: dict[str, Any]
    new: dict[str, Any]


def pair(chance: random.Random, *, variables: bool = True) -> Pair:
    """The next pair; with `variables` some values name another key of the request."""
    kind = chance.choice(("key", "key", "key", "identity"))
    old = {"Version": "2012-10-17", "Statement": [_statement(chance, kind, variables) for _ in range(_count(chance))]}
    if chance.random() < 0.3:
        new = {
            "Version": "2012-10-17",
            "Statement": [_statement(chance, kind, variables) for _ in range(_count(chance))],
        }
        return Pair(kind, old, new)
    changed = copy.deepcopy(old)
    for _ in range(chance.choice((1, 1, 2))):
        _change(chance, kind, changed["Statement"], variables)
    return Pair(kind, old, changed) if chance.random() < 0.7 else Pair(kind, changed, old)


def _count(chance: random.Random) -> int:
    return chance.choice((1, 2, 2, 3, 4))


def _statement(chance: random.Random, kind: str, variables: bool) -> dict[str, Any]:
    effect = chance.choice(("Allow", "Allow", "Deny"))
    found: dict[str, Any] = {"Effect": effect}
    if kind == "key":
        negated = chance.random() < (0.15 if effect == "Deny" else 0.03)
        found["NotPrincipal" if negated else "Principal"] = chance.choice(_EXEMPT if negated else _PRINCIPALS)
    found["NotAction" if chance.random() < 0.12 else "Action"] = chance.choice(_KMS if kind == "key" else _ANY_SERVICE)
    other = kind != "key" and chance.random() < 0.15
    found["NotResource" if other else "Resource"] = _resource(chance, kind, variables)
    if entries := [_entry(chance, variables) for _ in range(chance.choice((0, 1, 1, 2, 3)))]:
        found["Condition"] = _block(entries)
    return found


def _resource(chance: random.Random, kind: str, variables: bool) -> Any:
    if kind == "key":
        return chance.choice(_KEYS)
    return chance.choice(_WITH_VARIABLES if variables and chance.random() < 0.06 else _RESOURCES)


def _block(entries: list[tuple[str, str, Any]]) -> dict[str, dict[str, Any]]:
    block: dict[str, dict[str, Any]] = {}
    for operator, key, values in entries:
        block.setdefault(operator, {})[key] = values
    return block


def _entry(chance: random.Random, variables: bool) -> tuple[str, str, Any]:
    drawn = chance.random()
    if drawn < 0.06:
        return "Null", chance.choice(_NULLS), chance.choice(("true", "false"))
    if variables and drawn < 0.09:
        return chance.choice(_VARIABLES)
    optional = "IfExists" if chance.random() < 0.2 else ""
    if drawn < 0.25:
        operator, key, values = chance.choice(_OF_SETS)
        quantifier = chance.choice(("ForAnyValue:", "ForAllValues:"))
        return f"{quantifier}{operator}{optional}", key, values
    operator, key, values = chance.choice((*_BASES, *_OF_SETS[:2])) if drawn < 0.35 else chance.choice(_BASES)
    return f"{operator}{optional}", key, values


def _change(chance: random.Random, kind: str, statements: list[dict[str, Any]], variables: bool) -> None:
    """One change of the kinds that people make."""
    one = chance.choice(statements)
    drawn = chance.randrange(8)
    if drawn == 0:
        statements.append(_statement(chance, kind, variables))
    elif drawn == 1 and len(statements) > 1:
        statements.remove(one)
    elif drawn == 2 and "Action" in one:
        one["Action"] = chance.choice(_KMS if kind == "key" else _ANY_SERVICE)
    elif drawn == 3 and "Principal" in one:
        one["Principal"] = chance.choice(_PRINCIPALS)
    elif drawn == 4 and "Condition" in one:
        _loosen(chance, one)
    elif drawn == 5:
        one["Effect"] = "Allow" if "NotPrincipal" in one or one["Effect"] == "Deny" else "Deny"
        if "NotPrincipal" in one:
            one["Principal"] = one.pop("NotPrincipal")
    elif drawn == 6 and "Resource" in one:
        one["Resource"] = _resource(chance, kind, variables)
    else:
        operator, key, values = _entry(chance, variables)
        one.setdefault("Condition", {}).setdefault(operator, {})[key] = values


def _loosen(chance: random.Random, statement: dict[str, Any]) -> None:
    """Changes an operator of a condition in a small way, takes a value from its list, or takes the entry away."""
    block = statement["Condition"]
    operator = chance.choice(sorted(block))
    drawn = chance.randrange(4)
    if drawn == 0:
        del block[operator]
    elif drawn == 1 and operator != "Null":
        turned = operator.removesuffix("IfExists") if operator.endswith("IfExists") else f"{operator}IfExists"
        block.setdefault(turned, {}).update(block.pop(operator))
    elif drawn == 2 and operator.startswith("For"):
        quantifier, _, rest = operator.partition(":")
        turned = ("ForAllValues:" if quantifier == "ForAnyValue" else "ForAnyValue:") + rest
        block.setdefault(turned, {}).update(block.pop(operator))
    else:
        key = chance.choice(sorted(block[operator]))
        if isinstance(block[operator][key], list) and len(block[operator][key]) > 1:
            block[operator][key] = block[operator][key][:-1]
    if not block:
        del statement["Condition"]


__all__ = ["ACCOUNT", "KEY_ARN", "Pair", "pair"]
