"""Keys, aliases and policies of templates."""

import json

import pytest
import yaml as pyyaml

from kms_lint import syntax
from kms_lint.load.cloudformation import is_template, template
from kms_lint.load.options import Options
from kms_lint.model import Document, Effect, Policy, PolicyKind, Status
from kms_lint.source import At, Passage, Source
from kms_lint.syntax import json as json_syntax
from kms_lint.syntax import yaml as yaml_syntax
from kms_lint.syntax.tree import ANYTHING, Mapping, Node


def tree(text: str) -> tuple[Node, Source]:
    source = Source("template.yaml", text)
    (node,) = yaml_syntax.parse(source)
    return node, source


def read(text: str, options: Options | None = None) -> Document:
    node, source = tree(text)
    assert isinstance(node, Mapping)
    return template(node, "template.yaml", source, options or Options())


def under(at: At) -> str:
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]


def line(at: At) -> int:
    span = syntax.locate(at)
    return span.source.position(span.start).line


PARTS = """
Parameters:
  Env: {Type: String, Default: prod}
  Role: {Type: String}
  Count: {Type: Number, Default: 3}
  Accounts: {Type: CommaDelimitedList, Default: "111122223333, 444455556666"}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /key/arn}
Mappings:
  Account: {prod: {id: "111122223333"}, test: {id: 444455556666}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {}}
  Copy: {Type: AWS::KMS::ReplicaKey, Properties: {}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub "alias/${Env}", TargetKeyId: !Ref Key}}
  App: {Type: AWS::IAM::Role, Properties: {}}
  Named: {Type: AWS::IAM::Role, Properties: {RoleName: !Sub "${Env}-app", Path: /service/}}
  Ann: {Type: AWS::IAM::User, Properties: {UserName: ann}}
  Shared: {Type: AWS::IAM::ManagedPolicy, Properties: {ManagedPolicyName: shared}}
  Queue: {Type: AWS::SQS::Queue}
  Function: {Type: AWS::Serverless::Function, Properties: {}}
  Other: {Type: AWS::Other::Thing}
  Loop: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Pool}}
  Pool: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Loop}}
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyDocument:
        Statement:
          Effect: Allow
          Action: kms:Decrypt
          Resource: VALUE
"""


def resources(value: str, options: Options | None = None) -> list[tuple[Policy, list[tuple[str, str, str]]]]:
    """The values that stand where `Resource` is, each with its form and the text at its place."""
    found = []
    for policy in read(PARTS.replace("VALUE", value), options).policies:
        if policy.address == "Policy":
            (statement,) = policy.statements
            patterns = statement.resources.values if statement.resources else ()
            found.append((policy, [(str(each), each.form, under(each.at)) for each in patterns]))
    return found


IAM, KMS = "arn:<partition>:iam::<account>", "arn:<partition>:kms:<region>:<account>"

KNOWN = [
    ("a parameter with a default", "!Ref Env", "prod", "prod"),
    ("a number", "!Ref Count", "3", "3"),
    ("the account", "!Ref AWS::AccountId", "<account>", "<account>"),
    ("the name of the stack", "!Ref AWS::StackName", "<AWS::StackName>", "<StackName>"),
    ("the id of a key", "!Ref Key", "<Key>", "<Key>"),
    ("the ARN of a key", "!GetAtt Key.Arn", "<Key.Arn>", f"{KMS}:key/<Key>"),
    ("the id of a key, as an attribute", "!GetAtt Key.KeyId", "<Key.KeyId>", "<Key>"),
    ("the ARN of a replica", "!GetAtt Copy.Arn", "<Copy.Arn>", f"{KMS}:key/<Copy>"),
    ("the name of an alias", "!Ref Alias", "alias/prod", "alias/prod"),
    ("the name of a role", "!Ref App", "<App>", "<App>"),
    ("the name of a role that has one", "!Ref Named", "prod-app", "prod-app"),
    ("the ARN of a role", "!GetAtt App.Arn", "<App.Arn>", f"{IAM}:role/<App>"),
    ("the ARN of a role with a name", "!GetAtt Named.Arn", "<Named.Arn>", f"{IAM}:role/service/prod-app"),
    ("the ARN of a user", "!GetAtt Ann.Arn", "<Ann.Arn>", f"{IAM}:user/ann"),
    ("the ARN of a managed policy", "!Ref Shared", "<Shared>", f"{IAM}:policy/shared"),
    ("the ARN of a queue", "!GetAtt Queue.Arn", "<Queue.Arn>", "arn:<partition>:sqs:<region>:<account>:<Queue>"),
    ("the role of a function", "!GetAtt FunctionRole.Arn", "<FunctionRole.Arn>", f"{IAM}:role/<FunctionRole>"),
    ("the long form", "{Fn::GetAtt: Key.Arn}", "<Key.Arn>", f"{KMS}:key/<Key>"),
    ("a text put together", '!Sub "${Env}/${AWS::Region}"', "prod/<region>", "prod/<region>"),
    ("an attribute in a text", '!Sub "${Key.Arn}"', "<Key.Arn>", f"{KMS}:key/<Key>"),
    ("values of its own", '!Sub ["${x}-${Env}", {x: !Ref AWS::URLSuffix}]', "amazonaws.com-prod", "amazonaws.com-prod"),
    ("a literal in a text", '!Sub "${!aws:username}"', "${aws:username}", "${aws:username}"),
    ("a policy variable in a text", '!Sub "${aws:username}"', "${aws:username}", "${aws:username}"),
    ("a list joined", '!Join [":", [arn, !Ref AWS::Partition, kms]]', "arn:<partition>:kms", "arn:<partition>:kms"),
    ("a list parameter joined", '!Join ["-", !Ref Accounts]', "111122223333-444455556666", "111122223333-444455556666"),
    ("a map", "!FindInMap [Account, !Ref Env, id]", "111122223333", "111122223333"),
    ("a number in a map", "!FindInMap [Account, test, id]", "444455556666", "444455556666"),
    ("one of a list", "!Select [1, !Ref Accounts]", "444455556666", "444455556666"),
    ("one part of a text", '!Select [5, !Split [":", !GetAtt Ann.Arn]]', "user/ann", "user/ann"),
]


@pytest.mark.parametrize(("value", "shown", "form"), [row[1:] for row in KNOWN], ids=[row[0] for row in KNOWN])
def test_functions_that_are_known(value: str, shown: str, form: str) -> None:
    ((policy, values),) = resources(value)
    assert [each[:2] for each in values] == [(shown, form)]
    assert policy.unresolved == ()


UNKNOWN = [
    ("a parameter without a value", "!Ref Role", "<!Ref Role>", ANYTHING, "!Ref Role"),
    ("a parameter of Systems Manager", "!Ref Stored", "<!Ref Stored>", ANYTHING, "!Ref Stored"),
    ("nothing of that name", "!Ref Nobody", "<!Ref Nobody>", ANYTHING, "!Ref Nobody"),
    ("another attribute", "!GetAtt Other.Arn", "<!GetAtt Other.Arn>", ANYTHING, "!GetAtt Other.Arn"),
    ("an export", "!ImportValue key-arn", "<!ImportValue key-arn>", ANYTHING, "!ImportValue key-arn"),
    ("a name that leads back to itself", "!Ref Loop", "<!Ref Loop>", ANYTHING, "!Ref Loop"),
    ("part of a text", '!Sub "role/${Role}"', "role/<Role>", f"role/{ANYTHING}", "Role"),
    ("part of a list", '!Join ["/", [role, !Ref Role]]', "role/<!Ref Role>", f"role/{ANYTHING}", "!Ref Role"),
    ("a secret", '"{{resolve:ssm:/key}}"', "<resolve:ssm:/key>", ANYTHING, "resolve:ssm:/key"),
    ("a map by account", "!FindInMap [Account, !Ref AWS::AccountId, id]", None, ANYTHING, None),
]


@pytest.mark.parametrize(
    ("value", "shown", "form", "expression"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN]
)
def test_functions_that_are_unknown(value: str, shown: str | None, form: str, expression: str | None) -> None:
    ((policy, values),) = resources(value)
    assert [each[1] for each in values] == [form]
    assert shown is None or [each[0] for each in values] == [shown]
    assert expression is None or [each.expression for each in policy.unresolved] == [expression]
    assert len(policy.unresolved) == 1


def test_what_the_user_says_takes_the_place_of_what_is_open() -> None:
    options = Options("111122223333", "eu-west-1", "aws-cn", parameters={"Role": "ops", "Env": "test"})
    ((policy, values),) = resources(
        '[!GetAtt Key.Arn, !Ref Role, !GetAtt Named.Arn, !Sub "${AWS::URLSuffix}"]', options
    )
    assert [each[1] for each in values] == [
        "arn:aws-cn:kms:eu-west-1:111122223333:key/<Key>",
        "ops",
        "arn:aws-cn:iam::111122223333:role/service/test-app",
        "amazonaws.com.cn",
    ]
    assert policy.owner == "111122223333"


def test_a_list_parameter_is_a_list() -> None:
    ((_, values),) = resources("!Ref Accounts")
    assert [each[0] for each in values] == ["111122223333", "444455556666"]


def test_values_are_placed_where_they_are_written() -> None:
    ((_, values),) = resources('["a", !Ref Env, !Sub "${Env}/x", !GetAtt Key.Arn]')
    places = [each[2] for each in values]
    assert places[0] == '"a"'
    assert places[1] == "prod"  # the default of the parameter
    assert '"${Env}/x"' in places[2]
    assert "Key.Arn" in places[3]


CHOICES = [
    ("a value", "!If [IsProd, a, b]", [("IsProd is true", ["a"]), ("IsProd is false", ["b"])]),
    ("a list", "!If [IsProd, [a, b], c]", [("IsProd is true", ["a", "b"]), ("IsProd is false", ["c"])]),
    (
        "a value of a list that may be absent",
        "[a, !If [IsProd, b, !Ref AWS::NoValue]]",
        [("IsProd is true", ["a", "b"]), ("IsProd is false", ["a"])],
    ),
    (
        "a part of a text",
        '!Sub ["x/${y}", {y: !If [IsProd, a, b]}]',
        [("IsProd is true", ["x/a"]), ("IsProd is false", ["x/b"])],
    ),
    (
        "parts of a joined text under one condition",
        '!Join ["", [!If [IsProd, a, b], "-", !If [IsProd, c, d]]]',
        [("IsProd is true", ["a-c"]), ("IsProd is false", ["b-d"])],
    ),
    (
        "one within another",
        "!If [IsProd, a, !If [IsTest, b, c]]",
        [
            ("IsProd is true", ["a"]),
            ("IsProd is false and IsTest is true", ["b"]),
            ("IsProd is false and IsTest is false", ["c"]),
        ],
    ),
]


@pytest.mark.parametrize(("value", "expected"), [row[1:] for row in CHOICES], ids=[row[0] for row in CHOICES])
def test_each_branch_of_a_condition_is_a_policy(value: str, expected: list[tuple[str, list[str]]]) -> None:
    assert [(policy.branch, [each[0] for each in values]) for policy, values in resources(value)] == expected


KEYS = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: "true"
      RotationPeriodInDays: 180
      PendingWindowInDays: 7
      Enabled: !If [IsProd, true, true]
      MultiRegion: false
      KeySpec: !Ref Spec
      KeyUsage: ENCRYPT_DECRYPT
      Origin: !If [IsProd, AWS_KMS, EXTERNAL]
      BypassPolicyLockoutSafetyCheck: true
      KeyPolicy:
        Statement:
          - Effect: allow
            Principal: {AWS: "*"}
            Action: kms:*
  Copy:
    Type: AWS::KMS::ReplicaKey
    Properties:
      PrimaryKeyArn: !GetAtt Key.Arn
      KeyPolicy: '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}'
  ByName: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/app, TargetKeyId: !Ref Key}}
  ByArn: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/app2, TargetKeyId: !GetAtt Key.Arn}}
"""


def test_a_key_and_its_settings() -> None:
    document = read(KEYS)
    key, copy = document.keys
    assert (document.format, document.kind, document.status) == (
        "cloudformation",
        "CloudFormation template",
        Status.JUDGED,
    )
    assert {name: (each.value, each.known, each.name) for name, each in key.settings.items()} == {
        "rotation": (True, True, "EnableKeyRotation"),
        "rotation_period": ("180", True, "RotationPeriodInDays"),
        "deletion_window": ("7", True, "PendingWindowInDays"),
        "enabled": (True, True, "Enabled"),
        "multi_region": (False, True, "MultiRegion"),
        "spec": (None, False, "KeySpec"),
        "usage": ("ENCRYPT_DECRYPT", True, "KeyUsage"),
        "origin": (None, False, "Origin"),
        "bypass": (True, True, "BypassPolicyLockoutSafetyCheck"),
    }
    assert under(key.settings["deletion_window"].at) == "7"
    assert [(each.open.expression, each.open.message) for each in key.settings.values() if each.open] == [
        ("!Ref Spec", "the template has no parameter and no resource `Spec`"),
        ("!If IsProd", "`Origin` depends on the condition `IsProd`"),
    ]
    assert (key.address, under(key.at), line(key.at), key.owner, key.aliases, key.replica) == (
        "Key",
        "Key",
        4,
        "<account>",
        ("alias/app", "alias/app2"),
        False,
    )
    assert (copy.address, copy.replica, copy.settings) == ("Copy", True, {})


def test_key_policies_belong_to_their_keys() -> None:
    key, copy = read(KEYS).keys
    (first,), (second,) = key.policies, copy.policies
    assert (first.kind, first.address, first.of, first.owner) == (PolicyKind.KEY, "Key", "Key", "<account>")
    assert [(each.rule, under(each.at)) for each in first.problems] == [("malformed-policy", "allow")]
    assert first.statements[0].resources is None
    assert (second.of, second.statements[0].effect, second.problems) == ("Copy", Effect.ALLOW, ())
    assert second.statements[0].actions is not None
    assert under(second.statements[0].actions.at) == '"kms:*"'


IDENTITIES = """
Resources:
  AppRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: "*", Action: sts:AssumeRole}}
      Policies:
        - PolicyName: one
          PolicyDocument: &document {Statement: {Effect: Allow, Action: kms:Decrypt, Resource: "*"}}
        - !If [IsProd, {PolicyName: two, PolicyDocument: *document}, !Ref AWS::NoValue]
        - {PolicyName: three, PolicyDocument: *document}
  Ann: {Type: AWS::IAM::User, Properties: {Policies: !If [IsProd, [{PolicyDocument: *document}], !Ref AWS::NoValue]}}
  Team: {Type: AWS::IAM::Group, Properties: {Policies: [{PolicyDocument: *document}]}}
  Inline: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref AppRole, other], Users: [!Ref Ann], PolicyDocument: *document}}
  Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: *document}}
  OfRole: {Type: AWS::IAM::RolePolicy, Properties: {RoleName: !Ref AppRole, PolicyDocument: *document}}
  OfUser: {Type: AWS::IAM::UserPolicy, Properties: {UserName: ann, PolicyDocument: *document}}
  OfGroup: {Type: AWS::IAM::GroupPolicy, Properties: {GroupName: !Ref Team, PolicyDocument: *document}}
  Guard: {Type: AWS::Organizations::Policy, Properties: {Type: SERVICE_CONTROL_POLICY, Content: *document}}
  Function: {Type: AWS::Serverless::Function, Properties: {Policies: [AWSXrayWriteOnlyAccess, *document]}}
  Topic: {Type: AWS::SNS::TopicPolicy, Properties: {PolicyDocument: *document}}
"""


def test_policies_of_identities_by_address() -> None:
    found = [(policy.kind.value, policy.address, policy.of, policy.branch) for policy in read(IDENTITIES).policies]
    assert found == [
        ("identity-policy", "AppRole:Policies[0]", "AppRole", ""),
        ("identity-policy", "AppRole:Policies[1]", "AppRole", "IsProd is true"),
        ("identity-policy", "AppRole:Policies[2]", "AppRole", ""),
        ("trust-policy", "AppRole:AssumeRolePolicyDocument", "AppRole", ""),
        ("identity-policy", "Ann:Policies[0]", "Ann", "IsProd is true"),
        ("identity-policy", "Team:Policies[0]", "Team", ""),
        ("identity-policy", "Inline", "AppRole, other, Ann", ""),
        ("identity-policy", "Managed", None, ""),
        ("identity-policy", "OfRole", "AppRole", ""),
        ("identity-policy", "OfUser", "ann", ""),
        ("identity-policy", "OfGroup", "Team", ""),
        ("scp", "Guard", None, ""),
        ("identity-policy", "Function:Policies[1]", "Function", ""),
        ("resource-policy", "Topic", None, ""),
    ]


BROKEN = [
    (
        "properties that are a list",
        "Resources:\n  Bad: {Type: AWS::KMS::Key, Properties: [a]}\n  Key: {Type: AWS::KMS::Key}\n",
        ["Key"],
        ("[a]", "`Properties` of `Bad` is a list where an object belongs"),
    ),
    (
        "a resource that is text",
        "Resources:\n  Bad: text\n  Key: {Type: AWS::KMS::Key}\n",
        ["Key"],
        ("text", "the resource `Bad` is text where an object belongs"),
    ),
    (
        "resources that are a list",
        "AWSTemplateFormatVersion: 2010-09-09\nResources: [a]\n",
        [],
        ("[a]", "`Resources` is a list where an object of resources belongs"),
    ),
]


@pytest.mark.parametrize(("text", "keys", "problem"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_one_broken_resource_does_not_hide_the_others(text: str, keys: list[str], problem: tuple[str, str]) -> None:
    document = read(text)
    assert [key.address for key in document.keys] == keys
    assert [(each.rule, under(each.at), each.message) for each in document.problems] == [
        ("malformed-document", *problem)
    ]


def test_resources_made_by_a_loop_over_unknown_values_are_listed_as_unresolved() -> None:
    document = read(
        "Parameters: {Names: {Type: CommaDelimitedList}}\nResources:\n"
        "  Fn::ForEach::Keys: [Name, !Ref Names, {'Key${Name}': {Type: AWS::KMS::Key}}]\n  K: {Type: AWS::KMS::Key}\n"
    )
    assert [(each.expression, each.message) for each in document.unresolved] == [
        (
            "Fn::ForEach::Keys",
            "the resources that it makes are not known: what the loop goes through is only known when it is deployed",
        )
    ]
    assert [key.address for key in document.keys] == ["K"]


def test_what_a_macro_makes_is_unresolved_and_not_malformed() -> None:
    document = read(
        "Resources:\n"
        "  Key: {Type: AWS::KMS::Key, Properties: {Fn::Transform: {Name: Mine}}}\n"
        "  Policy:\n"
        "    Type: AWS::IAM::ManagedPolicy\n"
        "    Properties:\n"
        "      PolicyDocument: {Statement: [{Sid: A, Fn::Transform: {Name: AWS::Include}}]}\n"
    )
    assert [(each.expression, each.message) for each in document.unresolved] == [
        ("!Transform Mine", "a macro makes `Key`: the macro `Mine` makes it")
    ]
    (policy,) = document.policies
    assert ([each.message for each in policy.unresolved], policy.problems) == (
        ["where the included file is, is not known"],
        (),
    )


IGNORES = """
Metadata: {kms-lint: {ignore: [key-policy-missing]}}
Resources:
  Key:
    Type: AWS::KMS::Key
    Metadata:
      kms-lint:
        ignore:
          - rotation-disabled
          - {rule: public-principal, statement: AllowUse, reason: a test, until: 2027-03-01}
    Properties: {Description: last}
  Other: {Type: AWS::KMS::Key}
"""


def test_ignores_cover_the_resource_that_holds_them() -> None:
    document = read(IGNORES)
    assert [(each.rules, each.statement, each.reason, each.until) for each in document.ignores] == [
        (("key-policy-missing",), None, None, None),
        (("rotation-disabled",), None, None, None),
        (("public-principal",), "AllowUse", "a test", "2027-03-01"),
    ]
    whole, first, second = (under(each.covers) for each in document.ignores)
    assert "Other" in whole
    assert first == second
    assert first.startswith("Key:")
    assert first.endswith("{Description: last}")
    assert under(document.ignores[1].rules[0].at) == "rotation-disabled"


SHAPES = [
    ("a template", "Resources: {Key: {Type: AWS::KMS::Key}}", ["Key"]),
    ("a bare map of resources", "Key: {Type: AWS::KMS::Key}\nOther: {Type: AWS::KMS::Key}", ["Key", "Other"]),
    ("one resource", "Type: AWS::KMS::Key\nProperties: {}", ["AWS::KMS::Key"]),
]


@pytest.mark.parametrize(("text", "keys"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_templates_and_fragments(text: str, keys: list[str]) -> None:
    assert is_template(tree(text)[0])
    assert [key.address for key in read(text).keys] == keys


@pytest.mark.parametrize("text", ["a: b", "Resources: [a]", "[a]", "kind: Deployment\nspec: {Type: b}"])
def test_other_trees_are_no_templates(text: str) -> None:
    assert not is_template(tree(text)[0])


class Long(pyyaml.SafeLoader):
    """Reads short tags in their long form, with all scalars as text."""


def _long(loader: pyyaml.SafeLoader, suffix: str, node: pyyaml.Node) -> object:
    name = "Ref" if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, pyyaml.ScalarNode):
        return {name: node.value.split(".", 1) if suffix == "GetAtt" else node.value}
    if isinstance(node, pyyaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise AssertionError(suffix)


Long.add_multi_constructor("!", _long)


@pytest.mark.parametrize("text", [PARTS, KEYS, IDENTITIES], ids=["parts", "keys", "identities"])
def test_json_says_the_same_as_yaml(text: str) -> None:
    text = text.replace("VALUE", "[!GetAtt Key.Arn, !If [IsProd, a, !Ref Role]]")
    written = json.dumps(pyyaml.load(text, Long), default=str)
    source = Source("template.json", written)
    node = json_syntax.parse(Passage(source, written))
    assert isinstance(node, Mapping)
    ours, theirs = template(node, "template.json", source, Options()), read(text)
    assert [summary(each) for each in ours.every_policy()] == [summary(each) for each in theirs.every_policy()]
    assert [(each.address, each.aliases, set(each.settings)) for each in ours.keys] == [
        (each.address, each.aliases, set(each.settings)) for each in theirs.keys
    ]


def summary(policy: Policy) -> tuple[object, ...]:
    values = [
        (
            each.actions and each.actions.values,
            each.resources and [(value, value.form) for value in each.resources.values],
        )
        for each in policy.statements
    ]
    return policy.address, policy.branch, values, [each.expression for each in policy.unresolved]


TEXTS = """
Resources:
  Literal:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: !Sub |
        {
          "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::${AWS::AccountId}:root", "${Role}"]},
            "Action": "kms:*",
            "Resource": "${!a}"
          }
        }
  Quoted:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Fn::Sub: "{\\"Statement\\": {\\"Effect\\": \\"allow\\", \\"Principal\\": {\\"AWS\\": \\"${AWS::AccountId}\\"}, \\"Action\\": \\"kms:*\\"}}"
  Joined:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: !Join ["", ['{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:', "Sign", '"}}']]
"""


def test_a_policy_as_text_in_a_function_has_its_places_in_the_text() -> None:
    literal, quoted, joined = (key.policies[0] for key in read(TEXTS).keys)
    principals = literal.statements[0].principals
    assert principals is not None
    assert [(str(each.value), each.value.form, under(each.value.at)) for each in principals.values] == [
        ("arn:aws:iam::<account>:root", "arn:aws:iam::<account>:root", '"arn:aws:iam::${AWS::AccountId}:root"'),
        ("<Role>", ANYTHING, '"${Role}"'),
    ]
    assert literal.statements[0].resources is not None
    assert literal.statements[0].resources.values == ("${a}",)
    assert [(under(each.at), each.message) for each in quoted.problems] == [
        (r"\"allow\"", "`Effect` is `allow`: write `Allow` or `Deny`, in this spelling")
    ]
    assert joined.statements[0].actions is not None
    assert (joined.statements[0].effect, joined.statements[0].actions.values) == (Effect.DENY, ("kms:Sign",))


def test_a_text_that_depends_on_very_many_conditions_is_unknown() -> None:
    def nested(name: str) -> str:
        return "".join(f"!If [{name}{depth}, a, " for depth in range(30)) + "b" + "]" * 30

    ((policy, values),) = resources(f'!Join ["", [{nested("A")}, {nested("B")}, {nested("C")}, {nested("D")}]]')
    assert [each[1] for each in values] == [ANYTHING]
    assert [each.message for each in policy.unresolved] == ["it depends on too many conditions"]
