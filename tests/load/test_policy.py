"""What a policy document says, and what AWS refuses in it."""

import json
from urllib.parse import quote

import pytest

from kms_lint import syntax
from kms_lint.load.policy import embedded, guessed, kind_of, policies
from kms_lint.model import Effect, Policy, PolicyKind
from kms_lint.source import At, Passage, Source, Span
from kms_lint.syntax.json import parse
from kms_lint.syntax.tree import ANYTHING, Branch, Choice, Items, Mapping, Node, Scalar, Text, Unknown

KEY, IDENTITY, SCP, RCP = PolicyKind.KEY, PolicyKind.IDENTITY, PolicyKind.SCP, PolicyKind.RCP


def node(text: str) -> Node:
    return parse(Passage(Source("policy.json", text), text))


def read(text: str, kind: PolicyKind = KEY) -> Policy:
    (policy,) = policies(node(text), kind, "policy.json")
    return policy


def statement(text: str) -> str:
    return '{"Version": "2012-10-17", "Statement": ' + text + "}"


def under(at: At) -> str:
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]


def told(policy: Policy) -> list[tuple[str, str, str]]:
    return [(problem.rule, under(problem.at), problem.message) for problem in policy.problems]


NOWHERE = Span(Source("built", "x"), 0, 1)


def built(value: object) -> Node:
    """A tree from Python values; nodes may stand anywhere in them."""
    if isinstance(value, dict):
        return Mapping([(Text(name, NOWHERE), built(each)) for name, each in value.items()], NOWHERE)
    if isinstance(value, list):
        return Items([built(each) for each in value], NOWHERE)
    if isinstance(value, Text | Unknown | Choice | Scalar | Mapping | Items):
        return value
    assert isinstance(value, str)
    return Text(value, NOWHERE)


def choice(condition: str, yes: object, no: object) -> Choice:
    return Choice((Branch(condition, True, built(yes)), Branch(condition, False, built(no))), NOWHERE)


ABSENT = Scalar(None, "AWS::NoValue", NOWHERE)


def test_a_statement_is_read_with_the_places_of_all_that_it_says() -> None:
    policy = read(
        statement(
            '[{"Sid": "Allow use", "Effect": "Allow", "Principal": {"AWS": ["111122223333", "*"]},'
            ' "NotAction": "kms:Decrypt", "Resource": ["*"],'
            ' "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}}}]'
        )
    )
    (one,) = policy.statements
    assert policy.problems == ()
    assert policy.unresolved == ()
    assert policy.version == "2012-10-17"
    assert (one.name, one.effect, one.unknown) == ("Allow use", Effect.ALLOW, False)
    assert one.principals is not None
    assert [(each.type, each.value, under(each.value.at)) for each in one.principals.values] == [
        ("AWS", "111122223333", '"111122223333"'),
        ("AWS", "*", '"*"'),
    ]
    assert one.actions is not None
    assert (one.actions.negated, one.actions.name, one.actions.values) == (True, "NotAction", ("kms:Decrypt",))
    assert under(one.actions.at) == '"kms:Decrypt"'
    assert one.resources is not None
    assert (one.resources.negated, one.resources.values, under(one.resources.at)) == (False, ("*",), '["*"]')
    assert [(each.operator.text, each.key, each.values) for each in one.conditions] == [
        ("Bool", "aws:SecureTransport", ("true",)),
        ("NumericLessThan", "aws:MultiFactorAuthAge", ("3600",)),
    ]
    assert [
        (under(each.operator.text.at), under(each.key.at), under(each.values[0].at)) for each in one.conditions
    ] == [
        ('"Bool"', '"aws:SecureTransport"', "true"),
        ('"NumericLessThan"', '"aws:MultiFactorAuthAge"', "3600"),
    ]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('"*"', [("*", "*")]),
        ('["*"]', [("*", "*")]),
        ('{"AWS": "*"}', [("AWS", "*")]),
        ('{"AWS": ["*"]}', [("AWS", "*")]),
        ('{"Service": "logs.amazonaws.com"}', [("Service", "logs.amazonaws.com")]),
        (
            '{"AWS": "111122223333", "Service": ["a", "b"]}',
            [("AWS", "111122223333"), ("Service", "a"), ("Service", "b")],
        ),
    ],
)
def test_principals_in_all_spellings(principal: str, expected: list[tuple[str, str]]) -> None:
    policy = read(statement(f'{{"Effect": "Allow", "Principal": {principal}, "Action": "kms:*", "Resource": "*"}}'))
    principals = policy.statements[0].principals
    assert principals is not None
    assert [(str(each.type), str(each.value)) for each in principals.values] == expected
    assert policy.problems == ()


REST = '"Action": "kms:Decrypt", "Resource": "*"'
PRINCIPAL = '"Principal": {"AWS": "111122223333"}'

REFUSED = [
    ("a list", KEY, "[1]", "[1]", "a policy is an object with `Statement`, this is a list"),
    ("a number", KEY, "12", "12", "a policy is an object with `Statement`, this is `12`"),
    ("no statement", KEY, '{"Version": "2012-10-17"}', '{"Version": "2012-10-17"}', "a policy needs `Statement`"),
    ("no statement in the list", IDENTITY, '{"Statement": []}', '"Statement"', "`Statement` is an empty list"),
    ("a statement that is text", KEY, '{"Statement": ["x"]}', '"x"', "a statement is an object, this is text"),
    (
        "an unknown version",
        IDENTITY,
        f'{{"Version": "2012-10-18", "Statement": {{"Effect": "Allow", {REST}}}}}',
        '"2012-10-18"',
        "there is no version `2012-10-18` of the policy language: write `2012-10-17`",
    ),
    (
        "an unknown element of the policy",
        IDENTITY,
        f'{{"version": "2012-10-17", "Statement": {{"Effect": "Allow", {REST}}}}}',
        '"version"',
        "a policy has no element `version`: did you mean `Version`?",
    ),
    (
        "an element in another case",
        IDENTITY,
        statement('{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "condition": {}}'),
        '"condition"',
        "a statement has no element `condition`: did you mean `Condition`?",
    ),
    (
        "no effect",
        IDENTITY,
        statement(f"{{{REST}}}"),
        f"{{{REST}}}",
        "a statement needs `Effect`: write `Allow` or `Deny`",
    ),
    (
        "an effect in another case",
        IDENTITY,
        statement(f'{{"Effect": "allow", {REST}}}'),
        '"allow"',
        "`Effect` is `allow`: write `Allow` or `Deny`, in this spelling",
    ),
    (
        "both actions",
        IDENTITY,
        statement(f'{{"Effect": "Allow", {REST}, "NotAction": "kms:*"}}'),
        '"NotAction"',
        "a statement has either `Action` or `NotAction`, this one has both",
    ),
    (
        "both principals",
        KEY,
        statement(f'{{"Effect": "Deny", {PRINCIPAL}, "NotPrincipal": "*", {REST}}}'),
        '"NotPrincipal"',
        "a statement has either `Principal` or `NotPrincipal`, this one has both",
    ),
    (
        "a principal in an identity policy",
        IDENTITY,
        statement(f'{{"Effect": "Allow", "Principal": "*", {REST}}}'),
        '"Principal"',
        "an identity policy takes no `Principal`: it speaks of the identity it is attached to",
    ),
    (
        "a principal in a service control policy",
        SCP,
        statement(f'{{"Effect": "Deny", "Principal": "*", {REST}}}'),
        '"Principal"',
        "a service control policy takes no `Principal`: it speaks of the identity it is attached to",
    ),
    (
        "no principal in a key policy",
        KEY,
        statement(f'{{"Effect": "Allow", {REST}}}'),
        f'{{"Effect": "Allow", {REST}}}',
        "a statement of a key policy needs `Principal`",
    ),
    (
        "an account without its type",
        KEY,
        statement(f'{{"Effect": "Allow", "Principal": "111122223333", {REST}}}'),
        '"111122223333"',
        '`Principal` is `111122223333` without its type: write {"AWS": "111122223333"}',
    ),
    (
        "a type of principal in another case",
        KEY,
        statement(f'{{"Effect": "Allow", "Principal": {{"aws": "*"}}, {REST}}}'),
        '"aws"',
        "there is no type of principal `aws`: did you mean `AWS`?",
    ),
    (
        "no principals",
        KEY,
        statement(f'{{"Effect": "Allow", "Principal": {{"AWS": []}}, {REST}}}'),
        "[]",
        "`Principal` names no principal of type `AWS`: its list is empty",
    ),
    (
        "no action in an identity policy",
        IDENTITY,
        statement('{"Effect": "Allow", "Resource": "*"}'),
        '{"Effect": "Allow", "Resource": "*"}',
        "a statement of an identity policy needs `Action`",
    ),
    (
        "no resource in an identity policy",
        IDENTITY,
        statement('{"Effect": "Allow", "Action": "kms:*"}'),
        '{"Effect": "Allow", "Action": "kms:*"}',
        "a statement of an identity policy needs `Resource`",
    ),
    (
        "an action that is null",
        IDENTITY,
        statement('{"Effect": "Allow", "Action": null, "Resource": "*"}'),
        "null",
        "`Action` is null where text belongs",
    ),
    (
        "a principal that is null",
        KEY,
        statement(f'{{"Effect": "Allow", "Principal": null, {REST}}}'),
        "null",
        "`Principal` is null where text belongs",
    ),
    (
        "a list within a list",
        IDENTITY,
        statement('{"Effect": "Allow", "Action": ["kms:Sign", ["kms:Verify"]], "Resource": "*"}'),
        '["kms:Verify"]',
        "`Action` has a list within a list: write all values in one list",
    ),
    (
        "an empty list of actions",
        IDENTITY,
        statement('{"Effect": "Allow", "Action": [], "Resource": "*"}'),
        "[]",
        "`Action` is an empty list",
    ),
    (
        "an action that is an object",
        IDENTITY,
        statement('{"Effect": "Allow", "Action": ["kms:Decrypt", {"a": 1}], "Resource": "*"}'),
        '{"a": 1}',
        "`Action` is an object where text belongs",
    ),
    (
        "a Sid with a space in an identity policy",
        IDENTITY,
        statement(f'{{"Sid": "Allow use", "Effect": "Allow", {REST}}}'),
        '"Allow use"',
        "the Sid `Allow use` holds more than letters and digits, which an identity policy does not take",
    ),
    (
        "one Sid twice in an identity policy",
        IDENTITY,
        statement(f'[{{"Sid": "A", "Effect": "Allow", {REST}}}, {{"Sid": "A", "Effect": "Deny", {REST}}}]'),
        '"A"',
        "the Sid `A` occurs twice: Sids are unique within a policy",
    ),
    (
        "a condition that is a list",
        IDENTITY,
        statement(f'{{"Effect": "Allow", {REST}, "Condition": [1]}}'),
        "[1]",
        "`Condition` is a list where an object belongs",
    ),
    (
        "an operator that holds text",
        IDENTITY,
        statement(f'{{"Effect": "Allow", {REST}, "Condition": {{"Bool": "true"}}}}'),
        '"true"',
        "`Bool` is text where an object of condition keys and values belongs",
    ),
    (
        "a condition value that is an object",
        IDENTITY,
        statement(f'{{"Effect": "Allow", {REST}, "Condition": {{"Bool": {{"aws:SecureTransport": {{}}}}}}}}'),
        "{}",
        "`aws:SecureTransport` is an object where text belongs",
    ),
    (
        "an Allow in a resource control policy",
        RCP,
        statement(f'{{"Effect": "Allow", "Principal": "*", {REST}}}'),
        '"Allow"',
        "a resource control policy only denies",
    ),
    (
        "one principal in a resource control policy",
        RCP,
        statement(f'{{"Effect": "Deny", "Principal": {{"AWS": "111122223333"}}, {REST}}}'),
        '"111122223333"',
        "a resource control policy names every principal, `*`: limit it by conditions",
    ),
    (
        "all actions in a resource control policy",
        RCP,
        statement('{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}'),
        '"*"',
        "a resource control policy names services: `*` alone is refused",
    ),
]


@pytest.mark.parametrize(
    ("kind", "text", "place", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_aws_refuses_is_told_at_its_place(kind: PolicyKind, text: str, place: str, message: str) -> None:
    assert told(read(text, kind)) == [("malformed-policy", place, message)]


ACCEPTED = [
    ("a key policy without Action", KEY, statement('{"Effect": "Allow", "Principal": "*", "Resource": "*"}')),
    ("a key policy without Resource", KEY, statement('{"Effect": "Allow", "Principal": "*", "Action": "kms:*"}')),
    (
        "a Sid with spaces in a key policy",
        KEY,
        statement(f'{{"Sid": "Allow use", "Effect": "Allow", {PRINCIPAL}, {REST}}}'),
    ),
    (
        "one Sid twice in a key policy",
        KEY,
        statement(
            f'[{{"Sid": "A", "Effect": "Allow", {PRINCIPAL}, {REST}}}, {{"Sid": "A", "Effect": "Deny", {PRINCIPAL}, {REST}}}]'
        ),
    ),
    ("no version", IDENTITY, f'{{"Statement": {{"Effect": "Allow", {REST}}}}}'),
    ("an Id", KEY, f'{{"Id": "key", "Statement": {{"Effect": "Allow", {PRINCIPAL}, {REST}}}}}'),
    (
        "an empty Sid twice",
        IDENTITY,
        statement(f'[{{"Sid": "", "Effect": "Allow", {REST}}}, {{"Sid": "", "Effect": "Deny", {REST}}}]'),
    ),
    ("a policy that says nothing about keys", PolicyKind.RESOURCE, '{"Statement": {"effect": "x"}}'),
]


@pytest.mark.parametrize(("kind", "text"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_aws_accepts_is_no_problem(kind: PolicyKind, text: str) -> None:
    assert told(read(text, kind)) == []


@pytest.mark.parametrize(
    ("text", "place", "line"),
    [
        (statement(f'{{"Effect": "Allow", {REST}, "Condition": {{}},\n "Condition": {{}}}}'), '"Condition"', 2),
        (statement(f'{{"Effect": "Allow", {REST}, "Condition": {{"Null": {{}},\n "Null": {{}}}}}}'), '"Null"', 2),
        (
            statement(f'{{"Effect": "Allow", {REST}, "Condition": {{"Bool": {{"a:b": "1",\n "a:b": "2"}}}}}}'),
            '"a:b"',
            2,
        ),
        (
            f'{{"Version": "2012-10-17", "Statement": [],\n "Statement": {{"Effect": "Allow", {REST}}}}}',
            '"Statement"',
            2,
        ),
    ],
    ids=["element", "operator", "condition key", "statement"],
)
def test_a_name_that_occurs_twice_is_told_where_it_occurs_again(text: str, place: str, line: int) -> None:
    (problem,) = read(text, IDENTITY).problems
    span = syntax.locate(problem.at)
    assert problem.rule == "duplicate-json-key"
    assert problem.message == (
        f"`{place[1:-1]}` is written twice in one object: only the last one counts, the one before it is lost"
    )
    assert (under(problem.at), span.source.position(span.start).line) == (place, line)


ROLE = Text("arn:aws:iam::<var.account>:role/app", NOWHERE, f"arn:aws:iam::{ANYTHING}:role/app")


@pytest.mark.parametrize(
    ("changed", "expression"),
    [
        ({"Effect": Unknown("var.effect", NOWHERE)}, "var.effect"),
        ({"Action": Unknown("var.actions", NOWHERE)}, "var.actions"),
        ({"Action": ["kms:Encrypt", Unknown("var.action", NOWHERE)]}, "var.action"),
        ({"Resource": Unknown("var.resource", NOWHERE)}, "var.resource"),
        ({"Principal": Unknown("var.principal", NOWHERE)}, "var.principal"),
        ({"Principal": {"AWS": Unknown("var.role", NOWHERE)}}, "var.role"),
        ({"Principal": {"AWS": ROLE}}, "var.account"),
        ({"Condition": Unknown("var.condition", NOWHERE)}, "var.condition"),
        ({"Condition": {"Bool": Unknown("var.bool", NOWHERE)}}, "var.bool"),
        ({"Condition": {"Bool": {"aws:SecureTransport": Unknown("var.value", NOWHERE)}}}, "var.value"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_unknown_is_listed_and_refused_nowhere(changed: dict[str, object], expression: str) -> None:
    whole = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"} | changed
    (policy,) = policies(built({"Statement": [whole]}), KEY, "key")
    assert [each.expression for each in policy.unresolved] == [expression]
    assert policy.problems == ()


def test_an_unknown_value_stands_for_anything() -> None:
    given = {"Effect": Unknown("a", NOWHERE), "Action": [Unknown("b", NOWHERE)], "Resource": "*"}
    (policy,) = policies(built({"Statement": [given, Unknown("c", NOWHERE)]}), IDENTITY, "p")
    first, second = policy.statements
    assert (first.effect, first.unknown, first.effect_text) == (None, True, "<a>")
    assert first.actions is not None
    assert [(str(each), each.form) for each in first.actions.values] == [("<b>", ANYTHING)]
    assert (second.index, second.unknown) == (1, True)
    assert [each.expression for each in policy.unresolved] == ["a", "b", "c"]


def test_a_policy_that_is_unknown_as_a_whole_holds_one_unknown_statement() -> None:
    (policy,) = policies(Unknown("var.policy", NOWHERE), KEY, "key")
    assert [each.unknown for each in policy.statements] == [True]
    assert [each.expression for each in policy.unresolved] == ["var.policy"]


def test_each_branch_is_a_policy_and_contradictory_branches_are_never_combined() -> None:
    given = {
        "Effect": "Allow",
        "Principal": {"AWS": choice("IsProd", "111122223333", "444455556666")},
        "Action": choice("IsProd", "kms:Decrypt", ["kms:Encrypt", choice("IsProd", "never", "kms:Sign")]),
        "Resource": "*",
    }
    found = policies(built({"Statement": [given]}), KEY, "key")
    assert [
        (policy.branch, [str(each.value) for each in one.principals.values], one.actions.values)
        for policy in found
        for one in policy.statements
        if one.principals and one.actions
    ] == [
        ("IsProd is true", ["111122223333"], ("kms:Decrypt",)),
        ("IsProd is false", ["444455556666"], ("kms:Encrypt", "kms:Sign")),
    ]


def test_a_branch_that_is_absent_leaves_the_value_out() -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    allow = deny | {"Effect": "Allow", "Condition": choice("Strict", {"Bool": {"a:b": "true"}}, ABSENT)}
    found = policies(built({"Statement": [choice("Locked", deny, ABSENT), allow]}), KEY, "key")
    assert [
        (policy.branch, [(one.index, one.effect, len(one.conditions)) for one in policy.statements]) for policy in found
    ] == [
        ("Locked is true and Strict is true", [(0, Effect.DENY, 0), (1, Effect.ALLOW, 1)]),
        ("Locked is true and Strict is false", [(0, Effect.DENY, 0), (1, Effect.ALLOW, 0)]),
        ("Locked is false and Strict is true", [(0, Effect.ALLOW, 1)]),
        ("Locked is false and Strict is false", [(0, Effect.ALLOW, 0)]),
    ]


def test_a_condition_that_a_branch_does_not_depend_on_is_not_varied() -> None:
    inner = choice("B", "kms:Sign", "kms:Verify")
    given = {"Effect": "Allow", "Action": choice("A", inner, "kms:Decrypt"), "Resource": "*"}
    found = policies(built({"Statement": given}), IDENTITY, "p")
    assert [policy.branch for policy in found] == ["A is true and B is true", "A is true and B is false", "A is false"]


def test_very_many_conditions_are_varied_one_at_a_time() -> None:
    names = [choice(f"C{index}", f"kms:A{index}", f"kms:B{index}") for index in range(5)]
    found = policies(built({"Statement": {"Effect": "Allow", "Action": names, "Resource": "*"}}), IDENTITY, "p")
    actions = [one.actions.values for policy in found for one in policy.statements if one.actions]
    assert actions[0] == ("kms:A0", "kms:A1", "kms:A2", "kms:A3", "kms:A4")
    assert actions[3] == ("kms:A0", "kms:A1", "kms:B2", "kms:A3", "kms:A4")
    assert len(found) == 6
    assert [each.message for each in found[0].unresolved] == [
        "too many conditions to combine: each of the 5 was only varied alone"
    ]


def whole(statements: str) -> str:
    return '{"Statement": ' + statements + "}"


KINDS = [
    ("a key policy", KEY, False, f'[{{"Effect": "Allow", {PRINCIPAL}, {REST}}}]'),
    ("everything, to somebody", KEY, True, f'{{"Effect": "Allow", {PRINCIPAL}, "Action": "*", "Resource": "*"}}'),
    (
        "the ARN of a key",
        KEY,
        True,
        f'{{"Effect": "Allow", {PRINCIPAL}, "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/a"}}',
    ),
    ("a statement without an action", KEY, True, f'{{"Effect": "Allow", {PRINCIPAL}, "Resource": "*"}}'),
    (
        "a bucket policy",
        PolicyKind.RESOURCE,
        False,
        f'{{"Effect": "Allow", {PRINCIPAL}, "Action": "s3:*", "Resource": "arn:aws:s3:::a"}}',
    ),
    (
        "all actions on a bucket",
        PolicyKind.RESOURCE,
        False,
        f'{{"Effect": "Deny", {PRINCIPAL}, "Action": "*", "Resource": "arn:aws:s3:::a"}}',
    ),
    (
        "a trust policy",
        PolicyKind.TRUST,
        False,
        f'{{"Effect": "Allow", {PRINCIPAL}, "Action": ["sts:AssumeRole", "sts:TagSession"]}}',
    ),
    ("an identity policy", IDENTITY, False, f'{{"Effect": "Allow", {REST}}}'),
    ("Denies alone, which may be a service control policy", IDENTITY, True, f'[{{"Effect": "Deny", {REST}}}]'),
    (
        "a resource control policy",
        RCP,
        True,
        '{"Effect": "Deny", "Principal": "*", "Action": ["kms:*", "s3:*"], "Resource": "*"}',
    ),
]


@pytest.mark.parametrize(("kind", "assumed", "text"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_kinds_are_told_apart_by_content(kind: PolicyKind, assumed: bool, text: str) -> None:
    assert guessed(node(whole(text))) == (kind, assumed)
    assert kind_of(node(whole(text))) is kind


@pytest.mark.parametrize("text", ["[]", "1", '{"Version": "2012-10-17"}', '{"Statements": []}'])
def test_what_has_no_statement_is_no_policy(text: str) -> None:
    assert kind_of(node(text)) is None


INNER = '{"Statement": {"Effect": "allow", "Action": "kms:*", "Resource": "*"}}'


def test_a_policy_as_text_has_its_places_within_the_text() -> None:
    outer = node(json.dumps({"Policy": INNER}))
    assert isinstance(outer, Mapping)
    (policy,) = policies(outer.get("Policy"), IDENTITY, "p")
    assert [under(problem.at) for problem in policy.problems] == [r"\"allow\""]


def test_url_encoded_text_is_decoded_and_keeps_its_places() -> None:
    outer = node(json.dumps([quote(INNER)]))
    assert isinstance(outer, Items)
    (policy,) = policies(outer.values[0], IDENTITY, "p")
    assert [under(problem.at) for problem in policy.problems] == ["%22allow%22"]
    text = outer.values[0]
    assert isinstance(text, Text)
    assert kind_of(embedded(text)) is IDENTITY


def test_text_that_is_not_json_is_refused_where_it_breaks() -> None:
    (policy,) = policies(node('"{\\"Statement\\": oops}"'), KEY, "p")
    (problem,) = policy.problems
    assert problem.rule == "malformed-policy"
    assert problem.message.startswith("this should be a policy, and is not JSON: ")
    assert syntax.locate(problem.at).start == 17
