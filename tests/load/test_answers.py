"""What the AWS CLI prints."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from kms_lint import api, syntax
from kms_lint.files import File
from kms_lint.load import load
from kms_lint.load.answers import answer
from kms_lint.load.options import Options
from kms_lint.model import Document, PolicyKind, Status
from kms_lint.source import At, Passage, Source
from kms_lint.syntax.json import parse

KEY_ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
STATEMENT = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
IDENTITY = {"Version": "2012-10-17", "Statement": [STATEMENT]}
KEY = {"Version": "2012-10-17", "Statement": [STATEMENT | {"Principal": {"AWS": "111122223333"}}]}
BUCKET = {"Statement": [STATEMENT | {"Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}


def read(value: object, options: Options | None = None) -> Document | None:
    text = json.dumps(value, indent=2)
    source = Source("answer.json", text)
    return answer(parse(Passage(source, text)), "answer.json", source, options or Options())


def found(value: object, options: Options | None = None) -> Document:
    document = read(value, options)
    assert document is not None
    assert document.format == "cli"
    return document


def under(at: At) -> str:
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]


POLICIES = [
    (
        "get-key-policy",
        {"Policy": json.dumps(KEY), "PolicyName": "default"},
        (PolicyKind.KEY, "default", None, False),
        r"\"kms:Decrypt\"",
    ),
    ("get-key-policy of old", {"Policy": json.dumps(KEY)}, (PolicyKind.KEY, "Policy", None, False), r"\"kms:Decrypt\""),
    (
        "get-bucket-policy",
        {"Policy": json.dumps(BUCKET)},
        (PolicyKind.RESOURCE, "Policy", None, False),
        r"\"s3:GetObject\"",
    ),
    (
        "get-policy-version with an object",
        {"PolicyVersion": {"Document": IDENTITY, "VersionId": "v1", "IsDefaultVersion": True}},
        (PolicyKind.IDENTITY, "v1", None, False),
        '"kms:Decrypt"',
    ),
    (
        "get-policy-version with text",
        {"PolicyVersion": {"Document": json.dumps(IDENTITY), "VersionId": "v1"}},
        (PolicyKind.IDENTITY, "v1", None, False),
        r"\"kms:Decrypt\"",
    ),
    (
        "get-policy-version with URL-encoded text",
        {"PolicyVersion": {"Document": quote(json.dumps(IDENTITY)), "VersionId": "v1"}},
        (PolicyKind.IDENTITY, "v1", None, False),
        "%22kms%3ADecrypt%22",
    ),
    (
        "get-role-policy",
        {"RoleName": "app", "PolicyName": "use", "PolicyDocument": IDENTITY},
        (PolicyKind.IDENTITY, "role/app:use", "role/app", False),
        '"kms:Decrypt"',
    ),
    (
        "describe-policy of Organizations",
        {
            "Policy": {
                "PolicySummary": {"Name": "guard", "Type": "SERVICE_CONTROL_POLICY"},
                "Content": json.dumps(IDENTITY),
            }
        },
        (PolicyKind.SCP, "guard", None, False),
        r"\"kms:Decrypt\"",
    ),
]


@pytest.mark.parametrize(
    ("value", "expected", "place"), [row[1:] for row in POLICIES], ids=[row[0] for row in POLICIES]
)
def test_policies(value: object, expected: tuple[PolicyKind, str, str | None, bool], place: str) -> None:
    (policy,) = found(value).policies
    assert (policy.kind, policy.address, policy.of, policy.assumed) == expected
    (statement,) = policy.statements
    assert statement.actions is not None
    assert under(statement.actions.at) == place


GRANT = {
    "KeyId": KEY_ARN,
    "GrantId": "abcde1237f76e4ba7987489ac329fbfba6ad343d6f7075dbd1ef191f0120514a",
    "Name": "backup",
    "GranteePrincipal": "arn:aws:iam::111122223333:role/backup",
    "RetiringPrincipal": "arn:aws:iam::111122223333:role/admin",
    "IssuingAccount": "arn:aws:iam::444455556666:root",
    "Operations": ["Decrypt", "CreateGrant"],
    "Constraints": {"EncryptionContextSubset": {"a": "1", "b": "2"}},
}


def test_a_grant_is_read_with_its_places() -> None:
    (grant,) = found({"Grants": [GRANT]}).grants
    assert (grant.address, grant.name, grant.owner, grant.service) == (
        GRANT["GrantId"],
        "backup",
        "111122223333",
        False,
    )
    assert (grant.key, grant.grantee, grant.retiring) == (
        KEY_ARN,
        "arn:aws:iam::111122223333:role/backup",
        "arn:aws:iam::111122223333:role/admin",
    )
    assert [(each, under(each.at)) for each in grant.operations] == [
        ("Decrypt", '"Decrypt"'),
        ("CreateGrant", '"CreateGrant"'),
    ]
    assert [(each.type, each.pairs) for each in grant.constraints] == [("EncryptionContextSubset", 2)]
    assert under(grant.operations_at).startswith("[\n")


@pytest.mark.parametrize(
    ("changed", "owner", "service"),
    [
        ({}, "111122223333", False),
        ({"KeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "444455556666", False),
        ({"KeyId": "a", "IssuingAccount": None}, "777788889999", False),
        ({"GranteePrincipal": "logs.us-east-1.amazonaws.com"}, "111122223333", True),
        ({"GranteePrincipal": None, "GranteeServicePrincipal": "dynamodb.amazonaws.com"}, "111122223333", True),
    ],
    ids=[
        "by the key's ARN",
        "by the issuing account",
        "by the option",
        "to a service",
        "to a service, by its own name",
    ],
)
def test_the_owner_of_a_grant(changed: dict[str, object], owner: str, service: bool) -> None:
    given = {name: value for name, value in (GRANT | changed).items() if value is not None}
    (grant,) = found({"Grants": [given]}, Options(account="777788889999")).grants
    assert (grant.owner, grant.service) == (owner, service)


def test_a_key_that_is_described_says_nothing_of_its_rotation() -> None:
    metadata = {
        "KeyId": "1234abcd",
        "Arn": KEY_ARN,
        "AWSAccountId": "111122223333",
        "Enabled": False,
        "KeySpec": "RSA_2048",
    }
    (key,) = found({"KeyMetadata": metadata}).keys
    assert (key.address, key.owner, key.arn, key.policy_unknown) == ("1234abcd", "111122223333", KEY_ARN, True)
    assert {name: (setting.value, setting.known) for name, setting in key.settings.items()} == {
        "spec": ("RSA_2048", True),
        "enabled": (False, True),
        "rotation": (None, False),
    }


def test_a_rotation_status_says_nothing_of_the_kind_of_key() -> None:
    (key,) = found({"KeyId": KEY_ARN, "KeyRotationEnabled": False}).keys
    assert (key.settings["rotation"].value, key.settings["rotation"].known) == (False, True)
    assert not key.settings["spec"].known
    assert under(key.settings["rotation"].at) == "false"


def test_aliases_that_aws_made_are_left_out() -> None:
    aliases = [
        {"AliasName": "alias/aws/s3", "AliasArn": "x"},
        {"AliasName": "alias/app", "TargetKeyId": "1234abcd"},
    ]
    (alias,) = found({"Aliases": aliases}).aliases
    assert (alias.name, alias.target, under(alias.at)[:1]) == ("alias/app", "1234abcd", "{")


@pytest.mark.parametrize(
    "value",
    [
        {"Policy": "not a policy"},
        {"Policy": {"Type": "AWS::IAM::Policy"}},
        {"Grants": [{"Grantee": {"Type": "CanonicalUser"}, "Permission": "READ"}]},
        {"Aliases": [{"FunctionVersion": "1"}]},
        {"PolicyVersion": {"VersionId": "v1"}},
        [],
    ],
    ids=["text", "a resource", "grants of a bucket", "aliases of a function", "a version without a document", "a list"],
)
def test_what_only_looks_like_an_answer_is_none(value: object) -> None:
    assert read(value) is None


def test_a_policy_that_is_printed_as_text_is_followed_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = '{\n  "Version": "2012-10-17",\n  "Statement": [\n    {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}\n  ]\n}'
    monkeypatch.chdir(tmp_path)
    Path("policy.txt").write_text(f"{policy}\tdefault\n", encoding="utf-8")
    (document,) = load([File("policy.txt", str(tmp_path / "policy.txt"), True)])
    (found,) = document.policies
    assert (document.problems, found.kind, len(found.statements)) == ((), PolicyKind.KEY, 1)


def test_what_only_describes_an_answer_is_none() -> None:
    said = '{"kms get-key-policy": {"Policy": "JSON text, of kms:*", "PolicyName": "default|AWS_RAM"}}'
    assert load([File("facts.json", "", False, said.encode())])[0].status is Status.SKIPPED


def test_a_version_that_was_picked_out_of_its_answer_is_read() -> None:
    document = read({"Document": IDENTITY, "VersionId": "v3", "IsDefaultVersion": True})
    assert document is not None
    assert [(each.address, each.kind) for each in document.policies] == [("v3", PolicyKind.IDENTITY)]


def test_a_replica_names_its_primary_key_whatever_answer_comes_first(tmp_path: Path) -> None:
    primary, replica = (f"arn:aws:kms:{region}:111122223333:key/mrk-1" for region in ("us-east-1", "eu-west-1"))
    regions = {"MultiRegionKeyType": "REPLICA", "PrimaryKey": {"Arn": primary, "Region": "us-east-1"}}
    metadata = {"KeyId": "mrk-1", "Arn": replica, "MultiRegionConfiguration": regions}
    (tmp_path / "a.json").write_text(json.dumps({"KeyRotationEnabled": False, "KeyId": replica}))
    (tmp_path / "b.json").write_text(json.dumps({"KeyMetadata": metadata}))
    named = [str(key.primary) for document in api.load(str(tmp_path)).documents for key in document.keys]
    assert named == [primary] * len(named)


def test_a_rotation_status_without_an_id_is_that_of_the_key_beside_it(tmp_path: Path) -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/one"
    both = {"KeyMetadata": {"KeyId": "one", "Arn": arn, "KeySpec": "SYMMETRIC_DEFAULT"}, "KeyRotationEnabled": False}
    (tmp_path / "a.json").write_text(json.dumps(both))
    (key,) = api.load(str(tmp_path)).documents[0].keys
    assert (str(key.arn), key.settings["rotation"].value, key.settings["spec"].value) == (
        arn,
        False,
        "SYMMETRIC_DEFAULT",
    )
