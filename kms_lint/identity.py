"""What makes two findings the same one in two runs: fingerprints, without lines and without the order of keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from kms_lint.finding import Finding
from kms_lint.model import Patterns, Statement


def statement_identity(statement: Statement | None) -> str:
    """The Sid of a statement, or its content in an order of our own; empty for what is no statement."""
    if statement is None:
        return ""
    if statement.sid:
        return f"sid {statement.sid}"
    principals = statement.principals
    parts = [
        str(statement.effect_text),
        "!" if principals and principals.negated else "",
        *sorted(f"{principal.type}={principal.value}" for principal in (principals.values if principals else ())),
        _patterns(statement.actions),
        _patterns(statement.resources),
        *sorted(f"{entry.operator.text} {entry.key} {sorted(entry.values)}" for entry in statement.conditions),
    ]
    return "\n".join(parts)


def _patterns(patterns: Patterns | None) -> str:
    return "" if patterns is None else f"{patterns.negated} {sorted(patterns.values)}"


def fingerprints(findings: Iterable[Finding], relative: Callable[[str], str]) -> Iterator[Finding]:
    """The findings with their fingerprints, which are unique within the run.

    A finding comes in with the identity of its statement in the place of its fingerprint. Findings that are alike in
    everything are told apart by the order in which they stand.
    """
    try:
        from _blake2 import (
            blake2b,  # what `hashlib` gives, without the OpenSSL that it loads: a third of Python's start
        )
    except ImportError:
        from hashlib import blake2b

    seen: dict[str, int] = {}
    for finding in findings:
        path = relative(finding.span.source.path)
        parts = (finding.about.id, path, finding.kind, finding.resource, finding.fingerprint, finding.value)
        name = "\0".join(str(part) for part in parts)
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            name += f"\0{seen[name]}"
        yield replace(finding, fingerprint=blake2b(name.encode("utf-8", "replace"), digest_size=16).hexdigest())
