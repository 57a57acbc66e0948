"""What the rules cover: the concepts and best practices of KMS, and the checks of other tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from kms_lint.finding import About
from kms_lint.peers import BEYOND, TOOLS


class Concept(NamedTuple):
    """A concept or best practice: `inputs` is what is read of it, `rules` are rules about it that name another concept."""

    name: str
    inputs: str
    rules: tuple[str, ...] = ()


def _concept(name: str, inputs: str, rules: str = "") -> Concept:
    return Concept(name, inputs, tuple(rules.split()))


CONCEPTS: Final = (
    _concept("KMS keys", "keys of Terraform, CloudFormation, plans, states, `describe-key`, AWS Config"),
    _concept(
        "Customer managed keys",
        "`KeyManager` of `describe-key`",
        "rotation-disabled key-policy-missing deletion-unprotected",
    ),
    _concept(
        "Imported keys",
        "`aws_kms_external_key`, `Origin: EXTERNAL`, `valid_to`",
        "rotation-unsupported imported-key-without-alias key-material-in-code",
    ),
    _concept("AWS managed keys", "`KeyManager` of `describe-key`, `alias/aws/…` of what uses a key", "reserved-alias"),
    _concept("AWS owned keys", "nothing names them; `show` lists what uses a key that can be named"),
    _concept("Logging", "trails and their event selectors, `get-event-selectors`, records of CloudTrail"),
    _concept("Key policy", "key policies in every format, `get-key-policy`"),
    _concept("Grants", "`aws_kms_grant`, `list-grants`, permissions for kms:CreateGrant"),
    _concept(
        "Alias",
        "`aws_kms_alias`, `AWS::KMS::Alias`, `list-aliases`",
        "alias-escalation dead-resource key-policy-condition-ignored",
    ),
    _concept("Key rotation", "arguments of keys, `get-key-rotation-status`"),
    _concept("Rotation of imported keys", "imported keys and their aliases", "rotation-unsupported"),
    _concept("kms:ViaService", "conditions of every policy", "condition-fails-open"),
    _concept("Enabling and disabling keys", "`is_enabled`, `Enabled`, the state of `describe-key`"),
    _concept("Key deletion", "waiting periods, deletion policies, plans that delete keys, the state of `describe-key`"),
    _concept(
        "Deletion of asymmetric keys",
        "plans, the state of `describe-key`, and records of GetPublicKey in CloudTrail",
        "plan-deletes-key deletion-scheduled",
    ),
    _concept(
        "Cryptographic erasure",
        "permissions for kms:DeleteImportedKeyMaterial",
        "destructive-action imported-material-expires",
    ),
    _concept(
        "Disable key instead of deleting",
        "permissions, waiting periods, plans",
        "destructive-action one-way-door plan-deletes-key",
    ),
    _concept("Do not grant users CreateKey permissions unless necessary", "IAM policies", "unneeded-create-key"),
    _concept(
        "Use key ARNs as Resource in IAM policies",
        "IAM policies",
        "dead-resource wildcard-resource account-wide-resource",
    ),
    _concept(
        "IAM policies",
        "IAM policies in every format, `get-account-authorization-details`",
        "full-kms-access administrator-access",
    ),
    _concept(
        "Policy grammar", "every policy", "malformed-policy unknown-operator unknown-condition-key duplicate-json-key"
    ),
    _concept(
        "Perimeters",
        "SCPs, RCPs, policies of VPC endpoints",
        "rcp-breaks-services open-vpc-endpoint service-breaking-deny",
    ),
    _concept("Ignoring findings", "comments, metadata and the configuration"),
)
"""The headings of the page on KMS, its best practices, and what the rules are about beyond it, in the order of the page."""


def of_concept(concept: Concept, abouts: Iterable[About]) -> tuple[str, ...]:
    """The rules about a concept that there are."""
    known = {about.id: about for about in abouts}
    own = [id for id, about in known.items() if about.concept == concept.name]
    return tuple(dict.fromkeys((*own, *(id for id in concept.rules if id in known))))


def as_text(abouts: Iterable[About]) -> str:
    """What is covered, for people."""
    known = tuple(abouts)
    lines = ["concepts and best practices", ""]
    for concept in CONCEPTS:
        lines += [f"  {concept.name}", f"    read: {concept.inputs}"]
        found = of_concept(concept, known)
        lines += [f"    rules: {', '.join(found)}"] if found else []
    lines += ["", "checks of other tools"]
    ids = {about.id for about in known}
    for tool in TOOLS:
        carried = sum(bool(check.rules) for check in tool.checks)
        lines += ["", f"  {tool.name}: {carried} of {len(tool.checks)}"]
        for check in tool.checks:
            rules = ", ".join(rule for rule in check.rules if rule in ids)
            lines.append(f"    {', '.join(check.ids)}: {rules or 'no rule: ' + check.why_not}")
    return "\n".join(lines) + "\n"


def as_data(abouts: Iterable[About]) -> dict[str, Any]:
    """What is covered, for programs."""
    known = tuple(abouts)
    return {
        "version": 1,
        "concepts": [
            {"name": each.name, "inputs": each.inputs, "rules": list(of_concept(each, known))} for each in CONCEPTS
        ],
        "tools": [
            {
                "name": tool.name,
                "checks": [
                    {
                        "ids": list(each.ids),
                        "about": each.about,
                        "rules": list(each.rules),
                        "why_not": each.why_not or None,
                    }
                    for each in tool.checks
                ],
            }
            for tool in TOOLS
        ],
    }


def as_markdown(abouts: Iterable[About]) -> str:
    """The page docs/coverage.md."""
    known = tuple(abouts)
    lines = [
        "# What the rules cover",
        "",
        "<!-- Generated by `python tools/make_docs.py`: change kms_lint/coverage.py, kms_lint/peers/ or the files in rules/ instead. -->",
        "",
        "## Concepts and best practices of AWS KMS",
        "",
        "| concept | what is read | rules |",
        "|---|---|---|",
    ]
    for concept in CONCEPTS:
        lines.append(f"| {concept.name} | {concept.inputs} | {_links(of_concept(concept, known))} |")
    lines += [
        "",
        "## Coming from another tool",
        "",
        "Each check that can be decided from what is written has its rule. Rules are selected and ignored by the ids of other tools as well: "
        "`kms-lint check --select CKV_AWS_33`. Whether something is encrypted with a key of yours is about that thing, and not about the key: such checks have no "
        "rule, and `kms-lint show` lists what uses which key. Where rules differ from a check, because it accuses what is right or lets pass what is wrong, "
        "`tests/peers` says so.",
    ]
    for tool in TOOLS:
        lines += ["", f"### {tool.name}", "", "| check | what it looks at | rules |", "|---|---|---|"]
        for check in tool.checks:
            ids = ", ".join(f"`{id}`" for id in check.ids)
            lines.append(f"| {ids} | {check.about} | {_links(check.rules) or 'none: ' + check.why_not} |")
    lines += ["", "## What no other tool looks for in files", "", "| what | rules |", "|---|---|"]
    lines += [f"| {check.about} | {_links(check.rules) or 'none: ' + check.why_not} |" for check in BEYOND.checks]
    return "\n".join(lines) + "\n"


def _links(rules: Iterable[str]) -> str:
    return ", ".join(f"[{rule}](rules/{rule}.md)" for rule in rules)
