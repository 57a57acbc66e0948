"""One policy as AWS answers it, in Markdown and in a service gives the findings that it gives as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from kms_lint.model import PolicyKind
from tests.load.reading import document, told, under
from tests.test_formats import (
    NAMES,
    Data,
    as_cloudformation_yaml,
    as_heredoc,
    as_json,
    as_yaml,
    found,
    in_json,
    kind_of,
    policies,
)


def as_answer(policy: Data) -> str:
    if kind_of(policy) is PolicyKind.KEY:
        return json.dumps({"Policy": json.dumps(policy), "PolicyName": "default"}, indent=2)
    return json.dumps({"PolicyVersion": {"Document": policy, "VersionId": "v1"}}, indent=2)


def as_encoded_line(policy: Data) -> str:
    text = quote(json.dumps(policy))
    answer = {"PolicyVersion": {"Document": text}}
    if kind_of(policy) is PolicyKind.KEY:
        answer = {"Policy": text, "PolicyName": "default"}  # type: ignore[dict-item]
    return json.dumps({"PolicyNames": ["default"]}) + "\n" + json.dumps(answer) + "\n"


def as_item(policy: Data) -> str:
    key = {"arn": "arn:aws:kms:us-east-1:111122223333:key/k", "keyId": "k", "awsaccountId": "111122223333"}
    role = {"roleName": "app", "rolePolicyList": [{"policyName": "p", "policyDocument": quote(json.dumps(policy))}]}
    is_key = kind_of(policy) is PolicyKind.KEY
    item = {
        "accountId": "111122223333",
        "resourceType": "AWS::KMS::Key" if is_key else "AWS::IAM::Role",
        "configuration": json.dumps(key if is_key else role),
        "supplementaryConfiguration": {"Policy": json.dumps(json.dumps(policy))} if is_key else {},
    }
    return json.dumps({"baseConfigurationItems": [item]})


def in_markdown(language: str, write: Callable[[Data], str], before: str = "") -> Callable[[Data], str]:
    def written(policy: Data) -> str:
        lines = [f"```{language}", *write(policy).splitlines(), "```"]
        return "# Example\n\n" + "".join(f"{before}{line}\n" for line in lines)

    return written


def as_service(policy: Data) -> str:
    provider = {"name": "aws", "iam": {"role": {"statements": policy["Statement"]}}}
    return json.dumps({"service": "app", "provider": provider}, indent=2)


FORMATS: dict[str, tuple[str, Callable[[Data], str]]] = {
    "an answer": ("json", as_answer),
    "an encoded answer on a line": ("jsonl", as_encoded_line),
    "an item of AWS Config": ("json", as_item),
    "JSON in Markdown": ("md", in_markdown("json", as_json)),
    "YAML in a quotation": ("md", in_markdown("yaml", as_yaml, "> ")),
    "CloudFormation in a list": ("md", in_markdown("yaml", as_cloudformation_yaml, "    ")),
    "Terraform in Markdown": ("md", in_markdown("hcl", as_heredoc, "  ")),
    "a service": ("json", as_service),
}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES)
def test_a_policy_has_the_same_findings(name: str, format: str) -> None:
    ending, write = FORMATS[format]
    for example, policy in policies(name):
        kind = kind_of(policy)
        if kind not in (PolicyKind.KEY, PolicyKind.IDENTITY) or (write is as_service and kind is PolicyKind.KEY):
            continue
        here, there = found(write(policy), ending, policy), in_json(example)
        if write is as_item:  # which tells the ARN of the key, so that more is certain
            here, there = ({(rule, statement) for rule, statement, _ in each} for each in (here, there))
        assert here == there, example


@pytest.mark.parametrize("sid", ["plain", "é∞ 😀", "a%22b"], ids=["plain", "other letters", "escapes"])
def test_places_in_encoded_text_are_exact(sid: str) -> None:
    statement = {"Sid": sid, "Effect": "Allow", "Principal": "*", "Action": ["kms:Decrypt", "kms:*"], "Resource": "*"}
    text = json.dumps({"Policy": quote(json.dumps({"Statement": statement}, ensure_ascii=False)), "PolicyName": "x"})
    assert told(document("a.json", text), rules={"public-principal"}) == [
        f"a.json:1:{text.index('%22%2A%22') + 1} public-principal *"
    ]
    (policy,) = document("a.json", text).policies
    assert policy.statements[0].sid == sid
    assert under(policy.statements[0].sid.at) == quote(json.dumps(sid, ensure_ascii=False))
