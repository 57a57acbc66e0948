from __future__ import annotations

import pytest

from kms_lint.iam import resources
from kms_lint.iam.resources import Kind
from tests.iam.build import FOREIGN, KEY, KEY_ARN, OWNER, patterns, text


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        *((each, Kind.EVERY_KEY) for each in ("*", "**", "?*", "*:*", "arn:*", "arn:*:kms:*:*:key/*", "*:key/*")),
        # AWS fills incomplete ARNs: https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
        *((each, Kind.EVERY_KEY) for each in ("arn:aws:kms", "arn:aws:kms:*", "arn:aws:kms:us-east-1", "arn:aws")),
        ("arn:aws:kms:*:*:*", Kind.EVERY_KEY),
        ("arn:aws:kms:us-east-1:*:key/*", Kind.EVERY_KEY),
        ("arn:aws:kms:*:????????????:k?y/?*", Kind.EVERY_KEY),
        ("arn:aws:kms:*:*:key/????????-????-????-????-????????????", Kind.EVERY_KEY),
        ("arn:aws-cn:kms:*:*:key/*-*-*", Kind.EVERY_KEY),
        ("arn:aws:*:*:*:*", Kind.EVERY_KEY),
        (f"arn:aws:kms:*:{OWNER}:key/*", Kind.ACCOUNT_KEYS),
        (f"arn:aws:kms:us-east-1:{OWNER}", Kind.ACCOUNT_KEYS),
        ("arn:<partition>:kms:<region>:<account>:*", Kind.ACCOUNT_KEYS),
        ("arn:aws:kms:*:${aws:PrincipalAccount}:key/*", Kind.ACCOUNT_KEYS),
        ("arn:aws:kms:us-east-1:@:key/*", Kind.ACCOUNT_KEYS),
        ("arn:aws:kms:*:*:key/mrk-*", Kind.SOME_KEYS),
        ("arn:aws:kms:*:*:key/${aws:PrincipalTag/KmsKeyId}", Kind.SOME_KEYS),
        ("arn:aws:kms:*:*:key/1234*", Kind.SOME_KEYS),
        ("arn:aws:kms:*:1111*:key/*", Kind.ACCOUNTS_KEYS),
        (KEY_ARN, Kind.ONE_KEY),
        ("arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab", Kind.ONE_KEY),
        # AWS's own sample id has nine digits in front
        ("arn:aws:kms:us-east-1:111122223333:key/01234abcd-12ab-34cd-56ef-1234567890ab", Kind.ONE_KEY),
        ("arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.a.key_id>", Kind.ONE_KEY),
        ("arn:aws:kms:us-east-1:111122223333:alias/app", Kind.ALIAS_ARN),
        ("arn:aws:kms:*:*:alias/*", Kind.ALIAS_ARN),
        ("arn:aws:kms:*:@:alias/@", Kind.ALIAS_ARN),
        ("alias/app", Kind.ALIAS_NAME),
        (KEY, Kind.KEY_ID),
        ("mrk-1234abcd12ab34cd56ef1234567890ab", Kind.KEY_ID),
        ("<aws_kms_key.a.key_id>", Kind.KEY_ID),
        (f"arn:aws:kms:us-east-1:111122223333:{KEY}", Kind.NOT_A_KEY),
        (f"arn:aws:kms:us-east-1:111122223333:key:{KEY}", Kind.NOT_A_KEY),
        # the trap of SAM's policy templates: an ARN pasted after key/
        (f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ARN}", Kind.NOT_A_KEY),
        ("arn:aws:kms:us-east-1:111122223333:key/alias/app", Kind.NOT_A_KEY),
        ("arn:aws:kms:us-east-1:111122223333:key/", Kind.NOT_A_KEY),
        ("arn:aws:kms::111122223333:key/*", Kind.NOT_A_KEY),
        *(
            (each, Kind.EMPTY_ACCOUNT)
            for each in ("arn:aws:kms:us-east-1::key/*", "arn:*:kms:*:::*", "arn:aws:kms:*::*")
        ),
        ("arn:aws:s3:::bucket/*", Kind.OTHER_SERVICE),
        (f"key/{KEY}", Kind.MALFORMED),
        ("my-key", Kind.MALFORMED),
        ("@", Kind.UNKNOWN),
        ("arn:aws:kms:*:*:key/@", Kind.UNKNOWN),
        ("arn:aws:kms:*:*:@", Kind.UNKNOWN),
        ("@:key/*", Kind.UNKNOWN),
    ],
)
def test_what_a_resource_stands_for(resource: str, kind: Kind) -> None:
    found = resources.reach(text(resource))
    assert found.kind is kind
    assert bool(found.why) is (kind in resources.DEAD or kind is Kind.OTHER_SERVICE)


def test_a_reach_tells_the_parts_of_the_arn() -> None:
    found = resources.reach(text(KEY_ARN))
    assert (found.partition, found.region, found.account, found.name) == ("aws", "us-east-1", OWNER, KEY)


@pytest.mark.parametrize(
    ("values", "negated", "expected"),
    [
        (["*"], False, Kind.EVERY_KEY),
        ([KEY_ARN, "*"], False, Kind.EVERY_KEY),
        ([KEY_ARN, f"arn:aws:kms:*:{OWNER}:key/*"], False, Kind.ACCOUNT_KEYS),
        ([KEY_ARN, "@"], False, None),
        ([KEY_ARN], True, Kind.EVERY_KEY),
        (["arn:aws:s3:::b"], True, Kind.EVERY_KEY),
        (["arn:aws:kms:*:*:alias/*"], True, Kind.EVERY_KEY),
        (["*"], True, None),
        (["@"], True, None),
    ],
)
def test_the_widest_reach_of_a_statement(values: list[str], negated: bool, expected: Kind | None) -> None:
    assert resources.widest(patterns(values, negated=negated)) is expected


def test_not_resource_leaves_out_what_is_a_key() -> None:
    written = patterns([KEY_ARN, "arn:aws:kms:*:*:alias/x", KEY], negated=True)
    assert resources.remaining(written) == (written.values[0],)


OWN = "arn:<partition>:kms:<region>:<account>:key/<aws_kms_key.a.key_id>"


@pytest.mark.parametrize(
    ("resource", "arn", "owner", "expected"),
    [
        ("*", None, None, True),
        ("arn:aws:kms:*:*:key/*", None, None, True),
        ("arn:aws-cn:kms:*:*:key/*", KEY_ARN, OWNER, False),
        ("arn:aws*:kms:*:*:key/*", KEY_ARN, OWNER, True),
        ("arn:aws:kms:us-east-1:*:key/*", None, None, None),
        (KEY_ARN, None, OWNER, None),
        (KEY_ARN, KEY_ARN, OWNER, True),
        (f"arn:aws:kms:us-east-1:{OWNER}:key/*", KEY_ARN, OWNER, True),
        (KEY_ARN.replace("us-east-1", "eu-west-1"), KEY_ARN, OWNER, False),
        (f"arn:aws:kms:us-east-1:{FOREIGN}:key/*", None, OWNER, False),
        (f"arn:aws:kms:us-east-1:{FOREIGN}:key/*", None, "<account>", None),
        (OWN, OWN, "<account>", True),
        (OWN.replace(".a.", ".b."), OWN, "<account>", False),
        (KEY_ARN, OWN, "<account>", None),
        ("arn:aws:kms:us-east-1:111122223333:alias/x", None, None, False),
        ("alias/x", None, None, False),
        (KEY, None, None, False),
        ("@", None, None, None),
    ],
)
def test_whether_a_resource_is_the_key_of_the_policy(
    resource: str, arn: str | None, owner: str | None, expected: bool | None
) -> None:
    assert resources.is_key(text(resource), None if arn is None else text(arn), owner) is expected
