"""The well-known KMS modules, which are mostly not on disk: the keys that they make of their arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.load.terraform_repository import (
    addresses,
    aliases,
    found,
    grants,
    keys,
    load,
    policies,
    shown,
    unresolved,
    write,
)

PARTITION = "<partition>"
ACCOUNT = "111122223333"
APP = "arn:aws:iam::111122223333:role/app"
SYMMETRIC = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(source: str, rest: str = "") -> str:
    return f'module "kms" {{\n  source = "{source}"\n{rest}}}\n'


SOURCES = {
    "terraform-aws-modules/kms/aws": "this",
    "registry.terraform.io/terraform-aws-modules/kms/aws": "this",
    "registry.opentofu.org/terraform-aws-modules/kms/aws": "this",
    "git::https://github.com/terraform-aws-modules/terraform-aws-kms.git?ref=v3.1.0": "this",
    "git::ssh://git@github.com/terraform-aws-modules/terraform-aws-kms.git": "this",
    "github.com/terraform-aws-modules/terraform-aws-kms": "this",
    "git@github.com:terraform-aws-modules/terraform-aws-kms.git": "this",
    "cloudposse/kms-key/aws": "default",
    "git::https://github.com/cloudposse/terraform-aws-kms-key.git?ref=tags/0.7.0": "default",
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_way_to_write_a_source(source: str) -> None:
    assert addresses(load({"main.tf": call(source)})) == [f"module.kms.aws_kms_key.{SOURCES[source]}[0]"]


OTHERS = [
    "terraform-aws-modules/vpc/aws",
    "someone/kms/aws",
    "git::https://gitlab.com/terraform-aws-modules/terraform-aws-kms.git",
]


@pytest.mark.parametrize("source", OTHERS)
def test_other_modules_are_not_known(source: str) -> None:
    assert addresses(load({"main.tf": call(source)})) == []


def test_cloudposse() -> None:
    text = call("cloudposse/kms-key/aws", '  alias = "alias/app"\n  multi_region = true\n') + (
        'resource "aws_kms_grant" "g" {\n  key_id = module.kms.key_id\n  grantee_principal = "x"\n  operations = ["Decrypt"]\n}\n'
    )
    world = load({"main.tf": text})
    made = keys(world)["module.kms.aws_kms_key.default[0]"]
    assert {name: each.value for name, each in made.settings.items()} == {
        "deletion_window": "10",
        "rotation": True,
        "description": "Parameter Store KMS master key",
        "usage": "ENCRYPT_DECRYPT",
        "spec": "SYMMETRIC_DEFAULT",
        "multi_region": True,
    }
    assert made.aliases == ("alias/app",)
    assert grants(world)["aws_kms_grant.g"].of == "module.kms.aws_kms_key.default[0]"
    assert unresolved(world) == []


def test_a_policy_that_is_given_is_wrong_where_it_is_written() -> None:
    policy = '  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:Decrypt", Resource = "*" }] })\n'
    text = call("cloudposse/kms-key/aws", policy)
    assert found({"main.tf": text}) == ['main.tf:3:70: "*" in module.kms.aws_kms_key.default[0]']


def test_a_setting_of_the_module_is_told_at_the_call() -> None:
    assert found({"main.tf": call("cloudposse/kms-key/aws")}, rule="deletion-window-short") == [
        'main.tf:1:1: module "kms" in module.kms.aws_kms_key.default[0]'
    ]
    given = call("terraform-aws-modules/kms/aws", "  deletion_window_in_days = 7\n")
    assert found({"main.tf": given}, rule="deletion-window-short") == [
        "main.tf:3:29: 7 in module.kms.aws_kms_key.this[0]"
    ]


def test_a_name_that_the_module_completes_is_told_at_the_call() -> None:
    given = call("terraform-aws-modules/kms/aws", '  aliases = ["aws/orders"]\n')
    assert found({"main.tf": given}, rule="reserved-alias") == [
        'main.tf:1:1: module "kms" in module.kms.aws_kms_alias.this["aws/orders"]'
    ]


def test_nothing_of_the_table_is_shown_as_a_file() -> None:
    from kms_lint import api

    write(
        {"main.tf": call("cloudposse/kms-key/aws") + call("terraform-aws-modules/kms/aws").replace('"kms"', '"other"')}
    )
    report = api.lint(".", persona="strict")
    places = [spot.span for each in report.findings for spot in each.related]
    places += [span for each in report.findings for spans in each.uses for span in spans]
    assert {span.source.path for span in places} <= {"main.tf"}
    assert {each.path for each in report.unresolved} <= {"main.tf"}
    assert all(
        each.edits == () for each in report.findings if each.span.source.text.startswith("module", each.span.start)
    )


KINDS = [
    ("", "aws_kms_key"),
    ("  create_external = true\n", "aws_kms_external_key"),
    ('  create_replica = true\n  primary_key_arn = "x"\n', "aws_kms_replica_key"),
    ('  create_replica_external = true\n  primary_external_key_arn = "x"\n', "aws_kms_replica_external_key"),
]


@pytest.mark.parametrize(("rest", "type"), KINDS, ids=[each[1] for each in KINDS])
def test_kinds_of_keys(rest: str, type: str) -> None:
    world = load({"main.tf": call("terraform-aws-modules/kms/aws", rest)})
    assert addresses(world) == [f"module.kms.{type}.this[0]"]


def test_none_is_made() -> None:
    world = load({"main.tf": call("terraform-aws-modules/kms/aws", "  create = false\n")})
    assert addresses(world) == []
    assert policies(world) == {}


def works() -> bool:
    """Whether functions and `dynamic` blocks are worked out, which the policy of the module is made with."""
    world = load({"main.tf": call("terraform-aws-modules/kms/aws")})
    document = shown(policies(world)["module.kms.aws_kms_key.this[0]"])
    return isinstance(document, dict) and all(isinstance(each, dict) for each in document["Statement"])


def policy(rest: str) -> list[dict[str, Any]]:
    """The statements of the policy that the module makes."""
    if not works():
        pytest.skip("functions and `dynamic` blocks are not worked out yet")
    world = load({"main.tf": call("terraform-aws-modules/kms/aws", rest)}, account=ACCOUNT, partition="aws")
    document = shown(policies(world)["module.kms.aws_kms_key.this[0]"])
    assert isinstance(document, dict)
    assert document["Version"] == "2012-10-17"
    statements = document["Statement"]
    assert isinstance(statements, list)
    return statements


DEFAULT = {
    "Sid": "Default",
    "Effect": "Allow",
    "Action": "kms:*",
    "Resource": "*",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
}
FOR_SERVICES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def statement(sid: str, actions: str | list[str], **rest: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*", "Principal": {"AWS": APP}, **rest}


POLICIES: list[tuple[str, str, list[dict[str, Any]]]] = [
    ("the default", "", [DEFAULT]),
    ("no default", f'  enable_default_policy = false\n  key_owners = ["{APP}"]\n', [statement("KeyOwner", "kms:*")]),
    (
        "administrators",
        f'  key_administrators = ["{APP}"]\n',
        [
            DEFAULT,
            statement(
                "KeyAdministration",
                [
                    *(
                        "kms:Create*",
                        "kms:Describe*",
                        "kms:Enable*",
                        "kms:List*",
                        "kms:Put*",
                        "kms:Update*",
                        "kms:Revoke*",
                    ),
                    *("kms:Disable*", "kms:Get*", "kms:Delete*", "kms:TagResource", "kms:UntagResource"),
                    *("kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:ReplicateKey", "kms:ImportKeyMaterial"),
                ],
            ),
        ],
    ),
    ("users", f'  key_users = ["{APP}"]\n', [DEFAULT, statement("KeyUsage", SYMMETRIC)]),
    (
        "services",
        f'  key_service_users = ["{APP}"]\n',
        [
            DEFAULT,
            statement(
                "KeyServiceUsage", ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], Condition=FOR_SERVICES
            ),
        ],
    ),
    (
        "autoscaling",
        f'  key_service_roles_for_autoscaling = ["{APP}"]\n',
        [
            DEFAULT,
            statement("KeyServiceRolesASG", SYMMETRIC),
            statement("KeyServiceRolesASGPersistentVol", "kms:CreateGrant", Condition=FOR_SERVICES),
        ],
    ),
    (
        "HMAC",
        f'  key_hmac_users = ["{APP}"]\n',
        [DEFAULT, statement("KeyHMAC", ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"])],
    ),
    (
        "signing",
        f'  key_asymmetric_sign_verify_users = ["{APP}"]\n',
        [
            DEFAULT,
            statement("KeyAsymmetricSignVerify", ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]),
        ],
    ),
    (
        "statements",
        '  key_statements = [{ sid = "Logs", actions = ["kms:Decrypt"], resources = ["*"],\n'
        '    principals = [{ type = "Service", identifiers = ["logs.eu-west-1.amazonaws.com"] }]\n'
        '    conditions = [{ test = "StringEquals", variable = "aws:SourceAccount", values = ["111122223333"] }] }]\n',
        [
            DEFAULT,
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": "*",
                "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
            },
        ],
    ),
]


def in_order(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement without the order of its actions, which means nothing."""
    actions = statement["Action"]
    return {**statement, "Action": sorted(actions) if isinstance(actions, list) else actions}


@pytest.mark.parametrize(("rest", "expected"), [each[1:] for each in POLICIES], ids=[each[0] for each in POLICIES])
def test_the_policy(rest: str, expected: list[dict[str, Any]]) -> None:
    assert [in_order(each) for each in policy(rest)] == [in_order(each) for each in expected]


def test_users_that_are_everybody() -> None:
    if not works():
        pytest.skip("functions and `dynamic` blocks are not worked out yet")
    text = call("terraform-aws-modules/kms/aws", '  key_users = ["*"]\n')
    assert found({"main.tf": text}) == ['main.tf:3:16: "*" in module.kms.aws_kms_key.this[0]']


def test_aliases_and_grants() -> None:
    if not works():
        pytest.skip("functions and `dynamic` blocks are not worked out yet")
    rest = (
        '  aliases = ["app", "more"]\n'
        f'  grants = {{ lambda = {{ grantee_principal = "{APP}", operations = ["Decrypt"],'
        ' constraints = { encryption_context_equals = { Department = "Finance" } } } }\n'
    )
    world = load({"main.tf": call("terraform-aws-modules/kms/aws", rest)})
    assert {name: str(each.name) for name, each in aliases(world).items()} == {
        'module.kms.aws_kms_alias.this["app"]': "alias/app",
        'module.kms.aws_kms_alias.this["more"]': "alias/more",
    }
    grant = grants(world)['module.kms.aws_kms_grant.this["lambda"]']
    assert (grant.of, str(grant.grantee)) == ("module.kms.aws_kms_key.this[0]", APP)
    assert [(each.type, each.pairs) for each in grant.constraints] == [("EncryptionContextEquals", 1)]
