"""Nested stacks and included files: whose values count, where findings are reported, and what is not followed."""

from __future__ import annotations

import json
from pathlib import Path

from kms_lint.load import Options
from tests.load.cloudformation_folder import documents, findings, not_known, shown, world, written

ROOT = """
Parameters: {Env: {Type: String, Default: prod}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
  KeysStack:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./keys.yaml
      Parameters:
        Who: "*"
        Env: !Ref Env
        Names: !Join [",", [a, b]]
  Second:
    Type: AWS::CloudFormation::Stack
    Condition: IsProd
    Properties:
      TemplateURL: keys.yaml
      Parameters: {Who: !Sub "arn:aws:iam::${AWS::AccountId}:root", Env: test}
  Queue:
    Type: AWS::SQS::Queue
    Properties: {KmsMasterKeyId: !GetAtt KeysStack.Outputs.KeyArn}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {KmsMasterKeyId: !Sub "arn:aws:kms:${AWS::Region}:${AWS::AccountId}:alias/prod"}
"""

KEYS = """
Parameters:
  Who: {Type: String, Default: "*"}
  Env: {Type: String}
  Names: {Type: CommaDelimitedList, Default: x}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      EnableKeyRotation: true
      Description: !If [IsProd, !Select [1, !Ref Names], other]
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Sid: Root
            Effect: Allow
            Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}
            Action: kms:*
            Resource: "*"
          - Sid: Use
            Effect: Allow
            Principal: {AWS: !Ref Who}
            Action: kms:Decrypt
            Resource: "*"
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub "alias/${Env}", TargetKeyId: !Ref Key}}
Outputs:
  KeyArn: {Value: !GetAtt Key.Arn}
"""


def test_a_nested_template_is_judged_with_the_values_of_its_parents(tmp_path: Path) -> None:
    folder = written(tmp_path, {"root.yaml": ROOT, "keys.yaml": KEYS})
    found = documents(folder)
    assert [(key.address, key.aliases) for key in found["keys.yaml"].keys] == [
        ("KeysStack.Key", ("alias/prod",)),
        ("Second.Key", ("alias/test",)),
    ]
    first, second = shown(found["keys.yaml"])
    assert [each["policy"]["Statement"][1]["Principal"] for each in (first, second)] == [
        {"AWS": "*"},
        {"AWS": "arn:aws:iam::<account>:root"},
    ]
    assert (first["branch"], second["branch"]) == ("", "IsProd is true")
    assert [(each.address, each.service, each.of) for each in found["root.yaml"].consumers] == [
        ("Queue", "sqs", "KeysStack.Key"),
        ("Topic", "sns", "KeysStack.Key"),
    ]


def test_what_a_parent_gives_is_reported_where_it_is_written_whoever_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, {"root.yaml": ROOT, "keys.yaml": KEYS})
    place = ["public-principal root.yaml:10:14 KeysStack.Key"]
    assert findings(world(folder)) == place
    assert findings(world(folder, "root.yaml")) == place
    assert findings(world(folder, "keys.yaml")) == ["public-principal keys.yaml:3:32 Key"]


def test_what_is_wrong_in_a_nested_template_is_not_the_business_of_a_parent_that_is_named(tmp_path: Path) -> None:
    keys = KEYS.replace("{AWS: !Ref Who}", '{AWS: "*"}')
    folder = written(tmp_path, {"root.yaml": ROOT, "keys.yaml": keys})
    assert findings(world(folder, "root.yaml")) == []
    assert findings(world(folder)) == ["public-principal keys.yaml:25:30 KeysStack.Key"]


def test_a_default_that_every_parent_overrides_accuses_nobody(tmp_path: Path) -> None:
    root = ROOT.replace('Who: "*"', 'Who: "arn:aws:iam::111122223333:root"')
    folder = written(tmp_path, {"root.yaml": root, "keys.yaml": KEYS})
    assert findings(world(folder, options=Options(account="111122223333"))) == []


def test_what_the_user_says_is_for_the_root(tmp_path: Path) -> None:
    folder = written(tmp_path, {"root.yaml": ROOT, "keys.yaml": KEYS})
    found = documents(folder, options=Options(parameters={"Env": "prod", "Who": "ignored"}))
    first, _ = found["keys.yaml"].keys
    assert first.settings["description"].value == "b"
    assert shown(found["keys.yaml"])[0]["policy"]["Statement"][1]["Principal"] == {"AWS": "*"}
    assert len(documents(folder, options=Options(parameters={"Env": "dev"}))["keys.yaml"].keys) == 1


DEEP = """
Resources:
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: TEMPLATE, Parameters: {Who: WHO}}
Outputs: {Who: {Value: !GetAtt Inner.Outputs.KeyArn}, KeyArn: {Value: !GetAtt Inner.Outputs.KeyArn}}
Parameters: {Who: {Type: String, Default: "*"}}
"""


def test_to_any_depth(tmp_path: Path) -> None:
    files = {
        f"{index}.yaml": DEEP.replace("TEMPLATE", f"{index + 1}.yaml").replace("WHO", "!Ref Who")
        for index in range(1, 6)
    }
    files["0.yaml"] = DEEP.replace("TEMPLATE", "1.yaml").replace("WHO", '"arn:aws:iam::111122223333:root"')
    files["6.yaml"] = KEYS
    folder = written(tmp_path, files)
    (key,) = documents(folder)["6.yaml"].keys
    assert key.address == "Inner.Inner.Inner.Inner.Inner.Inner.Key"
    assert findings(world(folder, options=Options(account="111122223333"))) == []


def test_what_is_not_there_or_outside_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(KEYS, encoding="utf-8")
    include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: LOCATION}}}"
    text = "Resources:\n"
    for index, url in enumerate(
        ["../outside.yaml", "nowhere.yaml", "link.yaml", "https://s3.amazonaws.com/b/t.yaml", "text.yaml"]
    ):
        text += f"  S{index}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {url}}}}}\n"
    for index, location in enumerate(["../outside.yaml", "link.yaml", "s3://bucket/x.yaml"]):
        text += f"  K{index}: {{Type: AWS::KMS::Key, Properties: {include.replace('LOCATION', location)}}}\n"
    folder = written(tmp_path / "repository", {"root.yaml": text, "text.yaml": "just words"})
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    found = world(folder, "root.yaml")
    outside = "is not read: it leads out of the repository"
    assert not_known(found) == [
        f"root.yaml: AWS::Include ../outside.yaml: a macro makes `K0`: `../outside.yaml` {outside}",
        f"root.yaml: AWS::Include link.yaml: a macro makes `K1`: `link.yaml` {outside}",
        "root.yaml: AWS::Include s3://bucket/x.yaml: a macro makes `K2`: it is not a file of this repository: it is included when it is deployed",
        f"root.yaml: S0: the nested stack is not read: `../outside.yaml` {outside}",
        "root.yaml: S1: the nested stack is not read: `nowhere.yaml` cannot be read: there is no such file",
        f"root.yaml: S2: the nested stack is not read: `link.yaml` {outside}",
        "root.yaml: S3: the nested stack is not read: the template is no file of this repository",
        "root.yaml: S4: the nested stack is not read: `text.yaml` is no template: it has no `Resources`",
    ]
    assert [key.address for document in found.documents for key in document.keys] == []


INCLUDING = """
Transform: [AWS::LanguageExtensions, {Name: AWS::Include, Parameters: {Location: more.yaml}}]
Parameters: {Who: {Type: String, Default: "arn:aws:iam::111122223333:root"}}
Mappings: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: maps.yaml}}}
Resources:
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/statement.yaml}}
          - {Sid: Root, Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/resources.json}}
"""


def test_included_files(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html"""
    files = {
        "root.yaml": INCLUDING,
        "maps.yaml": "Who: {any: {arn: '*'}}\n",
        "more.yaml": "Resources:\n  Third: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true}}\n",
        "parts/statement.yaml": "Sid: Use\nEffect: Allow\nPrincipal:\n  AWS:\n    Fn::FindInMap: [Who, any, arn]\nAction: kms:Decrypt\nResource: '*'\n",
        "parts/resources.json": json.dumps(
            {"Second": {"Type": "AWS::KMS::Key", "Properties": {"Description": {"Ref": "Who"}}}}
        ),
    }
    folder = written(tmp_path, files)
    document = documents(folder, "root.yaml")["root.yaml"]
    assert [key.address for key in document.keys] == ["Key", "Second", "Third"]
    assert document.keys[1].settings["description"].value == "arn:aws:iam::111122223333:root"
    (policy,) = shown(document)
    assert [each["Sid"] for each in policy["policy"]["Statement"]] == ["Use", "Root"]
    (public,) = [
        each for each in findings(world(folder, "root.yaml", "maps.yaml")) if each.startswith("public-principal")
    ]
    assert public == "public-principal maps.yaml:1:18 Key"
    (public,) = [each for each in findings(world(folder, "root.yaml")) if each.startswith("public-principal")]
    assert public.startswith("public-principal root.yaml:")


def test_macros_are_told(tmp_path: Path) -> None:
    text = "Transform: [AWS::LanguageExtensions, Mine]\nResources: {Key: {Type: AWS::KMS::Key}}\n"
    assert not_known(world(written(tmp_path, {"t.yaml": text}))) == [
        "t.yaml: Transform Mine: the macro `Mine` may change this template: what is written was judged"
    ]


def test_conditions_on_a_parameter_that_is_handed_on_go_together(tmp_path: Path) -> None:
    root = """
Parameters: {Env: {Type: String}}
Conditions: {IsProd: !Equals [!Ref Env, prod], IsDev: !Equals [!Ref Env, dev]}
Resources:
  Prod:
    Type: AWS::CloudFormation::Stack
    Condition: IsProd
    Properties: {TemplateURL: child.yaml, Parameters: {Stage: !Ref Env}}
  Any:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: child.yaml, Parameters: {Stage: !Ref Env, Spec: !If [IsDev, RSA_2048, RSA_4096]}}
"""
    child = """
Parameters: {Stage: {Type: String}, Spec: {Type: String, Default: HMAC_256}}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {KeySpec: !Ref Spec, MultiRegion: !If [IsProd, true, false]}}
"""
    folder = written(tmp_path, {"root.yaml": root, "child.yaml": child})
    found = []
    for key in documents(folder)["child.yaml"].keys:
        for each in key.variants or (key,):
            found.append((each.address, each.branch, each.settings["spec"].value, each.settings["multi_region"].value))
    assert found == [
        ("Prod.Key", "IsProd is true and Prod.IsProd is true", "HMAC_256", True),
        ("Any.Key", "IsDev is true and Any.IsProd is false", "RSA_2048", False),
        ("Any.Key", "IsDev is false and Any.IsProd is true", "RSA_4096", True),
        ("Any.Key", "IsDev is false and Any.IsProd is false", "RSA_4096", False),
    ]
