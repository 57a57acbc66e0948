"""Who uses keys, and whom policies are attached to, across modules and instances."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.terraform_repository import load


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


MODULE = """
variable "key" {}
variable "name" {}
resource "aws_sqs_queue" "q" {
  count             = 2
  kms_master_key_id = var.key
}
resource "aws_iam_role" "r" {
  name               = var.name
  assume_role_policy = "{}"
}
resource "aws_iam_policy" "p" {
  for_each = toset(["a", "b"])
  policy   = "{}"
}
resource "aws_iam_role_policy_attachment" "a" {
  for_each   = aws_iam_policy.p
  role       = aws_iam_role.r.name
  policy_arn = each.value.arn
}
output "role" { value = aws_iam_role.r.name }
"""
ROOT = """
resource "aws_kms_key" "k" {
  for_each = toset(["one", "two"])
}
module "m" {
  for_each = aws_kms_key.k
  source   = "./m"
  key      = each.value.arn
  name     = each.key
}
resource "aws_iam_role_policy_attachment" "more" {
  role       = module.m["one"].role
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}
"""


def test_in_every_instance_of_a_module() -> None:
    world = load({"main.tf": ROOT, "m/main.tf": MODULE})
    consumers = [each for document in world.documents for each in document.consumers]
    assert {each.address: each.of for each in consumers} == {
        'module.m["one"].aws_sqs_queue.q[0]': 'aws_kms_key.k["one"]',
        'module.m["one"].aws_sqs_queue.q[1]': 'aws_kms_key.k["one"]',
        'module.m["two"].aws_sqs_queue.q[0]': 'aws_kms_key.k["two"]',
        'module.m["two"].aws_sqs_queue.q[1]': 'aws_kms_key.k["two"]',
    }
    identities = [each for document in world.documents for each in document.identities]
    assert {each.address: (str(each.name), [str(policy) for policy in each.attached]) for each in identities} == {
        'module.m["one"].aws_iam_role.r': (
            "one",
            [
                "arn:aws:iam::aws:policy/ReadOnlyAccess",
                'module.m["one"].aws_iam_policy.p["a"]',
                'module.m["one"].aws_iam_policy.p["b"]',
            ],
        ),
        'module.m["two"].aws_iam_role.r': (
            "two",
            ['module.m["two"].aws_iam_policy.p["a"]', 'module.m["two"].aws_iam_policy.p["b"]'],
        ),
    }
    owners = {each.address: each.of for document in world.documents for each in document.policies}
    assert owners['module.m["two"].aws_iam_policy.p["b"]'] == 'module.m["two"].aws_iam_role.r'
