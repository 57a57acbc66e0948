"""Makes corpora: Terraform, CloudFormation and policy JSON as people write them, the same bytes each time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

ACCOUNT = "111122223333"
REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
TEAMS = ("payments", "orders", "ledger", "search", "billing", "catalogue", "identity", "reports")


def write(folder: Path, kind: str, count: int) -> list[Path]:
    """Writes `count` files of a kind (`terraform`, `cloudformation`, `json`) below a folder; ten to a sub-folder."""
    maker = {"terraform": terraform, "cloudformation": cloudformation, "json": policy}[kind]
    suffix = {"terraform": "tf", "cloudformation": "yaml", "json": "json"}[kind]
    paths = []
    for number in range(count):
        path = folder / f"unit-{number // 10:04}" / f"file-{number:05}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(maker(random.Random(f"{kind} {number}"), number), encoding="utf-8")
        paths.append(path)
    return paths


def statements(chance: random.Random, team: str, key: bool) -> Iterator[dict[str, object]]:
    """Statements of a key policy or an identity policy; about one in ten deserves a finding."""
    if key:
        root = f"arn:aws:iam::{ACCOUNT}:root"
        yield {"Sid": "EnableIAM", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
        principal: dict[str, object] = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{team}"}}
        resource = "*"
    else:
        principal = {}
        resource = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        if chance.random() < 0.1:
            resource = "*"
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    through = {"StringEquals": {"kms:ViaService": f"s3.{chance.choice(REGIONS)}.amazonaws.com"}}
    yield {"Sid": "Use", "Effect": "Allow", **principal, "Action": use, "Resource": resource, "Condition": through}
    if key and chance.random() < 0.1:
        yield {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    if key and chance.random() < 0.5:
        logs = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:*"}}
        service = {"Principal": {"Service": "logs.us-east-1.amazonaws.com"}}
        yield {"Sid": "Logs", "Effect": "Allow", **service, "Action": use, "Resource": "*", "Condition": logs}


def policy(chance: random.Random, number: int) -> str:
    """A policy document: every other one a key policy."""
    team = chance.choice(TEAMS)
    document = {"Version": "2012-10-17", "Statement": list(statements(chance, team, number % 2 == 0))}
    return json.dumps(document, indent=2) + "\n"


def terraform(chance: random.Random, number: int) -> str:
    """A file with a key, its alias, its policy in one of the usual spellings, a role policy and some bystanders."""
    team, name = chance.choice(TEAMS), f"key_{number}"
    spelling = ("document", "jsonencode", "heredoc")[number % 3]
    parts = [
        f'variable "tags_{number}" {{\n  type    = map(string)\n  default = {{ team = "{team}" }}\n}}\n',
        f"# {team}\n" + key_block(chance, name, team, spelling),
        f'resource "aws_kms_alias" "{name}" {{\n  name          = "alias/{team}-{number}"\n'
        f"  target_key_id = aws_kms_key.{name}.key_id\n}}\n",
        f'resource "aws_iam_role_policy" "{name}" {{\n  name = "{team}"\n  role = "{team}"\n'
        f'  policy = jsonencode({{\n    Version = "2012-10-17"\n    Statement = [{{\n      Effect   = "Allow"\n'
        f'      Action   = ["kms:Decrypt", "kms:GenerateDataKey"]\n      Resource = aws_kms_key.{name}.arn\n    }}]\n  }})\n}}\n',
        f'resource "aws_s3_bucket" "{name}" {{\n  bucket = "{team}-{number}"\n  tags   = var.tags_{number}\n}}\n',
    ]
    return "\n".join(parts)


def key_block(chance: random.Random, name: str, team: str, spelling: str) -> str:
    """A key with its policy, and the data document where that is how it is spelt."""
    rotation = "true" if chance.random() < 0.9 else "false"
    head = (
        f'resource "aws_kms_key" "{name}" {{\n  description             = "{team} data"\n'
        f"  deletion_window_in_days = 30\n  enable_key_rotation     = {rotation}\n"
    )
    entries = list(statements(chance, team, key=True))
    if spelling == "document":
        blocks = "\n".join(document_statement(entry) for entry in entries)
        return f'{head}  policy = data.aws_iam_policy_document.{name}.json\n}}\n\ndata "aws_iam_policy_document" "{name}" {{\n{blocks}\n}}\n'
    text = json.dumps({"Version": "2012-10-17", "Statement": entries}, indent=2)
    if spelling == "heredoc":
        return f"{head}  policy = <<POLICY\n{text}\nPOLICY\n}}\n"
    return f"{head}  policy = jsonencode({text})\n}}\n"


def document_statement(entry: dict[str, object]) -> str:
    """A statement as a block of `aws_iam_policy_document`."""
    actions = entry["Action"] if isinstance(entry["Action"], list) else [entry["Action"]]
    lines = [f'  statement {{\n    sid       = "{entry["Sid"]}"\n    actions   = {json.dumps(actions)}']
    lines.append(f"    resources = {json.dumps([entry['Resource']])}")
    principal = entry["Principal"]
    pairs = principal.items() if isinstance(principal, dict) else [("*", principal)]
    for type_, value in pairs:
        lines.append(f'    principals {{\n      type        = "{type_}"\n      identifiers = ["{value}"]\n    }}')
    conditions = entry.get("Condition", {})
    assert isinstance(conditions, dict)
    for test, keys in conditions.items():
        for key, value in keys.items():
            lines.append(
                f'    condition {{\n      test     = "{test}"\n      variable = "{key}"\n      values   = ["{value}"]\n    }}'
            )
    return "\n".join([*lines, "  }"])


def cloudformation(chance: random.Random, number: int) -> str:
    """A template with a key, an alias, a role with a policy and some bystanders."""
    team = chance.choice(TEAMS)
    lines = [
        "AWSTemplateFormatVersion: '2010-09-09'",
        f"Description: {team}",
        "Parameters:",
        "  Stage:",
        "    Type: String",
    ]
    lines += ["    Default: dev", "Resources:", "  Key:", "    Type: AWS::KMS::Key", "    Properties:"]
    lines += [f"      Description: !Sub '{team} of ${{Stage}}'"]
    lines += [f"      EnableKeyRotation: {'true' if chance.random() < 0.9 else 'false'}", "      KeyPolicy:"]
    lines += ["        Version: '2012-10-17'", "        Statement:"]
    for entry in statements(chance, team, key=True):
        lines += yaml_statement(entry, "          ")
    lines += ["  Alias:", "    Type: AWS::KMS::Alias", "    Properties:", f"      AliasName: alias/{team}-{number}"]
    lines += ["      TargetKeyId: !Ref Key", "  Role:", "    Type: AWS::IAM::Role", "    Properties:"]
    lines += ["      AssumeRolePolicyDocument:", "        Version: '2012-10-17'", "        Statement:"]
    lines += ["          - Effect: Allow", "            Principal: {Service: lambda.amazonaws.com}"]
    lines += [
        "            Action: sts:AssumeRole",
        "      Policies:",
        "        - PolicyName: use-key",
        "          PolicyDocument:",
    ]
    lines += ["            Version: '2012-10-17'", "            Statement:", "              - Effect: Allow"]
    lines += ["                Action: [kms:Decrypt, kms:GenerateDataKey]", "                Resource: !GetAtt Key.Arn"]
    for bystander in range(3):
        lines += [f"  Bucket{bystander}:", "    Type: AWS::S3::Bucket", "    Properties:"]
        lines += [
            f"      BucketName: !Sub '{team}-${{AWS::AccountId}}-{bystander}'",
            "      VersioningConfiguration: {Status: Enabled}",
        ]
    return "\n".join(lines) + "\n"


def yaml_statement(entry: dict[str, object], indent: str) -> list[str]:
    """A statement in block style, the account's own ARN by `!Sub` as people write it."""
    lines = []
    for name, value in entry.items():
        text = json.dumps(value)
        if ":root" in text:
            text = "{AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}"
        lines.append(f"{indent}{'- ' if not lines else '  '}{name}: {text}")
    return lines
