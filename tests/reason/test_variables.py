"""Policy variables, resources across colons, and callers that no policy names."""

from typing import Any

import pytest

from kms_lint.model import PolicyKind
from kms_lint.reason import written
from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Difference, Relation, Verdict, difference
from tests.reason.cases import policy

APP = "arn:aws:iam::111122223333:role/app"
TEAM = "${aws:PrincipalTag/team}"


def compared(
    old: list[Any], new: list[Any], kind: PolicyKind = PolicyKind.KEY, version: str | None = None
) -> Difference:
    documents = [{"Version": version or "2012-10-17", "Statement": each} for each in (old, new)]
    return difference(*(policy(each, kind) for each in documents), Settings(account="111122223333"))


def one(operator: str, value: str, **more: Any) -> dict[str, Any]:
    condition = {"Condition": {operator: {"aws:ResourceTag/team": value}}} if operator else {}
    return {
        "Effect": "Allow",
        "Principal": {"AWS": APP},
        "Action": "kms:Decrypt",
        "Resource": "*",
        **condition,
        **more,
    }


def identity(resource: str, effect: str = "Allow", action: str = "s3:GetObject") -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("old", "new", "context"),
    [
        ([], [one("StringEquals", TEAM)], {"aws:principaltag/team": ("value",), "aws:resourcetag/team": ("value",)}),
        ([one("StringEquals", TEAM)], [one("StringEquals", "blue")], {"aws:resourcetag/team": ("blue",)}),
        (
            [one("StringEquals", TEAM)],
            [one("StringEquals", "${aws:PrincipalTag/team, 'none'}")],
            {"aws:resourcetag/team": ("none",)},
        ),
    ],
    ids=["a variable", "a value of another", "a default"],
)
def test_an_example_gives_a_variable_a_value(old: list[Any], new: list[Any], context: dict[str, Any]) -> None:
    found = compared(old, new)
    assert found.verdict is Verdict.NEW_ACCESS
    assert found.groups[0].request.context == context


def test_a_variable_is_the_same_on_both_sides() -> None:
    found = compared([one("StringEquals", TEAM)], [one("StringEquals", TEAM)])
    assert (found.verdict, found.relation) == (Verdict.NO_NEW_ACCESS, Relation.EQUIVALENT)


def test_a_variable_in_the_old_version_of_the_language_is_text() -> None:
    found = compared([], [one("StringEquals", TEAM)], version="2008-10-17")
    assert found.groups[0].request.context == {"aws:resourcetag/team": (TEAM,)}


def test_the_folder_of_each_user_is_not_that_of_one() -> None:
    own, folder = identity("arn:aws:s3:::b/${aws:username}/*"), identity("arn:aws:s3:::b/ann/*")
    found = compared([folder], [own], PolicyKind.IDENTITY)
    request = found.groups[0].request
    assert request.caller.shown == "arn:aws:iam::111122223333:user/value"
    assert (request.resource, request.context) == ("arn:aws:s3:::b/value/", {"aws:username": ("value",)})
    assert compared([identity("arn:aws:s3:::b/*")], [own], PolicyKind.IDENTITY).verdict is Verdict.NO_NEW_ACCESS


def test_what_no_value_shows_is_unknown() -> None:
    found = compared([one("StringEquals", TEAM)], [one("StringLike", TEAM)])
    assert (found.verdict, found.reason.split(":")[0]) == (Verdict.UNKNOWN, "relational")


def test_the_reading_across_colons_is_said_where_it_matters() -> None:
    stack = "arn:aws:cloudformation:*:*:stack/{}/*"
    denied = [identity("*", action="*"), identity(stack.format("Mine"), "Deny", "*")]
    old = [identity(stack.format("NotMine"), "Deny", "*"), *denied]
    found = compared(denied, [identity(stack.format("NotMine"), action="*"), *denied], PolicyKind.IDENTITY)
    assert found.verdict is Verdict.NO_NEW_ACCESS
    part = [identity(stack.format("Mine"), action="*")]
    wide = [identity("arn:aws:cloudformation:us-east-1:1*:stack/Mine/*", action="*")]
    assert compared(part, wide, PolicyKind.IDENTITY).verdict is Verdict.NO_NEW_ACCESS
    narrow = [identity("arn:aws:sns:*:*:a*", action="*")]
    crossing = [identity("arn:aws:sns:*:a*:a", action="*")]
    said = compared(narrow, [identity("arn:aws:sns:a*:*:a", action="*")], PolicyKind.IDENTITY).assumptions
    assert not any("crosses colons" in each for each in said)
    assert compared(old, old, PolicyKind.IDENTITY).relation is Relation.EQUIVALENT
    assert compared(narrow, crossing, PolicyKind.IDENTITY).verdict is Verdict.NO_NEW_ACCESS


def test_a_pattern_that_matches_only_across_colons_is_named() -> None:
    old = [identity("arn:aws:sns:us-east-1:*:b", action="*")]
    new = [identity("arn:aws:sns:us-east-1:*:b", action="*"), identity("arn:aws:sns:*a:1:b", action="*")]
    covered = [identity("arn:aws:sns:*a:*:b", action="*")]
    found = compared(covered, [identity("arn:aws:sns:*a:1:b", action="*")], PolicyKind.IDENTITY)
    assert found.verdict is Verdict.NO_NEW_ACCESS
    assert compared(old, new, PolicyKind.IDENTITY).verdict is Verdict.NEW_ACCESS
    split = [identity(f"arn:aws:sns:*:{account}*:b", action="*") for account in range(1, 10)]
    found = compared(split, [identity("arn:aws:sns:*:1*:b", action="*")], PolicyKind.IDENTITY)
    assert found.verdict is Verdict.NO_NEW_ACCESS
    found = compared(
        [identity("arn:aws:sns:*:*:b", action="*")], [identity("arn:aws:*:*:*:b", action="*")], PolicyKind.IDENTITY
    )
    assert found.verdict is Verdict.NEW_ACCESS


@pytest.mark.parametrize(
    "entry", [{"Bool": {"aws:PrincipalIsAWSService": "true"}}, {"Null": {"aws:PrincipalArn": "true"}}]
)
def test_services_that_no_policy_names_are_callers(entry: dict[str, Any]) -> None:
    found = compared([], [one("", "", Principal="*", Condition=entry)])
    assert found.groups[0].request.caller.shown == "s3.amazonaws.com"


def test_a_json_policy_is_read_again_for_the_replay() -> None:
    statement = one("StringEquals", "blue")
    document = {"Version": "2012-10-17", "Statement": statement}
    assert written.document(policy(document)) == document
    assert written.document(policy({**document, "Statement": one("StringEquals", "<hole:x>")})) != document


def test_two_values_of_one_class_may_get_different_answers_from_a_variable() -> None:
    def tagged(operator: str) -> dict[str, Any]:
        entry = {operator: {"aws:TagKeys": TEAM}, "Null": {"aws:TagKeys": "false"}}
        return one("", "", Action="kms:TagResource", Condition=entry)

    found = compared([tagged("ForAllValues:StringEquals")], [tagged("ForAnyValue:StringEquals")])
    assert found.verdict is not Verdict.NO_NEW_ACCESS


def test_new_access_that_the_other_reading_does_not_see_says_so() -> None:
    old, new = identity("arn:aws:sns:*:1:b", action="*"), identity("arn:aws:sns:us-east-1:2:x:1:b", action="*")
    found = compared([old], [new], PolicyKind.IDENTITY)
    assert found.verdict is Verdict.NEW_ACCESS
    assert [each for each in found.assumptions if "crosses colons" in each] == [
        "it depends on how `*` crosses colons in Resource arn:aws:sns:*:1:b: here it stays within a part of the ARN"
    ]
