"""What decides beside the key policy, each alone: boundaries, SCPs, RCPs and grants."""

from __future__ import annotations

import json
from pathlib import Path

from kms_lint.api import load
from kms_lint.reason.composed import Composed
from kms_lint.reason.estate import estate
from kms_lint.reason.formula import within
from kms_lint.reason.rows import rows
from kms_lint.reason.space import ACTION

ACCOUNT = "111122223333"
APP, ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:role/app", f"arn:aws:iam::{ACCOUNT}:root"
WORLD = """
resource "aws_kms_key" "pay" {
  policy = jsonencode({Statement = [{Effect="Allow",Principal={AWS="%s"},Action=%s,Resource="*"}]})
}
resource "aws_iam_role" "app" {
  name                 = "app"
  assume_role_policy   = "{}"
  %s
}
%s
"""
INLINE = """inline_policy {
    name   = "x"
    policy = jsonencode({Statement=[{Effect="Allow",Action="kms:*",Resource="*"}]})
  }"""
BOUNDARY = """
resource "aws_iam_policy" "limit" {
  name   = "limit"
  policy = jsonencode({Statement=[{Effect="Allow",Action="kms:Encrypt",Resource="*"}]})
}
"""
GRANT = """
resource "aws_kms_grant" "app" {
  key_id            = aws_kms_key.pay.key_id
  grantee_principal = aws_iam_role.app.arn
  operations        = [%s]
}
"""
WITHIN = "permissions_boundary = aws_iam_policy.limit.arn"
FEW = '["kms:Decrypt","kms:Encrypt"]'


def actions(folder: Path, principal: str, wanted: str, named: str = FEW, role: str = "", more: str = "") -> list[str]:
    """What a principal may surely do with the key."""
    (folder / "main.tf").write_text(WORLD % (principal, named, role, more))
    found = rows(estate(load(folder, account=ACCOUNT).documents))
    return sorted(
        action for row in found if row.principal == wanted and row.certainty.value == "always" for action in row.actions
    )


def organization(kind: str, statement: str) -> str:
    return f"""
resource "aws_organizations_policy" "all" {{
  name    = "all"
  type    = "{kind}"
  content = jsonencode({{Statement=[{statement}]}})
}}
"""


def test_a_role_that_a_key_policy_names_stays_within_its_boundary(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    assert actions(tmp_path, APP, APP) == ["kms:Decrypt", "kms:Encrypt"]
    assert actions(tmp_path, APP, APP, role=WITHIN, more=BOUNDARY) == ["kms:Encrypt"]


def test_what_iam_gives_stays_within_the_boundary(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"""
    role = f"{WITHIN}\n  {INLINE}"
    assert actions(tmp_path, ROOT_ARN, APP, role=role, more=BOUNDARY) == ["kms:Encrypt"]


def test_an_scp_denies(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"""
    deny = organization("SERVICE_CONTROL_POLICY", '{Effect="Deny",Action="kms:Decrypt",Resource="*"}')
    assert actions(tmp_path, APP, APP, more=deny) == ["kms:Encrypt"]


def test_an_scp_that_allows_leaves_nothing_else(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"""
    allow = organization("SERVICE_CONTROL_POLICY", '{Effect="Allow",Action="kms:Decrypt",Resource="*"}')
    assert actions(tmp_path, APP, APP, more=allow) == ["kms:Decrypt"]


def test_an_rcp_denies_all_but_retiring_a_grant(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"""
    deny = organization("RESOURCE_CONTROL_POLICY", '{Effect="Deny",Principal="*",Action="kms:*",Resource="*"}')
    grant = GRANT % '"Decrypt", "RetireGrant"'
    assert actions(tmp_path, ROOT_ARN, APP, more=grant) == ["kms:Decrypt", "kms:RetireGrant"]
    assert actions(tmp_path, ROOT_ARN, APP, more=grant + deny) == ["kms:RetireGrant"]


def test_an_endpoint_denies_before_it_allows(tmp_path: Path) -> None:
    """What the policy of an endpoint denies is not always allowed: it has to come another way.

    https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
    """
    statements = [
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"},
    ]
    endpoint = f"""
resource "aws_vpc_endpoint" "kms" {{
  vpc_id       = "vpc-0123456789abcdef0"
  service_name = "com.amazonaws.eu-west-1.kms"
  policy       = jsonencode({{Statement={json.dumps(statements)}}})
}}
"""
    assert actions(tmp_path, APP, APP) == ["kms:Decrypt", "kms:Encrypt"]
    assert actions(tmp_path, APP, APP, more=endpoint) == ["kms:Encrypt"]


def test_constraints_of_a_grant_do_not_count_for_describing_the_key(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""
    constraint = 'constraints {\n    encryption_context_equals = { App = "pay" }\n  }\n}'
    grant = (GRANT % '"Decrypt", "DescribeKey"').replace("}", constraint)
    assert actions(tmp_path, ROOT_ARN, APP, more=grant) == ["kms:DescribeKey"]


def test_a_deny_counts_in_what_escalation_asks(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""
    deny = organization("SERVICE_CONTROL_POLICY", '{Effect="Deny",Action="kms:Decrypt",Resource="*"}')
    (tmp_path / "main.tf").write_text(WORLD % (APP, FEW, "", deny))
    composed = Composed(estate(load(tmp_path, account=ACCOUNT).documents))
    key = composed.estate.keys[0]
    party = next(each for each in composed.estate.parties if each.caller and each.caller.arn == APP)
    given, region = composed.authorization(key, party, key.policies[0]), composed.region(party)
    names = enumerate(composed.space.chosen[ACTION])
    left = [name for at, name in names if within(given.allowed, {**region, ACTION: 1 << at}) is not False]
    assert left == ["kms:Encrypt"]
