"""Small worlds of identities and one key, as plain documents, and steps that change them: the second reading of escalation.

Nothing here knows the engine: requests are judged by the reference evaluator, one concrete request at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Final

from kms_lint.model import PolicyKind
from kms_lint.reason import evaluate as reference
from kms_lint.reason.request import Caller, CallerKind, Request, Surroundings, Way

ACCOUNT: Final = "111122223333"
KEY: Final = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
ALL: Final = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
CONTEXTS: Final = tuple(
    {"aws:multifactorauthpresent": (mfa,), "aws:sourceip": (ip,)}
    for mfa, ip in product(("true", "false"), ("10.0.0.1", "203.0.113.1"))
)
"""What requests may carry of their own; a request is possible if it is allowed with one of these."""

Statements = list[dict[str, Any]]


@dataclass
class Holder:
    """An identity or a group. `name` is what follows the account in the ARN."""

    name: str
    inline: Statements = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    boundary: str | None = None
    trust: Statements = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    permitted: bool = False

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:aws:iam::{ACCOUNT}:{self.name}"


@dataclass
class Holding:
    """A world: identities and groups by name, managed policies by ARN, the key policy, and who has a grant for what."""

    holders: dict[str, Holder]
    policies: dict[str, Statements]
    key: Statements
    grants: set[tuple[str, str]] = field(default_factory=set)

    def changed(self) -> Holding:
        """A copy to be changed."""
        return deepcopy(self)

    def write(self, folder: Path) -> None:
        """The world as files that the tool reads."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": self.key})
        (folder / "main.tf").write_text(f'resource "aws_kms_key" "pay" {{\n  policy = <<EOF\n{policy}\nEOF\n}}\n')
        details = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        for each in self.holders.values():
            kind, _, name = each.name.partition("/")
            said: dict[str, Any] = {f"{kind.title()}Name": name, "Arn": each.arn}
            said[f"{kind.title()}PolicyList"] = [_named("own", each.inline)] if each.inline else []
            said["AttachedManagedPolicies"] = [
                {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in each.attached
            ]
            if kind == "role":
                said["AssumeRolePolicyDocument"] = _document(each.trust)
            if kind == "user":
                said["GroupList"] = [group.partition("/")[2] for group in each.groups]
            if each.boundary:
                said["PermissionsBoundary"] = {
                    "PermissionsBoundaryType": "Policy",
                    "PermissionsBoundaryArn": each.boundary,
                }
            details[f"{kind.title()}DetailList"].append(said)
        for arn, statements in self.policies.items():
            version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": _document(statements)}
            details["Policies"].append(
                {
                    "PolicyName": arn.rpartition("/")[2],
                    "Arn": arn,
                    "DefaultVersionId": "v1",
                    "PolicyVersionList": [version],
                }
            )
        (folder / "details.json").write_text(json.dumps(details))

    def caller(self, who: str) -> Caller:
        """Who makes a request."""
        kind = CallerKind.USER if who.startswith("user/") else CallerKind.ROLE
        return Caller(kind, who, ACCOUNT, session="" if kind is CallerKind.USER else "session")

    def _documents(self, who: str) -> Iterator[Statements]:
        for name in (who, *self.holders[who].groups):
            holder = self.holders[name]
            yield holder.inline
            for arn in holder.attached:
                yield ALL if arn == ADMINISTRATOR else self.policies[arn]

    def says(self, who: str, request: Request) -> tuple[bool, bool, bool]:
        """Whether the IAM policies allow and deny a request, and whether the boundary leaves it open."""
        allows, denies = _said(self._documents(who), request)
        boundary = self.holders[who].boundary
        if boundary is None:
            return allows, denies, True
        bound, more = _said([ALL if boundary == ADMINISTRATOR else self.policies[boundary]], request)
        return allows, denies or more, bound

    def may(self, who: str, action: str, resource: str, context: dict[str, tuple[str, ...]] | None = None) -> bool:
        """Whether the IAM policies of an identity let it do something, in some surroundings."""
        for around in CONTEXTS:
            request = Request(self.caller(who), action, resource, {**around, **(context or {})})
            allows, denies, open_ = self.says(who, request)
            if allows and open_ and not denies:
                return True
        return False

    def may_assume(self, who: str, role: str) -> bool:
        """Whether an identity may act as a role."""
        for around in CONTEXTS:
            request = Request(self.caller(who), "sts:AssumeRole", self.holders[role].arn, around)
            allows, denies, open_ = self.says(who, request)
            trace = reference.evaluate(_document(self.holders[role].trust), request, PolicyKind.TRUST)
            if denies or any(each.effect == "Deny" and each.matches for each in trace.steps):
                continue
            for step in trace.steps:
                if (
                    step.effect == "Allow"
                    and step.matches
                    and ((allows and open_) or step.way is Way.DIRECT or (step.way is Way.BOUNDED and open_))
                ):
                    return True
        return False

    def trusts(self, role: str, service: str) -> bool:
        """Whether a service may act as a role."""
        request = Request(Caller(CallerKind.SERVICE, service), "sts:AssumeRole", self.holders[role].arn)
        return bool(reference.evaluate(_document(self.holders[role].trust), request, PolicyKind.TRUST).allowed)

    def may_use(self, who: str, action: str, context: dict[str, tuple[str, ...]] | None = None) -> bool:
        """Whether an identity may do something with the key, in some surroundings."""
        for around in CONTEXTS:
            request = Request(self.caller(who), action, KEY, {**around, **(context or {})})
            allows, denies, open_ = self.says(who, request)
            surroundings = Surroundings(ACCOUNT, allows, open_, self.holders[who].boundary is not None)
            trace = reference.authorize(_document(self.key), request, surroundings)
            by_grant = (who, action) in self.grants and not any(
                each.effect == "Deny" and each.matches is not False for each in trace.steps
            )
            if not denies and (trace.allowed or by_grant):
                return True
        return False


def _document(statements: Statements) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _named(name: str, statements: Statements) -> dict[str, Any]:
    return {"PolicyName": name, "PolicyDocument": _document(statements)}


def _said(documents: Iterator[Statements] | list[Statements], request: Request) -> tuple[bool, bool]:
    steps = [
        step
        for statements in documents
        for step in reference.evaluate(_document(statements), request, PolicyKind.IDENTITY).steps
    ]
    found = {effect: any(each.effect == effect and each.matches for each in steps) for effect in ("Allow", "Deny")}
    return found["Allow"], found["Deny"]
