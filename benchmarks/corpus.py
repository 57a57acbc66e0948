"""Makes corpora: Terraform, CloudFormation and policy JSON as people write them, the same bytes each time.

Of ten Terraform files in a folder five hold a key, its alias, its policy and the policy of a role; the other five are
of about the same size and say nothing about keys: variables, outputs, network, storage and compute. (Of 122 files in a
repository of AWS's own examples, 39 do.) Every CloudFormation template has a key and a role, every JSON file is a
policy. About one statement in ten deserves a finding.

A repository of modules has two environments that call all of its modules, every third one for several teams, and every
fifth module calls the one after it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

ACCOUNT = "111122223333"
REGION = "us-east-1"
SERVICES = ("s3", "dynamodb", "secretsmanager", "sqs")
TEAMS = ("payments", "orders", "ledger", "search", "billing", "catalogue", "identity", "reports")


def write(folder: Path, kind: str, count: int) -> list[Path]:
    """Writes `count` files of a kind (`terraform`, `cloudformation`, `json`) below a folder; ten to a sub-folder.

    Of the kind `modules` it is `count` modules of about 700 lines each.
    """
    if kind == "modules":
        return write_modules(folder, count)
    maker = {"terraform": terraform, "cloudformation": cloudformation, "json": policy}[kind]
    suffix = {"terraform": "tf", "cloudformation": "yaml", "json": "json"}[kind]
    paths = []
    for number in range(count):
        path = folder / f"unit-{number // 10:04}" / f"file-{number:05}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(maker(random.Random(f"{kind} {number}"), number), encoding="utf-8")
        paths.append(path)
    return paths


def write_modules(folder: Path, count: int) -> list[Path]:
    """Writes a repository of modules; gives all its files."""
    texts = {f"live/{stage}/main.tf": environment(stage, count) for stage in ("dev", "prod")}
    for number in range(count):
        chance = random.Random(f"modules {number}")
        for name, text in module(chance, number, count).items():
            texts[f"modules/m{number:03}/{name}.tf"] = text
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / ".git").mkdir(exist_ok=True)
    return [folder / name for name in texts]


def environment(stage: str, count: int) -> str:
    """A root module."""
    parts = [f'locals {{\n  stage = "{stage}"\n  account = "{ACCOUNT}"\n}}\n']
    for number in range(count):
        several = '  for_each = { a = "payments", b = "orders", c = "ledger" }\n' if number % 3 == 0 else ""
        team = "each.value" if several else '"search"'
        parts.append(
            f'module "m{number:03}" {{\n  source = "../../modules/m{number:03}"\n{several}  team   = {team}\n  stage  = local.stage\n'
            f'  users  = ["arn:aws:iam::${{local.account}}:role/app-{number}"]\n}}\n'
        )
    return "\n".join(parts)


def module(chance: random.Random, number: int, count: int) -> dict[str, str]:
    """The files of a module: a key, what it is for, and much that is not about keys."""
    team = chance.choice(TEAMS)
    inner = (
        f'module "next" {{\n  source = "../m{number + 1:03}"\n  team   = var.team\n  stage  = var.stage\n  users  = var.users\n}}\n'
        if number % 5 == 0 and number + 1 < count
        else ""
    )
    return {
        "main": MODULE_KEY + "\n" + terraform(chance, number * 2) + "\n" + inner,
        "variables": MODULE_VARIABLES + "\n" + variables(team, number),
        "outputs": 'output "arn" {\n  value = aws_kms_key.this.arn\n}\n\n' + outputs(team, number),
        "network": "\n".join(network(team, number * 10 + part) for part in range(4)),
        "storage": "\n".join(storage(team, number * 10 + part) for part in range(2)),
        "compute": "\n".join(compute(team, number * 10 + part) for part in range(2)),
    }


MODULE_VARIABLES = """\
variable "team" {
  type = string
}

variable "stage" {
  type = string
}

variable "users" {
  type    = list(string)
  default = []
}
"""

MODULE_KEY = """\
data "aws_caller_identity" "here" {}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "EnableIAM"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.here.account_id}:root"]
    }
  }
  statement {
    sid       = "Use"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = var.users
    }
  }
}

resource "aws_kms_key" "this" {
  description         = "${var.team} in ${var.stage}"
  enable_key_rotation = true
  policy              = data.aws_iam_policy_document.this.json
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.team}-${var.stage}"
  target_key_id = aws_kms_key.this.key_id
}
"""


def statements(chance: random.Random, team: str, key: bool) -> Iterator[dict[str, object]]:
    """Statements of a key policy or an identity policy; about one in ten deserves a finding."""
    if key:
        root = f"arn:aws:iam::{ACCOUNT}:root"
        yield {"Sid": "EnableIAM", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
        principal: dict[str, object] = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{team}"}}
        resource = "*"
    else:
        principal = {}
        resource = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        if chance.random() < 0.1:
            resource = "*"
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    through = {"StringEquals": {"kms:ViaService": f"{chance.choice(SERVICES)}.{REGION}.amazonaws.com"}}
    yield {"Sid": "Use", "Effect": "Allow", **principal, "Action": use, "Resource": resource, "Condition": through}
    if key and chance.random() < 0.1:
        yield {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    if key and chance.random() < 0.5:
        logs = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:*"}}
        service = {"Principal": {"Service": f"logs.{REGION}.amazonaws.com"}}
        yield {"Sid": "Logs", "Effect": "Allow", **service, "Action": use, "Resource": "*", "Condition": logs}


def policy(chance: random.Random, number: int) -> str:
    """A policy document: every other one a key policy."""
    team = chance.choice(TEAMS)
    document = {"Version": "2012-10-17", "Statement": list(statements(chance, team, number % 2 == 0))}
    return json.dumps(document, indent=2) + "\n"


def terraform(chance: random.Random, number: int) -> str:
    """Every other file has a key, its alias, its policy in one of the usual spellings and a role policy."""
    if number % 2:
        return BYSTANDERS[number % 10 // 2](chance.choice(TEAMS), number)
    team, name = chance.choice(TEAMS), f"key_{number}"
    spelling = ("document", "jsonencode", "heredoc")[number // 2 % 3]
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


def variables(team: str, number: int) -> str:
    """Variables of a folder."""
    names = ("environment", "owner", "cost_center", "cidr", "zone", "instance_type", "retention", "domain")
    return "\n".join(
        f'variable "{name}_{number}" {{\n  description = "The {name} of {team}, as the platform team knows it"\n  type        = string\n'
        f'  default     = "{team}-{name}"\n\n  validation {{\n    condition     = length(var.{name}_{number}) > 2\n'
        f'    error_message = "The {name} has at least three characters."\n  }}\n}}\n'
        for name in names
    )


def outputs(team: str, number: int) -> str:
    """Outputs of a folder."""
    names = ("bucket", "table", "queue", "topic", "vpc", "subnet", "instance", "record", "group", "cluster", "cache")
    return "\n".join(
        f'output "{name}_{number}" {{\n  description = "The {name} of {team}, for those who build on it"\n'
        f"  value       = {{\n    id    = module.{name}.id\n    names = [for each in module.{name}.names : lower(each)]\n  }}\n}}\n"
        for name in names
    )


def network(team: str, number: int) -> str:
    """A network with its subnets and firewall rules."""
    parts = [
        f'resource "aws_vpc" "net_{number}" {{\n  cidr_block           = "10.{number % 256}.0.0/16"\n'
        f'  enable_dns_hostnames = true\n  tags                 = {{ Name = "{team}-${{terraform.workspace}}" }}\n}}\n'
    ]
    for zone in "abcd":
        parts.append(
            f'resource "aws_subnet" "net_{number}_{zone}" {{\n  vpc_id            = aws_vpc.net_{number}.id\n'
            f"  cidr_block        = cidrsubnet(aws_vpc.net_{number}.cidr_block, 4, {ord(zone) - 97})\n"
            f'  availability_zone = "{REGION}{zone}"\n\n  tags = {{\n    Name = "{team}-{zone}"\n  }}\n}}\n'
        )
    for port in (80, 443, 5432):
        parts.append(
            f'resource "aws_security_group_rule" "net_{number}_{port}" {{\n  type        = "ingress"\n  from_port   = {port}\n'
            f'  to_port     = {port}\n  protocol    = "tcp"\n  cidr_blocks = [aws_vpc.net_{number}.cidr_block]\n'
            f"  # within the network only\n  security_group_id = var.group_{number}\n}}\n"
        )
    return "\n".join(parts)


def storage(team: str, number: int) -> str:
    """Buckets and tables."""
    return "\n".join(
        f'resource "aws_s3_bucket" "{name}_{number}" {{\n  bucket = "{team}-{name}-{number}"\n}}\n\n'
        f'resource "aws_s3_bucket_versioning" "{name}_{number}" {{\n  bucket = aws_s3_bucket.{name}_{number}.id\n'
        f'  versioning_configuration {{\n    status = "Enabled"\n  }}\n}}\n\n'
        f'resource "aws_dynamodb_table" "{name}_{number}" {{\n  name         = "{team}-{name}"\n  billing_mode = "PAY_PER_REQUEST"\n'
        f'  hash_key     = "id"\n\n  attribute {{\n    name = "id"\n    type = "S"\n  }}\n}}\n'
        for name in ("raw", "curated", "archive", "exports")
    )


def compute(team: str, number: int) -> str:
    """Instances that start with a script, and their scaling."""
    return "\n".join(
        f'resource "aws_launch_template" "{name}_{number}" {{\n  name_prefix   = "{team}-{name}-"\n  image_id      = data.aws_ami.base.id\n'
        f'  instance_type = var.large ? "m6i.2xlarge" : "m6i.large"\n  user_data = base64encode(<<-SCRIPT\n    #!/bin/bash\n'
        f'    echo "starting ${{var.environment}}"\n    systemctl enable --now {name}.service\n  SCRIPT\n  )\n}}\n\n'
        f'resource "aws_autoscaling_group" "{name}_{number}" {{\n  min_size            = 2\n  max_size            = 10\n'
        f"  vpc_zone_identifier = aws_subnet.net[*].id\n\n  launch_template {{\n"
        f'    id      = aws_launch_template.{name}_{number}.id\n    version = "$Latest"\n  }}\n}}\n'
        for name in ("api", "worker", "batch")
    )


BYSTANDERS = (variables, outputs, network, storage, compute)


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
