"""Deny with NotPrincipal: whom it spares keeps the key."""

from __future__ import annotations

from typing import Any

import pytest

from kms_lint.model import PolicyKind
from tests.checks.linted import FOREIGN, OWN, found

EVERYONE: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("spared", "locked"),
    [
        pytest.param(OWN, False, id="the account"),
        pytest.param([f"arn:aws:iam::{OWN}:root", f"arn:aws:iam::{OWN}:role/admin"], False, id="a role of the account"),
        pytest.param([f"arn:aws:iam::{FOREIGN}:root", f"arn:aws:iam::{FOREIGN}:role/x"], True, id="another account"),
    ],
)
def test_who_is_spared_by_a_deny_keeps_the_key(spared: Any, locked: bool) -> None:
    deny = {"Effect": "Deny", "NotPrincipal": {"AWS": spared}, "Action": "kms:*", "Resource": "*"}
    findings = found(EVERYONE, deny, kind=PolicyKind.KEY, select=("key-lockout", "deny-locks-out"))
    assert bool(findings) is locked
