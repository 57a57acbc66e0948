"""Modules that make keys, that many people call, and that are mostly not on disk: what each makes of its arguments.

The variables, statements and outputs are those that their documentation lists, of all versions at once:
https://registry.terraform.io/modules/terraform-aws-modules/kms/aws (1.0 to 4.x)
https://registry.terraform.io/modules/cloudposse/kms-key/aws (0.1 to 0.12)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from kms_lint.files import File
from kms_lint.load.terraform.unit import Unit
from kms_lint.source import BUILT_IN

_EVERYTHING: Final = ("kms:*",)
_SYMMETRIC: Final = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
_ADMINISTRATION: Final = (
    *("kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*"),
    *("kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion"),
    *("kms:CancelKeyDeletion", "kms:ReplicateKey", "kms:ImportKeyMaterial"),
)
_PUBLIC: Final = ("kms:DescribeKey", "kms:GetPublicKey", "kms:Sign")


class _Statement(NamedTuple):
    """A statement that is there when a list of principals is not empty; `for_services` limits its grants."""

    sid: str
    principals: str
    actions: Sequence[str]
    for_services: bool = False


_STATEMENTS: Final = (
    _Statement("KeyOwner", "key_owners", _EVERYTHING),
    _Statement("KeyAdministration", "key_administrators", _ADMINISTRATION),
    _Statement("KeyUsage", "key_users", _SYMMETRIC),
    _Statement(
        "KeyServiceUsage",
        "key_service_users",
        ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"),
        for_services=True,
    ),
    _Statement("KeyServiceRolesASG", "key_service_roles_for_autoscaling", _SYMMETRIC),
    _Statement(
        "KeyServiceRolesASGPersistentVol", "key_service_roles_for_autoscaling", ("kms:CreateGrant",), for_services=True
    ),
    _Statement(
        "KeySymmetricEncryption",
        "key_symmetric_encryption_users",
        ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
    ),
    _Statement("KeyHMAC", "key_hmac_users", ("kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac")),
    _Statement(
        "KeyAsymmetricPublicEncryption",
        "key_asymmetric_public_encryption_users",
        ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"),
    ),
    _Statement("KeyAsymmetricSignVerify", "key_asymmetric_sign_verify_users", (*_PUBLIC, "kms:Verify")),
)

_LISTS: Final = ("aliases", "route53_dnssec_sources", "source_policy_documents", "override_policy_documents")
_MAPS: Final = ("computed_aliases", "grants", "key_statements")
_SWITCHES: Final = {
    "create": True,
    "create_external": False,
    "create_replica": False,
    "create_replica_external": False,
    "enable_default_policy": True,
    "enable_key_rotation": True,
    "enable_route53_dnssec": False,
    "aliases_use_name_prefix": False,
    "multi_region": False,
}
_NOTHING: Final = (
    *(
        "bypass_policy_lockout_safety_check",
        "custom_key_store_id",
        "customer_master_key_spec",
        "deletion_window_in_days",
    ),
    *(
        "description",
        "is_enabled",
        "key_material_base64",
        "key_spec",
        "key_usage",
        "policy",
        "primary_external_key_arn",
    ),
    *("primary_key_arn", "region", "rotation_period_in_days", "valid_to"),
)

_COMMON: Final = ("bypass_policy_lockout_safety_check", "deletion_window_in_days", "description", "region")
_KEYS: Final = {
    "aws_kms_key": {
        "when": "!var.create_external && !var.create_replica && !var.create_replica_external",
        "is_enabled": "var.is_enabled",
        **{
            name: f"var.{name}"
            for name in (
                "customer_master_key_spec",
                "custom_key_store_id",
                "enable_key_rotation",
                "key_usage",
                "multi_region",
                "rotation_period_in_days",
            )
        },
    },
    "aws_kms_external_key": {
        "when": "var.create_external && !var.create_replica && !var.create_replica_external",
        "enabled": "var.is_enabled",
        **{
            name: f"var.{name}" for name in ("key_material_base64", "key_spec", "key_usage", "multi_region", "valid_to")
        },
    },
    "aws_kms_replica_key": {
        "when": "var.create_replica && !var.create_external && !var.create_replica_external",
        "enabled": "var.is_enabled",
        "primary_key_arn": "var.primary_key_arn",
    },
    "aws_kms_replica_external_key": {
        "when": "var.create_replica_external && !var.create_external && !var.create_replica",
        "enabled": "var.is_enabled",
        "key_material_base64": "var.key_material_base64",
        "primary_key_arn": "var.primary_external_key_arn",
        "valid_to": "var.valid_to",
    },
}

_REST: Final = """
data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
locals {
  account = data.aws_caller_identity.current.account_id
  dnssec  = ["dnssec-route53.${data.aws_partition.current.dns_suffix}"]
  sources = var.route53_dnssec_sources == null ? [] : var.route53_dnssec_sources
  custom  = var.key_statements == null ? {} : var.key_statements
  granted = var.grants == null ? {} : var.grants
  key_id  = try(aws_kms_key.this[0].key_id, aws_kms_external_key.this[0].id,
    aws_kms_replica_key.this[0].key_id, aws_kms_replica_external_key.this[0].key_id)
}
resource "aws_kms_alias" "this" {
  for_each      = { for k, v in merge({ for name in toset(var.aliases) : name => { name = name } }, var.computed_aliases) : k => v if var.create }
  region        = var.region
  name          = var.aliases_use_name_prefix ? null : "alias/${each.value.name}"
  name_prefix   = var.aliases_use_name_prefix ? "alias/${each.value.name}-" : null
  target_key_id = local.key_id
}
resource "aws_kms_grant" "this" {
  for_each           = { for k, v in local.granted : k => v if var.create }
  region             = var.region
  name               = try(each.value.name, each.key)
  key_id             = local.key_id
  grantee_principal  = each.value.grantee_principal
  operations         = each.value.operations
  retiring_principal = try(each.value.retiring_principal, null)
  dynamic "constraints" {
    for_each = flatten([try(each.value.constraints, [])])
    content {
      encryption_context_equals = try(constraints.value.encryption_context_equals, null)
      encryption_context_subset = try(constraints.value.encryption_context_subset, null)
    }
  }
}
output "key_arn" { value = try(aws_kms_key.this[0].arn, aws_kms_external_key.this[0].arn, aws_kms_replica_key.this[0].arn, aws_kms_replica_external_key.this[0].arn, null) }
output "key_id" { value = try(local.key_id, null) }
output "key_policy" { value = try(aws_kms_key.this[0].policy, aws_kms_external_key.this[0].policy, null) }
output "key_region" { value = try(aws_kms_key.this[0].region, aws_kms_external_key.this[0].region, null) }
output "aliases" { value = aws_kms_alias.this }
output "grants" { value = aws_kms_grant.this }
"""

_LAST_STATEMENTS: Final = """
  dynamic "statement" {
    for_each = var.enable_route53_dnssec ? [1] : []
    content {
      sid       = "Route53DnssecService"
      actions   = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = local.dnssec
      }
    }
  }
  dynamic "statement" {
    for_each = var.enable_route53_dnssec ? [1] : []
    content {
      sid       = "Route53DnssecGrant"
      actions   = ["kms:CreateGrant"]
      resources = ["*"]
      principals {
        type        = "Service"
        identifiers = local.dnssec
      }
      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
      dynamic "condition" {
        for_each = local.sources
        content {
          test     = "StringEquals"
          variable = "aws:SourceAccount"
          values   = try(condition.value.account_ids, [local.account])
        }
      }
      dynamic "condition" {
        for_each = local.sources
        content {
          test     = "ArnLike"
          variable = "aws:SourceArn"
          values   = [try(condition.value.hosted_zone_arn, "arn:${data.aws_partition.current.partition}:route53:::hostedzone/*")]
        }
      }
    }
  }
  dynamic "statement" {
    for_each = local.custom
    content {
      sid           = try(statement.value.sid, null)
      actions       = try(statement.value.actions, null)
      not_actions   = try(statement.value.not_actions, null)
      effect        = try(statement.value.effect, null)
      resources     = try(statement.value.resources, null)
      not_resources = try(statement.value.not_resources, null)
      dynamic "principals" {
        for_each = try(statement.value.principals, [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
      dynamic "not_principals" {
        for_each = try(statement.value.not_principals, [])
        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }
      dynamic "condition" {
        for_each = try(statement.value.condition, statement.value.conditions, [])
        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
"""

_CLOUDPOSSE: Final = """
variable "enabled" { default = true }
variable "deletion_window_in_days" { default = 10 }
variable "enable_key_rotation" { default = true }
variable "description" { default = "Parameter Store KMS master key" }
variable "alias" { default = "" }
variable "policy" { default = null }
variable "key_usage" { default = "ENCRYPT_DECRYPT" }
variable "customer_master_key_spec" { default = "SYMMETRIC_DEFAULT" }
variable "multi_region" { default = false }
resource "aws_kms_key" "default" {
  count                    = var.enabled == false ? 0 : 1
  deletion_window_in_days  = var.deletion_window_in_days
  enable_key_rotation      = var.enable_key_rotation
  policy                   = var.policy
  description              = var.description
  key_usage                = var.key_usage
  customer_master_key_spec = var.customer_master_key_spec
  multi_region             = var.multi_region
}
resource "aws_kms_alias" "default" {
  count         = var.enabled == false ? 0 : 1
  name          = var.alias == "" ? "alias/${module.this.id}" : var.alias
  target_key_id = aws_kms_key.default[0].id
}
output "key_arn" { value = aws_kms_key.default[0].arn }
output "key_id" { value = aws_kms_key.default[0].key_id }
output "alias_arn" { value = aws_kms_alias.default[0].arn }
output "alias_name" { value = aws_kms_alias.default[0].name }
"""


def unit(author: str) -> Unit:
    """The module of an author, as a file."""
    text = _CLOUDPOSSE if author == "cloudposse" else "\n".join(_terraform_aws_modules())
    content = text.encode()
    return Unit(File(f"{BUILT_IN}{author}", "", False, content), content)


def _terraform_aws_modules() -> Iterator[str]:
    for name in dict.fromkeys([each.principals for each in _STATEMENTS] + [*_LISTS]):
        yield _variable(name, "[]")
    for name in _MAPS:
        yield _variable(name, "{}")
    for name, value in _SWITCHES.items():
        yield _variable(name, json.dumps(value))
    for name in _NOTHING:
        yield _variable(name, "null")
    for type, arguments in _KEYS.items():
        yield from _key(type, arguments)
    yield from _document()
    yield _REST


def _variable(name: str, default: str) -> str:
    return f'variable "{name}" {{ default = {default} }}'


def _key(type: str, arguments: dict[str, str]) -> Iterator[str]:
    yield f'resource "{type}" "this" {{\n  count = var.create && {arguments["when"]} ? 1 : 0'
    for name in _COMMON:
        yield f"  {name} = var.{name}"
    for name, value in arguments.items():
        if name != "when":
            yield f"  {name} = {value}"
    yield "  policy = var.policy == null ? data.aws_iam_policy_document.this.json : var.policy\n}"


def _document() -> Iterator[str]:
    yield 'data "aws_iam_policy_document" "this" {'
    yield "  source_policy_documents = var.source_policy_documents"
    yield "  override_policy_documents = var.override_policy_documents"
    root = '["arn:${data.aws_partition.current.partition}:iam::${local.account}:root"]'
    yield _statement(_Statement("Default", root, _EVERYTHING), "var.enable_default_policy")
    for each in _STATEMENTS:
        yield _statement(each._replace(principals=f"var.{each.principals}"), f"length(var.{each.principals}) > 0")
    yield _LAST_STATEMENTS + "}"


def _statement(statement: _Statement, when: str) -> str:
    condition = '\n      condition {\n        test = "Bool"\n        variable = "kms:GrantIsForAWSResource"\n        values = ["true"]\n      }'
    return f"""  dynamic "statement" {{
    for_each = {when} ? [1] : []
    content {{
      sid       = "{statement.sid}"
      actions   = {json.dumps(statement.actions)}
      resources = ["*"]
      principals {{
        type        = "AWS"
        identifiers = {statement.principals}
      }}{condition if statement.for_services else ""}
    }}
  }}"""
