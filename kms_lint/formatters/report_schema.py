"""The shape of the JSON report, as JSON Schema (draft 2020-12); published by `kms-lint schema report`."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_LEVEL: Final = {"enum": ["critical", "high", "medium", "low", "info"]}
_POSITION: Final = {"$ref": "#/$defs/position"}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """An object that has all these fields, and may gain others."""
    return {"type": "object", "required": list(properties), "properties": properties}


_PLACE: Final = {"path": _TEXT, "start": _POSITION, "end": _POSITION}
_FINDING: Final = _object(
    {
        "rule": _TEXT,
        "title": _TEXT,
        "severity": _LEVEL,
        "confidence": {"enum": ["definite", "possible"]},
        "message": _TEXT,
        **_PLACE,
        "kind": {"description": "The kind of policy, `key` or `grant`.", "type": ["string", "null"]},
        "resource": _TEXT_OR_NULL,
        "construct": {"description": "The CDK construct that made the resource.", "type": ["string", "null"]},
        "statement": {"description": "The Sid, or the index from 0 in brackets.", "type": ["string", "null"]},
        "value": {"description": "The offending text, secrets masked.", "type": ["string", "null"]},
        "related": {"type": "array", "items": _object({**_PLACE, "message": _TEXT})},
        "instances": {"type": "array", "items": _TEXT},
        "fingerprint": {"description": "The same when lines move; unique in a report.", "type": "string"},
        "help": {"type": "string", "format": "uri"},
        "fix": _TEXT,
        "edits": {"type": "array", "items": _object({**_PLACE, "text": _TEXT})},
        "ignored": {
            "type": ["object", "null"],
            "required": ["reason", "path", "line"],
            "properties": {"reason": _TEXT_OR_NULL, "path": _TEXT, "line": _COUNT},
        },
    }
)

SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://kms-lint.readthedocs.io/en/latest/report.schema.json",
    "title": "Report of kms-lint",
    "description": "`kms-lint check --format json`. Within a version it only gains fields.",
    **_object(
        {
            "version": {"const": 1},
            "tool": _object({"name": {"const": "kms-lint"}, "version": _TEXT, "facts": _TEXT}),
            "findings": {"type": "array", "items": _FINDING},
            "unresolved": {
                "description": "Policies that could not be judged in full.",
                "type": "array",
                "items": _object(
                    {"path": _TEXT, "line": _COUNT, "resource": _TEXT, "expression": _TEXT, "message": _TEXT}
                ),
            },
            "notes": {"description": "What was guessed or not read.", "type": "array", "items": _TEXT},
            "summary": _object(
                {
                    "documents": _COUNT,
                    "judged": _COUNT,
                    "unresolved": _COUNT,
                    "malformed": _COUNT,
                    "skipped": _COUNT,
                    "policies": _COUNT,
                    "keys": _COUNT,
                    "grants": _COUNT,
                    "findings": {"type": "object", "propertyNames": _LEVEL, "additionalProperties": _COUNT},
                    "ignored": _COUNT,
                }
            ),
        }
    ),
    "$defs": {
        "position": _object(
            {
                "line": {"description": "From 1.", "type": "integer", "minimum": 1},
                "column": {"description": "From 1, in characters.", "type": "integer", "minimum": 1},
            }
        )
    },
}
