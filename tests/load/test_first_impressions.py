"""What somebody who tries the tool on files of every kind stumbled over: each kind of input, at its default settings."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from kms_lint.finding import Report
from kms_lint.formatters import Look, concise, sarif
from kms_lint.load import Options
from kms_lint.load.series import MOST_POLICIES, TOO_MANY
from kms_lint.model import Status
from tests.load.cloudformation_folder import not_known, world, written
from tests.load.reading import document, findings, in_folder, place, told

ROOT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}
PRINCIPAL = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "kms:Decrypt", "Resource": "*"}]}'


@pytest.mark.parametrize(
    ("principal", "expression"),
    [
        ("arn:aws:iam::YOUR_ACCOUNT_ID:root", "YOUR_ACCOUNT_ID"),
        ("arn:aws:iam::ACCOUNT-ID:role/x", "ACCOUNT-ID"),
        ("arn:aws:iam::your-account:role/x", "your-account"),
        ("arn:aws:iam::{{ account }}:role/x", "account"),
    ],
)
def test_what_documentation_leaves_to_the_reader_is_no_invalid_principal(principal: str, expression: str) -> None:
    found = document("README.md", f"```json\n{PRINCIPAL % principal}\n```\n")
    assert told(found, rules={"invalid-principal"}) == []
    assert [each.expression for policy in found.policies for each in policy.unresolved] == [expression]


@pytest.mark.parametrize("principal", ["arn:aws:iam::12345:root", "arn:aws:iam::1111222233334:role/x"])
def test_a_wrong_number_in_documentation_is_still_told(principal: str) -> None:
    found = document("README.md", f"```json\n{PRINCIPAL % principal}\n```\n")
    assert [each.about.id for each in findings(found, rules={"invalid-principal"})] == ["invalid-principal"]


def test_words_to_fill_in_of_terraform_examples_do_not_look_clean() -> None:
    text = 'resource "aws_kms_key" "a" {\n  enable_key_rotation = true\n  policy = <<EOT\n%s\nEOT\n}\n'
    for principal, expression in (
        ("arn:aws:iam::<ACCOUNT_ID>:root", "<ACCOUNT_ID>"),
        ("arn:aws:iam::MY_ACCOUNT:root", "MY_ACCOUNT"),
    ):
        found = document("README.md", f"```hcl\n{text % (PRINCIPAL % principal)}```\n")
        assert [f"{place(each.at)} {each.expression}" for each in found.unresolved] == [
            f"README.md:5:{(PRINCIPAL % principal).index(expression) + 1} {expression}"
        ]
        assert told(found, rules={"invalid-principal"}) == []


HELM = '{{- if .Values.kms }}\nmetadata:\n  annotations: {a: "kms:{{ .Values.key }}"}\n{{- end }}\n'


def test_templates_of_helm_are_nobody_s_broken_documents(tmp_path: Path) -> None:
    found = in_folder(tmp_path, {"chart.yaml": HELM, "kms.yaml": HELM + "Statement: x\n"})
    assert {path: each.status for path, each in found.items()} == {
        "chart.yaml": Status.SKIPPED,
        "kms.yaml": Status.MALFORMED,
    }


def test_nested_stacks_that_are_elsewhere_are_one_line(tmp_path: Path) -> None:
    text = dedent("""\
        Parameters: {Bucket: {Type: String}}
        Conditions: {Ours: !Equals [!Ref Bucket, aws-quickstart]}
        Resources:
          A: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "https://s3.amazonaws.com/b/a.yaml"}}
          B: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub "https://${Bucket}.s3.amazonaws.com/b.yaml"}}
          C:
            Type: AWS::CloudFormation::Stack
            Properties:
              TemplateURL: !Sub
                - https://${S3}.s3.amazonaws.com/c.yaml
                - S3: !If [Ours, !Sub "${Bucket}-${AWS::Region}", !Ref Bucket]
        """)
    folder = written(tmp_path, {"root.yaml": text})
    assert not_known(world(folder, "root.yaml")) == [
        "root.yaml: A: 3 nested stacks are not read, this and B among them: the template is no file of this repository"
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("TemplateURL: https://s3.amazonaws.com/b/a.yaml", ["Set"]),
        ("TemplateBody: 'Resources: {Key: {Type: AWS::KMS::Key}}'", ["Set"]),
        ("TemplateBody: 'Resources: {Topic: {Type: AWS::SNS::Topic}}'", []),
    ],
)
def test_the_template_of_a_stack_set_is_not_passed_over(tmp_path: Path, body: str, expected: list[str]) -> None:
    text = f"Resources:\n  Set:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      {body}\n"
    key = "  Key: {Type: AWS::KMS::Key}\n"
    folder = written(tmp_path, {"root.yaml": text + key})
    message = "the template of a stack set is not read"
    assert not_known(world(folder, "root.yaml")) == [f"root.yaml: {each}: {message}" for each in expected]


def test_a_template_of_a_policy_with_two_actions() -> None:
    text = """\
        Transform: AWS::Serverless-2016-10-31
        Resources:
          F: {Type: AWS::Serverless::Function, Properties: {Policies: [KMSEncryptPolicy_v2: {KeyId: abc}]}}
        """
    (policy,) = document("template.yaml", dedent(text)).policies
    (statement,) = policy.statements
    assert statement.actions is not None
    assert [str(each) for each in statement.actions.values] == ["kms:Encrypt", "kms:GenerateDataKey*"]
    assert not policy.unresolved


def test_of_several_policies_beside_one_key_none_is_given_to_it() -> None:
    metadata = {"KeyId": "k", "Arn": "arn:aws:kms:us-east-1:111122223333:key/k"}
    answers = [{"Policy": json.dumps({"Statement": [ROOT]}), "PolicyName": "default"} for _ in range(2)]
    found = document("a.json", json.dumps({"a": {"KeyMetadata": metadata}, "b": answers[0], "c": answers[1]}))
    assert [(key.address, len(key.policies), key.policy_unknown) for key in found.keys] == [("k", 0, True)]
    assert [policy.of for policy in found.policies] == [None, None]


def test_a_managed_policy_without_the_version_in_force_is_not_clean() -> None:
    policy = {"PolicyName": "p", "Arn": "arn:aws:iam::111122223333:policy/p", "DefaultVersionId": "v2"}
    version = {"VersionId": "v1", "IsDefaultVersion": False, "Document": {"Statement": [ROOT]}}
    found = document("a.json", json.dumps({"Policies": [{**policy, "PolicyVersionList": [version]}]}))
    assert [each.message for each in found.unresolved] == ["none of its versions that are listed is in force"]


@pytest.mark.parametrize("wrapped", [False, True], ids=["policies", "answers"])
def test_of_a_very_long_list_the_first_are_read_and_the_rest_is_told(wrapped: bool) -> None:
    policy = json.dumps({"Statement": [ROOT]})
    each = json.dumps({"Policy": policy, "PolicyName": "default"}) if wrapped else policy
    found = document("a.json", f"[{', '.join([each] * (MOST_POLICIES + 1))}]")
    assert len(found.policies) == MOST_POLICIES
    assert [(each.expression, each.message) for each in found.unresolved] == [("the rest of the list", TOO_MANY)]


SERVICE = """\
service: app
plugins: {plugins}
provider:
  name: aws
  stage: {stage}
  iam: {{role: {{statements: [{{Effect: Allow, Action: "kms:Decrypt", Resource: "{resource}"}}]}}}}
"""


@pytest.mark.parametrize(
    ("plugins", "stage", "resource", "expected"),
    [
        ("[]", "test", "key/a-${sls:stage}", "key/a-test"),
        ("[]", "'${opt:stage, self:custom.no}'", "key/a-${sls:stage}", "key/a-<stage>"),
        ("[serverless-pseudo-parameters]", "x", "arn:aws:kms:#{AWS::Region}:#{AWS::AccountId}:key/*", ""),
        ("{modules: [serverless-pseudo-parameters]}", "x", "arn:aws:kms:#{AWS::Region}:#{AWS::AccountId}:key/*", ""),
        ("[]", "x", "arn:aws:kms:us-east-1:#{AWS::AccountId}:key/*", "arn:aws:kms:us-east-1:#{AWS::AccountId}:key/*"),
        ("[serverless-pseudo-parameters]", "x", "#{Key.Arn}/${sls:stage}", "<#{Key.Arn}>/x"),
    ],
)
def test_values_of_services(plugins: str, stage: str, resource: str, expected: str) -> None:
    text = SERVICE.format(plugins=plugins, stage=stage, resource=resource)
    options = Options(account="111122223333", region="eu-west-1")
    (policy,) = document("serverless.yml", text, options).policies
    (statement,) = policy.statements
    assert statement.resources is not None
    assert [str(each) for each in statement.resources.values] == [
        expected or "arn:aws:kms:eu-west-1:111122223333:key/*"
    ]


def test_the_construct_of_cdk_is_told_in_every_format_for_machines() -> None:
    resource = {"Type": "AWS::KMS::Key", "Metadata": {"aws:cdk:path": "Stack/Keys/Resource"}}
    found = document("Stack.template.json", json.dumps({"Resources": {"Keys1A2B": resource}}))
    report = Report(findings=tuple(findings(found, rules={"rotation-disabled"})))
    assert concise.render(report, Look()).rstrip().endswith("[construct Stack/Keys/Resource]")
    (result,) = json.loads(sarif.render(report, Look()))["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["logicalLocations"] == [
        {"fullyQualifiedName": "Keys1A2B", "kind": "resource"},
        {"fullyQualifiedName": "Stack/Keys/Resource", "kind": "construct"},
    ]
