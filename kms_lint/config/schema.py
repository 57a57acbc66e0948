"""What a configuration file may say, as JSON Schema (draft 2020-12); published by `kms-lint schema config`."""

from __future__ import annotations

from typing import Any, Final

_ACCOUNT: Final = {"type": ["string", "integer"], "pattern": "^[0-9]{12}$"}
_WHOM: Final = {
    "type": ["string", "integer"],
    "pattern": "^([0-9]{12}|arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:(user|role|assumed-role|federated-user)/.+)$",
}
_LEVEL: Final = {"type": "string", "enum": ["critical", "high", "medium", "low", "info"]}
_TEXTS: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}
_SEVERITY: Final = {
    "description": "Severities of rules that differ from what the rule files say.",
    "type": "object",
    "additionalProperties": _LEVEL,
}
_PATHS: Final = {**_TEXTS, "minItems": 1}


def _ignore(with_path: bool) -> dict[str, Any]:
    path = {"path": {"description": "A pattern as in .gitignore.", "type": "string", "minLength": 1}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["rule"],
        "properties": {
            "rule": {
                "description": "A rule, or an equivalent check of another tool.",
                "type": "string",
                "minLength": 1,
            },
            **(path if with_path else {}),
            "resource": {"description": "The address as in the report.", "type": "string", "minLength": 1},
            "statement": {"description": "The Sid, or `[2]`.", "type": "string", "minLength": 1},
            "reason": {"type": "string"},
            "until": {
                "description": "The last day on which it ignores, such as 2027-03-01.",
                "type": "string",
                "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            },
        },
    }


SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://kms-lint.readthedocs.io/en/latest/config.schema.json",
    "title": "Configuration of kms-lint",
    "description": "kms-lint.yaml, .kms-lint.yaml, or [tool.kms-lint] in pyproject.toml. Patterns are as in .gitignore, "
    "seen from the folder of the file.",
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "root": {"description": "Whether files in folders further up are left alone.", "type": "boolean"},
        "accounts": {
            "description": "Whom you know.",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "own": {"description": "Your accounts.", "type": "array", "items": _ACCOUNT},
                "trusted": {
                    "description": "Accounts of partners, or ARNs of principals there, which may have wildcards in the name.",
                    "type": "array",
                    "items": _WHOM,
                },
                "third_party": {
                    "description": "Accounts of vendors, or ARNs of principals there: known, and not trusted.",
                    "type": "array",
                    "items": _WHOM,
                },
            },
        },
        "deployment": {
            "description": "Where what is read will be deployed, as far as the files do not say it.",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "account": {"description": "The account of the keys.", **_ACCOUNT},
                "region": {"description": "The Region.", "type": "string", "pattern": "^[a-z]+(-[a-z]+)+-[0-9]+$"},
                "partition": {"description": "The partition.", "type": "string", "pattern": "^aws(-[a-z-]+)?$"},
            },
        },
        "organizations": {
            "description": "Your organizations. When there are any, others are strangers.",
            "type": "array",
            "items": {"type": "string", "pattern": "^o-[a-z0-9]{10,32}$"},
        },
        "rules": {"description": "Folders of own rules, seen from the folder of this file.", **_TEXTS},
        "persona": {"description": "Which built-in rules run.", "type": "string", "enum": ["default", "strict"]},
        "fail_on": {"description": "From which severity on the exit status is 1.", **_LEVEL},
        "exclude": {"description": "What to leave out when folders are searched.", **_TEXTS},
        "severity": _SEVERITY,
        "settings": {
            "description": "Numbers that rules compare with.",
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "minimum_deletion_window": {"type": "integer", "minimum": 7, "maximum": 30},
                "maximum_rotation_period": {"type": "integer", "minimum": 90, "maximum": 2560},
                "minimum_rsa_bits": {"type": "integer", "minimum": 2048, "maximum": 4096},
            },
        },
        "ignore": {"description": "Findings to live with.", "type": "array", "items": _ignore(True)},
        "require_reason": {"description": "Whether each ignore has to give a reason.", "type": "boolean"},
        "overrides": {
            "description": "What is different for some files.",
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["paths"],
                "properties": {
                    "paths": _PATHS,
                    "ignore": {"type": "array", "items": _ignore(False)},
                    "severity": _SEVERITY,
                },
            },
        },
    },
}
