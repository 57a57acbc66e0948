"""Questions about one policy on its own, as rules ask them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from kms_lint.model import Policy, PolicyKind
from kms_lint.reason.alone import nobody_keeps, redundant, taken_away
from tests.iam.build import FOREIGN, OWNER
from tests.iam.build import policy as built

ROOT = f"arn:aws:iam::{OWNER}:root"
APP = f"arn:aws:iam::{OWNER}:role/app"
ADMIN = f"arn:aws:iam::{OWNER}:role/admin"
DEFAULT: dict[str, Any] = {"Principal": {"AWS": ROOT}, "Action": "kms:*"}


def policy(*documents: Mapping[str, Any], kind: PolicyKind = PolicyKind.KEY) -> Policy:
    found = built(*documents, kind=kind)
    numbered = (dataclasses.replace(each, index=index) for index, each in enumerate(found.statements))
    return dataclasses.replace(found, statements=tuple(numbered))


def deny(condition: Mapping[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Deny", "Action": "kms:*", **other}
    if "NotPrincipal" not in found:
        found.setdefault("Principal", "*")
    return found | ({"Condition": condition} if condition else {})


@pytest.mark.parametrize(
    ("against", "locked"),
    [
        pytest.param(deny(), True, id="everybody"),
        pytest.param(deny({"Bool": {"aws:SecureTransport": "true"}}), True, id="over TLS, which is always"),
        pytest.param(deny({"StringNotEquals": {"kms:EncryptionContext:a": "b"}}), True, id="never carried"),
        pytest.param(deny({"StringNotEquals": {"aws:SourceAccount": OWNER}}), True, id="carried by services only"),
        pytest.param(deny({"StringNotEquals": {"aws:PrincipalAccount": FOREIGN}}), True, id="but another account"),
        pytest.param(deny({"ArnNotLike": {"aws:PrincipalArn": ADMIN}}), False, id="but a role"),
        pytest.param(deny({"ArnNotLike": {"aws:PrincipalArn": "@"}}), False, id="but an unknown role"),
        pytest.param(deny({"Bool": {"aws:MultiFactorAuthPresent": "false"}}), False, id="without MFA"),
        pytest.param(deny(Action="@"), False, id="an unknown action"),
        pytest.param(deny(NotPrincipal={"AWS": [ROOT, ADMIN]}), False, id="all but the account and a role"),
    ],
)
def test_who_keeps_a_key_policy(against: Mapping[str, Any], locked: bool) -> None:
    assert nobody_keeps(policy(DEFAULT, against), OWNER) is locked


S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}


@pytest.mark.parametrize(
    ("against", "directly", "at_all"),
    [
        pytest.param([deny({"StringNotEquals": S3})], True, False, id="but through a service"),
        pytest.param([deny({"Null": {"kms:ViaService": "true"}})], True, False, id="but through any service"),
        pytest.param([deny({"StringEquals": S3})], False, False, id="through a service"),
        pytest.param([deny({"StringNotEqualsIfExists": S3})], True, False, id="IfExists, negated: absence is met"),
        pytest.param([deny({"StringEquals": S3}), deny({"StringNotEquals": S3})], True, True, id="either way"),
        pytest.param([deny({"Null": {"aws:SourceArn": "true"}})], True, True, id="but services as themselves"),
        pytest.param(
            [deny({"Null": {"kms:ViaService": "true"}, "ArnNotLike": {"aws:PrincipalArn": ADMIN}})],
            False,
            False,
            id="but through a service, and an administrator",
        ),
        pytest.param([deny({"StringNotEquals": {"aws:CalledVia": "x"}})], False, False, id="what a call may carry"),
    ],
)
def test_what_services_may_do_for_somebody_is_no_proof(
    against: list[Mapping[str, Any]], directly: bool, at_all: bool
) -> None:
    of = policy(DEFAULT, *against)
    assert (nobody_keeps(of, OWNER, through_services=False), nobody_keeps(of, OWNER)) == (directly, at_all)


@pytest.mark.parametrize(
    ("against", "by"),
    [
        pytest.param([deny(Principal={"AWS": ROOT}, Action="kms:D*")], ["[1]"], id="the account"),
        pytest.param([deny(Principal={"AWS": ADMIN})], [], id="another role"),
        pytest.param([deny({"ArnEquals": {"aws:PrincipalArn": APP}})], ["[1]"], id="by its ARN"),
        pytest.param([deny({"ArnEquals": {"aws:PrincipalArn": "@"}})], [], id="by an unknown ARN"),
        pytest.param(
            [
                deny({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
                deny({"StringNotEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
            ],
            ["[1]", "[2]"],
            id="two halves",
        ),
    ],
)
def test_what_denies_take_away(against: list[Mapping[str, Any]], by: list[str]) -> None:
    found = policy({"Principal": {"AWS": APP}, "Action": "kms:Decrypt"}, *against)
    assert [each.name for each in taken_away(found, found.statements[0], OWNER)] == by


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param([DEFAULT, DEFAULT], {1: ["[0]"]}, id="twice: the later goes"),
        pytest.param(
            [DEFAULT, {"Principal": {"AWS": APP}, "Action": "kms:Decrypt"}], {}, id="a role needs no IAM policy"
        ),
        pytest.param(
            [DEFAULT, {"Principal": {"AWS": ROOT}, "Action": "kms:Decrypt"}], {1: ["[0]"]}, id="a part of the account's"
        ),
        pytest.param(
            [DEFAULT, deny(Action="kms:Sign"), deny(Action="kms:S*")], {1: ["[2]"]}, id="a Deny in a wider one"
        ),
        pytest.param([{"Principal": {"AWS": APP}, "Action": "kms:Sign"}, deny()], {}, id="a Deny also stops grants"),
    ],
)
def test_what_changes_nothing(statements: list[Mapping[str, Any]], expected: dict[int, list[str]]) -> None:
    found = redundant(policy(*statements), OWNER)
    assert {index: [each.name for each in by] for index, by in found.items()} == expected
