"""Strangers whom conditions and Denies name, for the actions that each of them leaves."""

from __future__ import annotations

from typing import Any

import pytest

from kms_lint.finding import Severity
from kms_lint.model import PolicyKind
from tests.checks.linted import FOREIGN, OWN, found

THIRD = "777788889999"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"}, "Action": "kms:*", "Resource": "*"}
ROLE = {"AWS": f"arn:aws:iam::{FOREIGN}:role/partner"}
SNS = {"Service": "sns.amazonaws.com"}
BOTH = ["kms:Decrypt", "kms:Encrypt"]
Said = dict[str, Any]


def allow(principal: Any, **condition: Any) -> Said:
    said: Said = {"Effect": "Allow", "Principal": principal, "Action": BOTH, "Resource": "*"}
    return said | ({"Condition": condition} if condition else {})


def only(action: str, *accounts: str, key: str = "aws:PrincipalAccount") -> Said:
    asked = {"StringNotEquals": {key: [OWN, *accounts]}}
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": asked}


def named(*statements: Said) -> set[tuple[str, str, Severity]]:
    said = found(ROOT, *statements, kind=PolicyKind.KEY, select=("cross-account-use",))
    words = [each.message.split("; ")[0].split(" may use the key") for each in said]
    return {(who.split(",")[0], what, each.severity) for (who, what), each in zip(words, said, strict=True)}


PARTNER, ACCOUNT = f"role/partner of account {FOREIGN}", f"account {FOREIGN}"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(
            [allow(ROLE), only("kms:Decrypt", FOREIGN), only("kms:Encrypt", FOREIGN)],
            {(PARTNER, ": kms:Decrypt, kms:Encrypt", Severity.INFO)},
            id="a role, a Deny for each action",
        ),
        pytest.param(
            [allow(ROLE), only("kms:Decrypt", FOREIGN)],
            {(PARTNER, ": kms:Decrypt, kms:Encrypt", Severity.LOW)},
            id="a role, a Deny that spares it for one action",
        ),
        pytest.param(
            [allow(ROLE), only("kms:Decrypt")],
            {(PARTNER, ": kms:Encrypt", Severity.LOW)},
            id="a role, a Deny that takes one action",
        ),
        pytest.param(
            [allow("*"), only("kms:Decrypt", FOREIGN), only("kms:Encrypt", THIRD)],
            {(ACCOUNT, ": kms:Decrypt", Severity.INFO), (f"account {THIRD}", ": kms:Encrypt", Severity.INFO)},
            id="everyone, another account for each action",
        ),
        pytest.param(
            [
                allow("*", StringEquals={"aws:PrincipalAccount": [OWN, FOREIGN, THIRD]}),
                only("kms:Decrypt", FOREIGN),
            ],
            {
                (ACCOUNT, ": kms:Decrypt, kms:Encrypt", Severity.INFO),
                (f"account {THIRD}", ": kms:Encrypt", Severity.INFO),
            },
            id="a list, and a Deny that shortens it for one action",
        ),
        pytest.param(
            [allow("*"), only("kms:*", FOREIGN), only("kms:*", THIRD)], set(), id="two Denies that leave nobody"
        ),
        pytest.param(
            [allow(SNS), only("kms:*", FOREIGN, key="aws:SourceAccount")],
            {("sns.amazonaws.com", f" for {ACCOUNT}: kms:Decrypt, kms:Encrypt", Severity.INFO)},
            id="a service for a listed account",
        ),
        pytest.param([allow(SNS), only("kms:*", key="aws:SourceAccount")], set(), id="a service for the own account"),
    ],
)
def test_who_is_named(statements: list[Said], expected: set[tuple[str, str, Severity]]) -> None:
    assert named(*statements) == expected
