"""What users of other tools complained about, thread by thread: false positives stay silent, silent passes speak."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint import lint
from kms_lint.finding import Severity
from tests.conftest import PROJECT, kms_lint
from tests.load.plans import Instance, plan, refers
from tests.load.plans import text as text_of
from tests.threads import GITHUB, KEY_ARN, OWNER, Case, allow, identity_policy, judge, key_policy, line_of, terraform

APP = f"arn:aws:iam::{OWNER}:role/app"
USE = ["kms:Decrypt", "kms:GenerateDataKey*"]
ABOUT_RESOURCES = ("wildcard-resource", "account-wide-resource", "key-policy-resource")

DOCUMENT = """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
  statement {
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:role/app"]
    }
  }
}
"""
STATEMENTS = """[
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/app" }, Action = ["kms:Decrypt", "kms:GenerateDataKey*"], Resource = "*" },
    ]"""
TEMPLATE = """
Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
          - Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:role/app"}
            Action: ["kms:Decrypt", "kms:GenerateDataKey*"]
            Resource: "*"
"""


def key(policy: str, name: str = "key", more: str = "") -> str:
    return f"""
resource "aws_kms_key" "{name}" {{
  enable_key_rotation = true
  policy              = {policy}
{more}}}
"""


CHECKOV, TFSEC, TRIVY = "bridgecrewio/checkov/issues/", "aquasecurity/tfsec/issues/", "aquasecurity/trivy/issues/"
KICS, PROWLER, PROVIDER = (
    "Checkmarx/kics/issues/",
    "prowler-cloud/prowler/issues/",
    "hashicorp/terraform-provider-aws/issues/",
)
HCL2 = "amplify-education/python-hcl2/issues/"

RESOURCE_OF_A_KEY_POLICY = [
    Case(
        GITHUB + CHECKOV + "2336", terraform(DOCUMENT + key("data.aws_iam_policy_document.key.json")), about="document"
    ),
    Case(
        GITHUB + CHECKOV + "5181",
        terraform(key(f'jsonencode({{ Version = "2012-10-17", Statement = {STATEMENTS} }})')),
        about="jsonencode",
    ),
    Case(GITHUB + CHECKOV + "5148", key_policy(allow({"AWS": APP}, USE)), about="policy file"),
    Case(GITHUB + CHECKOV + "5305", {"template.yaml": TEMPLATE}, about="template"),
    Case(
        GITHUB + CHECKOV + "5181",
        terraform(
            DOCUMENT
            + key("data.aws_iam_policy_document.key.json")
            + """
resource "aws_iam_policy" "use" {
  policy = data.aws_iam_policy_document.key.json
}
"""
        ),
        speaks=(("malformed-policy", "principals {"),),
        whole=False,
        about="one document for a key and for an identity is judged as both",
    ),
    Case(
        GITHUB + TFSEC + "794",
        terraform(
            'data "aws_caller_identity" "current" {}\n'
            + key("""jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }, Action = "kms:*", Resource = "*" }]
  })""")
        ),
        about="the default policy",
    ),
    Case(
        GITHUB + "ministryofjustice/modernisation-platform/issues/1046",
        terraform(
            DOCUMENT.replace('resources = ["*"]', "resources = [aws_kms_alias.key.arn]", 1)
            + key("data.aws_iam_policy_document.key.json")
            + """
resource "aws_kms_alias" "key" {
  name          = "alias/orders"
  target_key_id = aws_kms_key.key.id
}
"""
        ),
        speaks=(
            ("key-policy-resource", "resources = [aws_kms_alias.key.arn]"),
            ("key-lockout", 'actions   = ["kms:*"]'),
        ),
        about="narrowed to what is not this key: nothing matches, nobody administers",
    ),
    Case(
        GITHUB + "terraform-aws-modules/terraform-aws-iam/issues/494",
        terraform("""
variable "principals" {
  type = list(string)
}

variable "keys" {
  type = list(string)
}

data "aws_iam_policy_document" "use" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = var.keys
  }
}

resource "aws_iam_policy" "use" {
  policy = data.aws_iam_policy_document.use.json
}
"""),
        about="a module that does not know its callers",
    ),
    Case(
        GITHUB + "aquasecurity/trivy-checks/pull/30",
        identity_policy(
            {
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": [KEY_ARN, "*", KEY_ARN.replace("1234abcd", "9876abcd")],
            }
        ),
        speaks=(("wildcard-resource", '"*"'),),
        about="the value that offends is cited, not the first",
    ),
    Case(
        GITHUB + TRIVY + "5090",
        terraform("""
resource "aws_kms_key" "orders" {
  enable_key_rotation = true
}

resource "aws_s3_bucket" "orders" {
  bucket = "orders"
}

resource "aws_iam_role_policy" "app" {
  role = "app"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey*"], Resource = [aws_kms_key.orders.arn] },
      { Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.orders.arn}/*" },
    ]
  })
}
"""),
        silent=(*ABOUT_RESOURCES, "unknown-action", "dead-resource"),
        whole=False,
        about="references to ARNs and suffixes that are needed",
    ),
]

DELEGATION = [
    Case(GITHUB + KICS + "4779", key_policy(), about="written out"),
    Case(
        GITHUB + KICS + "4779",
        terraform('resource "aws_kms_key" "key" {\n  enable_key_rotation = true\n}\n'),
        about="left out",
    ),
    Case(GITHUB + TFSEC + "797", key_policy(), silent=("blanket-delegation", "whole-key-access"), whole=False),
]

VIA = {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}
NARROWED_BY_CONDITIONS = [
    Case(
        GITHUB + "stelligent/cfn_nag/issues/557",
        key_policy(allow("*", USE, StringEquals={"kms:CallerAccount": OWNER, **VIA})),
    ),
    Case(
        GITHUB + "nccgroup/ScoutSuite/issues/1579",
        key_policy(
            allow({"AWS": "*"}, USE, StringEquals={"kms:callerAccount": OWNER, "kms:viaservice": VIA["kms:ViaService"]})
        ),
        about="letter case of keys",
    ),
    Case(
        GITHUB + "prowler-cloud/prowler/pull/10600",
        key_policy(allow("*", USE, StringEquals=VIA)),
        speaks=(("public-principal", '"Principal": "*"'),),
        about="a path alone binds no account",
    ),
    Case(
        GITHUB + "prowler-cloud/prowler/pull/10600",
        key_policy(allow("*", USE, ForAnyValue__StringEquals={"aws:CalledVia": ["athena.amazonaws.com"]})),
        speaks=(("public-principal", '"Principal": "*"'),),
        about="nor does aws:CalledVia",
    ),
    Case(
        GITHUB + "turbot/steampipe-mod-aws-perimeter/issues/23",
        key_policy(allow("*", USE, StringLike={"kms:CallerAccount": "*"})),
        speaks=(("public-principal", '"Principal": "*"'),),
        whole=False,
        about="a wildcard restricts nobody",
    ),
    Case(
        GITHUB + "cloud-custodian/cloud-custodian/issues/7665",
        key_policy(
            allow("*", USE, StringEquals={"kms:CallerAccount": OWNER, "kms:ViaService": "rds.us-east-1.amazonaws.com"})
        ),
    ),
    Case(
        GITHUB + "cloud-custodian/cloud-custodian/issues/5201",
        key_policy(allow({"AWS": "*"}, USE, StringEquals={"aws:PrincipalAccount": [OWNER]})),
        silent=("public-principal", "account-wildcard-condition"),
        whole=False,
    ),
    Case(
        "Cornell wiki, How To Recover Management Access to AWS KMS Keys",
        key_policy(
            allow(
                {"AWS": "*"},
                "kms:*",
                StringLike={
                    "aws:PrincipalArn": [f"arn:aws:iam::{OWNER}:role/admin", f"arn:aws:iam::{OWNER}:role/shib-*"]
                },
            )
        ),
        silent=("public-principal", "key-lockout"),
        whole=False,
        about="survives the deletion of a role",
    ),
    Case(
        GITHUB + CHECKOV + "4394",
        key_policy({"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}),
        silent=("public-principal", "destructive-action"),
        about="a Deny grants nothing",
        whole=False,
    ),
    Case(
        GITHUB + CHECKOV + "1582",
        key_policy(allow("*", USE, ForAllValues__StringEquals={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})),
        speaks=(("public-principal", '"Principal": "*"'),),
        whole=False,
        about="the example is open indeed",
    ),
    Case(
        GITHUB + "cloud-custodian/cloud-custodian/issues/2392",
        key_policy(allow({"AWS": APP}, USE, ForAllValues__StringEquals={"kms:EncryptionContextKeys": "app"})),
        speaks=(("condition-fails-open", "kms:EncryptionContextKeys"),),
        whole=False,
        about="fails open",
    ),
    Case(
        GITHUB + "boogy/iam-policy-validator/pull/77",
        key_policy(allow("*", USE, StringEqualsIfExists={"aws:PrincipalOrgID": "o-a1b2c3d4e5"})),
        speaks=(("public-principal", '"Principal": "*"'),),
        whole=False,
        about="IfExists in an Allow",
    ),
    Case(
        GITHUB + "salesforce/cloudsplaining/pull/167",
        identity_policy(
            {"Effect": "Allow", "Action": ["kms:ScheduleKeyDeletion", "kms:DescribeKey"], "Resource": KEY_ARN},
            {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"},
        ),
        silent=("destructive-action",),
        whole=False,
        about="what is denied is not allowed",
    ),
]

ROTATION = [
    Case(
        GITHUB + KICS + "7337",
        terraform(
            'resource "aws_kms_key" "sign" {\n  customer_master_key_spec = "RSA_4096"\n  key_usage                = "SIGN_VERIFY"\n}\n'
        ),
        about="asymmetric",
    ),
    Case(
        GITHUB + KICS + "5335",
        {
            "template.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties: {KeySpec: HMAC_256, KeyUsage: GENERATE_VERIFY_MAC}\n"
        },
        about="HMAC",
    ),
    Case(
        GITHUB + "Checkmarx/kics/pull/8067",
        {"template.yaml": "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties: {Origin: EXTERNAL}\n"},
        about="imported",
    ),
    Case(
        GITHUB + "bridgecrewio/checkov/pull/1279",
        terraform(
            'resource "aws_kms_replica_key" "key" {\n  primary_key_arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"\n}\n'
        ),
        about="replica",
    ),
    Case(
        GITHUB + "nccgroup/ScoutSuite/issues/1636",
        terraform('resource "aws_kms_key" "store" {\n  custom_key_store_id = "cks-1234567890abcdef0"\n}\n'),
        about="custom key store",
    ),
    Case(
        GITHUB + PROWLER + "1838",
        {
            "key.json": json.dumps(
                {
                    "KeyMetadata": {
                        "KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab",
                        "Arn": KEY_ARN,
                        "AWSAccountId": OWNER,
                        "KeyManager": "AWS",
                        "KeySpec": "SYMMETRIC_DEFAULT",
                        "KeyUsage": "ENCRYPT_DECRYPT",
                        "Origin": "AWS_KMS",
                        "KeyState": "Enabled",
                        "Enabled": True,
                        "MultiRegion": False,
                    }
                }
            )
        },
        about="AWS managed",
    ),
    Case(
        GITHUB + PROWLER + "742",
        terraform(
            'variable "spec" {\n  type = string\n}\n\nresource "aws_kms_key" "key" {\n  customer_master_key_spec = var.spec\n}\n'
        ),
        about="unknown",
    ),
]
ROTATION = [case._replace(whole=False, silent=("rotation-disabled", "rotation-unsupported")) for case in ROTATION]

SHAPES = [
    Case(
        GITHUB + KICS + "6707",
        terraform(
            key("null").replace("  policy              = null\n", "")
            + """
resource "aws_kms_key_policy" "key" {
  key_id = aws_kms_key.key.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" },
    ]
  })
}
"""
        ),
        speaks=(("public-principal", 'Principal = "*", Action = "kms:Decrypt"'),),
        about="a policy that is attached",
    ),
    Case(
        GITHUB + "Skyscanner/cfripper/pull/232",
        {
            "template.yaml": """
Resources:
  Replica:
    Type: AWS::KMS::ReplicaKey
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      PrimaryKeyArn: arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
          - Effect: Allow
            Principal: "*"
            Action: kms:Decrypt
            Resource: "*"
"""
        },
        speaks=(("public-principal", 'Principal: "*"'),),
        about="a replica has a policy of its own",
    ),
]

PUBLIC = """      { Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" },
"""
WITH_PUBLIC = STATEMENTS.replace("    ]", PUBLIC + "    ]")
IN_PUBLIC = (("public-principal", 'Principal = "*", Action = "kms:Decrypt"'),)
OPEN_DOCUMENT = """
data "aws_iam_policy_document" "key" {
  %s
  source_policy_documents = []
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
"""
IN_DOCUMENT = (("public-principal", 'identifiers = ["*"]'),)


def heredoc(body: str) -> str:
    return f"<<-EOF\n{body}\n  EOF"


PARSING = [
    Case(
        GITHUB + HCL2 + "181",
        terraform(
            key(f'jsonencode({{ Version = "2012-10-17", Statement = {WITH_PUBLIC} }})')
            + """
resource "aws_iam_policy" "own" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "arn:aws:kms:us-east-1:111122223333:key/$${aws:PrincipalTag/key}" }]
  })
}
"""
        ),
        speaks=IN_PUBLIC,
        whole=False,
        about="variables of IAM",
    ),
    Case(
        GITHUB + HCL2 + "141",
        terraform(
            """
locals {
  text  = <<-EOT
    a "quote that is not closed, a { and an EOF inside
  EOT
  empty = <<EOT
EOT
}
"""
            + key(f'jsonencode({{ Version = "2012-10-17", Statement = {WITH_PUBLIC} }})')
        ),
        speaks=IN_PUBLIC,
        about="heredocs that are no code",
    ),
    Case(
        GITHUB + "flosell/iam-policy-json-to-terraform/issues/16",
        terraform(
            """
variable "names" {
  type = list(string)
}
"""
            + key(
                heredoc("""    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/${join("/", var.names)}"}, "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
      ]
    }""")
            )
        ),
        speaks=(("public-principal", '{"Effect": "Allow", "Principal": "*"'),),
        about="JSON with expressions",
    ),
    Case(
        GITHUB + "hashicorp/terraform/issues/18690",
        terraform(
            """
resource "aws_iam_policy" "own" {
  policy = <<-EOF
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:aws:kms:us-east-1:111122223333:key/${aws:username}"}]}
  EOF
}
"""
            + key(f'jsonencode({{ Version = "2012-10-17", Statement = {WITH_PUBLIC} }})')
        ),
        speaks=(*IN_PUBLIC, ("malformed-document", "${aws:username}")),
        whole=False,
        about="a variable without its second dollar is an error, and stops nothing else",
    ),
]

RESOLUTION = [
    Case(
        GITHUB + TRIVY + "5552",
        terraform(OPEN_DOCUMENT % "count = 1" + key("data.aws_iam_policy_document.key[0].json")),
        speaks=IN_DOCUMENT,
        about="count",
    ),
    Case(
        GITHUB + TRIVY + "5554",
        terraform(
            OPEN_DOCUMENT % 'for_each = toset(["a", "b"])'
            + key("data.aws_iam_policy_document.key[each.key].json", more='  for_each            = toset(["a", "b"])\n')
        ),
        speaks=IN_DOCUMENT,
        about="for_each",
    ),
    Case(
        GITHUB + "aquasecurity/trivy/pull/6276",
        terraform(
            DOCUMENT
            + OPEN_DOCUMENT.replace('"key"', '"open"') % ""
            + key("true ? data.aws_iam_policy_document.open.json : data.aws_iam_policy_document.key.json")
        ),
        speaks=IN_DOCUMENT,
        about="the way that is taken of a condition",
    ),
    Case(
        GITHUB + TFSEC + "2069",
        terraform(
            OPEN_DOCUMENT % ""
            + """
data "aws_iam_policy_document" "all" {
  source_policy_documents = [data.aws_iam_policy_document.key.json]
}
"""
            + key("data.aws_iam_policy_document.all.json")
        ),
        speaks=IN_DOCUMENT,
        about="statements of other documents",
    ),
    Case(
        GITHUB + CHECKOV + "91",
        terraform(
            """
data "aws_iam_policy_document" "key" {
  dynamic "statement" {
    for_each = ["kms:Decrypt", "kms:*"]
    content {
      actions   = [statement.value]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value == "kms:*" ? "arn:aws:iam::111122223333:root" : "*"]
      }
    }
  }
}
"""
            + key("data.aws_iam_policy_document.key.json")
        ),
        speaks=(("public-principal", "identifiers = [statement.value"),),
        about="dynamic blocks",
    ),
    Case(
        GITHUB + PROVIDER + "21956",
        terraform(
            """
data "aws_iam_policy_document" "key" {
  statement {
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
  statement {
    actions   = ["kms:Decrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalAccount"
      values   = ["*"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:PrincipalAccount"
      values   = ["111122223333"]
    }
  }
}
"""
            + key("data.aws_iam_policy_document.key.json")
        ),
        speaks=(("public-principal", 'identifiers = ["*"]'),),
        whole=False,
        about="two conditions on one key are one with both values",
    ),
    Case(
        GITHUB + CHECKOV + "7359",
        terraform('variable "policy" {\n  type    = string\n  default = null\n}\n' + key("var.policy")),
        about="null removes an argument",
    ),
    Case(
        GITHUB + CHECKOV + "3580",
        terraform(
            'variable "who" {\n  type    = map(string)\n  default = { reader = "*" }\n}\n'
            + key("""jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { AWS = lookup(var.who, "reader", "none") }, Action = "kms:Decrypt", Resource = "*" },
    ]
  })""")
        ),
        speaks=(("public-principal", "default = { reader"),),
        about="lookup",
    ),
    Case(
        GITHUB + CHECKOV + "1849",
        {
            "main.tf": key("""jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { AWS = var.reader }, Action = "kms:Decrypt", Resource = "*" },
    ]
  })"""),
            "variables.tf": 'variable "reader" {\n  default = "*"\n}\n',
        },
        speaks=(("public-principal", "AWS = var.reader"),),
        linted="main.tf",
        about="one file among its siblings",
    ),
    Case(
        GITHUB + TRIVY + "4618",
        {
            "main.tf": key("null"),
            ".terraform/modules/other/main.tf": key(
                f'jsonencode({{ Version = "2012-10-17", Statement = {WITH_PUBLIC} }})'
            ),
        },
        about="downloaded modules that nobody calls",
    ),
]


@pytest.mark.parametrize(
    "case",
    [
        *RESOURCE_OF_A_KEY_POLICY,
        *DELEGATION,
        *NARROWED_BY_CONDITIONS,
        *ROTATION,
        *SHAPES,
        *PARSING,
        *RESOLUTION,
    ],
    ids=lambda case: case.id,
)
def test_a_thread(case: Case, tmp_path: Path) -> None:
    judge(case, tmp_path)


def test_the_default_policy_is_judged_the_same_written_out_or_left_out(tmp_path: Path) -> None:
    """https://github.com/Checkmarx/kics/issues/4779"""
    default = 'jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Enable IAM User Permissions", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }] })'
    for persona in ("default", "strict"):
        said = []
        for name, policy in (("out", default), ("left", "null")):
            path = tmp_path / persona / name / "main.tf"
            path.parent.mkdir(parents=True)
            path.write_text(key(policy), encoding="utf-8")
            report = lint(path.parent, persona=persona, account=OWNER)
            said.append({finding.about.id for finding in report.findings if finding.severity > Severity.INFO})
        assert said[0] - {"key-policy-missing"} == said[1] - {"key-policy-missing"}


@pytest.mark.parametrize(
    "thread", ["awslabs/landing-zone-accelerator-on-aws/issues/604", "cloudposse/terraform-aws-kms-key/issues/25"]
)
def test_teams_that_want_no_blanket_delegation_ask_for_it(thread: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(key(f'jsonencode({{ Version = "2012-10-17", Statement = {STATEMENTS} }})'))
    assert [
        each.about.id
        for each in lint(tmp_path, persona="strict", account=OWNER).findings
        if each.about.id == "blanket-delegation"
    ]
    assert not [each for each in lint(tmp_path).findings if each.about.id == "blanket-delegation"]


def test_no_fix_tells_a_key_policy_to_name_its_own_key() -> None:
    """https://github.com/aquasecurity/tfsec/issues/794: the fix would be a cycle in Terraform."""
    for path in (PROJECT / "fixtures" / "aws-policies").glob("*.json"):
        for finding in lint(path, persona="strict").findings:
            assert "key ARN" not in finding.fix, (path.name, finding.about.id)


def test_conditions_lower_what_is_said_of_a_wildcard(tmp_path: Path) -> None:
    """https://github.com/salesforce/cloudsplaining/issues/278"""
    bare = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    narrowed = {
        **bare,
        "Condition": {
            "StringEquals": {"aws:ResourceTag/app": "orders", "kms:ViaService": "s3.us-east-1.amazonaws.com"}
        },
    }
    found = []
    for name, statement in (("bare", bare), ("narrowed", narrowed)):
        path = tmp_path / f"{name}.json"
        path.write_text(identity_policy(statement)["policy.json"], encoding="utf-8")
        (finding,) = [each for each in lint(path).findings if each.about.id == "wildcard-resource"]
        found.append(finding.severity)
    assert found[0] > Severity.LOW
    assert found[1] == Severity.LOW


def test_one_finding_for_all_instances(tmp_path: Path) -> None:
    """https://github.com/aquasecurity/tfsec/issues/1390: one warning 37 times."""
    text = key(
        f'jsonencode({{ Version = "2012-10-17", Statement = {WITH_PUBLIC} }})',
        more='  for_each            = toset(["a", "b", "c"])\n',
    )
    (tmp_path / "main.tf").write_text(text)
    (finding,) = [each for each in lint(tmp_path).findings if each.about.id == "public-principal"]
    assert finding.instances == tuple(f'aws_kms_key.key["{name}"]' for name in "abc")


PLANNED = (
    key(
        f'jsonencode({{ Version = "2012-10-17", Statement = {WITH_PUBLIC.replace("role/app", "role/${aws_iam_role.app.name}")} }})'
    )
    + """
resource "aws_iam_role" "app" {
  name_prefix        = "app"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""
)


def planned(secret: str = "") -> str:
    """A plan in one line in which the key's policy is not known before a role exists."""
    new = {"arn": True, "id": True}
    return text_of(
        plan(
            Instance(
                "aws_kms_key.key",
                {"enable_key_rotation": True},
                {**new, "policy": True},
                {"policy": refers("aws_iam_role.app.name")},
            ),
            Instance(
                "aws_iam_role.app",
                {"assume_role_policy": '{"Version":"2012-10-17","Statement":[]}', "name_prefix": "app"},
                {**new, "name": True},
            ),
            Instance("aws_ssm_parameter.password", {"value": secret, "type": "SecureString"}, new, {}, {"value": True}),
        )
    )


@pytest.mark.parametrize("thread", [PROVIDER + "11823", CHECKOV + "800", CHECKOV + "3138", CHECKOV + "5752"])
def test_a_policy_that_a_plan_does_not_know_is_read_where_it_is_written(thread: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(PLANNED)
    (tmp_path / "plan.json").write_text(planned())
    found = {
        (each.about.id, Path(each.span.source.path).name, line_of(each))
        for each in lint(tmp_path / "plan.json").findings
    }
    assert [line for rule, path, line in found if rule == "public-principal" and path == "main.tf"] == [PUBLIC.strip()]


@pytest.mark.parametrize("thread", [PROVIDER + "11823", CHECKOV + "5472"])
def test_a_policy_that_nobody_knows_is_told_and_not_passed(thread: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(planned())
    report = lint(tmp_path / "plan.json")
    assert [each.resource for each in report.unresolved] == ["aws_kms_key.key"]
    assert not [each for each in report.findings if each.severity > Severity.LOW]


@pytest.mark.parametrize("thread", [CHECKOV + "7643", CHECKOV + "2769", CHECKOV + "4410"])
def test_ignores_hold_for_a_plan_as_for_its_files(thread: str, tmp_path: Path) -> None:
    ignored = "      # kms-lint: ignore[public-principal] -- published on purpose\n"
    (tmp_path / "main.tf").write_text(PLANNED.replace(PUBLIC, ignored + PUBLIC))
    (tmp_path / "plan.json").write_text(planned())
    for name in ("plan.json", "main.tf", "."):
        said = json.loads(kms_lint("check", "--format", "json", "-q", str(tmp_path / name)).stdout)
        assert [each["rule"] for each in said["findings"]] == [], name


def test_a_plan_is_never_printed(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/7093: the output held the plan's one line, with its secrets."""
    secret = "correct horse battery staple"
    (tmp_path / "plan.json").write_text(planned(secret))
    for format in ("text", "json", "sarif"):
        done = kms_lint("check", "--format", format, str(tmp_path / "plan.json"))
        assert secret not in done.stdout.decode() + done.stderr.decode()
