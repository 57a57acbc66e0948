"""The actions of IAM and of other services by which principals change what they or others may do, as tables.

What each action does, and on which resource it is asked:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class Effect(Enum):
    """What a step changes for its target."""

    WRITTEN = "its IAM policies say what the caller writes"
    ATTACHED = "it has the policy that the caller attaches"
    INLINE_GONE = "its inline policies are gone, with what they deny"
    DETACHED = "a policy that denies is no longer attached to it"
    UNBOUNDED = "its permissions boundary is gone"
    BOUNDARY_CHOSEN = "its permissions boundary is AdministratorAccess, which leaves everything open"
    ACTING = "the caller acts as it"
    TRUSTING = "its trust policy names the caller, who acts as it"
    JOINED = "it is in the group"
    LEFT = "it is no longer in the group"
    REWRITTEN = "its new version says what the caller writes"


class Kind(Enum):
    """What a step is made on: how the name within the ARN begins."""

    ROLE = "role/"
    USER = "user/"
    GROUP = "group/"


class Change(NamedTuple):
    """One action: on what, what it changes, and on which condition that is not in policies; `sure` unless that is not known."""

    kind: Kind
    effect: Effect
    condition: str = ""
    sure: bool = True


CHANGES: Final = {
    "iam:PutRolePolicy": Change(Kind.ROLE, Effect.WRITTEN),
    "iam:AttachRolePolicy": Change(Kind.ROLE, Effect.ATTACHED),
    "iam:DeleteRolePolicy": Change(Kind.ROLE, Effect.INLINE_GONE),
    "iam:DetachRolePolicy": Change(Kind.ROLE, Effect.DETACHED),
    "iam:DeleteRolePermissionsBoundary": Change(Kind.ROLE, Effect.UNBOUNDED),
    "iam:PutRolePermissionsBoundary": Change(Kind.ROLE, Effect.BOUNDARY_CHOSEN),
    "iam:UpdateAssumeRolePolicy": Change(Kind.ROLE, Effect.TRUSTING),
    "iam:PutUserPolicy": Change(Kind.USER, Effect.WRITTEN),
    "iam:AttachUserPolicy": Change(Kind.USER, Effect.ATTACHED),
    "iam:DeleteUserPolicy": Change(Kind.USER, Effect.INLINE_GONE),
    "iam:DetachUserPolicy": Change(Kind.USER, Effect.DETACHED),
    "iam:DeleteUserPermissionsBoundary": Change(Kind.USER, Effect.UNBOUNDED),
    "iam:PutUserPermissionsBoundary": Change(Kind.USER, Effect.BOUNDARY_CHOSEN),
    "iam:CreateAccessKey": Change(Kind.USER, Effect.ACTING),
    "iam:CreateLoginProfile": Change(Kind.USER, Effect.ACTING, "it has no password for the console yet", False),
    "iam:UpdateLoginProfile": Change(Kind.USER, Effect.ACTING, "it has a password for the console", False),
    "iam:PutGroupPolicy": Change(Kind.GROUP, Effect.WRITTEN),
    "iam:AttachGroupPolicy": Change(Kind.GROUP, Effect.ATTACHED),
    "iam:DeleteGroupPolicy": Change(Kind.GROUP, Effect.INLINE_GONE),
    "iam:DetachGroupPolicy": Change(Kind.GROUP, Effect.DETACHED),
}
"""Steps on a user, a role or a group. What is changed for a group is changed for all that are in it."""

CARRY_BOUNDARY: Final = frozenset(
    name for name in CHANGES if ("Policy" in name and "Group" not in name) or "Boundary" in name
)
"""Those whose requests carry the boundary of the target for `iam:PermissionsBoundary`, or the one that is to be set."""

JOIN: Final = "iam:AddUserToGroup"
LEAVE: Final = "iam:RemoveUserFromGroup"
"""On the group; the user is asked about by nothing."""

NEW_VERSION: Final = "iam:CreatePolicyVersion"
OTHER_VERSION: Final = "iam:SetDefaultPolicyVersion"
"""On a customer managed policy; the first writes it anew for all that carry it, the second brings an earlier text back."""

ASSUME: Final = "sts:AssumeRole"
TAG_SESSION: Final = "sts:TagSession"
PASS: Final = "iam:PassRole"
TAGGING: Final = {
    Kind.ROLE: ("iam:TagRole", "iam:UntagRole"),
    Kind.USER: ("iam:TagUser", "iam:UntagUser"),
}


class Running(NamedTuple):
    """How a service runs something of the caller's as a role that is passed to it.

    `first` is the call with which the role is passed, `then` the one that runs it, where that is another one; both are asked
    about resources whose names are like `names`. What else is needed, and not in policies, is `condition`.
    """

    service: str
    first: str
    then: str = ""
    names: str = "*"
    condition: str = ""


RUNNING: Final = (
    Running("lambda.amazonaws.com", "lambda:CreateFunction", "lambda:InvokeFunction", "function:*"),
    Running("codebuild.amazonaws.com", "codebuild:CreateProject", "codebuild:StartBuild", "project/*"),
    Running("glue.amazonaws.com", "glue:CreateJob", "glue:StartJobRun", "job/*"),
    Running("states.amazonaws.com", "states:CreateStateMachine", "states:StartExecution", "stateMachine:*"),
    Running("ec2.amazonaws.com", "ec2:RunInstances", condition="an instance profile holds the role"),
    Running(
        "ecs-tasks.amazonaws.com",
        "ecs:RegisterTaskDefinition",
        "ecs:RunTask",
        condition="there is a cluster to run it on",
    ),
    Running(
        "sagemaker.amazonaws.com",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "notebook-instance/*",
    ),
    Running(
        "cloudformation.amazonaws.com", "cloudformation:CreateStack", condition="a resource type of the stack does it"
    ),
)
"""Services that run something as a role that was passed, as of November 2026.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

CREATE_KEY: Final = "kms:CreateKey"
ALIASES: Final = ("kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias")

ASKED: Final = (
    *CHANGES,
    JOIN,
    LEAVE,
    NEW_VERSION,
    OTHER_VERSION,
    ASSUME,
    TAG_SESSION,
    PASS,
    *(name for pair in TAGGING.values() for name in pair),
    *(action for each in RUNNING for action in (each.first, each.then) if action),
)
"""All of these."""
