"""Whole accounts, as IAM prints them and as AWS Config records them; keys with all that AWS says about them."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from kms_lint.finding import Severity
from kms_lint.model import PolicyKind, World
from tests.load.reading import document, documents, findings, told, under

ACCOUNT = "111122223333"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{ID}"
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
DECRYPT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": ARN}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
PUBLIC = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"},
    ],
}


def arn(kind: str, name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"


DETAILS = {
    "UserDetailList": [
        {
            "Path": "/",
            "UserName": "ann",
            "Arn": arn("user", "ann"),
            "GroupList": ["ops"],
            "UserPolicyList": [{"PolicyName": "use", "PolicyDocument": DECRYPT}],
            "AttachedManagedPolicies": [],
            "PermissionsBoundary": {
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": arn("policy", "edge"),
            },
        }
    ],
    "GroupDetailList": [
        {
            "GroupName": "ops",
            "Arn": arn("group", "ops"),
            "GroupPolicyList": [{"PolicyName": "all", "PolicyDocument": quote(json.dumps(ALL))}],
            "AttachedManagedPolicies": [{"PolicyName": "edge", "PolicyArn": arn("policy", "edge")}],
        }
    ],
    "RoleDetailList": [
        {
            "RoleName": "ann",
            "Arn": arn("role", "ann"),
            "AssumeRolePolicyDocument": TRUST,
            "RolePolicyList": [{"PolicyName": "use", "PolicyDocument": json.dumps(DECRYPT)}],
            "AttachedManagedPolicies": [
                {"PolicyName": "ReadOnlyAccess", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
            ],
        }
    ],
    "Policies": [
        {
            "PolicyName": "edge",
            "Arn": arn("policy", "edge"),
            "DefaultVersionId": "v2",
            "PolicyVersionList": [
                {"Document": ALL, "VersionId": "v1", "IsDefaultVersion": False},
                {"Document": DECRYPT, "VersionId": "v2", "IsDefaultVersion": True},
            ],
        },
        {
            "PolicyName": "Power",
            "Arn": "arn:aws:iam::aws:policy/Power",
            "PolicyVersionList": [{"Document": ALL, "VersionId": "v9", "IsDefaultVersion": True}],
        },
    ],
    "IsTruncated": False,
}


def test_the_identities_of_an_account_with_what_is_attached_to_them() -> None:
    found = document("account.json", json.dumps(DETAILS, indent=2))
    said = [
        (each.address, each.type, each.name, each.attached, each.boundary, each.groups, each.owner)
        for each in found.identities
    ]
    assert said == [
        ("user/ann", "user", "ann", (), arn("policy", "edge"), ("group/ops",), ACCOUNT),
        ("group/ops", "group", "ops", (arn("policy", "edge"),), None, (), ACCOUNT),
        ("role/ann", "role", "ann", ("arn:aws:iam::aws:policy/ReadOnlyAccess",), None, (), ACCOUNT),
    ]
    first = ['"Path": "/"', '"GroupName": "ops"', '"RoleName": "ann"']
    assert [under(each.at).split("\n")[1].strip(" ,") for each in found.identities] == first


def test_the_policies_of_an_account() -> None:
    found = document("account.json", json.dumps(DETAILS, indent=2))
    said = [(each.kind, each.address, each.of, each.owner, each.managed) for each in found.policies]
    identity = PolicyKind.IDENTITY
    assert said == [
        (identity, "user/ann:use", "user/ann", ACCOUNT, False),
        (identity, "group/ops:all", "group/ops", ACCOUNT, False),
        (identity, "role/ann:use", "role/ann", ACCOUNT, False),
        (PolicyKind.TRUST, "role/ann:AssumeRolePolicyDocument", "role/ann", ACCOUNT, False),
        (identity, arn("policy", "edge"), None, ACCOUNT, False),
        (identity, "arn:aws:iam::aws:policy/Power", None, None, True),
    ]
    first = [statement.actions for policy in found.policies for statement in policy.statements]
    assert [str(each.values[0]) for each in first if each is not None] == [
        "kms:Decrypt",
        "kms:*",
        "kms:Decrypt",
        "sts:AssumeRole",
        "kms:Decrypt",
        "kms:*",
    ]


def test_what_only_aws_can_change_is_information() -> None:
    found = document("account.json", json.dumps(DETAILS, indent=2))
    graves = {(each.resource, each.severity) for each in findings(found, rules={"full-kms-access"})}
    assert graves == {("group/ops:all", Severity.HIGH), ("arn:aws:iam::aws:policy/Power", Severity.INFO)}


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.yaml"])
def test_an_account_in_pages_and_formats(name: str) -> None:
    pages = [{"UserDetailList": DETAILS["UserDetailList"]}, {"RoleDetailList": DETAILS["RoleDetailList"]}]
    text = "".join(json.dumps(page) + "\n" for page in pages) if name == "a.jsonl" else json.dumps(pages)
    if name == "a.yaml":
        text = "\n".join(f"- {json.dumps(page)}" for page in pages)
    found = document(name, text)
    assert [each.address for each in found.identities] == ["user/ann", "role/ann"]
    assert [each.address for each in found.policies] == [
        "user/ann:use",
        "role/ann:use",
        "role/ann:AssumeRolePolicyDocument",
    ]


def test_accounts_in_one_file_are_told_apart_by_arns() -> None:
    other = json.loads(json.dumps(DETAILS).replace(ACCOUNT, "444455556666"))
    found = document("a.jsonl", json.dumps(DETAILS) + "\n" + json.dumps(other))
    ours, theirs = arn("role", "ann"), arn("role", "ann").replace(ACCOUNT, "444455556666")
    assert [each.address for each in found.identities if each.type == "role"] == [ours, theirs]
    assert [(each.address, each.of) for each in found.policies if "role/ann:use" in each.address] == [
        (f"{ours}:use", ours),
        (f"{theirs}:use", theirs),
    ]
    assert [each.groups for each in found.identities if each.type == "user"] == [
        (arn("group", "ops"),),
        (arn("group", "ops").replace(ACCOUNT, "444455556666"),),
    ]


KEY = {
    "arn": ARN,
    "awsaccountId": ACCOUNT,
    "keyId": ID,
    "keyManager": "CUSTOMER",
    "keyUsage": "ENCRYPT_DECRYPT",
    "origin": "AWS_KMS",
    "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
    "enabled": True,
}


def item(type: str, configuration: object, **beside: object) -> dict[str, object]:
    return {
        "version": "1.3",
        "accountId": ACCOUNT,
        "resourceType": type,
        "resourceId": "x",
        "configuration": configuration,
        "supplementaryConfiguration": beside,
    }


def text_of(value: object) -> str:
    return json.dumps(value)


KEYS = [
    ("policy as text", item("AWS::KMS::Key", KEY, KeyRotationStatus=False, Policy=text_of(PUBLIC)), r"\"*\""),
    ("policy as an object", item("AWS::KMS::Key", KEY, KeyRotationStatus=False, Policy=PUBLIC), '"*"'),
    (
        "policy URL-encoded",
        item("AWS::KMS::Key", KEY, KeyRotationStatus=False, Policy=quote(text_of(PUBLIC))),
        "%22%2A%22",
    ),
    (
        "all as JSON within strings",
        item("AWS::KMS::Key", text_of(KEY), KeyRotationStatus="false", Policy=text_of(text_of(PUBLIC))),
        r"\\\"*\\\"",
    ),
]
WRAPPED = [
    ("alone", lambda one: text_of(one)),
    ("in a list", lambda one: text_of([one])),
    ("in a snapshot", lambda one: text_of({"fileVersion": "1.0", "configurationItems": [one]})),
    ("in an answer of batch-get-resource-config", lambda one: text_of({"baseConfigurationItems": [one]})),
    ("in an event", lambda one: text_of({"detail": {"messageType": "x", "configurationItem": one}})),
    ("in an event for Lambda", lambda one: text_of({"invokingEvent": text_of({"configurationItem": one})})),
    ("in a notification", lambda one: text_of({"ConfigurationItem": one})),
]


@pytest.mark.parametrize("wrap", [row[1] for row in WRAPPED], ids=[row[0] for row in WRAPPED])
def test_a_key_of_aws_config(wrap: object) -> None:
    assert callable(wrap)
    found = document("item.json", wrap(KEYS[0][1]))
    (key,) = found.keys
    (policy,) = key.policies
    assert (key.address, key.arn, key.owner, policy.of, policy.owner) == (ID, ARN, ACCOUNT, ID, ACCOUNT)
    assert {name: setting.value for name, setting in key.settings.items()} == {
        "spec": "SYMMETRIC_DEFAULT",
        "usage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "enabled": True,
        "manager": "CUSTOMER",
        "rotation": False,
    }
    assert [each.about.id for each in findings(found, rules={"public-principal", "rotation-disabled"})] == [
        "rotation-disabled",
        "public-principal",
    ] or wrap is not WRAPPED[0][1]


@pytest.mark.parametrize(("value", "written"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_the_policy_of_a_key_of_aws_config(value: object, written: str) -> None:
    found = document("item.json", text_of(value))
    (policy,) = found.keys[0].policies
    principals = policy.statements[1].principals
    assert principals is not None
    assert under(principals.values[0].value.at) == written
    assert found.keys[0].settings["rotation"].value is False
    rules = {"public-principal", "rotation-disabled"}
    assert sorted(each.about.id for each in findings(found, rules=rules)) == sorted(rules)


def test_identities_and_policies_of_aws_config() -> None:
    role = {
        "roleName": "app",
        "arn": arn("role", "app"),
        "assumeRolePolicyDocument": quote(text_of(TRUST)),
        "rolePolicyList": [{"policyName": "all", "policyDocument": quote(text_of(ALL))}],
        "attachedManagedPolicies": [{"policyName": "edge", "policyArn": arn("policy", "edge")}],
        "permissionsBoundary": {"permissionsBoundaryArn": arn("policy", "edge")},
    }
    policy = {
        "policyName": "edge",
        "arn": arn("policy", "edge"),
        "defaultVersionId": "v1",
        "policyVersionList": [{"document": quote(text_of(DECRYPT)), "versionId": "v1", "isDefaultVersion": True}],
    }
    alias = {"aliasName": "alias/main", "targetKeyId": ID}
    items = [
        item("AWS::IAM::Role", role),
        item("AWS::IAM::Policy", text_of(policy)),
        item("AWS::KMS::Alias", alias),
        item("AWS::KMS::Key", KEY),
        item("AWS::S3::Bucket", {"name": "b"}),
        item("AWS::KMS::Key", None),
    ]
    found = document("items.json", text_of({"configurationItems": items}))
    (identity,) = found.identities
    assert (identity.address, identity.attached, identity.boundary) == (
        "role/app",
        (arn("policy", "edge"),),
        arn("policy", "edge"),
    )
    assert [each.address for each in found.policies] == [
        "role/app:all",
        "role/app:AssumeRolePolicyDocument",
        arn("policy", "edge"),
    ]
    assert ([each.of for each in found.aliases], found.keys[0].aliases) == ([ID], ("alias/main",))


def test_configuration_that_is_no_json_is_a_finding_at_its_place() -> None:
    found = document("item.json", text_of(item("AWS::KMS::Key", '{"arn": }')))
    column = text_of(item("AWS::KMS::Key", '{"arn": }')).index(" }") + 2
    assert told(found) == [f"item.json:1:{column} malformed-document }}"]


def metadata(**changed: object) -> dict[str, object]:
    return {
        "KeyMetadata": {"KeyId": ID, "Arn": ARN, "AWSAccountId": ACCOUNT, "KeySpec": "SYMMETRIC_DEFAULT", **changed}
    }


def rotation(status: bool, key: str = ID) -> dict[str, object]:
    return {"KeyId": key, "KeyRotationEnabled": status}


ROTATIONS = [
    ("it rotates", metadata(), rotation(True), []),
    ("it does not", metadata(), rotation(False), ["rotation.json:1:73 rotation-disabled false"]),
    ("it cannot", metadata(KeySpec="RSA_2048"), rotation(False), []),
    ("AWS manages it", metadata(KeyManager="AWS"), rotation(False), []),
    ("it is another key", metadata(KeySpec="RSA_2048"), rotation(False, ARN.replace("1234", "9999")), []),
]


@pytest.mark.parametrize(
    ("described", "status", "expected"), [row[1:] for row in ROTATIONS], ids=[row[0] for row in ROTATIONS]
)
def test_whether_a_key_rotates_is_told_by_another_file(described: object, status: object, expected: list[str]) -> None:
    found = documents({"key.json": text_of(described), "rotation.json": text_of(status)})
    assert told(*found, rules={"rotation-disabled"}) == expected


def test_a_grant_learns_from_the_description_of_its_key() -> None:
    grant = {"KeyId": ARN, "GrantId": "g", "GranteePrincipal": arn("role", "app"), "Operations": ["GetPublicKey"]}
    described = metadata(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    found = documents({"grants.json": text_of({"Grants": [grant]}), "key.json": text_of(described)})
    (learned,) = found[0].grants
    assert learned.spec is not None
    assert learned.usage is not None
    assert (learned.of, learned.spec.value, learned.usage.value) == (ID, "RSA_2048", "SIGN_VERIFY")


def test_an_alias_finds_its_key_in_another_file() -> None:
    aliases = {"Aliases": [{"AliasName": "alias/main", "TargetKeyId": ID}]}
    found = documents({"aliases.json": text_of(aliases), "key.json": text_of(metadata())})
    assert (found[0].aliases[0].of, found[1].keys[0].aliases) == (ID, ("alias/main",))


def test_regions_of_a_key_with_one_id_are_told_apart() -> None:
    id = "mrk-1234abcd12ab34cd56ef1234567890ab"
    east, west = (f"arn:aws:kms:{region}:{ACCOUNT}:key/{id}" for region in ("us-east-1", "us-west-2"))
    lines = [metadata(KeyId=id, Arn=east), metadata(KeyId=id, Arn=west), rotation(True, east), rotation(False, id)]
    found = document("a.jsonl", "".join(text_of(each) + "\n" for each in lines))
    assert [(key.address, key.settings["rotation"].value) for key in found.keys] == [
        (east, True),
        (west, None),
        (id, False),
    ]


def test_the_only_policy_in_a_file_belongs_to_its_only_key() -> None:
    answer = {"Policy": text_of(PUBLIC), "PolicyName": "default"}
    lines = [metadata(KeyManager="AWS", Enabled=False), answer]
    found = document("a.jsonl", "".join(text_of(each) + "\n" for each in lines))
    (policy,) = found.keys[0].policies
    assert (policy.address, policy.of, policy.owner, policy.managed, found.policies) == (ID, ID, ACCOUNT, True, ())
    assert {each.severity for each in findings(found)} == {Severity.INFO}
    assert {"public-principal", "key-disabled"} <= {each.about.id for each in findings(found)}


def test_a_world_of_many_grants_and_keys_is_linear() -> None:
    keys = [metadata(KeyId=f"k{n}", Arn=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k{n}") for n in range(2000)]
    grants = [
        {"Grants": [{"KeyId": f"k{n}", "GrantId": f"g{n}", "GranteePrincipal": arn("role", "a"), "Operations": ["Decrypt"]}]}
        for n in range(4000)
    ]  # fmt: skip
    (found,) = documents({"a.jsonl": "".join(text_of(each) + "\n" for each in (*keys, *grants))})
    assert [grant.of for grant in found.grants] == [f"k{n}" if n < 2000 else None for n in range(4000)]
    assert isinstance(World((found,)), World)
