"""Plans and states for the tests, made after the documented format.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from kms_lint import syntax
from kms_lint.files import File
from kms_lint.load import Options, load
from kms_lint.load.terraform_plan.address import module_of, outer
from kms_lint.model import Document
from kms_lint.source import At

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"
Object: TypeAlias = "Mapping[str, Json]"

ROOT = "arn:aws:iam::111122223333:root"
REFERENCES = "references"


def statement(sid: str, principal: Json, action: Json = "kms:*", **more: Json) -> dict[str, Json]:
    """A statement of a key policy."""
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def policy(*statements: Object) -> str:
    """The text of a policy, as `jsonencode` gives it."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


PUBLIC = policy(statement("Root", {"AWS": ROOT}), statement("Open", "*", "kms:Decrypt"))


NOTHING: Final[Object] = {}
NOTHING_SAID: Final = Options()


class Instance(NamedTuple):
    """An instance of a resource in a plan: what is known of it, what is not, and what is written of it."""

    address: str
    values: Object = NOTHING
    unknown: Object = NOTHING
    written: Object = NOTHING
    sensitive: Object = NOTHING
    actions: Sequence[str] = ("create",)
    before: Json = None


def refers(*references: str) -> Object:
    """An expression that refers to something, as Terraform lists it: each reference and what it begins with."""
    listed = []
    for text in references:
        listed.append(text)
        parts = text.split(".")
        shortest = 3 if parts[0] == "data" else 2
        listed += [".".join(parts[:length]) for length in range(len(parts) - 1, shortest - 1, -1)]
    return {REFERENCES: listed}


def _described(instance: Instance, version: str) -> dict[str, Json]:
    module = module_of(instance.address)
    rest = instance.address[len(module) :]
    mode = "data" if rest.startswith("data.") else "managed"
    type, _, label = rest.removeprefix("data.").partition(".")
    name, _, key = label.partition("[")
    found: dict[str, Json] = {"address": instance.address, "mode": mode, "type": type, "name": name}
    if key:
        found["index"] = json.loads(key[:-1])
    found["provider_name"] = "aws" if version == "0.1" else "registry.terraform.io/hashicorp/aws"
    return found


def _module(instances: Sequence[Instance], module: str, version: str) -> dict[str, Json]:
    """The values of a module and those in it."""
    inner: dict[str, list[Instance]] = {}
    found: list[Json] = []
    for instance in instances:
        here = module_of(instance.address)
        if here == module:
            sensitive = {} if version == "0.1" else {"sensitive_values": instance.sensitive}
            found.append({**_described(instance, version), "schema_version": 0, "values": instance.values, **sensitive})
        else:
            while outer(here)[0] != module:
                here = outer(here)[0]
            inner.setdefault(here, []).append(instance)
    children = [{**_module(each, name, version), "address": name[:-1]} for name, each in inner.items()]
    return {**({"resources": found} if found else {}), **({"child_modules": children} if children else {})}


def plan(
    *instances: Instance,
    configuration: Object | None = None,
    prior: Sequence[Instance] = (),
    version: str = "1.2",
    terraform: str = "1.14.0",
    **more: Json,
) -> dict[str, Json]:
    """A plan. The configuration is that of the root module, and made of what is written of the instances there."""
    existing = [each for each in instances if each.actions not in (("delete",), ("forget",))]
    changes: list[Json] = []
    for each in instances:
        gone = each.actions in (("delete",), ("forget",))
        change: dict[str, Json] = {
            "actions": each.actions,
            "before": each.before,
            "after": None if gone else each.values,
            "after_unknown": each.unknown,
        }
        if version != "0.1":
            change |= {"before_sensitive": False, "after_sensitive": each.sensitive}
        changes.append({**_described(each, version), "change": change})
    written = {
        "resources": [
            {"address": each.address.partition("[")[0], "provider_config_key": "aws", "expressions": each.written}
            for each in (*instances, *prior)
            if not module_of(each.address)
        ]
    }
    return {
        "format_version": version,
        "terraform_version": terraform,
        "planned_values": {"root_module": _module(existing, "", version)},
        "resource_changes": changes,
        "prior_state": {
            "format_version": version,
            "terraform_version": terraform,
            "values": {"root_module": _module(prior, "", version)},
        },
        "configuration": {
            "provider_config": {"aws": {"name": "aws"}},
            "root_module": {**written, **(configuration or {})},
        },
        **more,
    }


def text(said: Json) -> str:
    """JSON with a line for each value, so that a test can name one."""
    return json.dumps(said, indent=2)


def read(
    said: Json | str | bytes, path: str = "plan.json", options: Options = NOTHING_SAID, named: bool = True
) -> Document:
    """The document of a plan or state."""
    content = said if isinstance(said, bytes) else (said if isinstance(said, str) else text(said)).encode()
    (document,) = load([File(path, f"/nowhere/{path}", named, content)], options)
    return document


def there(at: At) -> str:
    """The text at a place."""
    span = syntax.locate(at)
    return span.source.text[span.start : span.end]


def line(at: At) -> int:
    """The line of a place."""
    span = syntax.locate(at)
    return span.source.position(span.start).line
