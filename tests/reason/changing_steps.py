"""The steps that can be made in a small world, one by one, each with the world after it. See `changed_worlds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from tests.reason.changed_worlds import ADMINISTRATOR, ALL, KEY, Holding

GRANTED: Final = ("kms:Decrypt", "kms:Encrypt", "kms:Sign")
KEY_ADDRESS: Final = "aws_kms_key.pay"
_LAMBDA: Final = "lambda.amazonaws.com"
_PLAIN: Final = {"role": "Role", "user": "User", "group": "Group"}


class Made(NamedTuple):
    """A step that was made: its name and its target as chains show them, the world after it, and whom the caller acts as."""

    action: str
    target: str
    world: Holding
    acting: frozenset[str]


def steps(world: Holding, acting: frozenset[str]) -> Iterator[Made]:
    """All steps that somebody who acts as these may make."""
    for who in sorted(acting):
        for name in world.holders:
            yield from _on_policies(world, acting, who, name)
            if not name.startswith("group/"):
                yield from _on_boundary(world, acting, who, name)
                yield from _acting(world, acting, who, name)
            else:
                yield from _membership(world, acting, who, name)
        for arn in world.policies:
            if world.may(who, "iam:CreatePolicyVersion", arn):
                after = world.changed()
                after.policies[arn] = ALL
                yield Made("iam:CreatePolicyVersion", arn, after, acting)
        yield from _on_key(world, acting, who)


def _carried(world: Holding, name: str, policy: str | None = None) -> dict[str, tuple[str, ...]]:
    boundary = world.holders[name].boundary
    carried = {"iam:permissionsboundary": (boundary,)} if boundary and not name.startswith("group/") else {}
    return carried | ({"iam:policyarn": (policy,)} if policy else {})


def _on_policies(world: Holding, acting: frozenset[str], who: str, name: str) -> Iterator[Made]:
    kind, holder = _PLAIN[name.partition("/")[0]], world.holders[name]
    shown = name if kind == "Group" else holder.arn
    if world.may(who, f"iam:Put{kind}Policy", holder.arn, _carried(world, name)):
        after = world.changed()
        after.holders[name].inline = ALL
        yield Made(f"iam:Put{kind}Policy", shown, after, acting)
    if world.may(who, f"iam:Delete{kind}Policy", holder.arn, _carried(world, name)):
        after = world.changed()
        after.holders[name].inline = []
        yield Made(f"iam:Delete{kind}Policy", shown, after, acting)
    for policy in (ADMINISTRATOR, *world.policies):
        if policy not in holder.attached and world.may(
            who, f"iam:Attach{kind}Policy", holder.arn, _carried(world, name, policy)
        ):
            after = world.changed()
            after.holders[name].attached.append(policy)
            yield Made(f"iam:Attach{kind}Policy", shown, after, acting)
    for policy in holder.attached:
        if world.may(who, f"iam:Detach{kind}Policy", holder.arn, _carried(world, name, policy)):
            after = world.changed()
            after.holders[name].attached.remove(policy)
            yield Made(f"iam:Detach{kind}Policy", shown, after, acting)


def _on_boundary(world: Holding, acting: frozenset[str], who: str, name: str) -> Iterator[Made]:
    kind, holder = _PLAIN[name.partition("/")[0]], world.holders[name]
    if holder.boundary is None:
        return
    for action, boundary in ((f"Delete{kind}", None), (f"Put{kind}", ADMINISTRATOR)):
        carried = {"iam:permissionsboundary": (boundary or holder.boundary,)}
        if world.may(who, f"iam:{action}PermissionsBoundary", holder.arn, carried):
            after = world.changed()
            after.holders[name].boundary = boundary
            yield Made(f"iam:{action}PermissionsBoundary", holder.arn, after, acting)


def _acting(world: Holding, acting: frozenset[str], who: str, name: str) -> Iterator[Made]:
    if name in acting:
        return
    more, arn = acting | {name}, world.holders[name].arn
    if name.startswith("user/"):
        if world.may(who, "iam:CreateAccessKey", arn):
            yield Made("iam:CreateAccessKey", arn, world, more)
        return
    if world.may_assume(who, name):
        yield Made("sts:AssumeRole", arn, world, more)
    if world.may(who, "iam:UpdateAssumeRolePolicy", arn, _carried(world, name)):
        after = world.changed()
        principal = {"AWS": world.holders[who].arn}
        after.holders[name].trust.append({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
        if after.may_assume(who, name):
            yield Made("iam:UpdateAssumeRolePolicy", arn, after, more)
    passed = {"iam:passedtoservice": (_LAMBDA,)}
    if world.may(who, "iam:PassRole", arn, passed) and world.trusts(name, _LAMBDA):
        function = "arn:aws:lambda:eu-west-1:111122223333:function:f"
        if all(world.may(who, f"lambda:{each}", function) for each in ("CreateFunction", "InvokeFunction")):
            yield Made("iam:PassRole and lambda:CreateFunction", arn, world, more)


def _membership(world: Holding, acting: frozenset[str], who: str, group: str) -> Iterator[Made]:
    arn = world.holders[group].arn
    for user in sorted(each for each in acting if each.startswith("user/")):
        joined = group in world.holders[user].groups
        action = "iam:RemoveUserFromGroup" if joined else "iam:AddUserToGroup"
        if world.may(who, action, arn):
            after = world.changed()
            groups = after.holders[user].groups
            groups.remove(group) if joined else groups.append(group)
            yield Made(action, group, after, acting)


def _on_key(world: Holding, acting: frozenset[str], who: str) -> Iterator[Made]:
    if world.may_use(who, "kms:PutKeyPolicy"):
        after = world.changed()
        caller = {"AWS": "*"}
        condition = {"ArnEquals": {"aws:PrincipalArn": world.holders[who].arn}}
        everything = {
            "Effect": "Allow",
            "Principal": caller,
            "Action": "kms:*",
            "Resource": "*",
            "Condition": condition,
        }
        after.key = [everything]
        yield Made("kms:PutKeyPolicy", KEY_ADDRESS, after, acting)
    granted = {
        action
        for action in GRANTED
        if world.may_use(
            who,
            "kms:CreateGrant",
            {
                "kms:granteeprincipal": (world.holders[who].arn,),
                "kms:grantoperations": (action.partition(":")[2],),
                "kms:grantisforawsresource": ("false",),
            },
        )
    }
    if granted and (who, "") not in world.grants:
        after = world.changed()
        after.grants |= {(who, action) for action in granted} | {(who, "")}
        yield Made("kms:CreateGrant", KEY_ADDRESS, after, acting)


def uses(world: Holding, acting: frozenset[str], action: str) -> bool:
    """Whether somebody who acts as these may do something with the key."""
    return any(world.may_use(who, action) for who in acting)


__all__ = ["KEY", "Made", "steps", "uses"]
