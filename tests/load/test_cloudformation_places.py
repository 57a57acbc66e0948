"""Where templates hold policies, keys, uses of keys and identities: also those of SAM and CDK, and fragments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kms_lint.engine import lint
from kms_lint.formatters import Look
from kms_lint.formatters.json import described as as_json
from kms_lint.formatters.text import render
from kms_lint.library import built_in
from kms_lint.load.cloudformation.places import CONSUMERS, PLACES
from kms_lint.load.options import Options
from kms_lint.model import Status
from tests.load.cloudformation_folder import documents, findings, not_known, shown, under, world, written
from tests.load.test_cloudformation_intrinsics import read

DOCUMENT: dict[str, Any] = {
    "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
}


@pytest.mark.parametrize("type", sorted(PLACES))
@pytest.mark.parametrize("as_text", [False, True], ids=["object", "text"])
def test_each_place_of_a_policy(type: str, as_text: bool) -> None:
    value: object = json.dumps(DOCUMENT) if as_text else DOCUMENT
    for step in reversed(PLACES[type].way.split(".")):
        value = {step: value}
    document = read(json.dumps({"Resources": {"It": {"Type": type, "Properties": value}}}))
    (policy,) = document.policies
    assert (policy.address, policy.kind) == ("It", PLACES[type].kind)
    assert [each.actions and each.actions.values for each in policy.statements] == [("kms:Decrypt",)]


@pytest.mark.parametrize("type", sorted(CONSUMERS))
def test_each_use_of_a_key(type: str) -> None:
    for way in CONSUMERS[type].ways:
        value: object = {"Fn::GetAtt": ["Key", "Arn"]}
        for step in reversed(way.split(".")):
            value = [value] if step == "*" else {step: value}
        resources = {"It": {"Type": type, "Properties": value}, "Key": {"Type": "AWS::KMS::Key"}}
        (consumer,) = read(json.dumps({"Resources": resources})).consumers
        assert (consumer.address, consumer.service, consumer.of) == ("It", CONSUMERS[type].service, "Key")


USES = """
Resources:
  Key: {Type: AWS::KMS::Key}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/app, TargetKeyId: !GetAtt Key.Arn}}
  ById: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Key}}
  ByAlias: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/app}}
  ByRef: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Ref Alias}}
  ByText: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !Sub "arn:aws:kms:us-east-1:111122223333:alias/app"}}
  Managed: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: alias/aws/sqs}}
  Unknown: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !ImportValue key}}
  Either: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !If [IsProd, !Ref Key, !Ref AWS::NoValue]}}
  None: {Type: AWS::SQS::Queue, Properties: {QueueName: a}}
"""


def test_uses_of_keys_are_linked_by_id_arn_and_alias() -> None:
    assert [(each.address, str(each.key), each.of) for each in read(USES).consumers] == [
        ("ById", "<Key>", "Key"),
        ("ByAlias", "alias/app", "Key"),
        ("ByRef", "alias/app", "Key"),
        ("ByText", "arn:aws:kms:us-east-1:111122223333:alias/app", "Key"),
        ("Managed", "alias/aws/sqs", None),
        ("Unknown", "<!ImportValue key>", None),
        ("Either", "<Key>", "Key"),
    ]


IDENTITIES = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      ManagedPolicyArns: [!Ref Shared, "arn:aws:iam::aws:policy/ReadOnlyAccess", !If [IsProd, !ImportValue x, !Ref AWS::NoValue]]
      PermissionsBoundary: !Ref Shared
  Shared: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: []}}}
  Ann: {Type: AWS::IAM::User, Properties: {Groups: [!Ref Team, ops]}}
  Team: {Type: AWS::IAM::Group}
  Admins: {Type: AWS::SSO::PermissionSet, Properties: {Name: admins, ManagedPolicies: ["arn:aws:iam::aws:policy/AdministratorAccess"]}}
"""


def test_identities() -> None:
    found = [
        (
            each.type,
            each.address,
            str(each.name),
            list(map(str, each.attached)),
            each.boundary and str(each.boundary),
            list(map(str, each.groups)),
        )
        for each in read(IDENTITIES).identities
    ]
    assert found == [
        ("role", "Role", "app", ["<Shared>", "arn:aws:iam::aws:policy/ReadOnlyAccess", "<!ImportValue x>"], "<Shared>", []),
        ("user", "Ann", "<Ann>", [], None, ["<Team>", "ops"]),
        ("group", "Team", "<Team>", [], None, []),
        ("permission set", "Admins", "admins", ["arn:aws:iam::aws:policy/AdministratorAccess"], None, []),
    ]  # fmt: skip


TEXTS = """
Mappings: {Who: {any: {arn: "*"}}}
Parameters: {Anyone: {Type: String, Default: "*"}}
Resources:
  Json:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Fn::ToJsonString:
          Version: "2012-10-17"
          Statement: [{Sid: A, Effect: Allow, Principal: {AWS: !FindInMap [Who, any, arn]}, Action: "kms:*", Resource: "*"}]
  Sub:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy: !Sub |
        {"Version": "2012-10-17", "Statement": [
          {"Sid": "B", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "${Literal}"},
          {"Sid": "C", "Effect": "Allow", "Principal": {"AWS": "${Anyone}"}, "Action": "kms:*", "Resource": "*"}]}
  Joined:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy: !Join ["", ['{"Version": "2012-10-17", "Statement": ', {Fn::ToJsonString: [{Sid: D, Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*"}]}, "}"]]
"""


def test_findings_stand_where_the_text_is_written(tmp_path: Path) -> None:
    found = [each for each in findings(world(written(tmp_path, {"t.yaml": TEXTS}))) if each.startswith("public")]
    assert found == [
        "public-principal t.yaml:2:29 Json",
        "public-principal t.yaml:3:46 Sub",
        "public-principal t.yaml:19:64 Sub",
        "public-principal t.yaml:25:18 Joined",
    ]


SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    KmsKeyArn: !GetAtt Key.Arn
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]}
  Api:
    Auth: {ResourcePolicy: {CustomStatements: [{Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: a}]}}
Resources:
  Key: {Type: AWS::KMS::Key}
  One:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - AWSXrayWriteOnlyAccess
        - KMSDecryptPolicy: {KeyId: !Ref Key}
        - KMSEncryptPolicy: {KeyId: !If [IsProd, "*", 1234abcd-12ab-34cd-56ef-1234567890ab]}
        - S3ReadPolicy: {BucketName: b}
        - KMSSomethingPolicy: {KeyId: x}
        - Statement: {Effect: Allow, Action: kms:Sign, Resource: "*"}
        - !If [IsProd, {Statement: {Effect: Allow, Action: kms:Verify, Resource: "*"}}, !Ref AWS::NoValue]
  Two: {Type: AWS::Serverless::Function, Properties: {KmsKeyArn: other, Role: arn:aws:iam::111122223333:role/app}}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {Policies: [KMSDecryptPolicy: {KeyId: abc}]}}
  Api:
    Type: AWS::Serverless::Api
    Properties: {Auth: {ResourcePolicy: {CustomStatements: [{Effect: Deny, Principal: "*", Action: "execute-api:Invoke", Resource: b}]}}}
"""


def test_serverless_policies() -> None:
    """https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html"""
    document = read(SAM, Options())
    found = []
    for policy in document.policies:
        for each in policy.statements:
            values = (
                *(each.actions.values if each.actions else ()),
                *(each.resources.values if each.resources else ()),
            )
            found.append(f"{policy.kind} {policy.address} {policy.branch}: {' '.join(value.form for value in values)}")
    key = "arn:<partition>:kms:<region>:<account>:key"
    assert found == [
        f"identity-policy One:Policies[1] : kms:Decrypt {key}/<Key>",
        f"identity-policy One:Policies[2] IsProd is true: kms:Encrypt {key}/*",
        f"identity-policy One:Policies[2] IsProd is false: kms:Encrypt {key}/1234abcd-12ab-34cd-56ef-1234567890ab",
        "identity-policy One:Policies[4] : ",
        "identity-policy One:Policies[5] : kms:Sign *",
        "identity-policy One:Policies[6] IsProd is true: kms:Verify *",
        "trust-policy One:AssumeRolePolicyDocument : sts:AssumeRole",
        "trust-policy Two:AssumeRolePolicyDocument : sts:AssumeRole",
        f"identity-policy Machine:Policies[0] : kms:Decrypt {key}/abc",
        "resource-policy Api:Auth.ResourcePolicy : execute-api:Invoke a",
        "resource-policy Api:Auth.ResourcePolicy : execute-api:Invoke b",
    ]
    decrypt = document.policies[0].statements[0]
    assert (decrypt.actions and under(decrypt.actions.at)) == "KMSDecryptPolicy"
    (unheard,) = [each for policy in document.policies for each in policy.unresolved]
    assert (unheard.expression, unheard.message) == ("KMSSomethingPolicy", "this template of a policy is not known")
    assert [(each.address, str(each.key)) for each in document.consumers] == [("One", "<Key.Arn>"), ("Two", "other")]
    assert [
        (each.address, each.type, str(each.name), list(map(str, each.attached))) for each in document.identities
    ] == [
        ("One", "role", "<OneRole>", ["AWSXrayWriteOnlyAccess"]),
        ("Machine", "role", "<MachineRole>", []),
    ]


def cdk(folder: Path) -> Path:
    """What `cdk synth` leaves for a stack with a key and a nested stack."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    key = {
        "Type": "AWS::KMS::Key",
        "Properties": {"EnableKeyRotation": True, "KeyPolicy": {"Version": "2012-10-17", "Statement": [statement]}},
    }
    bootstrap = "AWS::SSM::Parameter::Value<String>"
    template = {
        "Resources": {
            "Key961B73FD": {**key, "Metadata": {"aws:cdk:path": "App/Key/Resource"}},
            "Nested": {
                "Type": "AWS::CloudFormation::Stack",
                "Properties": {
                    "TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, ".amazonaws.com/x"]]}
                },
                "Metadata": {"aws:asset:path": "AppNested.nested.template.json", "aws:asset:property": "TemplateURL"},
            },
        },
        "Parameters": {"BootstrapVersion": {"Type": bootstrap, "Default": "/cdk-bootstrap/hnb659fds/version"}},
        "Rules": {
            "CheckBootstrapVersion": {
                "Assertions": [
                    {
                        "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2"], {"Ref": "BootstrapVersion"}]}]},
                        "AssertDescription": "CDK bootstrap stack version 6 required.",
                    }
                ]
            }
        },
    }
    manifest = {
        "version": "36.0.0",
        "artifacts": {
            "App": {
                "type": "aws:cloudformation:stack",
                "environment": "aws://111122223333/eu-west-1",
                "properties": {"templateFile": "App.template.json"},
                "metadata": {"/App/Key/Resource": [{"type": "aws:cdk:logicalId", "data": "AWS::KMS::Key"}]},
            }
        },
    }
    tree = {
        "version": "tree-0.1",
        "tree": {"id": "App", "attributes": {"aws:cdk:cloudformation:type": "AWS::KMS::Key", "props": key}},
    }
    nested = {"Resources": {"Inner": {**key, "Metadata": {"aws:cdk:path": "App/Nested/Inner/Resource"}}}}
    return written(
        folder,
        {
            "cdk.out/App.template.json": json.dumps(template),
            "cdk.out/AppNested.nested.template.json": json.dumps(nested),
            "cdk.out/manifest.json": json.dumps(manifest),
            "cdk.out/tree.json": json.dumps(tree),
            "cdk.out/App.assets.json": json.dumps({"version": "36.0.0", "files": {"AWS::KMS": {}}}),
        },
    )


def test_the_output_of_cdk(tmp_path: Path) -> None:
    folder = cdk(tmp_path)
    found = documents(folder)
    assert {path: document.status for path, document in found.items()} == {
        "cdk.out/App.assets.json": Status.SKIPPED,
        "cdk.out/App.template.json": Status.JUDGED,
        "cdk.out/AppNested.nested.template.json": Status.JUDGED,
        "cdk.out/manifest.json": Status.SKIPPED,
        "cdk.out/tree.json": Status.SKIPPED,
    }
    keys = [(key.address, key.owner, key.arn and key.arn.form) for document in found.values() for key in document.keys]
    assert keys == [
        ("Key961B73FD", "111122223333", "arn:<partition>:kms:eu-west-1:111122223333:key/<Key961B73FD>"),
        ("Nested.Inner", "111122223333", "arn:<partition>:kms:eu-west-1:111122223333:key/<Nested.Inner>"),
    ]
    assert not_known(world(folder)) == []


def test_the_construct_is_in_the_report(tmp_path: Path) -> None:
    found = world(cdk(tmp_path))
    report = lint(found, built_in({"public-principal"}))
    assert [(each.resource, as_json(each)["construct"]) for each in report.findings] == [
        ("Key961B73FD", "App/Key/Resource"),
        ("Nested.Inner", "App/Nested/Inner/Resource"),
    ]
    assert "in: Key961B73FD (construct App/Key/Resource), statement 1 (key-policy)" in render(report, Look())
    (key,) = shown(found.documents[1], "key")
    assert (key["address"], key["construct"]) == ("Key961B73FD", "App/Key/Resource")


FRAGMENTS = [
    ("one resource", "Type: AWS::KMS::Key\nProperties: {KeyPolicy: POLICY}\n", "AWS::KMS::Key"),
    ("a bare map of resources", "Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: POLICY}}\n", "Key"),
    ("a section of resources", "Resources: {Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: POLICY}}}\n", "Key"),
    ("a map with a loop", "Resources: {Fn::ForEach::L: [N, [a], {'Key${N}': {Type: AWS::KMS::Key, Properties: {KeyPolicy: POLICY}}}]}\n", "Keya"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "address"), [row[1:] for row in FRAGMENTS], ids=[row[0] for row in FRAGMENTS])
def test_fragments(text: str, address: str, tmp_path: Path) -> None:
    folder = written(tmp_path, {"f.yaml": text.replace("POLICY", json.dumps(DOCUMENT))})
    ((key,),) = [document.keys for document in documents(folder).values()]
    assert (key.address, [policy.address for policy in key.policies]) == (address, [address])
