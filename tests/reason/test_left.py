"""What Denies leave of an Allow, as the rules ask for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from kms_lint.reason.left import open_in_account, taken
from tests.iam.build import FOREIGN, OWNER
from tests.reason.test_alone import APP, DEFAULT, deny, policy

USE = frozenset({"kms:Decrypt", "kms:Encrypt"})
EVERYONE: dict[str, Any] = {"Principal": "*", "Action": sorted(USE)}
S3 = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}


@pytest.mark.parametrize(
    ("denies", "gone", "of_strangers"),
    [
        pytest.param([], set(), set(), id="none"),
        pytest.param([deny(Action="kms:Decrypt")], {"kms:Decrypt"}, {"kms:Decrypt"}, id="one operation"),
        pytest.param(
            [deny({"StringNotEquals": {"aws:PrincipalAccount": OWNER}})], set(), USE, id="all but the account"
        ),
        pytest.param(
            [deny({"StringEquals": S3}), deny({"StringNotEquals": S3}, Action="kms:D*")],
            {"kms:Decrypt"},
            {"kms:Decrypt"},
            id="two halves of one",
        ),
        pytest.param([deny({"StringEquals": {"aws:PrincipalOrgID": "@"}})], set(), set(), id="an unknown one"),
        pytest.param([deny(Action="@")], set(), set(), id="of an unknown operation"),
    ],
)
def test_what_denies_take(denies: list[Mapping[str, Any]], gone: set[str], of_strangers: set[str]) -> None:
    of = policy(DEFAULT, EVERYONE, *denies)
    statement = of.statements[1]
    assert taken(of, statement, OWNER, USE) == gone
    assert taken(of, statement, OWNER, USE, strangers=True) == of_strangers


def test_one_principal_of_several() -> None:
    other = f"arn:aws:iam::{FOREIGN}:role/x"
    of = policy(DEFAULT, {"Principal": {"AWS": [APP, other]}, "Action": "kms:Decrypt"}, deny(Principal={"AWS": APP}))
    statement = of.statements[1]
    assert statement.principals is not None
    mine, theirs = statement.principals.values
    assert taken(of, statement, OWNER, USE, mine) == {"kms:Decrypt"}
    assert taken(of, statement, OWNER, USE, theirs) == set()
    assert taken(of, statement, OWNER, USE) == set()


def test_a_statement_with_fewer_conditions_gives_more() -> None:
    of = policy(
        DEFAULT,
        {**EVERYONE, "Condition": {"StringEquals": S3}},
        deny({"StringEquals": S3}),
    )
    assert taken(of, of.statements[1], OWNER, USE) == USE
    assert taken(of, dataclasses.replace(of.statements[1], conditions=()), OWNER, USE) == set()


@pytest.mark.parametrize(
    ("statements", "action", "open_"),
    [
        pytest.param([DEFAULT], "kms:Decrypt", True, id="delegated"),
        pytest.param([{**DEFAULT, "Action": "kms:Put*"}], "kms:Decrypt", False, id="something else is delegated"),
        pytest.param([DEFAULT, deny(Action="kms:Decrypt")], "kms:Decrypt", False, id="denied"),
        pytest.param([{**EVERYONE, "Principal": {"AWS": APP}}], "kms:Decrypt", True, id="given to a role"),
        pytest.param(
            [{**DEFAULT, "Condition": {"StringEquals": {"kms:CallerAccount": FOREIGN}}}],
            "kms:Decrypt",
            False,
            id="delegated to whom it cannot be",
        ),
        pytest.param(
            [{**EVERYONE, "Principal": {"AWS": f"arn:aws:iam::{FOREIGN}:root"}}], "kms:Decrypt", False, id="to others"
        ),
        pytest.param([{**DEFAULT, "Principal": {"AWS": "@"}}], "kms:Decrypt", True, id="to somebody unknown"),
    ],
)
def test_what_is_open_in_the_account(statements: list[Mapping[str, Any]], action: str, open_: bool) -> None:
    assert (action in open_in_account(policy(*statements), OWNER)) is open_
