"""Makes a plan of Terraform of a given size, as `terraform show -json` prints one, the same bytes each time.

    python benchmarks/plan.py FILE 50

Of the sixteen resources of each module, four are about keys and who may use them; the others are what a plan is full
of. A third of the resources exist already, with their state before. About one policy in ten deserves a finding.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from corpus import ACCOUNT, REGION, TEAMS, policy

Object: TypeAlias = "dict[str, object]"

PROVIDER = "registry.terraform.io/hashicorp/aws"
UNKNOWN = {"id": True, "arn": True, "tags_all": True}
OTHERS = ("aws_instance", "aws_security_group", "aws_lambda_function", "aws_db_instance", "aws_lb", "aws_subnet")


def plan(size: int) -> str:
    """The text of a plan of about `size` bytes."""
    planned: list[Object] = []
    changes: list[Object] = []
    prior: list[Object] = []
    calls: Object = {}
    made = number = 0
    while made < size:
        name = f"unit_{number:05}"
        resources = list(resources_of(random.Random(f"plan {number}"), name, number))
        exists = number % 3 == 0
        planned.append(module(name, resources))
        prior += [module(name, resources)] * exists
        changes += [change(name, each, exists) for each in resources]
        calls[name] = call(resources)
        if number % 20 == 0:
            made = sum(len(json.dumps(part, separators=(",", ":"))) for part in (planned[0], changes[:16], calls[name]))
            made = int(made * (number + 1) * 1.12)
        number += 1
    said: Object = {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "variables": {"environment": {"value": "live"}},
        "planned_values": {"root_module": {"child_modules": planned}},
        "resource_changes": changes,
        "prior_state": {
            "format_version": "1.0",
            "terraform_version": "1.11.4",
            "values": {"root_module": {"resources": [identity()], "child_modules": prior}},
        },
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": REGION}}}},
            "root_module": {"resources": [{"address": "data.aws_caller_identity.me"}], "module_calls": calls},
        },
        "timestamp": "2026-11-01T00:00:00Z",
    }
    return json.dumps(said, separators=(",", ":")) + "\n"


def resources_of(chance: random.Random, name: str, number: int) -> Iterator[tuple[str, str, Object]]:
    """Type, name and values of the resources of a module."""
    team = chance.choice(TEAMS)
    text = json.dumps(json.loads(policy(chance, number * 2)), separators=(",", ":"))
    use = json.dumps(json.loads(policy(chance, number * 2 + 1)), separators=(",", ":"))
    tags = {"Team": team, "Unit": name, "ManagedBy": "terraform"}
    key: Object = {
        "bypass_policy_lockout_safety_check": False,
        "custom_key_store_id": None,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "deletion_window_in_days": 30,
        "description": f"data of {team}",
        "enable_key_rotation": True,
        "is_enabled": True,
        "key_usage": "ENCRYPT_DECRYPT",
        "policy": text,
        "tags": tags,
    }
    yield "aws_kms_key", "this", key
    yield "aws_kms_alias", "this", {"name": f"alias/{team}-{name}", "name_prefix": None}
    yield "aws_iam_role", "app", {"name": f"{team}-{name}", "path": "/", "assume_role_policy": trust(), "tags": tags}
    yield "aws_iam_role_policy", "app", {"name": "use", "policy": use, "role": f"{team}-{name}"}
    for index in range(12):
        yield chance.choice(OTHERS), f"it_{index}", other(chance, tags)


def other(chance: random.Random, tags: Object) -> Object:
    """The values of something that has nothing to do with keys."""
    said: Object = {
        f"argument_{index}": chance.choice((None, True, "a value of some length", 80)) for index in range(22)
    }
    rule = {"cidr_blocks": ["10.0.0.0/8"], "description": "inside", "from_port": 443, "protocol": "tcp", "to_port": 443}
    return {**said, "ingress": [rule] * chance.randrange(3), "tags": tags, "timeouts": None}


def trust() -> str:
    """Who may take the role."""
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [service]})


def module(name: str, resources: list[tuple[str, str, Object]]) -> Object:
    """A module as values show it."""
    shown = [
        {
            "address": f"module.{name}.{type}.{label}",
            "mode": "managed",
            "type": type,
            "name": label,
            "provider_name": PROVIDER,
            "schema_version": 0,
            "values": values,
            "sensitive_values": {"tags": {}, "tags_all": {}},
        }
        for type, label, values in resources
    ]
    return {"resources": shown, "address": f"module.{name}"}


def change(name: str, resource: tuple[str, str, Object], exists: bool) -> Object:
    """What is to be done to a resource."""
    type, label, values = resource
    return {
        "address": f"module.{name}.{type}.{label}",
        "module_address": f"module.{name}",
        "mode": "managed",
        "type": type,
        "name": label,
        "provider_name": PROVIDER,
        "change": {
            "actions": ["no-op" if exists else "create"],
            "before": values if exists else None,
            "after": values,
            "after_unknown": {} if exists else {**UNKNOWN, "target_key_id": type == "aws_kms_alias"},
            "before_sensitive": {"tags": {}} if exists else False,
            "after_sensitive": {"tags": {}, "tags_all": {}},
        },
    }


def call(resources: list[tuple[str, str, Object]]) -> Object:
    """The configuration of a module."""
    shown = [
        {
            "address": f"{type}.{label}",
            "mode": "managed",
            "type": type,
            "name": label,
            "provider_config_key": "aws",
            "expressions": {
                each: {"references": ["var.settings"]} for each, value in values.items() if value is not None
            },
            "schema_version": 0,
        }
        for type, label, values in resources
    ]
    return {
        "source": "./unit",
        "expressions": {"settings": {"references": ["local.settings"]}},
        "module": {"resources": shown},
    }


def identity() -> Object:
    """The data source that tells the account."""
    return {
        "address": "data.aws_caller_identity.me",
        "mode": "data",
        "type": "aws_caller_identity",
        "name": "me",
        "values": {"account_id": ACCOUNT, "id": ACCOUNT},
        "sensitive_values": {},
    }


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(plan(int(float(sys.argv[2]) * 1_000_000)), encoding="utf-8")
