"""States of Terraform and OpenTofu: as `show -json` prints them, and raw ones of versions 3 and 4."""

from __future__ import annotations

import json

import pytest

from kms_lint.model import PolicyKind, Status
from tests.load.plans import PUBLIC, Json, Object, policy, read, statement, there
from tests.load.terraform_folder import plain

ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
KEY: Object = {
    "arn": ARN,
    "deletion_window_in_days": 7,
    "enable_key_rotation": False,
    "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab",
    "policy": PUBLIC,
}


def shown(*resources: Object, version: str = "1.0") -> Json:
    return {
        "format_version": version,
        "terraform_version": "1.11.4",
        "values": {"root_module": {"resources": resources}},
    }


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0"])
def test_a_state_that_is_shown(version: str) -> None:
    resource: Object = {
        "address": "aws_kms_key.a",
        "mode": "managed",
        "type": "aws_kms_key",
        "name": "a",
        "values": KEY,
    }
    document = read(shown(resource, version=version))
    assert (document.kind, document.status) == ("Terraform state", Status.JUDGED)
    (key,) = document.keys
    assert (key.address, key.owner, key.arn) == ("aws_kms_key.a", "111122223333", ARN)
    assert {name: each.value for name, each in key.settings.items()} == {"deletion_window": "7", "rotation": False}
    assert there(key.policies[0].statements[1].at).startswith(r"{\"Sid\":\"Open\"")


def raw(*resources: Object, **more: Json) -> Json:
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 3,
        "lineage": "x",
        "outputs": {},
        "resources": resources,
        **more,
    }


def block(type: str, name: str, *instances: Object, **more: Json) -> Object:
    provider = 'provider["registry.terraform.io/hashicorp/aws"]'
    return {"mode": "managed", "type": type, "name": name, "provider": provider, "instances": instances, **more}


def test_a_raw_state() -> None:
    document = read(
        raw(
            block("aws_kms_key", "a", {"schema_version": 0, "attributes": KEY, "sensitive_attributes": []}),
            block("aws_kms_key", "n", {"index_key": 0, "attributes": KEY}, {"index_key": 1, "attributes": KEY}),
            block("aws_kms_key", "e", {"index_key": "0", "attributes": KEY}, module='module.kms["x"]'),
            block("aws_kms_key", "old", {"attributes": KEY, "deposed": "deadbeef"}),
            block("aws_kms_alias", "a", {"attributes": {"name": "alias/a", "target_key_id": KEY["key_id"]}}),
            block(
                "aws_iam_role", "r", {"attributes": {"name": "r", "inline_policy": [{"name": "x", "policy": PUBLIC}]}}
            ),
        ),
        path="terraform.tfstate",
        named=False,
    )
    assert document.kind == "Terraform state"
    addresses = ["aws_kms_key.a", "aws_kms_key.n[0]", "aws_kms_key.n[1]", 'module.kms["x"].aws_kms_key.e["0"]']
    assert [key.address for key in document.keys] == addresses
    assert [there(key.at) for key in document.keys] == ['"a"', "0", "1", '"0"']
    assert [(alias.name, alias.of) for alias in document.aliases] == [("alias/a", "aws_kms_key.a")]
    (inline,) = document.policies
    assert (inline.address, inline.of, inline.kind) == (
        "aws_iam_role.r:inline_policy[0]",
        "aws_iam_role.r",
        PolicyKind.IDENTITY,
    )
    assert there(document.keys[0].policies[0].at) == json.dumps(PUBLIC)


SECRET = policy(statement("Open", {"AWS": "arn:aws:iam::999900001111:root"}))
PATHS: list[tuple[str, Object, Json]] = [
    ("an attribute", {"policy": SECRET}, [[{"type": "get_attr", "value": "policy"}]]),
    (
        "an attribute of a nested block",
        {"inline_policy": [{"policy": SECRET}]},
        [[{"type": "get_attr", "value": "inline_policy"}, {"type": "index", "value": {"value": 0, "type": "number"}}]],
    ),
]


@pytest.mark.parametrize(("attributes", "paths"), [row[1:] for row in PATHS], ids=[row[0] for row in PATHS])
def test_sensitive_attributes_are_not_shown(attributes: Object, paths: Json) -> None:
    type = "aws_kms_key" if "policy" in attributes else "aws_iam_role"
    document = read(raw(block(type, "a", {"attributes": attributes, "sensitive_attributes": paths})))
    (found,) = document.every_policy()
    assert document.source is not None
    assert "999900001111" not in document.source.text + str(plain(found.node))
    assert found.statements[0].principals is not None
    assert found.statements[0].principals.values[0].value.form == "arn:aws:iam::999900001111:root"


def test_a_sensitive_output_is_not_shown() -> None:
    outputs: Json = {
        "o": {"value": "hunter2", "type": "string", "sensitive": True},
        "p": {"value": "plain", "type": "string"},
    }
    document = read(raw(block("aws_kms_key", "a", {"attributes": KEY}), outputs=outputs))
    assert document.source is not None
    assert "hunter2" not in document.source.text
    assert '"plain"' in document.source.text


def test_a_state_of_version_3() -> None:
    flat: Object = {
        "arn": ARN,
        "enable_key_rotation": "false",
        "policy": PUBLIC,
        "tags.%": "1",
        "tags.Name": "a.b",
    }
    grant: Object = {
        "key_id": ARN,
        "grantee_principal": "arn:aws:iam::111122223333:role/app",
        "operations.#": "2",
        "operations.1": "Decrypt",
        "operations.22": "CreateGrant",
        "constraints.#": "1",
        "constraints.9.encryption_context_equals.%": "1",
        "constraints.9.encryption_context_equals.a": "b",
    }
    modules: Json = [
        {
            "path": ["root"],
            "resources": {"aws_kms_key.a": {"type": "aws_kms_key", "primary": {"id": "1", "attributes": flat}}},
        },
        {
            "path": ["root", "kms"],
            "resources": {
                "aws_kms_key.b.1": {"type": "aws_kms_key", "primary": {"id": "1", "attributes": {"policy": PUBLIC}}},
                "aws_kms_grant.g": {"type": "aws_kms_grant", "primary": {"id": "1", "attributes": grant}},
            },
        },
    ]
    document = read({"version": 3, "terraform_version": "0.11.14", "serial": 1, "lineage": "x", "modules": modules})
    assert [key.address for key in document.keys] == ["aws_kms_key.a", "module.kms.aws_kms_key.b[1]"]
    assert document.keys[0].settings["rotation"].value is False
    assert len(document.keys[1].policies[0].statements) == 2
    (found,) = document.grants
    assert (found.address, found.of, found.operations) == (
        "module.kms.aws_kms_grant.g",
        "aws_kms_key.a",
        ("Decrypt", "CreateGrant"),
    )
    assert [(each.type, each.pairs) for each in found.constraints] == [("EncryptionContextEquals", 1)]


def test_an_encrypted_state_is_not_known() -> None:
    said = {
        "serial": 1,
        "lineage": "x",
        "meta": {"key_provider.pbkdf2.a": "e30="},
        "encrypted_data": "AAAA",
        "encryption_version": "v0",
    }
    document = read(said, path="terraform.tfstate", named=False)
    assert document.status is Status.JUDGED
    assert [each.message for each in document.unresolved] == [
        "this state is encrypted: run `tofu show -json` where its key is, and check what that prints"
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"format_version": "1.0"},
        {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": []},
    ],
)
def test_an_empty_state_is_skipped(said: Json) -> None:
    assert read(said).status is Status.SKIPPED


ODD: list[Json] = [
    {"terraform_version": "1", "serial": 1, "resources": {"a": 1}},
    {"terraform_version": "1", "serial": 1, "resources": [None, 1, {"instances": {}}, {"instances": [1, None]}]},
    {
        "terraform_version": "1",
        "serial": 1,
        "resources": [block("aws_kms_key", "a", {"attributes": [], "sensitive_attributes": 3})],
    },
    {
        "terraform_version": "1",
        "serial": 1,
        "modules": [{"path": 3, "resources": {"aws_kms_key": {"type": 3, "primary": 4}}}],
    },
    {
        "terraform_version": "1",
        "values": {"root_module": {"resources": [{"type": "aws_kms_key", "values": []}], "child_modules": [[]]}},
    },
    {"terraform_version": "1", "values": 3},
    {"terraform_version": "1", "planned_values": [], "resource_changes": {"a": []}},
    {
        "terraform_version": "1",
        "planned_values": {"root_module": []},
        "resource_changes": [{"change": []}, 3],
        "configuration": 3,
    },
    {
        "terraform_version": "1",
        "planned_values": {},
        "resource_changes": [{"type": "aws_kms_key", "change": {"actions": 3, "after": 3, "after_unknown": [True]}}],
        "configuration": {"root_module": {"resources": [{"expressions": []}, None], "module_calls": []}},
        "variables": {"a": 3},
        "output_changes": {"a": 3},
    },
]


@pytest.mark.parametrize("said", ODD, ids=range(len(ODD)))
def test_what_has_another_shape_breaks_nothing(said: Json) -> None:
    assert read(said).status in (Status.SKIPPED, Status.JUDGED)
