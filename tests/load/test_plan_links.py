"""Plans and states tell who uses which key, and what is attached to whom, as the `.tf` files that they were made from."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from kms_lint.model import Document, PolicyKind
from tests.load.plans import PUBLIC, ROOT, Instance, Object, plan, policy, read, refers, statement, there
from tests.load.terraform_folder import read as read_files

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234"
KEY = Instance("aws_kms_key.k", {"key_id": "1234", "arn": ARN, "id": "1234"})
NEW = Instance("aws_kms_key.k", {}, {"key_id": True, "arn": True, "id": True})


def uses(document: Document) -> list[tuple[str, str, str | None]]:
    return [(each.address, each.service, each.of) for each in document.consumers]


def ties(document: Document) -> list[tuple[str, str, list[str], str | None, list[str]]]:
    return [
        (
            each.address,
            each.type,
            sorted(map(str, each.attached)),
            None if each.boundary is None else str(each.boundary),
            sorted(map(str, each.groups)),
        )
        for each in document.identities
    ]


def state(*instances: Instance) -> Object:
    planned = plan(*instances)["planned_values"]
    return {"format_version": "1.0", "terraform_version": "1.14.0", "values": planned}


NESTED: Object = {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": ARN}]}]}
USES: list[tuple[str, list[Instance], list[tuple[str, str, str | None]]]] = [
    ("an ARN", [KEY, Instance("aws_sqs_queue.q", {"kms_master_key_id": ARN})], [("aws_sqs_queue.q", "sqs", KEY.address)]),
    (
        "a reference",
        [NEW, Instance("aws_sns_topic.t", {}, {"kms_master_key_id": True}, {"kms_master_key_id": refers("aws_kms_key.k.arn")})],
        [("aws_sns_topic.t", "sns", KEY.address)],
    ),
    (
        "in nested blocks",
        [KEY, Instance("aws_s3_bucket_server_side_encryption_configuration.b", NESTED)],
        [("aws_s3_bucket_server_side_encryption_configuration.b", "s3", KEY.address)],
    ),
    (
        "an alias",
        [
            KEY,
            Instance("aws_kms_alias.a", {"name": "alias/a", "target_key_id": "1234"}),
            Instance("aws_sqs_queue.q", {"kms_master_key_id": "alias/a"}),
        ],
        [("aws_sqs_queue.q", "sqs", KEY.address)],
    ),
    *(
        (
            f"{attribute} of an alias that will be made",
            [
                NEW,
                Instance("aws_kms_alias.a", {"name": "alias/a"}, {"target_key_id": True, "arn": True}, {"target_key_id": refers("aws_kms_key.k.id")}),
                Instance("aws_sqs_queue.q", {}, {"kms_master_key_id": True}, {"kms_master_key_id": refers(f"aws_kms_alias.a.{attribute}")}),
            ],
            [("aws_sqs_queue.q", "sqs", KEY.address)],
        )
        for attribute in ("name", "arn", "target_key_id", "target_key_arn")
    ),
    ("a key elsewhere", [KEY, Instance("aws_sqs_queue.q", {"kms_master_key_id": f"{ARN}5"})], [("aws_sqs_queue.q", "sqs", None)]),
    ("a key that nobody wrote", [KEY, Instance("aws_db_instance.d", {}, {"kms_key_id": True})], []),
    (
        "disks that nobody wrote a key for",
        [KEY, Instance("aws_instance.i", {"root_block_device": [{}]}, {"root_block_device": [{"kms_key_id": True}]})],
        [],
    ),
    (
        "a key that is not known",
        [KEY, Instance("aws_sqs_queue.q", {}, {"kms_master_key_id": True}, {"kms_master_key_id": refers("var.key")})],
        [("aws_sqs_queue.q", "sqs", None)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("instances", "expected"), [row[1:] for row in USES], ids=[row[0] for row in USES])
def test_who_uses_a_key(instances: list[Instance], expected: list[tuple[str, str, str | None]]) -> None:
    assert uses(read(plan(*instances))) == expected


def test_who_uses_a_key_in_a_state() -> None:
    document = read(state(KEY, Instance("aws_sqs_queue.q", {"kms_master_key_id": ARN})))
    assert uses(document) == [("aws_sqs_queue.q", "sqs", "aws_kms_key.k")]
    assert there(document.consumers[0].at) == json.dumps(ARN)


ROLE = Instance("aws_iam_role.r", {"name": "app", "arn": "arn:aws:iam::111122223333:role/app", "id": "app"})
MANAGED = Instance(
    "aws_iam_policy.p", {"policy": PUBLIC, "arn": "arn:aws:iam::111122223333:policy/p", "permissions_boundary": None}
)


@pytest.mark.parametrize("made", [plan, state], ids=["plan", "state"])
def test_identities_by_names_and_arns(made: Callable[..., Object]) -> None:
    said = made(
        ROLE,
        MANAGED,
        Instance("aws_iam_user.u", {"name": "ann", "permissions_boundary": "arn:aws:iam::111122223333:policy/p"}),
        Instance("aws_iam_group.g", {"name": "team"}),
        Instance("aws_iam_user_group_membership.m", {"user": "ann", "groups": ["team", "others"]}),
        Instance(
            "aws_iam_role_policy_attachment.a", {"role": "app", "policy_arn": "arn:aws:iam::111122223333:policy/p"}
        ),
        Instance("aws_iam_role_policy_attachment.b", {"role": "app", "policy_arn": "arn:aws:iam::aws:policy/Other"}),
    )
    document = read(said)
    assert ties(document) == [
        ("aws_iam_role.r", "role", ["arn:aws:iam::aws:policy/Other", "aws_iam_policy.p"], None, []),
        ("aws_iam_user.u", "user", [], "aws_iam_policy.p", ["aws_iam_group.g", "others"]),
        ("aws_iam_group.g", "group", [], None, []),
    ]
    assert {each.address: each.of for each in document.policies} == {"aws_iam_policy.p": "aws_iam_role.r"}


def test_what_is_not_known_yet_is_tied_by_reference_within_its_module() -> None:
    module: Object = {
        "resources": [
            {
                "address": "aws_iam_role_policy_attachment.a",
                "expressions": {"role": refers("aws_iam_role.r.name"), "policy_arn": refers("aws_iam_policy.p.arn")},
            }
        ]
    }
    document = read(
        plan(
            Instance("module.m.aws_iam_role.r", {}, {"name": True, "arn": True, "id": True}),
            Instance("module.m.aws_iam_policy.p", {"policy": PUBLIC}, {"arn": True}),
            Instance("module.m.aws_iam_role_policy_attachment.a", {}, {"role": True, "policy_arn": True}),
            configuration={"module_calls": {"m": {"module": module}}},
        )
    )
    assert ties(document) == [("module.m.aws_iam_role.r", "role", ["module.m.aws_iam_policy.p"], None, [])]
    assert [each.of for each in document.policies] == ["module.m.aws_iam_role.r"]


HCL = """
resource "aws_kms_key" "k" {}
resource "aws_iam_role" "r" {
  name                = "app"
  managed_policy_arns = ["arn:aws:iam::aws:policy/Other"]
}
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })
}
resource "aws_iam_role_policy_attachment" "a" {
  role       = aws_iam_role.r.name
  policy_arn = aws_iam_policy.p.arn
}
resource "aws_cloudwatch_log_group" "l" {
  kms_key_id = aws_kms_key.k.arn
}
"""


def test_a_plan_tells_what_its_configuration_tells() -> None:
    text = policy({"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    planned = read(
        plan(
            NEW,
            Instance(
                "aws_iam_role.r",
                {"name": "app", "managed_policy_arns": ["arn:aws:iam::aws:policy/Other"]},
                {"arn": True},
            ),
            Instance("aws_iam_policy.p", {"name": "p", "policy": text}, {"arn": True}),
            Instance(
                "aws_iam_role_policy_attachment.a",
                {"role": "app"},
                {"policy_arn": True},
                {"role": refers("aws_iam_role.r.name"), "policy_arn": refers("aws_iam_policy.p.arn")},
            ),
            Instance(
                "aws_cloudwatch_log_group.l", {}, {"kms_key_id": True}, {"kms_key_id": refers("aws_kms_key.k.arn")}
            ),
        )
    )
    (one,) = read_files(HCL)
    assert uses(planned) == uses(one) == [("aws_cloudwatch_log_group.l", "logs", "aws_kms_key.k")]
    assert ties(planned) == ties(one)
    assert [(each.address, each.of) for each in planned.policies] == [(each.address, each.of) for each in one.policies]


def test_a_replica_names_its_primary_and_a_key_policy_beside_a_key_its_settings() -> None:
    replica = Instance(
        "aws_kms_replica_key.r", {}, {"primary_key_arn": True}, {"primary_key_arn": refers("aws_kms_key.k.arn")}
    )
    beside = Instance(
        "aws_kms_key_policy.p", {"key_id": "1234", "policy": PUBLIC, "bypass_policy_lockout_safety_check": True}
    )
    keys = {each.address: each for each in read(plan(KEY, replica, beside)).keys}
    assert keys["aws_kms_replica_key.r"].primary == "aws_kms_key.k"
    assert keys["aws_kms_key.k"].settings["bypass"].value is True


MORE: list[tuple[str, Object, str, PolicyKind]] = [
    (
        "aws_sagemaker_model_package_group_policy.p",
        {"resource_policy": PUBLIC},
        "aws_sagemaker_model_package_group_policy.p",
        PolicyKind.RESOURCE,
    ),
    ("awscc_sso_permission_set.p", {"inline_policy": PUBLIC}, "awscc_sso_permission_set.p:inline_policy", PolicyKind.IDENTITY),
    ("awscc_ec2_vpc_endpoint.e", {"policy_document": PUBLIC}, "awscc_ec2_vpc_endpoint.e", PolicyKind.VPC_ENDPOINT),
    ("awscc_organizations_policy.o", {"content": PUBLIC}, "awscc_organizations_policy.o", PolicyKind.SCP),
]  # fmt: skip


@pytest.mark.parametrize(("address", "values", "found", "kind"), MORE, ids=[row[0] for row in MORE])
def test_policies_stand_where_the_tables_say(address: str, values: Object, found: str, kind: PolicyKind) -> None:
    (one,) = read(plan(Instance(address, values))).policies
    assert (one.address, one.kind, len(one.statements)) == (found, kind, 2)


def test_secrets_in_nested_blocks_and_data_sources() -> None:
    nested: Object = {"access_key_id": "AAAA", "raw_secret_access_key": "BBBB"}
    said: Object = {
        "xks_proxy_authentication_credential": [
            {"access_key_id": refers("var.id"), "raw_secret_access_key": {"constant_value": "BBBB"}}
        ]
    }
    document = read(
        plan(
            Instance("aws_kms_custom_key_store.s", {"xks_proxy_authentication_credential": [nested]}, {}, said),
            prior=(Instance("data.aws_kms_ciphertext.c", {"plaintext": "x"}),),
        )
    )
    assert [(each.address, there(each.at)) for each in document.secrets] == [("aws_kms_custom_key_store.s", '"BBBB"')]


def test_thousands_of_resources_are_each_worked_out() -> None:
    """What may be done for one configuration is bounded; a plan is worked out resource by resource."""
    own = policy(statement("Root", {"AWS": ROOT}))
    document = read(plan(*(Instance(f"aws_kms_key.k[{index}]", {"policy": own}) for index in range(3000))))
    assert len(document.keys) == 3000
    assert document.keys[-1].policies[0].unresolved == ()


def test_a_grant_on_the_key_of_an_alias_that_will_be_made() -> None:
    """The alias is read first, wherever it stands."""
    grant = Instance(
        "aws_kms_grant.g",
        {"operations": ["Decrypt"], "grantee_principal": ROOT},
        {"key_id": True},
        {"key_id": refers("aws_kms_alias.a.target_key_arn")},
    )
    alias = Instance(
        "aws_kms_alias.a", {"name": "alias/a"}, {"target_key_id": True}, {"target_key_id": refers("aws_kms_key.k.arn")}
    )
    (made,) = read(plan(NEW, grant, alias)).grants
    assert made.of == KEY.address
    assert made.key is not None
    assert made.key.form == "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.k.key_id>"
