"""`kms-lint diff` with SCPs and RCPs beside keys and IAM policies: they never prove anything, and are never new access."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import kms_lint
from tests.test_diff_worlds import changed, diff, put

ACCOUNT = "111122223333"
APP = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/app"}
LINKED = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"}
LOGS = {"Service": "logs.us-east-1.amazonaws.com"}
FOREIGN = {"AWS": "arn:aws:iam::444455556666:role/app"}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def allow(principal: Any, *actions: str) -> dict[str, Any]:
    return {"Sid": "Use", "Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}


def deny(*actions: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": list(actions), "Resource": "*", **more}


def key(*statements: dict[str, Any]) -> dict[str, Any]:
    root = allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*") | {"Sid": "Root"}
    policy = {"Version": "2012-10-17", "Statement": [root, *statements]}
    return {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}


def limit(*statements: dict[str, Any], kind: str = "SERVICE_CONTROL_POLICY") -> dict[str, Any]:
    content = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Type": "AWS::Organizations::Policy", "Properties": {"Name": "limit", "Type": kind, "Content": content}}


def identity(*actions: str) -> dict[str, Any]:
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": content}}


def template(**resources: dict[str, Any]) -> dict[str, str]:
    return {"template.json": json.dumps({"Resources": resources}, indent=1)}


def rcp(*statements: dict[str, Any]) -> dict[str, Any]:
    return limit(*(each | {"Principal": "*"} for each in statements), kind="RESOURCE_CONTROL_POLICY")


def of(found: dict[str, Any], address: str) -> dict[str, Any]:
    (one,) = (each for each in found["policies"] if each["address"] == address)
    return dict(one)


BOUNDED = {
    "by an SCP": (APP, limit(EVERYTHING, deny("kms:Encrypt")), "unknown"),
    "by an SCP that only denies": (APP, limit(deny("kms:Encrypt")), "unknown"),
    "by an SCP, in another account": (FOREIGN, limit(deny("kms:Encrypt")), "unknown"),
    "by an RCP": (APP, rcp(deny("kms:Encrypt")), "unknown"),
    "a service by an RCP": (LOGS, rcp(deny("kms:Encrypt")), "unknown"),
    "a service by an SCP": (LOGS, limit(deny("kms:Encrypt")), "new_access"),
    "a service-linked role by an SCP": (LINKED, limit(deny("kms:Encrypt")), "new_access"),
    "a service-linked role by an RCP": (LINKED, rcp(deny("kms:Encrypt")), "new_access"),
    "by an SCP for another action": (APP, limit(deny("kms:Decrypt")), "new_access"),
    "by an SCP for some requests": (
        APP,
        limit(deny("kms:Encrypt", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}})),
        "new_access",
    ),
    "by an RCP for services too": (
        LOGS,
        rcp(deny("kms:Encrypt", Condition={"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})),
        "new_access",
    ),
}


@pytest.mark.parametrize("name", BOUNDED)
def test_what_an_scp_or_rcp_may_deny_is_neither_proved_nor_shown(tmp_path: Path, name: str) -> None:
    principal, limiting, verdict = BOUNDED[name]
    old = template(Key=key(allow(principal, "kms:ReEncryptTo")), Limit=limiting)
    new = template(Key=key(allow(principal, "kms:ReEncryptTo", "kms:Encrypt")), Limit=limiting)
    answer = of(changed(tmp_path, old, new), "Key")
    assert answer["verdict"] == verdict, answer
    if verdict == "unknown":
        assert "may be denied by Limit, and where that is attached is not known" in answer["reason"]
    else:
        assert answer["counterexample"]["action"] == "kms:Encrypt"
    assert any("no proof relies on Limit" in each for each in answer["assumptions"])


def test_an_example_is_one_that_the_scp_does_not_deny(tmp_path: Path) -> None:
    limiting = limit(deny("kms:Encrypt", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}))
    old = template(Key=key(allow(APP, "kms:ReEncryptTo")), Limit=limiting)
    new = template(Key=key(allow(APP, "kms:ReEncryptTo", "kms:Encrypt")), Limit=limiting)
    answer = of(changed(tmp_path, old, new), "Key")
    assert answer["counterexample"]["context"]["aws:RequestedRegion"] == ["eu-west-1"]


def test_a_statement_that_is_hidden_by_an_scp_is_named(tmp_path: Path) -> None:
    other = allow(APP, "kms:Sign") | {"Sid": "Sign"}
    limiting = limit(deny("kms:Encrypt"))
    old, new = template(Key=key(), Limit=limiting), template(Key=key(allow(APP, "kms:Encrypt"), other), Limit=limiting)
    answer = of(changed(tmp_path, old, new), "Key")
    assert [group["statement"]["name"] for group in answer["groups"]] == ["Sign"]
    assert "what Use newly grants may be denied by Limit and is not shown" in answer["assumptions"]


def test_policy_only_looks_at_no_scp(tmp_path: Path) -> None:
    for folder, actions in (("old", ("kms:Decrypt",)), ("new", ("kms:Decrypt", "kms:Encrypt"))):
        put(tmp_path / folder, template(Key=key(allow(FOREIGN, *actions)), Limit=limit(deny("kms:Encrypt"))))
    assert of(diff(tmp_path, "old", "new"), "Key")["verdict"] == "unknown"
    assert of(diff(tmp_path, "old", "new", "--reading", "policy-only"), "Key")["verdict"] == "new_access"


def test_an_scp_is_over_iam_policies_too(tmp_path: Path) -> None:
    limiting = limit(deny("kms:Encrypt"))
    old, new = (template(Policy=identity("kms:Decrypt", *more), Limit=limiting) for more in ((), ("kms:Encrypt",)))
    answer = of(changed(tmp_path, old, new), "Policy")
    assert (answer["verdict"], "Limit" in answer["reason"]) == ("unknown", True)


SCPS = {
    "only denies, less": ([deny("kms:*")], [deny("kms:Encrypt")], "new_access"),
    "only denies, more": ([deny("kms:Encrypt")], [deny("kms:*")], "no_new_access"),
    "allows everything, denies less": ([EVERYTHING, deny("kms:*")], [EVERYTHING, deny("kms:Encrypt")], "new_access"),
    "allows everything, then only denies": ([EVERYTHING, deny("kms:*")], [deny("kms:*")], "no_new_access"),
    "allows everything, then only denies less": ([EVERYTHING, deny("kms:*")], [deny("kms:Sign")], "unknown"),
    "only denies, then allows something": (
        [deny("kms:*")],
        [EVERYTHING | {"Action": "s3:*"}, deny("kms:*")],
        "unknown",
    ),
    "allows little, denies less": (
        [EVERYTHING | {"Action": "s3:*"}, deny("kms:*")],
        [EVERYTHING | {"Action": "s3:*"}, deny("kms:Sign")],
        "unknown",
    ),
}


@pytest.mark.parametrize("name", SCPS)
def test_an_scp_alone_in_a_file(tmp_path: Path, name: str) -> None:
    old, new, verdict = SCPS[name]
    for path, statements in (("old.json", old), ("new.json", new)):
        content = {"Version": "2012-10-17", "Statement": statements}
        put(tmp_path, {path: json.dumps(content, indent=1)})
    found = diff(tmp_path, "old.json", "new.json", "--kind", "scp")
    assert found["verdict"] == verdict, found
    assert verdict != "new_access" or found["policies"][0]["nearest"]["denied"]


@pytest.mark.parametrize("make", [limit, rcp], ids=["SCP", "RCP"])
def test_a_deny_that_moves_to_another_policy_is_no_new_access(tmp_path: Path, make: Any) -> None:
    old = template(One=make(deny("kms:Decrypt"), deny("kms:Encrypt")))
    new = template(One=make(deny("kms:Decrypt")), Two=make(deny("kms:Encrypt")))
    found = changed(tmp_path, old, new)
    assert (of(found, "One")["verdict"], of(found, "Two")["verdict"]) == ("unknown", "no_new_access")
    assert "may be denied by Two" in of(found, "One")["reason"]


def test_an_identity_policy_lets_in_no_stranger(tmp_path: Path) -> None:
    own = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}'
    put(tmp_path, {"identity.json": own})
    assert diff(tmp_path, ".", "--no-public")["policies"] == []
    assert diff(tmp_path, ".", "--not-granted", "kms:Decrypt")["verdict"] == "new_access"
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"Policies": [{"PolicyName": "a", "PolicyDocument": json.loads(own)}]},
    }
    put(tmp_path, template(Role=role))
    assert diff(tmp_path, "template.json", "--no-public")["policies"] == []


def test_what_only_limits_grants_nothing(tmp_path: Path) -> None:
    put(tmp_path, template(One=limit(EVERYTHING), Two=rcp(deny("s3:*"))))
    assert diff(tmp_path, ".", "--no-public")["policies"] == []
    put(tmp_path, template(Key=key(allow(APP, "kms:Encrypt")), Limit=limit(deny("kms:Encrypt"))))
    (answer,) = diff(tmp_path, ".", "--not-granted", "kms:Encrypt")["policies"]
    assert (answer["address"], answer["verdict"]) == ("Key", "unknown")
    assert "what is granted may be denied by Limit" in answer["reason"]


def endpoint(*statements: dict[str, Any]) -> dict[str, Any]:
    content = {"Version": "2012-10-17", "Statement": [each | {"Principal": "*"} for each in statements]}
    properties = {"ServiceName": "com.amazonaws.us-east-1.kms", "VpcId": "vpc-1", "PolicyDocument": content}
    return {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}


LITTLE = EVERYTHING | {"Action": "kms:Decrypt"}
GONE = {
    "an SCP that denies": (limit(EVERYTHING, deny("kms:Sign")), None, "unknown"),
    "an SCP that allows little": (limit(LITTLE), None, "unknown"),
    "an RCP": (rcp(deny("kms:Sign")), None, "unknown"),
    "the policy of an endpoint": (endpoint(LITTLE), None, "unknown"),
    "a new SCP that denies": (None, limit(deny("kms:Sign")), "no_new_access"),
    "a new SCP that allows": (None, limit(EVERYTHING, deny("kms:Sign")), "unknown"),
    "a new RCP": (None, rcp(deny("kms:Sign")), "no_new_access"),
    "a new policy of an endpoint": (None, endpoint(LITTLE), "unknown"),
    "a wider policy of an endpoint": (endpoint(LITTLE), endpoint(EVERYTHING), "new_access"),
    "a narrower policy of an endpoint": (endpoint(EVERYTHING), endpoint(LITTLE), "no_new_access"),
}


@pytest.mark.parametrize("name", GONE)
def test_what_limits_comes_or_goes(tmp_path: Path, name: str) -> None:
    before, after, verdict = GONE[name]
    old, new = (template(Key=key(), **({"Limit": each} if each else {})) for each in (before, after))
    found = changed(tmp_path, old, new)
    assert of(found, "Limit")["verdict"] == verdict, found
    assert of(found, "Key")["relation"] == "equivalent"


@pytest.mark.parametrize(("make", "name"), [(limit, "FullAWSAccess"), (rcp, "RCPFullAWSAccess")], ids=["SCP", "RCP"])
def test_what_is_no_longer_denied_is_allowed_by_what_aws_attaches(tmp_path: Path, make: Any, name: str) -> None:
    for folder, action in (("old", "kms:*"), ("new", "kms:Sign")):
        put(tmp_path / folder, template(Limit=make(deny(action))))
    found = of(diff(tmp_path, "old", "new"), "Limit")
    assert (found["statement"]["name"], found["statement"]["path"]) == (name, "new/template.json")
    assert (found["nearest"]["path"], found["nearest"]["denied"]) == ("old/template.json", True)
    told = kms_lint("diff", "old", "new", cwd=tmp_path).stdout.decode()
    assert "no longer denied are kms:Decrypt, " in told
