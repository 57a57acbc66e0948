from __future__ import annotations

import json
import runpy
from pathlib import Path

from kms_lint.iam import actions, comparisons, keys, kms

PROJECT = Path(__file__).parents[2]


def test_the_tables_are_what_the_tool_writes() -> None:
    tool = runpy.run_path(str(PROJECT / "tools" / "make_tables.py"))
    facts = json.loads((PROJECT / "tools" / "kms_facts.json").read_text("utf-8"))
    committed = (PROJECT / "kms_lint" / "iam" / "kms.py").read_text("utf-8")
    assert tool["make"](facts) == committed, "run python tools/make_tables.py"
    uses = json.loads((PROJECT / "tools" / "services.json").read_text("utf-8"))
    committed = (PROJECT / "kms_lint" / "iam" / "service_table.py").read_text("utf-8")
    assert tool["make_services"](uses) == committed, "run python tools/make_tables.py"


def test_every_action_has_one_resource_one_level_and_one_effect_in_key_policies() -> None:
    for table in (kms.BY_RESOURCE, kms.BY_LEVEL, kms.IN_KEY_POLICY):
        listed = [name for names in table.values() for name in names.split()]
        assert sorted(listed) == sorted(kms.ACTIONS.split())


def test_groups_are_actions() -> None:
    groups = {name: value for name, value in vars(actions).items() if name.isupper() and isinstance(value, frozenset)}
    groups.pop("GRANT_OPERATIONS")
    for name, group in groups.items():
        assert group <= actions.ALL, name
        assert group or name == "_NONE", name
    assert {f"kms:{name}" for name in actions.GRANT_OPERATIONS} <= actions.ALL


def test_condition_keys_of_actions_are_known() -> None:
    for action in actions.ALL:
        for name in actions.condition_keys(action):
            assert keys.find(name.replace("*", "x")) is not None, (action, name)


def test_there_are_the_27_operators() -> None:
    assert len(comparisons.COMPARISONS) == 27
    assert sum("Not" in name for name in comparisons.COMPARISONS) == sum(
        each.negated for each in comparisons.COMPARISONS.values()
    )
