"""Requests that show new access."""

from kms_lint.reason.compared import Settings
from kms_lint.reason.difference import Verdict, difference
from tests.reason.cases import policy
from tests.reason.strategies import ACCOUNT, KEY, Document


def allow(*principals: str, **actions: str) -> Document:
    named = [f"arn:aws:{each}" for each in principals]
    return {"Effect": "Allow", "Principal": {"AWS": named}, "Resource": "*", **actions}


def test_a_choice_that_another_one_made_unneeded_is_left_out() -> None:
    """The role of whichever session gains; nothing has to be said of the session once the role is another one."""
    app = f"iam::{ACCOUNT}:role/app"
    old = allow(f"sts::{ACCOUNT}:assumed-role/app/i-1", Action="kms:*")
    new = [
        allow(f"iam::{ACCOUNT}:role/team/deploy", f"iam::{ACCOUNT}:user/ann", NotAction="kms:*"),
        allow(f"iam::{ACCOUNT}:root", app, NotAction="kms:Decrypt"),
    ]
    found = difference(policy({"Statement": [old]}), policy({"Statement": new}), Settings(account=ACCOUNT, key_arn=KEY))
    assert found.verdict is Verdict.NEW_ACCESS
    assert [group.request.caller.name for group in found.groups] == ["role/team/deploy"]
