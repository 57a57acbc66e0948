"""Inputs that are small to write and huge to work out, each of them the files of a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

Files: TypeAlias = "dict[str, str]"

STATEMENT = '{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }'
ALLOW = '{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}'


def policy(action: str) -> str:
    """An expression that encodes a policy with this expression as its action."""
    statement = STATEMENT.replace('"kms:*"', action)
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'


def key(value: str, more: str = "") -> str:
    return f'resource "aws_kms_key" "a" {{\n  enable_key_rotation = true\n  {more}\n  policy = {value}\n}}\n'


def main(*texts: str) -> Files:
    return {"main.tf": "".join(texts)}


def locals_(*lines: str) -> str:
    return "locals {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def doubling(first: str, then: str, last: str = "local.a59") -> Files:
    """Sixty locals, each made of the one before, twice."""
    lines = [f"a0 = {first}", *(f"a{n} = {then.replace('LAST', f'local.a{n - 1}')}" for n in range(1, 60))]
    return main(locals_(*lines), key(policy(last)))


def principals(count: int, first: int = 0) -> str:
    return json.dumps([f"arn:aws:iam::{100000000000 + first + n}:root" for n in range(count)])


def statement_of(count: int) -> str:
    return STATEMENT.replace('Principal = "*"', f"Principal = {{ AWS = {principals(count)} }}")


def nested(opening: str, inner: str, closing: str, times: int) -> str:
    return opening * times + inner + closing * times


def called(body: str, call: str, more: Files | None = None) -> Files:
    return {"main.tf": call, "m/main.tf": body, **(more or {})}


def template(statements: str, more: str = "", resources: str = "") -> Files:
    text = (
        f"{more}Resources:\n{resources}  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      EnableKeyRotation: true\n"
        f"      KeyPolicy:\n        Version: '2012-10-17'\n        Statement: {statements}\n"
    )
    return {"template.yaml": text}


STACK = "  {name}:\n    Type: AWS::CloudFormation::Stack\n    Properties: {{TemplateURL: ./{url}}}\n"


def stacks(levels: int) -> Files:
    """Each template has two stacks of the next: two to the power of the levels, in all."""
    files: Files = {}
    for n in range(levels):
        text = "Resources:\n" + "".join(STACK.format(name=name, url=f"t{n + 1}.yaml") for name in ("A", "B"))
        files["template.yaml" if n == 0 else f"t{n}.yaml"] = text
    return files | {f"t{levels}.yaml": template(f"[{ALLOW}]")["template.yaml"]}


def plan(resources: list[object], children: object) -> Files:
    module = {"resources": resources, "child_modules": children}
    values = {"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": module}}
    return {"plan.json": json.dumps(values)}


def planned(address: str) -> dict[str, object]:
    values = {"policy": json.dumps({"Statement": [json.loads(ALLOW)]}), "enable_key_rotation": True}
    return {"address": address, "mode": "managed", "type": "aws_kms_key", "name": "k", "values": values}


def modules_of_a_plan(count: int) -> Files:
    call = {"address": "module.m{n}", "resources": []}
    children = [{**call, "address": f"module.m{n}"} for n in range(count)]
    children[-1]["resources"] = [planned(f"module.m{count - 1}.aws_kms_key.k")]
    return plan([], children)


def deep_plan(depth: int) -> Files:
    text = json.dumps(plan([planned("aws_kms_key.k")], "HERE")["plan.json"])
    inner = nested('[{"address": "module.a", "child_modules": ', "[]", "}]", depth)
    return {"plan.json": json.loads(text).replace('"HERE"', inner)}


def state_that_refers_to_itself() -> Files:
    def data(name: str, source: str) -> object:
        attributes = {"json": None, "source_policy_documents": [f"data.aws_iam_policy_document.{source}.json"]}
        instance = {"attributes": attributes, "dependencies": [f"data.aws_iam_policy_document.{source}"]}
        return {"mode": "data", "type": "aws_iam_policy_document", "name": name, "instances": [instance]}

    instance = {"attributes": planned("k")["values"], "dependencies": ["aws_kms_key.k"]}
    made = {"mode": "managed", "type": "aws_kms_key", "name": "k", "instances": [instance]}
    state = {"version": 4, "terraform_version": "1.9.0", "resources": [data("a", "b"), data("b", "a"), made]}
    return {"terraform.tfstate": json.dumps(state)}


def regex(pattern: str, text: str) -> Files:
    return main(locals_(f"m = regexall({json.dumps(pattern)}, {text})"), key(policy("local.m")))


def for_each_over_policies() -> Files:
    """A module with three keys of 1,000 principals each, called 300 times."""
    keys = "".join(key("local.p").replace('"a"', f'"k{n}"') for n in range(3))
    body = locals_(f'p = jsonencode({{ Version = "2012-10-17", Statement = [{statement_of(1_000)}] }})') + keys
    return called(body, 'module "m" {\n  source = "./m"\n  for_each = toset([for n in range(300) : tostring(n)])\n}\n')


def for_each_over_maps_of_policies() -> Files:
    """Instances each with a policy of 1,000 principals of its own."""
    entries = "".join(
        f'    k{n} = [for p in range(1000) : "arn:aws:iam::${{100000000000 + p}}:role/r{n}"]\n' for n in range(50)
    )
    return main(
        locals_("m = {\n" + entries + "  }"),
        key(
            'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = each.value }, '
            'Action = "kms:*", Resource = "*" }] })',
            "for_each = local.m",
        ),
    )


def documents(count: int) -> Files:
    """A policy document that is merged of this many others."""
    each = 'data "aws_iam_policy_document" "d{n}" {{\n  statement {{\n    sid = "s{n}"\n    actions = ["kms:*"]\n    resources = ["*"]\n    principals {{\n      type = "AWS"\n      identifiers = ["*"]\n    }}\n  }}\n}}\n'
    names = ", ".join(f"data.aws_iam_policy_document.d{n}.json" for n in range(count))
    merged = f'data "aws_iam_policy_document" "all" {{\n  source_policy_documents = [{names}]\n}}\n'
    return main(*(each.format(n=n) for n in range(count)), merged, key("data.aws_iam_policy_document.all.json"))


def dynamic(count: int) -> Files:
    """`dynamic` blocks nested three deep, of this many rounds each."""
    each = f"for_each = range({min(count, 1_000)})\n"
    inner = f'dynamic "condition" {{\n{each}content {{\n test = "StringEquals"\n variable = "kms:ViaService"\n values = ["x"]\n}}\n}}\n'
    middle = f'dynamic "principals" {{\n{each}content {{\n type = "AWS"\n identifiers = ["*"]\n}}\n}}\n'
    outer = (
        f'dynamic "statement" {{\n{each}content {{\n actions = ["kms:*"]\n resources = ["*"]\n{middle}{inner}}}\n}}\n'
    )
    return main(
        f'data "aws_iam_policy_document" "a" {{\n{outer * (2_000 // 1_000)}}}\n',
        key("data.aws_iam_policy_document.a.json"),
    )


def many_dynamics(count: int) -> Files:
    """This many `dynamic` blocks that are written, three deep."""
    inner = 'dynamic "condition" {\nfor_each = [1]\ncontent {\n test = "Bool"\n variable = "kms:GrantIsForAWSResource"\n values = ["true"]\n}\n}\n'
    middle = (
        'dynamic "principals" {\nfor_each = ["*"]\ncontent {\n type = "AWS"\n identifiers = [principals.value]\n}\n}\n'
    )
    outer = f'dynamic "statement" {{\nfor_each = [1]\ncontent {{\n actions = ["kms:*"]\n resources = ["*"]\n{middle}{inner}}}\n}}\n'
    return main(
        f'data "aws_iam_policy_document" "a" {{\n{outer * count}}}\n', key("data.aws_iam_policy_document.a.json")
    )


def loops(depth: int, rounds: int) -> Files:
    """Fn::ForEach within itself."""
    collection = json.dumps([f"x{n}" for n in range(rounds)])
    body = "Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true, KeyPolicy: {Statement: [" + ALLOW + "]}}"
    name = "".join(f"${{N{n}}}" for n in range(depth))
    inner = f'{{"Key{name}": {{{body}}}}}'
    for n in reversed(range(depth)):
        inner = f'{{"Fn::ForEach::L{n}": [N{n}, {collection}, {inner}]}}'
    return {"template.yaml": "Transform: AWS::LanguageExtensions\nResources: " + inner + "\n"}


def many_resources(count: int) -> Files:
    body = '{"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}}'
    topics = "".join(f'"T{n}": {body},\n' for n in range(count))
    last = (
        '"Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true, "KeyPolicy": {"Statement": ['
        + ALLOW
        + "]}}}"
    )
    return {"template.json": '{"Resources": {\n' + topics + last + "}}"}


def serverless(resources: str, more: Files | None = None) -> Files:
    service = "service: s\nprovider:\n  name: aws\n  iam:\n    role:\n      statements: "
    return {"serverless.yml": service + resources + "\n", **(more or {})}


def yaml_aliases() -> str:
    lines = ["a0: &a0 [kms, kms, kms, kms, kms, kms, kms, kms, kms]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\\n".join(lines)


CYCLE = 'module "b" {\n  source = "../b"\n  x = var.x\n}\nvariable "x" {}\n'

BOMBS: dict[str, Callable[[], Files]] = {
    "doubling-text": lambda: doubling('"kms:Decrypt"', '"${LAST}${LAST}"'),
    "doubling-lists": lambda: doubling("[1]", "[LAST, LAST]"),
    "doubling-concat": lambda: doubling('["kms:*"]', "concat(LAST, LAST)"),
    "doubling-objects": lambda: doubling("{ a = 1 }", "{ a = LAST, b = LAST }"),
    "doubling-join": lambda: doubling('"kms:*"', 'join(",", [LAST, LAST])'),
    "doubling-format": lambda: doubling('"kms:*"', 'format("%s%s", LAST, LAST)'),
    "doubling-replace": lambda: doubling('"a"', 'replace(LAST, "a", "aa")'),
    "doubling-for": lambda: doubling('["a"]', "flatten([for x in LAST : [x, x]])"),
    "doubling-jsonencode": lambda: doubling('"\\""', "jsonencode(LAST)"),
    "doubling-choices": lambda: main(
        *(f'variable "v{n}" {{}}\n' for n in range(60)),
        locals_('a0 = "kms:*"', *(f"a{n} = var.v{n} ? local.a{n - 1} : [local.a{n - 1}]" for n in range(1, 60))),
        key(policy("local.a59")),
    ),
    "cycle-of-locals": lambda: main(locals_("a = local.b", "b = [local.a]"), key(policy("local.a"))),
    "cycle-of-modules": lambda: {
        "main.tf": 'module "a" {\n  source = "./a"\n  x = "*"\n}\n',
        "a/main.tf": CYCLE,
        "b/main.tf": CYCLE.replace("b", "a", 1).replace("../b", "../a") + key(policy('"kms:*"')),
    },
    "cycle-of-outputs": lambda: called(
        'variable "x" {}\noutput "y" {\n  value = var.x\n}\n',
        'module "m" {\n  source = "./m"\n  x = module.m.y\n}\n' + key(policy("module.m.y")),
    ),
    "modules-of-modules": lambda: {
        "main.tf": "".join(f'module "m{c}" {{\n  source = "./m0"\n}}\n' for c in range(10)),
        **{
            f"m{n}/main.tf": "".join(f'module "m{c}" {{\n  source = "../m{n + 1}"\n}}\n' for c in range(10))
            for n in range(8)
        },
        "m8/main.tf": key(policy('"kms:*"')),
    },
    "count": lambda: main(key(policy('"kms:*"'), "count = 1000000000")),
    "count-nested": lambda: called(
        key(policy('"kms:*"'), "count = 1e9"), 'module "m" {\n  source = "./m"\n  count = 1e9\n}\n'
    ),
    "count-huge-number": lambda: main(key(policy('"kms:*"'), "count = 1e999999")),
    "range": lambda: main(locals_("r = range(1e7)"), key(policy('[for n in local.r : "kms:${n}"]'))),
    "for-of-for": lambda: main(
        locals_("r = range(1000)"), key(policy('flatten([for a in local.r : [for b in local.r : "kms:${a}${b}"]])'))
    ),
    "for-grouping": lambda: main(
        locals_("r = range(1000)", 'g = { for a in local.r : "a" => [for b in local.r : b]... }'),
        key(policy("flatten(values(local.g))")),
    ),
    "setproduct": lambda: main(
        locals_("r = range(1000)"), key(policy('[for x in setproduct(local.r, local.r, local.r) : join(":", x)]'))
    ),
    "templatefile-of-itself": lambda: {
        "main.tf": key('templatefile("${path.module}/t.tftpl", { a = 1 })'),
        "t.tftpl": '${templatefile("t.tftpl", { a = a })}',
    },
    "templatefile-loops": lambda: {
        "main.tf": key('templatefile("${path.module}/t.tftpl", { r = range(1000) })'),
        "t.tftpl": '{"Statement": [' + nested("%{ for a in r ~}", ALLOW, "%{ endfor ~}", 4) + "]}",
    },
    "jsonencode-deep": lambda: main(
        locals_("a = " + nested("jsonencode([", policy('"kms:*"'), "])", 100)), key("local.a")
    ),
    "jsonencode-deep-around-unknown": lambda: main(
        'variable "x" {}\n', locals_("a = " + nested("jsonencode([", "var.x", "])", 100)), key("local.a")
    ),
    "jsondecode-deep": lambda: main(
        locals_('a = jsondecode("' + "[" * 50_000 + "]" * 50_000 + '")'), key(policy("local.a"))
    ),
    "for-each-of-policies": for_each_over_policies,
    "for-each-over-maps": for_each_over_maps_of_policies,
    "regex-backtracking": lambda: regex("^(a+)+$", '"' + "a" * 5_000 + 'b"'),
    "regex-alternatives": lambda: regex("(a|a|aa)*c", '"' + "a" * 100_000 + '"'),
    "regex-repeats": lambda: regex("((a{1,500}){1,500}){1,500}", '"aaaa"'),
    "regex-many": lambda: main(
        locals_('t = join("", [for n in range(1000) : "aaaaaaaaaa"])'),
        key(policy('[for n in range(1000) : regex("(a|b|ab)*c", local.t)]')),
    ),
    "yamldecode-aliases": lambda: main(locals_(f'y = yamldecode("{yaml_aliases()}")'), key(policy("local.y.a11"))),
    "cidrsubnets": lambda: main(
        locals_('c = [for n in range(1000) : cidrsubnets("2001:db8::/32", [for m in range(1000) : 32]...)]'),
        key(policy("flatten(local.c)")),
    ),
    "join": lambda: main(
        locals_('j = join("", [for n in range(1000) : join("", [for m in range(1000) : "kms:*,"])])'),
        key(policy("local.j")),
    ),
    "format": lambda: main(key(policy('format("%1000000000s", "kms:*")'))),
    "format-precision": lambda: main(key(policy('format("%.1000000000f", 1)'))),
    "format-list": lambda: main(
        locals_('f = formatlist("%1000s%1000s", range(1000), range(1000))'),
        key(policy('[for x in local.f : formatlist("%s-%s", local.f, x)]')),
    ),
    "numbers": lambda: main(
        locals_("a0 = 99", *(f"a{n} = local.a{n - 1} * local.a{n - 1}" for n in range(1, 60))), key(policy("local.a59"))
    ),
    "power": lambda: main(key(policy("pow(10, 1e9)"))),
    "heredoc-of-interpolations": lambda: main(
        'variable "x" {}\n',
        key(
            '<<EOF\n{"Statement": ['
            + ALLOW.replace('"kms:*"', '["' + ("kms:" + "a" * 40 + "${var.x}") * 100_000 + '"]')
            + "]}\nEOF\n"
        ),
    ),
    "heredoc-of-lines": lambda: main(
        'variable "x" {}\n',
        key(
            '<<EOF\n{"Statement": ['
            + ALLOW.replace(
                '"kms:*"', "[" + ",\n".join(['"kms:aaaaaaaaaaaaaaaaaaaaaaaaaaaaa${var.x}"'] * 100_000) + "]"
            )
            + "]}\nEOF\n"
        ),
    ),
    "dynamic-rounds": lambda: dynamic(2_000),
    "dynamic-written": lambda: many_dynamics(2_000),
    "documents-merged": lambda: documents(500),
    "documents-doubling": lambda: main(
        'data "aws_iam_policy_document" "d0" {\n  statement {\n    actions = ["kms:*"]\n    resources = ["*"]\n  }\n}\n',
        *(
            f'data "aws_iam_policy_document" "d{n}" {{\n  source_policy_documents = '
            f"[data.aws_iam_policy_document.d{n - 1}.json, data.aws_iam_policy_document.d{n - 1}.json]\n}}\n"
            for n in range(1, 60)
        ),
        key("data.aws_iam_policy_document.d59.json"),
    ),
    "deep-tf-json": lambda: {
        "main.tf.json": '{"resource": {"aws_kms_key": {"a": {"policy": ' + nested('{"a":', "1", "}", 100_000) + "}}}}"
    },
    "deep-tf-json-lists": lambda: {
        "main.tf.json": '{"resource": {"aws_kms_key": {"a": {"policy": ' + nested("[", "1", "]", 100_000) + "}}}}"
    },
    "deep-expression-in-tf-json": lambda: {
        "main.tf.json": '{"resource": {"aws_kms_key": {"a": {"policy": "${' + nested("(", "1", ")", 50_000) + '}"}}}}'
    },
    "plan-of-modules": lambda: modules_of_a_plan(100_000),
    "plan-of-deep-modules": lambda: deep_plan(50_000),
    "state-of-cycles": state_that_refers_to_itself,
    "refs": lambda: template("[{Effect: Allow, Principal: !Ref P, Action: 'kms:*', Resource: !Ref Key}]"),
    "cycle-of-conditions": lambda: template(
        f"[!If [A, {ALLOW}, !Ref AWS::NoValue]]", "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\n"
    ),
    "cycle-of-mappings": lambda: template(
        "[{Effect: Allow, Principal: '*', Action: !FindInMap [M, a, b], Resource: '*'}]",
        "Transform: AWS::LanguageExtensions\nMappings: {M: {a: {b: !FindInMap [M, a, b]}}}\n",
    ),
    "doubling-subs": lambda: template(
        "[{Effect: Allow, Principal: '*', Action: "
        + nested("!Sub ['${A}${A}', {A: ", "'kms:*'", "}]", 40)
        + ", Resource: '*'}]"
    ),
    "cycle-of-stacks": lambda: {
        "template.yaml": "Resources:\n" + STACK.format(name="A", url="other.yaml"),
        "other.yaml": "Resources:\n"
        + STACK.format(name="B", url="template.yaml")
        + "".join(template(f"[{ALLOW}]").values()).split("\n", 1)[1],
    },
    "cycle-of-parameters": lambda: {
        "template.yaml": "Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./n.yaml\n"
        "      Parameters: {P: !GetAtt A.Outputs.O}\n",
        "n.yaml": "Parameters: {P: {Type: String}}\nOutputs: {O: {Value: !Ref P}}\n"
        + "".join(template("[{Effect: Allow, Principal: !Ref P, Action: 'kms:*', Resource: '*'}]").values()),
    },
    "stacks-of-stacks": lambda: stacks(20),
    "loops-of-loops": lambda: loops(3, 100),
    "join-split": lambda: template(
        "[{Effect: Allow, Principal: '*', Action: "
        + nested("{'Fn::Split': ['', {'Fn::Join': ['kms:*', ", "[a, b]", "]}]}", 60)
        + ", Resource: '*'}]"
    ),
    "resources": lambda: many_resources(20_000),
    "ifs": lambda: template(
        "[" + nested("!If [C, ", ALLOW, f", {ALLOW}]", 200) + "]",
        "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, a]}\n",
    ),
    "serverless-files-of-files": lambda: serverless(
        "${file(a.yml):x}", {"a.yml": "x: ${file(b.yml):x}\n", "b.yml": "x: ${file(a.yml):x}\n"}
    ),
    "serverless-self": lambda: serverless("${self:provider.iam.role.statements}"),
    "serverless-doubling": lambda: (
        serverless(
            "${self:custom.a40}",
            {
                "b.yml": "",
            },
        )
        | {
            "serverless.yml": "service: s\nprovider:\n  name: aws\n  iam:\n    role:\n      statements: ${self:custom.a40}\ncustom:\n"
            "  a0: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]\n"
            + "".join(
                f"  a{n}: [$SELF, $SELF]\n".replace("$SELF", "'${self:custom.a" + str(n - 1) + "}'")
                for n in range(1, 41)
            )
        }
    ),
    "fences": lambda: {
        "README.md": '```json\n{"Statement": ['
        + ALLOW
        + "]}\n```\n"
        + ('```json\n{"Statement": [' + ALLOW + "]}\n```\n") * 100_000
    },
    "open-fences": lambda: {"README.md": "".join("`" * (3 + n % 50) + "json\nkms:Decrypt\n" for n in range(100_000))},
    "quoted-fences": lambda: {"README.md": "> " * 5_000 + "```json\n" + ("> " * 50 + "kms:*\n") * 2_000},
}
