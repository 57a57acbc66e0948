"""Writes kms_lint/iam/kms.py from tools/kms_facts.json, and kms_lint/iam/service_table.py from tools/services.json.

Run it after changing the facts: `python tools/make_tables.py`. A test compares its results with the files in the tree.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parent / "kms_lint" / "iam" / "kms.py"

SERVICES = HERE.parent / "kms_lint" / "iam" / "service_table.py"

HEAD = '''"""Facts about AWS KMS and IAM policies, as tables. Written by tools/make_tables.py; change tools/kms_facts.json instead.

Names are joined by spaces, so that importing the tables costs next to nothing. Actions stand without `kms:`. A condition
key that ends in `*` is a family, such as `kms:EncryptionContext:*`.

Sources:
{sources}
"""

from __future__ import annotations

from typing import Final'''


SERVICES_HEAD = '''"""How services of AWS use keys, as a table. Written by tools/make_tables.py; change tools/services.json instead.

`service_access.py` says what the words mean. Each row names the page of AWS that it comes from.
"""

from __future__ import annotations

from typing import Final'''


def make(facts: Mapping[str, Any]) -> str:
    """The text of the module."""
    sources = "\n".join(f"- {text}" for text in facts["sources"].values())
    parts = [HEAD.format(sources=sources)]
    parts.append(assignment("FACTS_DATE", facts["facts_date"], "The month the facts were collected."))
    parts += action_tables(facts["actions"], facts["not_actions"])
    parts += key_tables(facts)
    parts += other_tables(facts)
    return "\n".join(parts) + "\n"


def action_tables(actions: Mapping[str, Any], not_actions: Mapping[str, str]) -> list[str]:
    """The tables about actions."""
    levels = group(actions, lambda action: action["access_level"].split(" (")[0])
    resources = group(actions, lambda action: RESOURCES[action["iam_policy_resource"]])
    effective = group(actions, lambda action: EFFECTIVE[action["key_policy"]])
    return [
        assignment("ACTIONS", names(actions), "Every permission of KMS."),
        assignment("NOT_ACTIONS", dict(not_actions), "Names that people write, and what they mean."),
        assignment("BY_LEVEL", levels, "The access level of the Service Authorization Reference."),
        assignment("BY_RESOURCE", resources, "What an identity policy has to name as resource."),
        assignment("IN_KEY_POLICY", effective, "Whether a key policy decides; `half` where an alias counts as well."),
        assignment("CROSS_ACCOUNT", chosen(actions, "cross_account"), "What principals of other accounts can do."),
        assignment("CRYPTOGRAPHIC", chosen(actions, "cryptographic_operation"), "Cryptographic operations."),
        *action_keys(actions),
        assignment("REQUIREMENTS", requirements(actions), "What a key has to be like for an operation."),
    ]


def action_keys(actions: Mapping[str, Any]) -> list[str]:
    """Which condition keys are in the request of which action."""
    keys = {name[4:]: {family(key) for key in action["condition_keys_effective"]} for name, action in actions.items()}
    shared = set.intersection(*(found for found in keys.values() if "kms:ResourceAliases" in found and len(found) > 7))
    of_keys = [name for name, found in keys.items() if shared <= found]
    own = {name: " ".join(sorted(found - shared if shared <= found else found)) for name, found in keys.items()}
    return [
        assignment(
            "KEY_OPERATION_KEYS", " ".join(sorted(shared)), "Condition keys that every operation on a key carries."
        ),
        assignment("KEY_OPERATIONS", " ".join(of_keys), "The operations that carry them."),
        assignment("OWN_KEYS", {name: found for name, found in own.items() if found}, "What else an action carries."),
    ]


def key_tables(facts: Mapping[str, Any]) -> list[str]:
    """The tables about condition keys and operators."""
    kms_keys = {
        family(name): words(
            key["type"].split()[0], many=key["multi_valued"], identity=key["policy_types"] == IDENTITY_ONLY
        )
        for name, key in facts["condition_keys"].items()
    }
    global_keys = {
        family(name): words(key["type"], key["category"], many=key["multi_valued"], exact=key["no_wildcards_sensitive"])
        for name, key in facts["global_condition_keys"].items()
    }
    operators = {
        each["operator"]: words(each["type"], negated=each["negated"], wildcards=each["wildcards"])
        for each in facts["operators"]
    }
    return [
        assignment("CONDITION_KEYS", kms_keys, "Keys of KMS: type, `many` values, `identity` policies only."),
        assignment(
            "GLOBAL_KEYS", global_keys, "Global keys: type, category, `many` values, `exact` without wildcards."
        ),
        assignment("OPERATORS", operators, "Operators: type, `negated`, `wildcards`."),
    ]


def other_tables(facts: Mapping[str, Any]) -> list[str]:
    """Grants, services, key specs, partitions and limits."""
    via, limits = facts["via_service"], facts["limits"]
    by_key = {key: " ".join(found) for key, found in facts["grant_operations_by_spec_and_usage"].items()}
    specs = {
        name: words(spec["family"], *spec["usages"], rotates=spec["auto_rotation"], store=spec["custom_key_store"])
        for name, spec in facts["key_specs"].items()
    }
    partitions = {each["id"]: each["dns_suffix"] for each in facts["partitions"]}
    regions = {each["id"]: " ".join(each["regions"]) for each in facts["partitions"]}
    together = {name: " ".join(found) for name, found in via["multi_name_services"].items()}
    return [
        assignment("GRANT_OPERATIONS", " ".join(facts["grant_operations"]), "What a grant can allow."),
        assignment("GRANT_OPERATIONS_BY_KEY", by_key, "What a grant can allow, by key spec and usage."),
        assignment("VIA_SERVICE", " ".join(via["documented_prefixes"]), "Services that kms:ViaService documents."),
        assignment("VIA_SERVICE_OBSERVED", " ".join(via[OBSERVED]), "Others that AWS's managed policies name."),
        assignment("VIA_SERVICE_TOGETHER", together, "Services that call under several names."),
        assignment("KEY_SPECS", specs, "Family, usages, `rotates`, possible in a custom key `store`."),
        assignment("PARTITIONS", partitions, "Partitions and the end of their host names."),
        assignment("REGIONS", regions, "Regions by partition; there may be newer ones."),
        assignment("UNIQUE_IDS", facts["unique_id_prefixes"], "How unique ids begin, and what they are of."),
        assignment("POLICY_CHARACTERS", limits["policy_characters"], "The greatest lengths of IAM policies."),
        assignment("KEY_POLICY_BYTES", limits["key_policy_bytes"], "The greatest length of a key policy."),
        assignment("ROTATION_DAYS", tuple(limits["rotation_days"]), "The least and the greatest rotation period."),
        assignment("DELETION_DAYS", tuple(limits["deletion_days"]), "The least and the greatest waiting period."),
        assignment("ALIAS_CHARACTERS", limits["alias_characters"], "The greatest length of an alias."),
        assignment("GRANT_CONTEXT_PAIRS", limits["grant_context_pairs"], "The most pairs in a grant's constraint."),
    ]


RESOURCES = {"key ARN": "key", "*": "*", "alias ARN AND key ARN(s)": "alias and key"}
EFFECTIVE = {"effective": "yes", "not_effective": "no", "effective_for_key_half_only": "half"}
OBSERVED = "observed_in_aws_managed_policies_but_not_in_the_table"
IDENTITY_ONLY = "IAM policies only"


def group(actions: Mapping[str, Any], by: Any) -> dict[str, str]:
    """The actions by what `by` says of them."""
    found: dict[str, list[str]] = {}
    for name, action in actions.items():
        found.setdefault(by(action), []).append(name[4:])
    return {key: " ".join(found[key]) for key in sorted(found)}


def chosen(actions: Mapping[str, Any], fact: str) -> str:
    """The actions of which a fact is true."""
    return names(name for name, action in actions.items() if action[fact])


def names(actions: Iterable[str]) -> str:
    """Names of actions without their prefix."""
    return " ".join(name.removeprefix("kms:") for name in actions)


def requirements(actions: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What operations ask of a key, without the notes."""
    found = {}
    for name, action in actions.items():
        wants = {
            key: " ".join(value) for key, value in (action["key_requirements"] or {}).items() if isinstance(value, list)
        }
        if wants:
            found[name[4:]] = wants
    return found


def family(key: str) -> str:
    """`kms:EncryptionContext:${EncryptionContextKey}` as `kms:EncryptionContext:*`."""
    return key.split("${")[0] + "*" if "${" in key else key


def words(*always: str, **perhaps: bool) -> str:
    """The words, and the names of what is true."""
    return " ".join([*always, *(name for name, true in perhaps.items() if true)])


def assignment(name: str, value: object, meaning: str) -> str:
    """One constant with its docstring."""
    return f'\n{name}: Final = {written(value)}\n"""{meaning}"""'


def written(value: object, indent: str = "") -> str:
    """A value as the formatter would write it, long strings in lines."""
    if isinstance(value, str) and len(value) > 80:
        return '"""\n' + textwrap.fill(value, 110, break_long_words=False, break_on_hyphens=False) + '\n"""'
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        inner = indent + "    "
        entries = [f'{inner}"{key}": {written(each, inner)},' for key, each in value.items()]
        return "{\n" + "\n".join(entries) + f"\n{indent}}}"
    return repr(value)


def make_services(facts: Mapping[str, Any]) -> str:
    """The text of the module on services."""
    services = facts["services"]
    never = {name: service["never_itself"] for name, service in services.items() if "never_itself" in service}
    rows = [row(name, use) for name, service in services.items() for use in service["uses"]]
    parts = [
        SERVICES_HEAD,
        assignment("FACTS_DATE", facts["facts_date"], "The month the facts were collected."),
        assignment(
            "NEVER_ITSELF", never, "Services that use keys for their callers only, and whether AWS says so outright."
        ),
        "\nUSES: Final[tuple[dict[str, str], ...]] = (\n" + "\n".join(rows) + "\n)",
        '"""Every use of keys that is known to us, by service as ARNs or service principals spell it."""',
    ]
    return "\n".join(parts) + "\n"


def row(service: str, use: Mapping[str, Any]) -> str:
    """One use, every fact as a text; what is unknown is left out."""
    said = {"service": service} | {
        key: said_of(value) for key, value in use.items() if value is not None and value != ""
    }
    return "    {\n" + "\n".join(f'        "{key}": {json.dumps(value)},' for key, value in said.items()) + "\n    },"


def said_of(value: object) -> str:
    """A fact as a text: `yes` and `no` for what is true or not."""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    TARGET.write_text(make(json.loads((HERE / "kms_facts.json").read_text("utf-8"))), "utf-8")
    SERVICES.write_text(make_services(json.loads((HERE / "services.json").read_text("utf-8"))), "utf-8")
