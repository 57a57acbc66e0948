"""Plans of Terraform: what stands in them, where, and what is not known before it is applied."""

from __future__ import annotations

import json

import pytest

from kms_lint.engine import lint
from kms_lint.files import File
from kms_lint.library import built_in
from kms_lint.load import load
from kms_lint.load.options import Options
from kms_lint.model import Document, Policy, PolicyKind, Status, World
from tests.load.plans import (
    PUBLIC,
    ROOT,
    Instance,
    Json,
    Object,
    line,
    plan,
    policy,
    read,
    refers,
    statement,
    text,
    there,
)
from tests.load.terraform_folder import form, plain
from tests.load.terraform_folder import policies as written_policies

KEY: Object = {
    "bypass_policy_lockout_safety_check": False,
    "custom_key_store_id": None,
    "customer_master_key_spec": "SYMMETRIC_DEFAULT",
    "deletion_window_in_days": 7,
    "enable_key_rotation": True,
    "is_enabled": True,
    "key_usage": "ENCRYPT_DECRYPT",
    "policy": PUBLIC,
    "tags": None,
}
NEW: Object = {"arn": True, "id": True, "key_id": True, "multi_region": True, "rotation_period_in_days": True}


def policies(document: Document) -> dict[str, Policy]:
    return {each.address: each for each in document.every_policy()}


def document_of(*statements: Object, unknown: Json, written: Json, name: str = "d") -> Instance:
    """A policy document that is read when the plan is applied."""
    address = f"data.aws_iam_policy_document.{name}"
    return Instance(
        address,
        {"statement": statements},
        {"json": True, "statement": unknown},
        {"statement": written},
        actions=("read",),
    )


VERSIONS = [
    ("0.1", "0.12.31"),
    ("0.1", "0.13.7"),
    ("0.2", "1.0.11"),
    ("1.1", "1.5.7"),
    ("1.2", "1.14.0"),
    ("1.2", "1.10.5-tofu"),
]


@pytest.mark.parametrize(("version", "terraform"), VERSIONS, ids=[row[1] for row in VERSIONS])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with mark"])
def test_a_key_of_every_version_and_encoding(version: str, terraform: str, encoding: str) -> None:
    said = text(plan(Instance("aws_kms_key.a", KEY, NEW), version=version, terraform=terraform))
    mark, _, with_mark = encoding.partition(" with ")
    content = ("\ufeff" * bool(with_mark) + said).encode(mark)
    document = read(content)
    assert (document.kind, document.format, document.status) == ("Terraform plan", "terraform", Status.JUDGED)
    (key,) = document.keys
    assert (key.address, key.owner, there(key.at)) == ("aws_kms_key.a", "<account>", '"aws_kms_key.a"')
    assert {name: each.value for name, each in key.settings.items()} == {
        "bypass": False,
        "spec": "SYMMETRIC_DEFAULT",
        "deletion_window": "7",
        "rotation": True,
        "enabled": True,
        "usage": "ENCRYPT_DECRYPT",
    }
    assert there(key.settings["deletion_window"].at) == "7"
    (found,) = key.policies
    assert [each.name for each in found.statements] == ["Root", "Open"]
    principals = found.statements[1].principals
    assert principals is not None
    assert there(principals.values[0].value.at) == r"\"*\""
    assert line(principals.values[0].value.at) == 1 + said[: said.index("Decrypt")].count("\n")


def test_what_planned_values_and_changes_both_say_is_found_once() -> None:
    document = read(plan(Instance("aws_kms_key.a", KEY, NEW)))
    assert [each.address for each in document.every_policy()] == ["aws_kms_key.a"]


def test_addresses_have_the_module_and_the_key_of_the_instance() -> None:
    addresses = [
        "aws_kms_key.this[0]",
        'aws_kms_key.each["a.b[c]"]',
        "module.one.aws_kms_key.this",
        'module.one.module.two["x"].aws_kms_key.this[1]',
        'module.m["module.n.aws_kms_key.this"].aws_kms_key.this',
    ]
    document = read(plan(*(Instance(each, KEY, NEW) for each in addresses)))
    assert sorted(key.address for key in document.keys) == sorted(addresses)
    assert {key.policies[0].of for key in document.keys} == set(addresses)


def test_what_a_plan_does_to_keys() -> None:
    before: Object = {"policy": PUBLIC}
    document = read(
        plan(
            Instance("aws_kms_key.new", KEY, NEW),
            Instance("aws_kms_key.same", KEY, {}, actions=("no-op",), before=before),
            Instance("aws_kms_key.changed", KEY, {}, actions=("update",), before=before),
            Instance("aws_kms_key.replaced", KEY, NEW, actions=("delete", "create"), before=before),
            Instance("aws_kms_key.other_way", KEY, NEW, actions=("create", "delete"), before=before),
            Instance("aws_kms_key.gone", actions=("delete",), before=before),
            Instance("aws_kms_key.forgotten", actions=("forget",), before=before),
            Instance("aws_kms_alias.gone", actions=("delete",), before={"name": "alias/x"}),
        )
    )
    assert {each.address.partition(".")[2]: each.action for each in document.planned} == {
        "new": "create",
        "changed": "update",
        "replaced": "replace",
        "other_way": "replace",
        "gone": "delete",
        "forgotten": "forget",
    }
    gone = next(each for each in document.planned if each.action == "delete")
    assert there(gone.at) == '"aws_kms_key.gone"'
    assert "aws_kms_key.gone" not in {each.address for each in document.keys}
    assert "aws_kms_key.gone" not in policies(document)


def test_a_policy_that_nobody_wrote_is_no_unknown_one() -> None:
    values = {name: value for name, value in KEY.items() if name != "policy"}
    document = read(plan(Instance("aws_kms_key.a", values, {**NEW, "policy": True})))
    (key,) = document.keys
    assert (key.policies, key.policy_unknown, key.unresolved) == ((), False, ())
    assert [name for name, each in key.settings.items() if not each.known] == []


def test_without_its_configuration_an_argument_may_be_anything() -> None:
    """`plan.json` cut down to what changes: nobody knows whether rotation was written."""
    named: Object = {"address": "aws_kms_key.a", "mode": "managed", "type": "aws_kms_key", "name": "a"}
    change = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {"enable_key_rotation": True}}
    document = read(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": [{**named, "values": {}}]}},
            "resource_changes": [{**named, "change": change}],
        }
    )
    (key,) = document.keys
    assert not key.settings["rotation"].known


def test_a_document_that_is_read_later_is_rebuilt() -> None:
    data = document_of(
        {
            "sid": "Root",
            "actions": ["kms:*"],
            "resources": ["*"],
            "effect": None,
            "not_actions": None,
            "not_principals": [],
            "condition": [{"test": "StringEquals", "variable": "aws:username", "values": ["&{aws:username}"]}],
            "principals": [{"type": "AWS", "identifiers": [ROOT, None]}, {"type": "Service", "identifiers": ["*"]}],
        },
        unknown=[
            {
                "actions": [False],
                "condition": [{"values": [False]}],
                "principals": [{"identifiers": [False, True]}, {"identifiers": [False]}],
            }
        ],
        written=[
            {
                "actions": {"constant_value": ["kms:*"]},
                "principals": [
                    {"type": {"constant_value": "Service"}, "identifiers": {"constant_value": ["*"]}},
                    {"type": {"constant_value": "AWS"}, "identifiers": refers("aws_iam_role.app.arn", "var.root")},
                ],
            }
        ],
    )
    role = Instance("aws_iam_role.app", {"name": "app", "path": "/team/"}, {"arn": True})
    key = Instance("aws_kms_key.a", {}, {"policy": True}, {"policy": refers("data.aws_iam_policy_document.d.json")})
    found = policies(read(plan(data, role, key)))["aws_kms_key.a"]
    assert plain(found.node) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Root",
                "Effect": "Allow",
                "Action": "kms:*",
                "Resource": "*",
                "Principal": {"AWS": [ROOT, "<aws_iam_role.app.arn, var.root>"], "Service": "*"},
                "Condition": {"StringEquals": {"aws:username": "${aws:username}"}},
            }
        ],
    }
    assert [(each.expression, line(each.at) > 0) for each in found.unresolved] == [
        ("aws_iam_role.app.arn, var.root", True)
    ]
    assert found.consumer is not None
    assert there(found.consumer) == '"aws_kms_key.a"'
    principals = found.statements[0].principals
    assert principals is not None
    assert there(principals.values[-1].value.at) == '"*"'


def role_policy(principal: Json, unknown: Json, written: Json, *others: Instance, **more: Object) -> Policy:
    """The policy of a key that lets in a principal that is not known."""
    data = document_of(
        {"actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": principal}]},
        unknown=[{"principals": [{"identifiers": unknown}]}],
        written=[{"principals": [{"identifiers": written}]}],
    )
    key = Instance("aws_kms_key.a", {}, {"policy": True}, {"policy": refers("data.aws_iam_policy_document.d.json")})
    return policies(read(plan(data, key, *others, **more)))["aws_kms_key.a"]  # type: ignore[arg-type]


ROLE = Instance("aws_iam_role.app", {"name": "app", "path": "/team/"}, {"arn": True})
NAMELESS = Instance("aws_iam_role.app", {"path": "/"}, {"arn": True, "name": True})
SEVERAL = [
    Instance(f"aws_iam_role.app[{index}]", {"name": f"app-{index}", "path": "/"}, {"arn": True}) for index in (0, 1)
]
PRINCIPALS = [
    (
        "a role with a name",
        refers("aws_iam_role.app.arn"),
        [ROLE],
        "<aws_iam_role.app.arn>",
        "arn:<partition>:iam::<account>:role/team/app",
    ),
    (
        "a role that gets a name",
        refers("aws_iam_role.app.arn"),
        [NAMELESS],
        "<aws_iam_role.app.arn>",
        "arn:<partition>:iam::<account>:role/<aws_iam_role.app.name>",
    ),
    (
        "one of several",
        refers("aws_iam_role.app[1].arn"),
        SEVERAL,
        "<aws_iam_role.app[1].arn>",
        "arn:<partition>:iam::<account>:role/app-1",
    ),
    ("all of several", refers("aws_iam_role.app"), SEVERAL, "<aws_iam_role.app>", "…"),
    ("a local value", refers("local.everyone"), [], "<local.everyone>", "…"),
    ("a variable", refers("var.who"), [], "<var.who>", "…"),
    ("two things", refers("var.who", "aws_iam_role.app.arn"), [ROLE], "<var.who, aws_iam_role.app.arn>", "…"),
    ("nothing", {}, [], "<data.aws_iam_policy_document.d.statement[0].principals[0].identifiers[0]>", "…"),
    ("what is not there", refers("aws_iam_role.other.arn"), [ROLE], "<aws_iam_role.other.arn>", "…"),
]


@pytest.mark.parametrize(
    ("written", "others", "shown", "known"), [row[1:] for row in PRINCIPALS], ids=[row[0] for row in PRINCIPALS]
)
def test_a_principal_that_is_not_known_yet(written: Json, others: list[Instance], shown: str, known: str) -> None:
    found = role_policy([None], [True], written, *others)
    principals = found.statements[0].principals
    assert principals is not None
    (principal,) = principals.values
    assert (str(principal.value), form(principal.value)) == (shown, known)


def test_principals_that_are_not_known_as_a_whole() -> None:
    found = role_policy(None, True, refers("var.who"))
    assert plain(found.node) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": "<var.who>"}}],
    }
    assert [each.expression for each in found.unresolved] == ["var.who"]


def test_account_region_and_partition_come_from_what_was_read_before() -> None:
    prior = (
        Instance("data.aws_caller_identity.me", {"account_id": "111122223333", "id": "111122223333"}),
        Instance("data.aws_region.here", {"name": "eu-west-1", "region": None}),
        Instance("data.aws_partition.here", {"partition": "aws"}),
    )
    document = read(plan(Instance("aws_kms_key.a", KEY, NEW), prior=prior))
    (key,) = document.keys
    assert key.owner == "111122223333"
    assert key.policies[0].owner == "111122223333"
    assert key.arn is not None
    assert key.arn.form == "arn:aws:kms:eu-west-1:111122223333:key/<aws_kms_key.a.key_id>"


def test_another_provider_may_be_another_account() -> None:
    said = plan(Instance("aws_kms_key.a", KEY, NEW))
    said["configuration"] = {
        "provider_config": {
            "aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}},
            "aws.other": {
                "expressions": {"profile": {"constant_value": "other"}, "region": {"constant_value": "us-east-1"}}
            },
            "aws.same": {"expressions": {"region": {"constant_value": "us-east-1"}}},
        },
        "root_module": {"resources": [{"address": "aws_kms_key.a", "provider_config_key": "aws.other"}]},
    }
    (key,) = read(said, options=Options(account="111122223333")).keys
    assert key.owner is None
    same = json.loads(
        json.dumps(said).replace('"provider_config_key": "aws.other"', '"provider_config_key": "aws.same"')
    )
    (key,) = read(same, options=Options(account="111122223333")).keys
    assert key.owner == "111122223333"
    assert key.arn is not None
    assert key.arn.form.startswith("arn:<partition>:kms:us-east-1:111122223333:key/")


MODULES: Object = {
    "resources": [
        {
            "address": "data.aws_iam_policy_document.d",
            "expressions": {"statement": [{"principals": [{"identifiers": refers("module.roles.arn")}]}]},
        },
        {"address": "aws_kms_alias.a", "expressions": {"target_key_id": refers("module.kms.key_id")}},
    ],
    "module_calls": {
        "roles": {"module": {"outputs": {"arn": {"expression": refers("aws_iam_role.app.arn")}}}},
        "kms": {
            "expressions": {"policy": refers("data.aws_iam_policy_document.d.json")},
            "module": {
                "outputs": {"key_id": {"expression": refers("module.inner.key_id")}},
                "module_calls": {
                    "inner": {
                        "expressions": {"policy": refers("var.policy")},
                        "module": {
                            "outputs": {"key_id": {"expression": refers("aws_kms_key.this.key_id")}},
                            "resources": [
                                {"address": "aws_kms_key.this", "expressions": {"policy": refers("var.policy")}}
                            ],
                        },
                    }
                },
            },
        },
    },
}


def test_variables_and_outputs_of_modules_are_followed() -> None:
    data = document_of(
        {"actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": [None]}]},
        unknown=[{"principals": [{"identifiers": [True]}]}],
        written=[],
    )
    document = read(
        plan(
            data,
            Instance("module.roles.aws_iam_role.app", {"name": "app", "path": "/"}, {"arn": True}),
            Instance("module.kms.module.inner.aws_kms_key.this", {}, {"policy": True, "key_id": True}),
            Instance("aws_kms_alias.a", {"name": "alias/a"}, {"target_key_id": True}),
            configuration=MODULES,
        )
    )
    (key,) = document.keys
    (found,) = key.policies
    principals = found.statements[0].principals
    assert principals is not None
    assert form(principals.values[0].value) == "arn:<partition>:iam::<account>:role/app"
    (alias,) = document.aliases
    assert (alias.of, key.aliases) == ("module.kms.module.inner.aws_kms_key.this", ("alias/a",))


@pytest.mark.parametrize("attribute", ["arn", "name"])
def test_a_policy_that_is_made_of_something_unknown_is_unknown(attribute: str) -> None:
    written = {"policy": refers(f"aws_iam_role.app.{attribute}")}
    role = Instance("aws_iam_role.app", {"name_prefix": "app"}, {"arn": True, "name": True})
    document = read(plan(role, Instance("aws_kms_key.a", {}, {"policy": True}, written)))
    found = policies(document)["aws_kms_key.a"]
    assert [(each.expression, each.message) for each in found.unresolved] == [
        (f"aws_iam_role.app.{attribute}", "a plan does not tell how the policy is made of it")
    ]
    assert found.problems == ()


CYCLES: list[tuple[str, Object, Object]] = [
    (
        "an output of itself",
        {
            "module_calls": {
                "m": {
                    "module": {"outputs": {"p": {"expression": refers("var.p")}}},
                    "expressions": {"p": refers("module.m.p")},
                }
            }
        },
        refers("module.m.p"),
    ),
    ("a document of itself", {}, refers("data.aws_iam_policy_document.d.json")),
]


@pytest.mark.parametrize(("configuration", "reference"), [row[1:] for row in CYCLES], ids=[row[0] for row in CYCLES])
def test_cycles_of_references_end(configuration: Object, reference: Object) -> None:
    address = "data.aws_iam_policy_document.d"
    data = Instance(
        address,
        {"source_policy_documents": [None]},
        {"json": True, "source_policy_documents": [True]},
        {"source_policy_documents": refers("data.aws_iam_policy_document.d.json")},
        actions=("read",),
    )
    said = plan(data, Instance("aws_kms_key.a", {}, {"policy": True}, {"policy": reference}))
    root = said["configuration"]
    assert isinstance(root, dict)
    root["root_module"] = {**root["root_module"], **configuration}
    found = policies(read(said))["aws_kms_key.a"]
    assert [each.message for each in found.unresolved] == [
        "what it refers to leads back to it, or through too many modules"
    ]


@pytest.mark.parametrize("levels", [150, 300, 100_000])
def test_values_that_are_nested_too_deeply(levels: int) -> None:
    said = text(plan(Instance("aws_kms_key.a", {"tags": "DEEP"}, {})))
    document = read(said.replace('"DEEP"', "[" * levels + "]" * levels))
    expected = Status.JUDGED if levels < 180 else Status.MALFORMED
    assert document.status is expected
    assert [each.message for each in document.problems] == ["nested too deeply: at most 200 levels are read"][
        : levels > 180
    ]


def test_modules_that_are_nested_too_deeply_are_told() -> None:
    deep = "".join(f"module.m{index}." for index in range(45))
    document = read(plan(Instance(f"{deep}aws_kms_key.a", KEY, NEW), Instance("aws_kms_key.b", KEY, NEW)))
    assert [each.message for each in document.unresolved] == ["modules are nested deeper than 40 levels"]


PLACES: list[tuple[str, str, Object, str, PolicyKind]] = [
    ("a managed policy", "aws_iam_policy.p", {"policy": PUBLIC}, "aws_iam_policy.p", PolicyKind.IDENTITY),
    ("of a user", "aws_iam_user_policy.p", {"policy": PUBLIC}, "aws_iam_user_policy.p", PolicyKind.IDENTITY),
    ("of a group", "aws_iam_group_policy.p", {"policy": PUBLIC}, "aws_iam_group_policy.p", PolicyKind.IDENTITY),
    ("of a role", "aws_iam_role_policy.p", {"policy": PUBLIC}, "aws_iam_role_policy.p", PolicyKind.IDENTITY),
    ("trust", "aws_iam_role.r", {"assume_role_policy": PUBLIC}, "aws_iam_role.r:assume_role_policy", PolicyKind.TRUST),
    (
        "inline",
        "aws_iam_role.r",
        {"inline_policy": [{"name": "x", "policy": PUBLIC}]},
        "aws_iam_role.r:inline_policy[0]",
        PolicyKind.IDENTITY,
    ),
    (
        "a permission set",
        "aws_ssoadmin_permission_set_inline_policy.p",
        {"inline_policy": PUBLIC},
        "aws_ssoadmin_permission_set_inline_policy.p",
        PolicyKind.IDENTITY,
    ),
    ("an endpoint", "aws_vpc_endpoint.e", {"policy": PUBLIC}, "aws_vpc_endpoint.e", PolicyKind.VPC_ENDPOINT),
    (
        "of an endpoint",
        "aws_vpc_endpoint_policy.e",
        {"policy": PUBLIC},
        "aws_vpc_endpoint_policy.e",
        PolicyKind.VPC_ENDPOINT,
    ),
    ("a bucket", "aws_s3_bucket_policy.b", {"policy": PUBLIC}, "aws_s3_bucket_policy.b", PolicyKind.RESOURCE),
    ("an SCP", "aws_organizations_policy.o", {"content": PUBLIC}, "aws_organizations_policy.o", PolicyKind.SCP),
    (
        "an RCP",
        "aws_organizations_policy.o",
        {"content": PUBLIC, "type": "RESOURCE_CONTROL_POLICY"},
        "aws_organizations_policy.o",
        PolicyKind.RCP,
    ),
    ("of a key", "aws_kms_key_policy.k", {"policy": PUBLIC, "key_id": "x"}, "aws_kms_key_policy.k", PolicyKind.KEY),
    ("an external key", "aws_kms_external_key.k", {"policy": PUBLIC}, "aws_kms_external_key.k", PolicyKind.KEY),
    ("a replica", "aws_kms_replica_key.k", {"policy": PUBLIC}, "aws_kms_replica_key.k", PolicyKind.KEY),
    (
        "an external replica",
        "aws_kms_replica_external_key.k",
        {"policy": PUBLIC},
        "aws_kms_replica_external_key.k",
        PolicyKind.KEY,
    ),
    ("a key of awscc", "awscc_kms_key.k", {"key_policy": PUBLIC}, "awscc_kms_key.k", PolicyKind.KEY),
    (
        "inline of awscc",
        "awscc_iam_role.r",
        {"policies": [{"policy_name": "x", "policy_document": PUBLIC}]},
        "awscc_iam_role.r:policies[0]",
        PolicyKind.IDENTITY,
    ),
]


@pytest.mark.parametrize(
    ("address", "values", "found", "kind"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES]
)
def test_where_policies_stand(address: str, values: Object, found: str, kind: PolicyKind) -> None:
    (one,) = policies(read(plan(Instance(address, values)))).values()
    assert (one.address, one.kind) == (found, kind)
    assert len(one.statements) == 2
    assert there(one.at) == json.dumps(PUBLIC)


def test_the_provider_that_a_module_got_before_terraform_1_1_is_not_guessed() -> None:
    said = plan(Instance("module.kms.aws_kms_key.a", KEY, NEW), version="0.1", terraform="0.12.31")
    module: Object = {"resources": [{"address": "aws_kms_key.a", "provider_config_key": "kms:aws"}]}
    one: Object = {"aws": {"name": "aws"}, "kms:aws": {"name": "aws", "module_address": "module.kms"}}
    said["configuration"] = {"provider_config": one, "root_module": {"module_calls": {"kms": {"module": module}}}}
    assert [key.owner for key in read(said, options=Options(account="111122223333")).keys] == ["111122223333"]
    other: Object = {**one, "aws.other": {"name": "aws", "expressions": {"profile": {"constant_value": "other"}}}}
    said["configuration"] = {"provider_config": other, "root_module": {"module_calls": {"kms": {"module": module}}}}
    assert [key.owner for key in read(said, options=Options(account="111122223333")).keys] == [None]


def test_what_is_attached_to_what() -> None:
    document = read(
        plan(
            Instance("aws_iam_role.app", {"name": "app"}, {"arn": True}),
            Instance("aws_iam_role_policy.named", {"policy": PUBLIC, "role": "app"}),
            Instance(
                "aws_iam_role_policy.later", {"policy": PUBLIC}, {"role": True}, {"role": refers("aws_iam_role.new.id")}
            ),
            Instance("aws_iam_role.new", {}, {"name": True, "id": True}),
            Instance(
                "aws_kms_key.old",
                {"key_id": "1234", "arn": "arn:aws:kms:eu-west-1:444455556666:key/1234"},
                actions=("no-op",),
            ),
            Instance("aws_kms_key.new", {}, NEW),
            Instance("aws_kms_key_policy.old", {"key_id": "1234", "policy": PUBLIC}),
            Instance(
                "aws_kms_key_policy.new", {"policy": PUBLIC}, {"key_id": True}, {"key_id": refers("aws_kms_key.new.id")}
            ),
            Instance(
                "aws_kms_grant.g",
                {
                    "operations": ["Decrypt"],
                    "grantee_principal": ROOT,
                    "constraints": [{"encryption_context_equals": {"a": "b"}}],
                },
                {"key_id": True},
                {"key_id": refers("aws_kms_key.new.key_id")},
            ),
        )
    )
    of = {each.address: each.of for each in document.every_policy()}
    assert of == {
        "aws_iam_role_policy.named": "aws_iam_role.app",
        "aws_iam_role_policy.later": "aws_iam_role.new",
        "aws_kms_key_policy.old": "aws_kms_key.old",
        "aws_kms_key_policy.new": "aws_kms_key.new",
    }
    (grant,) = document.grants
    assert (grant.of, grant.grantee, [each.type for each in grant.constraints]) == (
        "aws_kms_key.new",
        ROOT,
        ["EncryptionContextEquals"],
    )
    assert there(grant.operations[0].at) == '"Decrypt"'
    old = next(key for key in document.keys if key.address == "aws_kms_key.old")
    assert old.owner == "444455556666"


def test_an_unknown_policy_that_belongs_to_nobody_knows_whom_leaves_open_who_has_one() -> None:
    document = read(
        plan(
            Instance("aws_kms_key.new", {}, NEW),
            Instance("aws_kms_key_policy.p", {"policy": PUBLIC}, {"key_id": True}, {"key_id": refers("local.key")}),
        )
    )
    assert [key.policy_unknown for key in document.keys] == [True]


def test_secrets_are_those_that_the_configuration_writes_out() -> None:
    document = read(
        plan(
            Instance(
                "aws_kms_ciphertext.a",
                {"plaintext": "swordfish"},
                written={"plaintext": {"constant_value": "swordfish"}},
            ),
            Instance("aws_kms_ciphertext.b", {"plaintext": "from outside"}, written={"plaintext": refers("var.p")}),
        )
    )
    assert [(each.address, there(each.at)) for each in document.secrets] == [("aws_kms_ciphertext.a", '"swordfish"')]


SENSITIVE = policy(statement("Secret-Sid", {"AWS": "arn:aws:iam::999900001111:role/secret"}), statement("Open", "*"))


def test_sensitive_values_are_judged_and_not_shown() -> None:
    said = plan(
        Instance(
            "aws_kms_key.a",
            {"policy": SENSITIVE, "description": "hush"},
            {},
            sensitive={"policy": True, "description": True},
        ),
        Instance("aws_db_instance.d", {"password": "hunter2", "username": "ann"}, {}, sensitive={"password": True}),
        variables={"p": {"value": "hunter3"}, "q": {"value": "not secret"}},
        output_changes={"o": {"actions": ["create"], "before": None, "after": "hunter4", "after_sensitive": True}},
        configuration={"variables": {"p": {"sensitive": True}, "q": {}}},
    )
    document = read(text(said))
    found = policies(document)["aws_kms_key.a"]
    assert document.source is not None
    for word in ("999900001111", "hunter2", "hunter3", "hunter4", "hush", "Secret-Sid"):
        assert word not in document.source.text
        assert word not in str(plain(found.node))
    assert "not secret" in document.source.text
    assert len(document.source.text) == len(text(said))
    values = [each.value.form for one in found.statements if one.principals for each in one.principals.values]
    assert values == ["arn:aws:iam::999900001111:role/secret", "*"]
    assert there(found.at) == "*" * (len(json.dumps(SENSITIVE)) - 2)


def test_a_sensitive_setting_is_unknown() -> None:
    values: Object = {"deletion_window_in_days": 7, "description": "hush", "enable_key_rotation": True}
    sensitive: Object = {"deletion_window_in_days": True, "description": True}
    (key,) = read(plan(Instance("aws_kms_key.a", values, {}, sensitive=sensitive))).keys
    assert {name: (each.value, each.known) for name, each in key.settings.items()} == {
        "deletion_window": (None, False),
        "description": (None, False),
        "rotation": (True, True),
    }
    assert [each.open.message for each in key.settings.values() if each.open] == [
        "`deletion_window_in_days` is sensitive"
    ]


def test_a_part_that_is_sensitive_leaves_the_rest() -> None:
    values: Object = {"inline_policy": [{"name": "a", "policy": SENSITIVE}, {"name": "b", "policy": PUBLIC}]}
    sensitive: Object = {"inline_policy": [{"policy": True}, {}]}
    found = policies(read(plan(Instance("aws_iam_role.r", values, {}, sensitive=sensitive))))
    assert "999900001111" not in str(plain(found["aws_iam_role.r:inline_policy[0]"].node))
    assert ROOT in str(plain(found["aws_iam_role.r:inline_policy[1]"].node))


def test_the_log_of_a_plan_is_no_plan() -> None:
    log = '{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","terraform":"1.11.4","type":"version"}\n'
    log += (
        '{"@level":"info","@message":"aws_kms_key.a: Plan to create","change":{"resource":{"addr":"aws_kms_key.a"}}}\n'
    )
    assert read(log).status is Status.SKIPPED


def test_a_binary_plan_says_what_to_do() -> None:
    document = read(b"PK\x03\x04\x14\x00\x08\x00", path="tfplan")
    (problem,) = document.problems
    assert document.status is Status.MALFORMED
    assert problem.message == (
        "this is a binary file, such as a plan of Terraform: check what `terraform show -json PLAN` prints instead"
    )


@pytest.mark.parametrize("cut", [1, 40, 400, 2000])
def test_a_plan_that_breaks_off_is_malformed(cut: int) -> None:
    said = text(plan(Instance("aws_kms_key.a", KEY, NEW)))[:-cut]
    document = read(said)
    assert document.status is Status.MALFORMED
    assert [each.rule for each in document.problems] == ["malformed-document"]


def test_a_plan_about_other_things_is_skipped() -> None:
    assert read(plan(Instance("aws_instance.a", {"ami": "kms:"})), named=False).status is Status.SKIPPED


ALLOW = '{"Statement":[{"Action":"kms:*","Effect":"Allow","Resource":"*"}]}'
SAME = [
    (
        "jsonencode",
        'resource "aws_kms_key" "a" {\n  policy = jsonencode({ Version = "2012-10-17", Statement = ['
        '{ Sid = "Root", Effect = "Allow", Principal = { AWS = ["arn:aws:iam::111122223333:root"] }, Action = "kms:*", Resource = "*" }] })\n}\n',
        [
            Instance(
                "aws_kms_key.a",
                {
                    "policy": '{"Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},'
                    '"Resource":"*","Sid":"Root"}],"Version":"2012-10-17"}'
                },
            )
        ],
    ),
    (
        "a document of what will be",
        """
resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = null
}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Root"
    actions   = ["kms:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
data "aws_iam_policy_document" "d" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    sid       = "App"
    actions   = ["kms:Decrypt", "kms:Encrypt"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.app.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.eu-west-1.amazonaws.com"]
    }
  }
}
resource "aws_kms_key" "a" {
  policy = data.aws_iam_policy_document.d.json
}
""",
        [
            Instance("aws_iam_role.app", {"name": "app", "path": "/"}, {"arn": True}),
            Instance(
                "data.aws_iam_policy_document.d",
                {
                    "source_policy_documents": [policy({**statement("Root", {"AWS": ROOT})})],
                    "statement": [
                        {
                            "sid": "App",
                            "actions": ["kms:Decrypt", "kms:Encrypt"],
                            "resources": ["*"],
                            "principals": [{"type": "AWS", "identifiers": [None]}],
                            "condition": [
                                {
                                    "test": "StringEquals",
                                    "variable": "kms:ViaService",
                                    "values": ["s3.eu-west-1.amazonaws.com"],
                                }
                            ],
                        }
                    ],
                },
                {"json": True, "statement": [{"principals": [{"identifiers": [True]}]}]},
                {"statement": [{"principals": [{"identifiers": refers("aws_iam_role.app.arn")}]}]},
                actions=("read",),
            ),
            Instance("aws_kms_key.a", {}, {"policy": True}, {"policy": refers("data.aws_iam_policy_document.d.json")}),
        ],
    ),
    (
        "a policy of a role, and its trust",
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({ Statement = [] })\n  inline_policy {\n'
        '    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })\n  }\n}\n',
        [
            Instance(
                "aws_iam_role.r",
                {
                    "name": "r",
                    "assume_role_policy": '{"Statement":[]}',
                    "inline_policy": [
                        {"name": "", "policy": '{"Statement":[{"Action":"kms:*","Effect":"Allow","Resource":"*"}]}'}
                    ],
                },
            )
        ],
    ),
    (
        "a key policy beside a key, an endpoint, an organization, a bucket and a permission set",
        """
locals {
  allow = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })
}
resource "aws_kms_key" "k" {}
resource "aws_kms_key_policy" "k" {
  key_id = aws_kms_key.k.id
  policy = local.allow
}
resource "aws_vpc_endpoint" "e" {
  policy = local.allow
}
resource "aws_organizations_policy" "o" {
  type    = "RESOURCE_CONTROL_POLICY"
  content = local.allow
}
resource "aws_s3_bucket_policy" "b" {
  policy = local.allow
}
resource "aws_ssoadmin_permission_set_inline_policy" "s" {
  permission_set_arn = aws_ssoadmin_permission_set.s.arn
  inline_policy      = local.allow
}
resource "aws_ssoadmin_permission_set" "s" {
  name = "s"
}
""",
        [
            Instance("aws_kms_key.k", {}, {"id": True, "key_id": True, "arn": True}),
            Instance(
                "aws_kms_key_policy.k", {"policy": ALLOW}, {"key_id": True}, {"key_id": refers("aws_kms_key.k.id")}
            ),
            Instance("aws_vpc_endpoint.e", {"policy": ALLOW}),
            Instance("aws_organizations_policy.o", {"type": "RESOURCE_CONTROL_POLICY", "content": ALLOW}),
            Instance("aws_s3_bucket_policy.b", {"policy": ALLOW}),
            Instance(
                "aws_ssoadmin_permission_set_inline_policy.s",
                {"inline_policy": ALLOW},
                {"permission_set_arn": True},
                {"permission_set_arn": refers("aws_ssoadmin_permission_set.s.arn")},
            ),
            Instance("aws_ssoadmin_permission_set.s", {"name": "s"}, {"arn": True}),
        ],
    ),
]


@pytest.mark.parametrize(("hcl", "instances"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_a_plan_shows_the_policies_of_its_configuration(hcl: str, instances: list[Instance]) -> None:
    planned = policies(read(plan(*instances)))
    written = written_policies(hcl)
    assert {name: (plain(each.node), each.kind, each.of) for name, each in planned.items()} == {
        name: (plain(each.node), each.kind, each.of) for name, each in written.items()
    }


def test_a_plan_has_the_findings_of_its_configuration() -> None:
    """One policy, every format, the same findings: but for what a plan says of defaults."""
    hcl, instances = SAME[1][1], SAME[1][2]
    folder = [File("main.tf", "/nowhere/main.tf", True, hcl.encode())]
    one = lint(World(load(folder)), built_in())
    other = lint(World((read(plan(*instances)),)), built_in())
    assert [(each.about.id, each.statement) for each in one.findings] == [
        (each.about.id, each.statement) for each in other.findings
    ]
    assert [each.expression for each in one.unresolved] == [each.expression for each in other.unresolved]
