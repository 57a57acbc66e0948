"""Every example in every rule file, and laws that hold for all rules at once."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from kms_lint import compiled, examples, library, match
from kms_lint.examples import Example
from kms_lint.finding import Confidence
from kms_lint.iam import conditions, principals, resources
from kms_lint.match.statement import OPERATORS
from kms_lint.model import Effect, PolicyKind
from kms_lint.rule import Rule
from kms_lint.syntax.tree import Items, Mapping, Node, Scalar, Text, Unknown

FOLDER = Path(__file__).parents[1] / "rules"
FILES = sorted(FOLDER.glob("*.yaml"))
NAMES = [path.stem for path in FILES]
SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))

# fmt: off
FIRST_WAVE = [
    "public-principal", "not-principal-allow", "condition-fails-open", "cross-account-use", "cross-account-grants",
    "whole-key-access", "missing-via-service", "confused-deputy", "deleted-principal", "invalid-principal",
    "blanket-delegation", "key-lockout", "lockout-check-bypassed", "key-policy-missing", "dead-resource",
    "key-policy-resource", "void-statement", "action-outside-key-policy", "action-needs-any-resource",
    "malformed-via-service", "unknown-action", "unknown-condition-key", "unknown-operator", "foreign-action",
    "duplicate-json-key", "malformed-policy", "malformed-document", "wildcard-resource", "account-wide-resource",
    "full-kms-access", "administrator-access", "unneeded-create-key", "unrestricted-grants", "policy-takeover",
    "destructive-action", "not-action-allow", "rotation-disabled", "rotation-unsupported", "deletion-window-short",
    "key-disabled", "key-material-in-code", "reserved-alias", "grant-to-account", "grant-to-stranger",
    "grant-of-grants", "grant-too-broad", "grant-without-constraint", "invalid-grant", "unused-ignore",
    "expired-ignore", "unknown-ignore", "reason-missing",
]
# fmt: on

FEWER_EXAMPLES: dict[str, str] = {
    "overridden-statement": "what it is about is the way of Terraform's `aws_iam_policy_document` to put statements together",
    "plan-deletes-key": "only a plan says that a key is about to be deleted",
}
"""Rules that cannot have three failing and three passing examples in two formats, and why."""

OF_THE_LINTER = {"unused-ignore", "expired-ignore", "unknown-ignore", "reason-missing"}
"""Rules about the ignores of the user, which are found elsewhere and have no examples of documents."""


@cache
def rule_named(name: str) -> Rule:
    return library.rule(name, head(name))


@cache
def head(name: str) -> dict[str, Any]:
    """What a rule file says before its examples."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    said: dict[str, Any] = yaml.safe_load(compiled.without_examples(text))
    return said


@cache
def read(name: str) -> tuple[Example, ...]:
    return examples.read(str(FOLDER / f"{name}.yaml")).examples


@cache
def plain(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def found(example: Example, node: Mapping | None = None, rule: Rule | None = None) -> set[tuple[int, Confidence]]:
    """The lines where a rule finds something in an example, and how sure it is."""
    which = rule or rule_named(example.rule)
    return {
        (examples.line_of(finding), finding.confidence)
        for finding in examples.findings(example, [which], node)
        if finding.about.id == which.id
    }


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_found_on_their_marked_lines_and_nowhere_else(name: str) -> None:
    assert [failure for example in read(name) for failure in examples.failures(example, rule_named(name))] == []


# Laws about what rule files say


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_file_follows_the_schema(name: str) -> None:
    errors = jsonschema.Draft202012Validator(SCHEMA).iter_errors(plain(name))
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_has_three_failing_and_three_passing_examples_each_in_two_formats(name: str) -> None:
    wanting = short_of(name)
    if name in FEWER_EXAMPLES:
        assert wanting, f"{name} has examples enough: take it out of FEWER_EXAMPLES"
    else:
        assert wanting == []


@pytest.mark.parametrize("name", NAMES)
def test_no_example_is_written_twice(name: str) -> None:
    """Neither as it stands, nor with a mark more or less."""
    written = [json.dumps(library.plain(example.node), sort_keys=True) for example in read(name)]
    unmarked = [examples.MARK.sub("", text.replace("\\n", "\n")) for text in written]
    assert [text for text in unmarked if unmarked.count(text) > 1] == []


def short_of(name: str) -> list[str]:
    """What a rule file lacks of three failing and three passing examples, each in two formats."""
    lacking: list[str] = []
    for word, passing in (("failing", False), ("passing", True)):
        formats = [format_of(example) for example in read(name) if example.passing is passing]
        if len(formats) < 3:
            lacking.append(f"{len(formats)} {word} examples")
        if len(set(formats)) < 2:
            lacking.append(f"{word} examples in one format only: {formats[0]}")
    return lacking


def format_of(example: Example) -> str:
    """What kind of file an example is; one that is written out in the rule file is a policy, or what AWS prints."""
    if examples.block_of(example.node) is None:
        return "answer of AWS" if "grants" in example.node else "policy"
    return " and ".join(document.kind for document in examples.world(example).documents)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_file_is_written_in_the_common_order(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    order = list(SCHEMA["properties"])
    written = list(plain(name))
    assert written == sorted(written, key=order.index), "keys stand in the order of the schema, examples last"


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_refers_to_rules_that_exist_and_pages_of_aws(name: str) -> None:
    said = plain(name)
    assert set(said.get("implied_by", ())) <= {*NAMES, *FIRST_WAVE}
    assert any(page.startswith("https://docs.aws.amazon.com/") for page in said["references"]) or name in OF_THE_LINTER
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)


def test_titles_are_unique() -> None:
    titles = [plain(name)["title"] for name in NAMES]
    assert [title for title in titles if titles.count(title) > 1] == []


def test_every_rule_of_the_first_wave_exists() -> None:
    assert [name for name in FIRST_WAVE if name not in NAMES] == []


def test_the_library_reads_what_the_files_say() -> None:
    said = {about.id: about for about in library.described()}
    assert list(said) == NAMES
    for name in NAMES:
        assert said[name].title == plain(name)["title"]
        assert str(said[name].severity) == plain(name)["severity"]
    assert json.loads(compiled.compiled(str(FOLDER))) == {
        name: {word: value for word, value in plain(name).items() if word not in compiled.EXAMPLES} for name in NAMES
    }


# The vocabulary of `match`


@pytest.mark.parametrize("subject", match.FACTS)
def test_the_schema_names_the_facts_that_exist(subject: str) -> None:
    assert set(SCHEMA["$defs"][subject]["properties"]) == set(match.FACTS[subject])
    assert set(SCHEMA["properties"]["match"]["properties"]) == set(match.SUBJECTS)


def test_the_words_of_the_schema_are_those_of_the_model() -> None:
    def words(name: str) -> set[str]:
        return set(SCHEMA["$defs"][name]["enum"])

    def kebab(kinds: Any) -> set[str]:
        return {kind.name.lower().replace("_", "-") for kind in kinds}

    assert set(SCHEMA["$defs"]["statement"]["properties"]["effect"]["enum"]) == {effect.value for effect in Effect}
    assert words("policy_kind") == {kind.value for kind in PolicyKind} - {"trust-policy", "resource-policy"}
    assert words("one_who") == kebab(principals.Who) - {"some-account", "some-identity", "unknown"}
    assert words("reach") == kebab(resources.Kind) - {"unknown"}
    assert words("limit") == kebab(conditions.Limit)
    assert words("operator") == set(OPERATORS)


def facts() -> list[tuple[str, str]]:
    """Each fact of each rule that has several."""
    said = [(name, facts) for name in NAMES for facts in head(name).get("match", {}).values()]
    return [(name, fact) for name, facts in said for fact in facts if len(facts) > 1]


@pytest.mark.parametrize(("name", "fact"), facts())
def test_every_fact_is_needed(name: str, fact: str) -> None:
    """Some passing example would be flagged if the rule forgot this fact."""
    said = plain(name)
    ((subject, all_facts),) = said["match"].items()
    fewer = {word: value for word, value in all_facts.items() if word != fact}
    rule = library.rule(name, {**said, "match": {subject: fewer}})
    assert any(found(example, rule=rule) for example in read(name) if example.passing)


# Laws about what rules find


@pytest.mark.parametrize("name", NAMES)
def test_what_is_unknown_never_accuses(name: str) -> None:
    """With a value that only exists at apply time in the place of any other, nothing is found for certain."""
    for example in read(name):
        if not example.passing or examples.block_of(example.node) is not None:
            continue
        for path, variant in with_unknown(example.node):
            sure = [line for line, confidence in found(example, variant) if confidence is Confidence.DEFINITE]
            assert sure == [], f"{example.name}: with an unknown value at {path}"


@pytest.mark.parametrize("name", NAMES)
def test_spelling_does_not_matter(name: str) -> None:
    """One value, or a list of one; `kms:Decrypt`, or `KMS:DECRYPT`: the findings are the same."""
    for example in read(name):
        if examples.block_of(example.node) is not None:
            continue
        usual = found(example)
        for spelling in (listed, single, loud):
            changed = spelling(example.node)
            assert isinstance(changed, Mapping)
            assert found(example, changed) == usual, f"{example.name}: {spelling.__name__}"


VALUES = {"Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated", "Statement"}


def with_unknown(node: Node, path: str = "") -> Iterator[tuple[str, Any]]:
    """A tree with each leaf in turn replaced by a value that is not known."""
    if isinstance(node, Mapping):
        for index, (name, value) in enumerate(node.entries):
            if name == "with":
                continue
            for place, changed in with_unknown(value, f"{path}.{name}"):
                entries = [*node.entries]
                entries[index] = (name, changed)
                yield place, Mapping(entries, node.at)
    elif isinstance(node, Items):
        for index, value in enumerate(node.values):
            for place, changed in with_unknown(value, f"{path}[{index}]"):
                values = [*node.values]
                values[index] = changed
                yield place, Items(values, node.at)
    elif isinstance(node, Text | Scalar):
        yield path, Unknown("var.unknown", node.at)


def listed(node: Node, name: str = "") -> Node:
    """Each single value as a list of one."""
    if isinstance(node, Mapping):
        return Mapping([(key, value if key == "with" else listed(value, key)) for key, value in node.entries], node.at)
    if isinstance(node, Items):
        return Items([listed(value) for value in node.values], node.at)
    return Items([node], node.at) if isinstance(node, Text) and name in VALUES else node


def single(node: Node) -> Node:
    """Each list of one as a single value."""
    if isinstance(node, Mapping):
        return Mapping([(key, value if key == "with" else single(value)) for key, value in node.entries], node.at)
    if isinstance(node, Items):
        values = [single(value) for value in node.values]
        return values[0] if len(values) == 1 and isinstance(values[0], Text) else Items(values, node.at)
    return node


def loud(node: Node, name: str = "") -> Node:
    """Actions in capitals."""
    if isinstance(node, Mapping):
        return Mapping([(key, loud(value, key)) for key, value in node.entries], node.at)
    if isinstance(node, Items):
        return Items([loud(value, name) for value in node.values], node.at)
    if isinstance(node, Text) and name in ("Action", "NotAction"):
        return Text(node.upper(), node.at, node.form.upper())
    return node
