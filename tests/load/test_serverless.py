"""Services of the Serverless Framework: variables, roles, resources."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from kms_lint.load import Options
from kms_lint.load.serverless.notation import Literal, Source, Variable, pieces
from kms_lint.model import Document, Policy, Status
from kms_lint.source import Borrowed, use
from tests.load.reading import document, findings, in_folder, place, told, under

STATEMENT = "{Effect: Allow, Action: 'kms:Decrypt', Resource: %s}"


def service(text: str) -> str:
    return "service: app\n" + dedent(text)


def with_resource(resource: str, custom: str = "{}") -> str:
    return service(f"""\
        custom: {custom}
        provider:
          name: aws
          iam:
            role:
              statements:
                - {{Effect: Allow, Action: "kms:Decrypt", Resource: {resource}}}
        """)


def resources(policy: Policy) -> list[str]:
    return [str(value) for each in policy.statements if each.resources is not None for value in each.resources.values]


def policy(found: Document) -> Policy:
    (only,) = found.policies
    return only


VARIABLES = [
    ("a value of the service", "{a: {b: x}}", "${self:custom.a.b}", "x"),
    ("an item of a list", "{a: [x, y]}", "${self:custom.a.1}", "y"),
    ("a number", "{a: 12}", "k/${self:custom.a}", "k/12"),
    ("within a text", "{a: x}", "arn:${self:custom.a}:y", "arn:x:y"),
    ("two in a text", "{a: x, b: y}", "${self:custom.a}/${self:custom.b}", "x/y"),
    ("a variable that leads to one", "{a: '${self:custom.b}', b: x}", "${self:custom.a}", "x"),
    ("a way that leads through one", "{a: '${self:custom.b}', b: {c: x}}", "${self:custom.a.c}", "x"),
    ("a variable within one", "{a: {dev: x}, stage: dev}", "${self:custom.a.${self:custom.stage}}", "x"),
    ("a default", "{}", "${self:custom.no, 'x'}", "x"),
    ("a default that is a variable", "{a: x}", "${self:custom.no, self:custom.a}", "x"),
    ("a default that is written as one", "{a: x}", "${self:custom.no, ${self:custom.a}}", "x"),
    ("the second of the defaults", "{}", "${self:custom.no, ${self:custom.nor}, 'x, y'}", "x, y"),
    ("a default of an option", "{}", "${opt:stage, 'dev'}", "dev"),
    ("an option", "{}", "${opt:stage}", "<opt:stage>"),
    ("an option in a name", "{a: {dev: x}}", "${self:custom.a.${opt:stage}}", "<self:custom.a.${opt:stage}>"),
    ("the stage", "{}", "key-${sls:stage}", "key-<stage>"),
    ("the account", "{}", "arn:aws:kms:${aws:region}:${aws:accountId}:key/x", "arn:aws:kms:<region>:<account>:key/x"),
    ("the environment", "{}", "${env:KEY, 'x'}", "<env:KEY>"),
    ("a parameter", "{}", "a${param:key}b", "a<param:key>b"),
    ("Systems Manager", "{}", "${ssm:/a/b}", "<ssm:/a/b>"),
    ("another stack", "{}", "${cf:stack.Output}", "<cf:stack.Output>"),
    ("another stack elsewhere", "{}", "${cf(eu-west-1):stack.Output}", "<cf(eu-west-1):stack.Output>"),
    ("nothing", "{}", "${self:custom.no}", "<self:custom.no>"),
    ("a circle", "{a: '${self:custom.b}', b: '${self:custom.a}'}", "${self:custom.a}", "<self:custom.a>"),
    ("a circle through itself", "{a: 'x${self:custom.a}'}", "${self:custom.a}", "x<self:custom.a>"),
    ("a name of CloudFormation", "{}", "${AWS::AccountId}", "${AWS::AccountId}"),
    ("a policy variable", "{}", "${aws:username}", "${aws:username}"),
    ("no variable", "{}", "${x}", "${x}"),
]


@pytest.mark.parametrize(
    ("custom", "resource", "expected"), [row[1:] for row in VARIABLES], ids=[row[0] for row in VARIABLES]
)
def test_variables(custom: str, resource: str, expected: str) -> None:
    found = document("serverless.yml", with_resource(f'"{resource}"', custom))
    assert resources(policy(found)) == [expected]
    assert found.kind == "service of the Serverless Framework"


REASONS = [
    ("${self:custom.no}", "nothing gives it a value"),
    ("${opt:stage}", "it is given when the service is deployed"),
    ("${self:custom.a}", "it leads back to itself"),
    ("${file(./x.js):a}", "`./x.js` is code, which is not run"),
    ("${file(./x.txt)}", "`./x.txt` is neither YAML nor JSON"),
    ("${file(./none.yml)}", "the text was given on standard input: there is nothing beside it"),
]


@pytest.mark.parametrize(("resource", "reason"), REASONS, ids=[row[0] for row in REASONS])
def test_an_unknown_value_has_a_reason(resource: str, reason: str) -> None:
    found = document("serverless.yml", with_resource(f'"{resource}"', "{a: '${self:custom.a}'}"))
    (unresolved,) = policy(found).unresolved
    assert (unresolved.message, place(use(unresolved.at))) == (reason, "serverless.yml:8:60")


def test_the_surroundings_are_those_of_the_options() -> None:
    text = with_resource("'arn:aws:kms:${aws:region}:${aws:accountId}:key/x'")
    options = Options(account="111122223333", region="eu-west-1")
    assert resources(policy(document("serverless.yml", text, options))) == ["arn:aws:kms:eu-west-1:111122223333:key/x"]


FULL = service("""\
    provider:
      name: aws
      kmsKeyArn: !GetAtt Key.Arn
      iam:
        role:
          name: app
          statements:
            - ${file(iam/statements.yml):shared}
            - Effect: Allow
              Action: kms:*
              Resource: !GetAtt Key.Arn
    functions:
      hello-there:
        handler: a
        kmsKeyArn: arn:aws:kms:eu-west-1:111122223333:key/a
        iamRoleStatementsInherit: true
        iamRoleStatements:
          - {Effect: Allow, Action: "kms:Encrypt", Resource: "*"}
      alone:
        handler: a
        iamRoleStatements: ${file(iam/statements.yml):own}
      other:
        handler: a
        role: arn:aws:iam::111122223333:role/other
    resources:
      - ${file(iam/key.yml)}
      - Outputs: {Key: {Value: !Ref Key}}
        extensions:
          Key: {Properties: {EnableKeyRotation: false}}
    """)
STATEMENTS = """\
shared:
  - Effect: Allow
    Action: kms:Decrypt
    Resource: "*"
own:
  - Effect: Allow
    Action: kms:*
    Resource: "*"
"""
KEY = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Statement:
          - {Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*"}
"""
FILES = {"serverless.yml": FULL, "iam/statements.yml": STATEMENTS, "iam/key.yml": KEY}


def test_the_roles_of_a_service(tmp_path: Path) -> None:
    found = in_folder(tmp_path, FILES)["serverless.yml"]
    said = {
        each.address: (each.of, [str(one.actions.values[0]) for one in each.statements if one.actions])
        for each in found.policies
    }
    assert said == {
        "IamRoleLambdaExecution:Policies[0]": ("IamRoleLambdaExecution", ["kms:Decrypt", "kms:*"]),
        "HelloDashthereIamRoleLambdaExecution:Policies[0]": (
            "HelloDashthereIamRoleLambdaExecution",
            ["kms:Decrypt", "kms:*", "kms:Encrypt"],
        ),
        "AloneIamRoleLambdaExecution:Policies[0]": ("AloneIamRoleLambdaExecution", ["kms:*"]),
    }
    assert [(each.address, each.arn) for each in found.identities if each.address.startswith("functions")] == [
        ("functions.other.role", "arn:aws:iam::111122223333:role/other")
    ]
    consumers = [(each.address, each.key, each.of) for each in found.consumers if each.service == "lambda"]
    assert consumers == [
        ("provider.kmsKeyArn", None, "Key"),
        ("functions.hello-there.kmsKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/a", None),
    ]


def test_the_resources_of_a_service(tmp_path: Path) -> None:
    found = in_folder(tmp_path, FILES)["serverless.yml"]
    (key,) = found.keys
    assert (key.address, key.settings["rotation"].value) == ("Key", False)
    assert place(key.settings["rotation"].at) == "serverless.yml:30:45"
    (key_policy,) = key.policies
    principals = key_policy.statements[0].principals
    assert principals is not None
    at = principals.values[0].value.at
    assert isinstance(at, Borrowed)
    assert (place(at.written), under(at.written)) == ("iam/key.yml:7:40", '"*"')
    assert (place(at.used), at.name) == ("serverless.yml:27:5", "file(iam/key.yml)")


def test_findings_are_where_the_value_is_written(tmp_path: Path) -> None:
    found = in_folder(tmp_path, FILES)
    rules = {"public-principal", "full-kms-access", "rotation-disabled"}
    assert told(*found.values(), rules=rules) == [
        "iam/key.yml:2:3 rotation-disabled Key",
        "iam/key.yml:7:40 public-principal *",
        "iam/statements.yml:7:13 full-kms-access kms:*",
        "serverless.yml:30:45 rotation-disabled false",
    ]
    alone = findings(found["serverless.yml"], rules=rules)
    assert [(place(each.span), each.about.id) for each in alone] == [
        ("serverless.yml:22:24", "full-kms-access"),
        ("serverless.yml:27:5", "public-principal"),
        ("serverless.yml:30:45", "rotation-disabled"),
    ]
    assert [place(spot.span) for spot in alone[1].related] == ["iam/key.yml:7:40"]


SHAPES = [
    ("the name of old", "provider: {name: aws, iamRoleStatements: [%s]}", ["x"]),
    ("the name of today", "provider: {name: aws, iam: {role: {statements: [%s]}}}", ["x"]),
    ("in a variable", "custom: {a: [%s]}\nprovider: {name: aws, iamRoleStatements: '${self:custom.a}'}", ["x"]),
    ("a function alone", "provider: aws\nfunctions: {f: {iamRoleStatements: [%s]}}", ["x"]),
    ("functions in a list", "provider: aws\nfunctions: [{f: {iamRoleStatements: [%s]}}]", ["x"]),
    ("another cloud", "provider: {name: google, iamRoleStatements: [%s]}", []),
    ("no cloud", "statements: [%s]", []),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_shapes_of_a_service(text: str, expected: list[str]) -> None:
    found = document("serverless.yml", service(text % (STATEMENT % "x")))
    assert [one for each in found.policies for one in resources(each)] == expected
    assert (found.status is Status.SKIPPED) == (not expected)


def test_a_service_in_json() -> None:
    text = '{"service": "a", "provider": {"name": "aws", "iamRoleStatements": [\n{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}}'
    assert told(document("serverless.json", text), rules={"full-kms-access"}) == [
        "serverless.json:2:31 full-kms-access kms:*"
    ]


@pytest.mark.parametrize("default", [True, False], ids=["by default", "not by default"])
def test_whether_functions_inherit_is_said_once_for_all(default: bool) -> None:
    text = service(f"""\
        custom: {{serverless-iam-roles-per-function: {{defaultInherit: {str(default).lower()}}}}}
        provider: {{name: aws, iamRoleStatements: [{STATEMENT % "a"}]}}
        functions: {{f: {{iamRoleStatements: [{STATEMENT % "b"}]}}}}
        """)
    shared, own = document("serverless.yml", text).policies
    assert (resources(shared), resources(own)) == (["a"], ["a", "b"] if default else ["b"])


def test_resources_that_are_not_known_are_told(tmp_path: Path) -> None:
    (tmp_path / "app/.git").mkdir(parents=True)
    (tmp_path / "other.yml").write_text(KEY)
    text = service("""\
        provider: {name: aws, iam: {role: "${file(../other.yml):role}"}}
        resources:
          - ${file(../other.yml)}
          - ${file(broken.yml)}
          - ${file(several.yml)}
          - extensions: {MadeByFramework: {Properties: {Policies: ["kms:"]}}}
        """)
    found = in_folder(
        tmp_path / "app", {"serverless.yml": text, "broken.yml": "a: [", "several.yml": "a: 1\n---\nb: 2\n"}
    )
    assert [f"{place(each.at)} {each.expression}: {each.message}" for each in found["serverless.yml"].unresolved] == [
        "serverless.yml:4:5 file(../other.yml): resources are not known: `../other.yml` is not read: it leads out of the repository",
        "serverless.yml:5:5 file(broken.yml): resources are not known: `broken.yml` cannot be read: "
        "expected a value here",
        "serverless.yml:6:5 file(several.yml): resources are not known: `several.yml` holds 2 documents, not one",
        "serverless.yml:7:18 extensions.MadeByFramework: it adds to `MadeByFramework`, which the Serverless Framework makes",
    ]


NOTATION = [
    ("${self:a.b}", [Variable((Source("self", None, "a.b"),), "self:a.b")]),
    ("a${opt:x, 'y, z'}b", ["a", Variable((Source("opt", None, "x"), Literal("y, z", True)), "opt:x, 'y, z'"), "b"]),
    (
        "${file(./a-${opt:x}.yml):b, null}",
        [Variable((Source("file", "./a-${opt:x}.yml", "b"), Literal("null", False)), "file(./a-${opt:x}.yml):b, null")],
    ),
    ("${file(a.yml)}", [Variable((Source("file", "a.yml", ""),), "file(a.yml)")]),
    ("${AWS::Region} ${Key.Arn} ${self:", ["${AWS::Region} ${Key.Arn} ${self:"]),
]


@pytest.mark.parametrize(("text", "expected"), NOTATION, ids=[row[0] for row in NOTATION])
def test_how_variables_are_written(text: str, expected: list[object]) -> None:
    assert list(pieces(text)) == expected
