"""Slips of the pen: one letter too many, missing, wrong, or swapped with the next."""

from __future__ import annotations

import pytest

from kms_lint.iam import keys
from kms_lint.spelling import slip

NAMES = ("aws:PrincipalOrgID", "aws:SourceVpc")


@pytest.mark.parametrize(
    "name",
    [
        "aws:PrincipalOrgld",
        "aws:PrincipalOrgIDs",
        "aws:PrincipalOrgI",
        "aws:PrinicpalOrgID",
        "AWS:principalorg-id",
        "aws:PrincipalOrgDI",
    ],
)
def test_one_slip(name: str) -> None:
    assert slip(name, NAMES) == "aws:PrincipalOrgID"


@pytest.mark.parametrize("name", ["aws:PrincipalOrgID", "aws:PrincipalOrg", "aws:SourceVpcArn", "", "aws:"])
def test_no_slip(name: str) -> None:
    assert slip(name, NAMES) is None


@pytest.mark.parametrize(
    "name", ["aws:PrincipalOrgID", "aws:PrincipalTag/tem", "aws:SourceVpcIds", "kms:ViaServic", "s3:prefix"]
)
def test_keys_that_exist_or_may_be_new_are_no_slips(name: str) -> None:
    assert keys.global_slip(name) is None
