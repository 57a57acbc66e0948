"""What the checks of other tools are tried on: small documents, each in the format that its tool reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.threads import FOREIGN, KEY_ARN, OWNER, ROOT

Files = Mapping[str, str]
Statement = Mapping[str, Any]

ROLE = f"arn:aws:iam::{OWNER}:role/app"
ADMIN = f"arn:aws:iam::{OWNER}:role/admin"
STRANGER = f"arn:aws:iam::{FOREIGN}:root"
ALIAS_ARN = f"arn:aws:kms:us-east-1:{OWNER}:alias/orders"


def allow(actions: object, resource: object = "*", **more: object) -> Statement:
    """A statement that allows; `Principal`, `Condition` and the like by name."""
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def let_in(principal: object, actions: object = "kms:*", **more: object) -> Statement:
    """A statement of a key policy that lets somebody in."""
    return {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **more}


def deny(actions: object, **more: object) -> Statement:
    """A statement that denies."""
    return {"Effect": "Deny", "Action": actions, "Resource": "*", **more}


def document(*statements: Statement, **more: object) -> str:
    """A policy, one value a line."""
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)}, indent=1)


def policy(*statements: Statement, **more: object) -> Files:
    """A policy in a file of its own."""
    return {"policy.json": document(*statements, **more)}


def key_policy(*statements: Statement, **more: object) -> Files:
    """A key policy in a file of its own, whose first statement is AWS's default one."""
    return policy(ROOT, *statements, **more)


def key(arguments: str) -> Files:
    """A key of Terraform."""
    return {"main.tf": f'resource "aws_kms_key" "key" {{\n{arguments}\n}}\n'}


def key_with(*statements: Statement, root: bool = True) -> Files:
    """A key of Terraform with a policy as text."""
    written = document(*([ROOT] if root else []), *statements)
    return key(f"enable_key_rotation = true\npolicy = <<POLICY\n{written}\nPOLICY")


def iam_policy(*statements: Statement) -> Files:
    """An IAM policy of Terraform, as text."""
    return {
        "main.tf": f'resource "aws_iam_policy" "policy" {{\npolicy = <<POLICY\n{document(*statements)}\nPOLICY\n}}\n'
    }


def iam_document(block: str) -> Files:
    """An IAM policy of Terraform, as a document with one statement."""
    return {
        "main.tf": f'data "aws_iam_policy_document" "use" {{\nstatement {{\n{block}\n}}\n}}\n'
        'resource "aws_iam_policy" "use" {\npolicy = data.aws_iam_policy_document.use.json\n}\n'
    }


def template(**resources: Mapping[str, Any]) -> Files:
    """A template of CloudFormation."""
    return {"template.json": json.dumps({"Resources": resources}, indent=1)}


def key_resource(*statements: Statement, of: str = "AWS::KMS::Key", **properties: object) -> Files:
    """A key of a template: with the policy of these statements, and what else is said; rotation is on."""
    said: dict[str, object] = {"EnableKeyRotation": True} if of == "AWS::KMS::Key" else {}
    written = {"Version": "2012-10-17", "Statement": [ROOT, *statements]}
    return template(Key={"Type": of, "Properties": {**said, "KeyPolicy": written, **properties}})


def managed(*statements: Statement) -> Files:
    """A managed policy of a template."""
    written = {"Version": "2012-10-17", "Statement": list(statements)}
    return template(Policy={"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": written}})


def role(*statements: Statement) -> Files:
    """A role of a template, with a policy of its own."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return template(
        Role={
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
                "Policies": [
                    {"PolicyName": "use", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
                ],
            },
        }
    )


USE = ["kms:Decrypt", "kms:GenerateDataKey*"]
NAMED = allow(USE, KEY_ARN)
"""What an IAM policy should be like: operations that are needed, on a key that is named."""
