"""Each chain of steps is made, step by step, in a world of documents, and what it promises is asked of that world.

The steps and their effects are written a second time, in `changing_steps`; the requests are judged by the reference
evaluator. A chain that is claimed to be sure must be possible there, and no shorter way may have been missed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kms_lint.api import load
from kms_lint.reason.escalation import Chain, escalations
from kms_lint.reason.estate import estate
from tests.reason.changed_worlds import ACCOUNT, ADMINISTRATOR, Holder, Holding
from tests.reason.changing_steps import GRANTED, Made, steps, uses

POLICIES = tuple(f"arn:aws:iam::{ACCOUNT}:policy/{name}" for name in ("some", "more"))
NAMES = ("role/one", "role/two", "role/three", "user/ann")
GROUP = "group/team"
ACTIONS = (
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreatePolicyVersion",
    "iam:AddUserToGroup",
    "iam:PutGroupPolicy",
    "iam:AttachUserPolicy",
    "iam:*",
    "sts:AssumeRole",
    "iam:PassRole",
    "lambda:*",
    "kms:Decrypt",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:*",
)


MFA: tuple[dict[str, Any], ...] = ({}, {}, {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})


def _resource(chance: random.Random) -> Any:
    every = [f"arn:aws:iam::{ACCOUNT}:{name}" for name in (*NAMES, GROUP)]
    return chance.choice(
        ["*", "*", f"arn:aws:kms:*:{ACCOUNT}:key/*", f"arn:aws:iam::{ACCOUNT}:role/*", *every, *POLICIES, every]
    )


def _condition(chance: random.Random) -> dict[str, Any]:
    found = chance.choice(
        [
            *[None] * 5,
            {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            {"StringNotEquals": {"aws:SourceIp": "10.0.0.1"}},
            {"ArnEquals": {"iam:PolicyARN": [POLICIES[0]]}},
            {"ArnNotEquals": {"iam:PolicyARN": [ADMINISTRATOR]}},
            {"StringEquals": {"iam:PermissionsBoundary": POLICIES[1]}},
            {"StringEqualsIfExists": {"iam:PassedToService": "lambda.amazonaws.com"}},
            {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
            {"Null": {"iam:PermissionsBoundary": "true"}},
        ]
    )
    return {} if found is None else {"Condition": found}


def _statement(chance: random.Random) -> dict[str, Any]:
    actions, condition = chance.sample(ACTIONS, chance.randint(1, 3)), _condition(chance)
    if "iam:P" in str(condition):
        # Whether requests to other services may carry keys of IAM is documented for none of them.
        actions = [each for each in actions if each.startswith("iam:")] or ["iam:*"]
    effect = chance.choice(["Allow"] * 5 + ["Deny"])
    return {"Effect": effect, "Action": actions, "Resource": _resource(chance), **condition}


def _statements(chance: random.Random, most: int) -> list[dict[str, Any]]:
    return [_statement(chance) for _ in range(chance.randint(0, most))]


def _trust(chance: random.Random) -> list[dict[str, Any]]:
    arns = [f"arn:aws:iam::{ACCOUNT}:{name}" for name in NAMES]
    principal = chance.choice(
        [
            {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            {"AWS": chance.choice(arns)},
            {"AWS": chance.sample(arns, 2)},
            {"Service": "lambda.amazonaws.com"},
        ]
    )
    return [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **chance.choice(MFA)}]


def _key(chance: random.Random) -> list[dict[str, Any]]:
    def said(principal: str, action: Any, **more: Any) -> dict[str, Any]:
        return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*", **more}

    found = [said(f"arn:aws:iam::{ACCOUNT}:root", chance.choice(["kms:*", "kms:*", "kms:DescribeKey"]))]
    action = chance.choice(["kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:Encrypt"])
    found.append(said(f"arn:aws:iam::{ACCOUNT}:{chance.choice(NAMES)}", action, **chance.choice(MFA)))
    if chance.random() < 0.3:
        denied = said(f"arn:aws:iam::{ACCOUNT}:{chance.choice(NAMES)}", ["kms:Decrypt", "kms:Encrypt"])
        found.append({**denied, "Effect": "Deny"})
    return found


def world(seed: int, denying: bool = True) -> Holding:
    """A world of a few identities that may change one another; `denying` is whether groups and managed policies deny."""
    chance = random.Random(seed)
    shared = [_statement(chance) for _ in range(5)]
    shared = [each if denying else {**each, "Effect": "Allow"} for each in shared]
    holders = {GROUP: Holder(GROUP, shared[: chance.randint(0, 1)])}
    for name in NAMES:
        attached = [each for each in POLICIES if chance.random() < 0.25]
        boundary = chance.choice([None, None, None, *POLICIES])
        holders[name] = Holder(name, _statements(chance, 2), attached, boundary)
        if name.startswith("role/"):
            holders[name].trust = _trust(chance)
        elif chance.random() < 0.3:
            holders[name].groups = [GROUP]
    policies = {POLICIES[0]: shared[1:3], POLICIES[1]: shared[3 : 4 + chance.randint(0, 1)]}
    return Holding(holders, policies, _key(chance))


def claimed(held: Holding, folder: Path) -> list[Chain]:
    held.write(folder)
    found = estate(load(str(folder), account=ACCOUNT).documents)
    assert {each.shown for each in found.parties} >= {f"arn:aws:iam::{ACCOUNT}:{name}" for name in NAMES}
    return list(escalations(found))


def replayed(held: Holding, chain: Chain) -> bool:
    """Whether the steps of a chain can be made one after another, and give what they should."""
    start = frozenset({chain.party.shown.partition(f"{ACCOUNT}:")[2]})
    at = [(held, start)]
    for step in chain.steps:
        at = [
            (made.world, made.acting)
            for world_, acting in at
            for made in steps(world_, acting)
            if (made.action, made.target) == (step.action, step.target)
        ]
    wanted = [each for each in chain.actions if each in GRANTED]
    return all(any(uses(world_, acting, action) for world_, acting in at) for action in wanted)


def reached(held: Holding, name: str, action: str, most: int) -> int | None:
    """In how few steps an identity obtains an operation, as far as so many go."""
    layer = [Made("", "", held, frozenset({name}))]
    for length in range(most + 1):
        if any(uses(each.world, each.acting, action) for each in layer):
            return length
        layer = [after for each in layer for after in steps(each.world, each.acting)] if length < most else []
    return None


def sure(found: list[Chain]) -> Iterator[Chain]:
    """The chains of identities that are claimed to be sure."""
    for each in found:
        if each.party.caller is not None and each.certainty.value != "possible":
            yield each


@pytest.mark.parametrize("seed", range(60))
def test_what_is_claimed_can_be_done(seed: int, tmp_path: Path) -> None:
    held = world(seed)
    for chain in sure(claimed(held, tmp_path)):
        assert replayed(held, chain), (chain.party.shown, chain.actions, [(s.action, s.target) for s in chain.steps])


@pytest.mark.parametrize("seed", range(30))
def test_what_can_be_done_is_claimed(seed: int, tmp_path: Path) -> None:
    """But for policies that deny something, and that give the caller more all the same when they are attached."""
    held = world(seed, denying=False)
    found = claimed(held, tmp_path)
    for name in NAMES:
        for action in ("kms:Decrypt", "kms:Encrypt"):
            fewest = reached(held, name, action, 2)
            mine = [each for each in found if each.party.shown.endswith(f":{name}") and action in each.actions]
            if fewest:
                assert [len(each.steps) for each in mine] == [fewest], (name, action)
