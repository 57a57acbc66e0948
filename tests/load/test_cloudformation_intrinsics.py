"""Each intrinsic function by the worked examples of AWS's reference, as `kms-lint show` prints them."""

from __future__ import annotations

import pytest

from kms_lint.load.cloudformation import template
from kms_lint.load.options import Options
from kms_lint.model import Document
from kms_lint.source import Source
from kms_lint.syntax import yaml
from kms_lint.syntax.tree import Mapping
from tests.load.cloudformation_folder import shown

REFERENCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"

TEMPLATE = """
Transform: AWS::LanguageExtensions
Parameters:
  DBSubnetIpBlocks: {Type: CommaDelimitedList, Default: "10.0.48.0/24, 10.0.112.0/24, 10.0.176.0/24"}
  ParameterName: {Type: String, Default: resolvedValue}
  RootDomainName: {Type: String, Default: example.com}
  Open: {Type: String}
  OpenList: {Type: CommaDelimitedList}
  Hidden: {Type: String, NoEcho: true, Default: hunter2}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/service/ami}
Mappings:
  RegionMap:
    us-east-1: {HVM64: ami-0ff8a91507f77f867, HVMG2: ami-0a584ac55a7631c0c}
    us-west-1: {HVM64: ami-0bdb828fd58c52235, HVMG2: ami-066ee5fd4a9ef77f1}
  SecurityGroups:
    us-east-1: {SecurityGroupIds: [sg-1, sg-2]}
Conditions:
  Always: !Equals [a, a]
  Never: !Not [!Equals [a, a]]
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "logs-${RootDomainName}"}}
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      PolicyDocument:
        Statement: {Sid: A, Effect: Allow, Action: "kms:Decrypt", Resource: VALUE}
"""

OPTIONS = Options("111122223333", "us-east-1", "aws")


def read(text: str, options: Options = OPTIONS) -> Document:
    source = Source("template.yaml", text)
    (node,) = yaml.parse(source)
    assert isinstance(node, Mapping)
    return template(node, "template.yaml", source, options)


def value(expression: str, options: Options = OPTIONS) -> object:
    """What `show` prints where a template says an expression."""
    (policy,) = [
        each for each in shown(read(TEMPLATE.replace("VALUE", expression), options)) if each["address"] == "Policy"
    ]
    return policy["policy"]["Statement"].get("Resource")


EXAMPLES = [
    ("base64", "{Fn::Base64: AWS CloudFormation}", "QVdTIENsb3VkRm9ybWF0aW9u"),
    (
        "cidr",
        '!Cidr ["192.168.0.0/24", 6, 5]',
        [f"192.168.0.{start}/27" for start in (0, 32, 64, 96, 128, 160)],
    ),
    ("cidr", '!Select [0, !Cidr ["10.0.0.0/16", 1, 8]]', "10.0.0.0/24"),
    ("cidr", '!Select [1, !Cidr ["2001:db8::/56", 2]]', "2001:db8:0:1::/64"),
    ("findinmap", "!FindInMap [RegionMap, !Ref AWS::Region, HVM64]", "ami-0ff8a91507f77f867"),
    ("findinmap", '!FindInMap [RegionMap, !Select [0, ["us-west-1"]], !Sub "HVM${Two}4"]', "<!FindInMap [RegionMap, !Select …, !Sub HVM${Two}4]>"),
    ("findinmap", '!FindInMap [RegionMap, !Select [0, ["us-west-1"]], HVMG2]', "ami-066ee5fd4a9ef77f1"),
    ("findinmap", "!FindInMap [RegionMap, eu-west-1, HVM64, {DefaultValue: ami-default}]", "ami-default"),
    ("findinmap", "!FindInMap [RegionMap, eu-west-1, HVM64, {DefaultValue: !Ref ParameterName}]", "resolvedValue"),
    ("findinmap", "!FindInMap [SecurityGroups, us-east-1, SecurityGroupIds]", ["sg-1", "sg-2"]),
    ("getatt", "!GetAtt Bucket.Arn", "<Bucket.Arn>"),
    ("getatt", '{Fn::GetAtt: [Bucket, Arn]}', "<Bucket.Arn>"),
    ("getatt", '{Fn::GetAtt: Bucket.Arn}', "<Bucket.Arn>"),
    ("getatt", '{Fn::GetAtt: [!Select [0, [Bucket]], !Select [0, [Arn]]]}', "<Bucket.Arn>"),
    ("join", '!Join [":", [a, b, c]]', "a:b:c"),
    ("join", '!Join ["", ["arn:", !Ref AWS::Partition, ":s3:::elasticbeanstalk-*-", !Ref AWS::AccountId]]', "arn:aws:s3:::elasticbeanstalk-*-111122223333"),
    ("select", '!Select ["1", [apples, grapes, oranges, mangoes]]', "grapes"),
    ("select", "!Select [0, !Ref DBSubnetIpBlocks]", "10.0.48.0/24"),
    ("split", '!Split ["|", "a|b|c"]', ["a", "b", "c"]),
    ("split", '!Split ["|", "a||c|"]', ["a", "", "c", ""]),
    ("split", '!Select [0, !Split ["/", !Sub "role/${Open}"]]', "role"),
    ("split", '!Select [1, !Split ["/", !Sub "role/${Open}"]]', '<!Select [1, !Split …]>'),
    ("sub", '!Sub ["www.${Domain}", {Domain: !Ref RootDomainName}]', "www.example.com"),
    ("sub", '!Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${ParameterName}"', "arn:aws:ec2:us-east-1:111122223333:vpc/resolvedValue"),
    ("sub", '!Sub "${!Literal}"', "${Literal}"),
    ("sub", '!Sub "a/${Open}/c"', "a/<Open>/c"),
    ("ToJsonString", "{Fn::ToJsonString: {key1: value1, key2: !Ref ParameterName}}", '{"key1":"value1","key2":"resolvedValue"}'),
    ("ToJsonString", "{Fn::ToJsonString: [{key1: value1, key2: !Ref ParameterName}, {key3: value3}, 1, true]}", '[{"key1":"value1","key2":"resolvedValue"},{"key3":"value3"},1,true]'),
    ("ToJsonString", '{Fn::ToJsonString: {a: !If [Never, x, !Ref AWS::NoValue], b: "c\\"d"}}', '{"b":"c\\"d"}'),
    ("length", "!Length [1, !Ref ParameterName, 3]", 3),
    ("length", "!Length [!Ref DBSubnetIpBlocks]", 1),
    ("length", "{Fn::Length: !Ref DBSubnetIpBlocks}", 3),
    ("length", "{Fn::Length: !Ref OpenList}", "<!Length !Ref OpenList>"),
    ("ref", "!Ref ParameterName", "resolvedValue"),
    ("ref", "!Ref Bucket", "logs-example.com"),
    ("ref", "[a, !Ref Open]", ["a", "<!Ref Open>"]),
    ("ref", "{Ref: !Select [0, [ParameterName]]}", "resolvedValue"),
    ("ref", "!Ref Hidden", "<!Ref Hidden>"),
    ("ref", "!Ref Image", "<!Ref Image>"),
    ("getavailabilityzones", '!GetAZs ""', "<!GetAZs >"),
    ("importvalue", '{Fn::ImportValue: !Sub "${ParameterName}-SecurityGroupID"}', "<!ImportValue !Sub ${ParameterName}-SecurityGroupID>"),
    ("conditions", "!If [Always, a, b]", "a"),
    ("conditions", "!If [Never, a, [b, c]]", ["b", "c"]),
    ("conditions", "[a, !If [Never, b, !Ref AWS::NoValue]]", ["a"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"), [row[1:] for row in EXAMPLES], ids=[f"{row[0]}: {row[1]}" for row in EXAMPLES]
)
def test_an_example_of_the_reference(expression: str, expected: object) -> None:
    """The pages are `intrinsic-function-reference-NAME.html` under `REFERENCE`."""
    assert value(expression) == expected


PSEUDO = [
    ("AWS::AccountId", "111122223333"),
    ("AWS::Partition", "aws"),
    ("AWS::Region", "us-east-1"),
    ("AWS::URLSuffix", "amazonaws.com"),
    ("AWS::StackName", "<AWS::StackName>"),
    ("AWS::StackId", "<AWS::StackId>"),
    ("AWS::NotificationARNs", "<!Ref AWS::NotificationARNs>"),
    ("AWS::NoValue", None),
]


@pytest.mark.parametrize(("name", "expected"), PSEUDO)
def test_pseudo_parameters(name: str, expected: object) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html"""
    assert value(f"!Ref {name}") == expected


def test_a_given_value_takes_the_place_of_a_default_and_of_a_secret_it_does_not() -> None:
    options = Options(parameters={"ParameterName": "given", "Hidden": "hunter3", "Image": "/other"})
    assert value("[!Ref ParameterName, !Ref Hidden, !Ref Image]", options) == ["given", "<!Ref Hidden>", "<!Ref Image>"]


def test_the_reasons_of_what_is_unknown() -> None:
    expression = (
        '[!Ref Hidden, !Ref Image, !GetAZs "", !ImportValue x, !FindInMap [RegionMap, a, b], !Cidr [10.0.0.0/30, 5, 5]]'
    )
    (policy,) = read(TEMPLATE.replace("VALUE", expression)).policies
    assert [(each.expression, each.message) for each in policy.unresolved] == [
        ("!Ref Hidden", "it is a parameter with `NoEcho`, whose value is never shown"),
        ("!Ref Image", "it is looked up in Systems Manager when it is deployed"),
        ("!GetAZs ", "which Availability Zones an account has is only known when it is deployed"),
        ("!ImportValue x", "it is exported by another stack"),
        ("!FindInMap [RegionMap, a, b]", "the map has no such keys"),
        ("!Cidr [10.0.0.0/30, 5, 5]", "this is no range of addresses, or is too small for these blocks"),
    ]


LOOPS = """
Transform: AWS::LanguageExtensions
Parameters:
  pRepoARNs: {Type: CommaDelimitedList, Default: "Success,Failure"}
Resources:
  'Fn::ForEach::Keys':
    - TopicName
    - !Ref pRepoARNs
    - 'Key${TopicName}':
        Type: AWS::KMS::Key
        Properties:
          Description: !Sub "key for ${TopicName}"
          KeyPolicy:
            Statement:
              Fn::ForEach::Nothing: [X, [], {}]
              Sid: 'Use&{TopicName}'
              Effect: Allow
              Principal: {AWS: !GetAtt 'Role${TopicName}.Arn'}
              Action: kms:*
              Resource: "*"
  'Fn::ForEach::Outer':
    - Stage
    - [a-1, b]
    - 'Fn::ForEach::Inner':
        - Kind
        - [x, y]
        - 'Alias&{Stage}${Kind}':
            Type: AWS::KMS::Alias
            Properties: {AliasName: !Sub 'alias/${Stage}-${Kind}', TargetKeyId: !Ref KeySuccess}
  RoleSuccess: {Type: AWS::IAM::Role, Properties: {RoleName: success}}
"""


def test_loops_are_unrolled() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html"""
    document = read(LOOPS)
    assert [(key.address, str(key.settings["description"].value)) for key in document.keys] == [
        ("KeySuccess", "key for Success"),
        ("KeyFailure", "key for Failure"),
    ]
    assert [
        (statement.sid, [str(each.value) for each in statement.principals.values])
        for key in document.keys
        for policy in key.policies
        for statement in policy.statements
        if statement.principals
    ] == [("UseSuccess", ["<RoleSuccess.Arn>"]), ("UseFailure", ["<!GetAtt RoleFailure.Arn>"])]
    assert [(alias.address, str(alias.name), alias.of) for alias in document.aliases] == [
        ("Aliasa1x", "alias/a-1-x", "KeySuccess"),
        ("Aliasa1y", "alias/a-1-y", "KeySuccess"),
        ("Aliasbx", "alias/b-x", "KeySuccess"),
        ("Aliasby", "alias/b-y", "KeySuccess"),
    ]


def test_a_loop_in_properties_over_unknown_values_leaves_the_rest_known() -> None:
    text = TEMPLATE.replace("Sid: A,", "Sid: A, Fn::ForEach::More: [X, !Ref OpenList, {'Not${X}': a}],")
    (policy,) = read(text.replace("VALUE", "a")).policies
    (statement,) = policy.statements
    assert (str(statement.sid), statement.unknown) == ("A", True)
    assert [each.expression for each in policy.unresolved] == ["Fn::ForEach::More"]


def test_loops_make_conditions_and_outputs_too() -> None:
    text = """
Transform: AWS::LanguageExtensions
Parameters: {Env: {Type: String}}
Conditions:
  Fn::ForEach::Stages: [Stage, [prod, test], {'Is${Stage}': !Equals [!Ref Env, !Ref Stage]}]
Resources:
  Fn::ForEach::Keys:
    - Stage
    - [prod, test]
    - Key${Stage}:
        Type: AWS::KMS::Key
        Condition: Is${Stage}
        Properties: {Description: !If [isprod, a, b], MultiRegion: !If [Isprod, true, false]}
"""
    keys = read(text).keys
    assert [(key.address, key.branch, key.settings["multi_region"].value) for key in keys] == [
        ("Keyprod", "Isprod is true", True),
        ("Keytest", "Istest is true and Isprod is false", False),
    ]
