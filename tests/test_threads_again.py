"""The same complaint in other threads: each is a document of its own thread's kind, judged as the first one of its kind is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kms_lint import lint
from kms_lint.finding import Severity
from tests import test_mistakes as mistakes
from tests import test_threads as threads
from tests.conftest import PROJECT
from tests.threads import OWNER, Case, identity_policy, judge, line_of

FIRST = [
    *threads.RESOURCE_OF_A_KEY_POLICY,
    *threads.DELEGATION,
    *threads.NARROWED_BY_CONDITIONS,
    *threads.ROTATION,
    *threads.SHAPES,
    *threads.PARSING,
    *threads.RESOLUTION,
    *mistakes.LOCK_OUT,
    *mistakes.PRINCIPALS,
    *mistakes.IDENTITIES,
    *mistakes.SERVICES,
    *mistakes.CONDITIONS,
    *mistakes.KEYS,
    *mistakes.GRANTS,
]
SAME = {
    # 1: key policies
    "aquasecurity/tfsec#832": "tfsec/issues/797",
    "aquasecurity/trivy#5089": "trivy-checks/pull/30",
    "aquasecurity/trivy-checks#61": "trivy-checks/pull/30",
    "aquasecurity/trivy#5114": "trivy/issues/5090",
    "Checkmarx/kics#3200": "kics/issues/6707",
    "Checkmarx/kics#8096": "kics/issues/6707",
    "salesforce/cloudsplaining#97": "cloudsplaining/pull/167",
    "prowler-cloud/prowler#44": "prowler/issues/1838",
    # 3: parsing
    "amplify-education/python-hcl2#201": "python-hcl2/issues/181",
    "amplify-education/python-hcl2#238": "python-hcl2/issues/181",
    "amplify-education/python-hcl2#101": "python-hcl2/issues/141",
    "amplify-education/python-hcl2#159": "python-hcl2/issues/141",
    "amplify-education/python-hcl2#190": "python-hcl2/issues/141",
    "aws-games/cloud-game-development-toolkit#999": "python-hcl2/issues/141",
    "terraform-linters/tflint#1029": "iam-policy-json-to-terraform",
    # 3: values and composition
    "bridgecrewio/checkov#3777": "checkov/issues/91",
    "bridgecrewio/checkov#3779": "checkov/issues/91",
    "hashicorp/terraform-provider-aws#22122": "terraform-provider-aws/issues/21956",
    "bridgecrewio/checkov#386": "checkov/issues/3580",
    "bridgecrewio/checkov#401": "checkov/issues/3580",
    "bridgecrewio/checkov#924": "checkov/issues/1849",
    "bridgecrewio/checkov#3517": "checkov/issues/1849",
    "bridgecrewio/checkov#2237": "terraform-aws-iam/issues/494",
    "aquasecurity/trivy#5955": "trivy/issues/4618",
    # 18: mistakes
    "agentbeck#89970": "M2",
    "awsdocs/aws-kms-developer-guide#29": "M2",
    "crossfeed#2295": "M16: every",
    "ab2d#1571": "M16: every",
    "prowler-cloud/prowler#5619": "M16: every",
    "prowler-cloud/prowler#2792": "M17: nothing",
    "prowler-cloud/prowler#2248": "M17: nothing",
    "panther-labs/panther-analysis#1449": "M17: where",
    "panther-labs/panther-analysis#1546": "M17: where",
    "yulin#1309": "M14: IfExists",
    "anthos-samples#357": "M6: iam is missing",
    "terraform-aws-kms#30": "M6: a role that is gone",
    "eks-creation-engine#4": "M6: a service-linked role",
    "flow-logs-s3-bucket#27": "M6: a wildcard",
    "hashicorp/terraform-provider-aws#402": "M18: a session",
    "hashicorp/terraform-provider-aws#11801": "M18: a session",
    "hashicorp/terraform-provider-aws#20665": "M18: a session",
    "hashicorp/terraform#13973": "M18: a session",
    "hashicorp/terraform-provider-aws#3038": "both constraints",
    "hashicorp/terraform-provider-aws#7379": "both constraints",
}
"""Threads, and what they share with: a part of the address, or of what the case is about."""


def again() -> list[Case]:
    """For each thread the cases of the first one of its kind."""
    return [
        case._replace(thread=thread)
        for thread, first in SAME.items()
        for case in FIRST
        if case.thread.endswith(first) or f"{first}/" in f"{case.thread}/" or case.about.startswith(first)
    ]


@pytest.mark.parametrize("case", again(), ids=lambda case: case.id)
def test_a_thread_again(case: Case, tmp_path: Path) -> None:
    judge(case, tmp_path)


def test_each_thread_has_a_case() -> None:
    assert {case.thread for case in again()} == set(SAME)


@pytest.mark.parametrize(
    ("thread", "file"),
    [
        ("prowler-cloud/prowler#679", "cloudtrail.json"),
        ("prowler-cloud/prowler#849", "cloudtrail.json"),
        ("prowler-cloud/prowler#970", "cdk.json"),
        ("prowler-cloud/prowler#970", "cdk-without-trust.json"),
        ("Netflix/security_monkey#358", "ebs.json"),
    ],
)
def test_keys_that_aws_itself_makes_are_not_public(thread: str, file: str) -> None:
    found = lint(PROJECT / "fixtures" / "aws-policies" / file, account=OWNER).findings
    assert not {each.about.id for each in found if each.severity > Severity.INFO} & {
        "public-principal",
        "whole-key-access",
        "cross-account-use",
    }


def test_a_condition_counts_for_each_rule(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/issues/1392: conditions counted for some checks, and not for others."""
    written = identity_policy(
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:Encrypt"],
            "Resource": f"arn:aws:kms:us-east-1:{OWNER}:key/*",
            "Condition": {
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"},
                "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"},
            },
        }
    )
    (tmp_path / "policy.json").write_text(written["policy.json"], encoding="utf-8")
    assert [each.about.id for each in lint(tmp_path, account=OWNER).findings] == []


LEVEL = 'module "one" {\n  source = "../%s"\n}\n\nmodule "two" {\n  source = "../%s"\n}\n'


@pytest.mark.parametrize(
    "thread", ["checkov#1010", "checkov#1531", "checkov#7524", "checkov#911", "checkov#1436", "checkov-vscode#131"]
)
def test_modules_that_call_modules_say_a_thing_once(thread: str, tmp_path: Path) -> None:
    for number in range(5):
        folder = tmp_path / f"level{number}"
        folder.mkdir()
        below = f"level{number + 1}"
        (folder / "main.tf").write_text(
            LEVEL % (below, below)
            if number < 4
            else threads.key(f'jsonencode({{ Version = "2012-10-17", Statement = {threads.WITH_PUBLIC} }})')
        )
    (finding,) = [each for each in lint(tmp_path).findings if each.about.id == "public-principal"]
    assert line_of(finding) in {threads.PUBLIC.strip(), 'module "one" {'}
    assert len(finding.instances) == 2**4


@pytest.mark.parametrize("thread", ["checkov#691", "checkov#3370", "Checkmarx/kics#7193"])
def test_a_plan_says_what_its_files_say(thread: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(threads.PLANNED)
    (tmp_path / "plan.json").write_text(threads.planned())
    said = [
        {
            (each.about.id, line_of(each))
            for each in lint(tmp_path / name).findings
            if each.about.id == "public-principal"
        }
        for name in ("main.tf", "plan.json")
    ]
    assert said[0] == said[1] == {("public-principal", threads.PUBLIC.strip())}


@pytest.mark.parametrize(
    "thread", ["checkov#2047", "checkov#2814", "checkov#3591", "checkov#4690", "checkov#6815", "checkov#7225"]
)
def test_an_ignore_in_a_file_holds_for_the_plan(thread: str, tmp_path: Path) -> None:
    threads.test_ignores_hold_for_a_plan_as_for_its_files(thread, tmp_path)


def test_no_secret_of_a_plan_of_one_line_is_printed(tmp_path: Path) -> None:
    """https://github.com/bridgecrewio/checkov/pull/7094"""
    threads.test_a_plan_is_never_printed(tmp_path)


def test_vendored_modules_are_reported_where_they_are_called(tmp_path: Path) -> None:
    """https://github.com/braintrustdata/terraform-aws-braintrust-data-plane/issues/116: what its users cannot mend."""
    module = tmp_path / ".terraform" / "modules" / "vendor"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(
        threads.key(f'jsonencode({{ Version = "2012-10-17", Statement = {threads.WITH_PUBLIC} }})')
    )
    (module.parent / "modules.json").write_text(
        json.dumps({"Modules": [{"Key": "vendor", "Source": "vendor/keys/aws", "Dir": ".terraform/modules/vendor"}]})
    )
    (tmp_path / "main.tf").write_text('module "vendor" {\n  source = "vendor/keys/aws"\n}\n')
    (finding,) = [each for each in lint(tmp_path).findings if each.about.id == "public-principal"]
    assert Path(finding.span.source.path).name == "main.tf"
    assert ".terraform" not in finding.span.source.path
