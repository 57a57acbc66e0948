"""What principals may do to one another in IAM: rewrite policies, take boundaries away, act as somebody else.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagement.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_permissions-to-switch.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kms_lint.iam import principals, wildcards
from kms_lint.model import Effect, Policy, Statement
from kms_lint.reason.authorization import TRUSTS, Link, LinkKind
from kms_lint.reason.formula import Formula, conjunction, disjunction, negation, satisfiable, unsettled_names, within
from kms_lint.reason.parties import Estate, Party, Standing
from kms_lint.reason.residual import both, words
from kms_lint.reason.space import ACTION, RESOURCE, Space, Word
from kms_lint.reason.statements import Meant, meant
from kms_lint.syntax.tree import ANYTHING


class Gain(Enum):
    """What a step changes for its target."""

    POLICIES = "its IAM policies say what the caller writes"
    BOUNDARY = "its permissions boundary is gone"
    ACTING = "the caller acts as it"


STEPS: Final = {
    "iam:PutRolePolicy": ("role/", Gain.POLICIES),
    "iam:AttachRolePolicy": ("role/", Gain.POLICIES),
    "iam:PutUserPolicy": ("user/", Gain.POLICIES),
    "iam:AttachUserPolicy": ("user/", Gain.POLICIES),
    "iam:DeleteRolePermissionsBoundary": ("role/", Gain.BOUNDARY),
    "iam:DeleteUserPermissionsBoundary": ("user/", Gain.BOUNDARY),
    "iam:UpdateAssumeRolePolicy": ("role/", Gain.ACTING),
    "iam:CreateAccessKey": ("user/", Gain.ACTING),
}
"""Steps on an identity: the kind that they are for, and what they change."""

ON_POLICY: Final = "iam:CreatePolicyVersion"
ASSUME: Final = "sts:AssumeRole"
PASS: Final = "iam:PassRole"
RUNNING: Final = {
    "lambda:CreateFunction": "AWS Lambda",
    "ec2:RunInstances": "Amazon EC2",
    "ecs:RunTask": "Amazon ECS",
    "glue:CreateJob": "AWS Glue",
    "cloudformation:CreateStack": "AWS CloudFormation",
    "codebuild:CreateProject": "AWS CodeBuild",
    "sagemaker:CreateNotebookInstance": "Amazon SageMaker",
    "states:CreateStateMachine": "AWS Step Functions",
}
"""Calls by which a service runs something of the caller's as a role that was passed, as of November 2026."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """That a request is allowed: by which statement, on which condition in the author's words, and whether that is sure."""

    links: tuple[Link, ...]
    condition: str = ""
    sure: bool = True


class Identities:
    """The IAM policies of an estate over the requests that change identities."""

    def __init__(self, estate: Estate) -> None:
        """Compiles the policies of the parties that have any."""
        self.estate = estate
        self.parties = tuple(each for each in estate.parties if each.policies)
        self.targets = tuple(each for each in estate.parties if each.standing is Standing.IDENTITY and each.caller)
        self._space = Space(closed=False)
        self._compile()
        for action in (*STEPS, ON_POLICY, ASSUME, PASS, *RUNNING):
            self._space.word(ACTION, Word(action, True, True))
        for arn in self._arns():
            for name, part in zip(RESOURCE, arn.split(":", 5)[1:], strict=True):
                self._space.word(name, Word(part))
        self._space.settle()
        self._meant = self._compile()
        self._known: dict[tuple[int, str, str], Allowed | None] = {}

    def _arns(self) -> Iterator[str]:
        for party in self.targets:
            if party.caller is not None and party.caller.arn:
                yield party.caller.arn

    def _compile(self) -> dict[int, list[Meant]]:
        found: dict[int, list[Meant]] = {}
        for party in self.parties:
            for policy in (*party.policies, *party.boundary):
                if id(policy) not in found:
                    found[id(policy)] = meant(self._space, policy, True, policy.address)
        for policy in self.estate.scps:
            found.setdefault(id(policy), meant(self._space, policy, True, policy.address))
        return found

    def allowed(self, party: Party, action: str, arn: str = "") -> Allowed | None:
        """Whether the IAM policies of a party may allow an action on a resource; on any where none is named."""
        name = (id(party), action, arn)
        if name not in self._known:
            self._known[name] = self._allowed(party, action, arn)
        return self._known[name]

    def _allowed(self, party: Party, action: str, arn: str) -> Allowed | None:
        region = self._region(action, arn)
        limiting = (*party.policies, *party.boundary, *self.estate.scps)
        denied = disjunction([each for each, _ in self._said(limiting, region, denies=True)])
        bound: Formula = True
        if party.bounded:
            bound = disjunction([each for each, _ in self._said(party.boundary, region, denies=False)])
        for formula, (policy, statement) in self._said(party.policies, region, denies=False):
            whole = conjunction((formula, bound, negation(denied)))
            found = satisfiable(whole)
            if found is False:
                continue
            link = Link(LinkKind.IDENTITY_POLICY, policy, statement)
            return Allowed((link,), _asks(statement), found is True and not unsettled_names(whole))
        return None

    def _said(
        self, policies: Sequence[Policy], region: dict[str, int], *, denies: bool
    ) -> Iterator[tuple[Formula, tuple[Policy, Statement]]]:
        for policy in policies:
            for each in self._meant.get(id(policy), ()):
                formula = within(conjunction((each.denies if denies else each.allows, each.whole)), region)
                if formula is not False:
                    yield formula, (policy, each.statement)

    def _region(self, action: str, arn: str) -> dict[str, int]:
        chosen = self._space.chosen[ACTION]
        index = next(at for at, text in enumerate(chosen) if text.lower() == action.lower())
        region = {ACTION: 1 << index}
        for name, part in zip(RESOURCE, arn.split(":", 5)[1:] if arn else (), strict=False):
            region[name] = 1 << self._space.chosen[name].index(part)
        return region

    def assumes(self, party: Party, role: Party) -> Allowed | None:
        """Whether a party may act as a role: the role's trust policy lets it in, and its own policies where they have to."""
        arn = role.caller.arn if role.caller is not None else None
        if arn is None or party.caller is None or role is party:
            return None
        for policy in self.estate.trusts:
            if policy.of != role.address:
                continue
            for statement in policy.statements:
                found = self._trusts(policy, statement, party, arn)
                if found is not None:
                    return found
        return None

    def _trusts(self, policy: Policy, statement: Statement, party: Party, arn: str) -> Allowed | None:
        named = statement.principals
        if statement.effect is not Effect.ALLOW or statement.unknown or named is None or named.negated:
            return None
        patterns = statement.actions.values if statement.actions is not None and not statement.actions.negated else ()
        if not any(wildcards.matches(each.form.lower(), ASSUME.lower()) for each in patterns):
            return None
        link = Link(LinkKind.IDENTITY_POLICY, policy, statement, how=TRUSTS)
        told = _asks(statement)
        for each in named.values:
            if each.type.form != "AWS" or ANYTHING in each.value.form:
                continue
            if party.caller is not None and each.value.form == party.caller.arn:
                return Allowed((link,), told)
            if each.value.form == "*" or (principals.is_account(each) and principals.account(each) == party.account):
                own = self.allowed(party, ASSUME, arn)
                if own is not None:
                    return Allowed((link, *own.links), both(told, own.condition), own.sure)
        return None


def _asks(statement: Statement) -> str:
    """All conditions of a statement, in its author's words."""
    return both(*map(words, statement.conditions))
