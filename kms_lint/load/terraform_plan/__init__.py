"""Plans and states of Terraform and OpenTofu, as `terraform show -json` prints them, and raw states.

https://developer.hashicorp.com/terraform/internals/json-format and https://opentofu.org/docs/internals/json-format/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kms_lint.errors import MalformedError
from kms_lint.load import PLAN
from kms_lint.load.options import Options
from kms_lint.model import Document, Status, Unresolved
from kms_lint.source import Source, Span
from kms_lint.syntax.json_walk import Walk, WalkError

if TYPE_CHECKING:
    from kms_lint.load.terraform_plan.outline import Outline

_MARKS: Final = ('"terraform_version"', '"encrypted_data"', '"planned_values"')
_TELLING: Final = frozenset({"planned_values", "resource_changes", "values", "resources", "modules"})
_LOG: Final = '{"@level"'
_STATE: Final = "Terraform state"
_ENCRYPTED: Final = "this state is encrypted: run `tofu show -json` where its key is, and check what that prints"


def document(path: str, source: Source, options: Options) -> Document | None:
    """What a plan or a state holds; `None` for what is neither, or no JSON. The log of a run is passed over."""
    if source.text.startswith(_LOG):
        return Document(path, "json", "", status=Status.SKIPPED)
    if not any(mark in source.text for mark in _MARKS):
        return None
    try:
        names = _names(source)
        if "planned_values" in names or "resource_changes" in names:
            return _plan(path, source, options)
        if "encrypted_data" in names:
            return _encrypted(path, source)
        if "terraform_version" in names and "values" in names:
            return _shown_state(path, source, options)
        if "terraform_version" in names and names & {"lineage", "serial"}:
            return _raw_state(path, source, options)
    except (WalkError, MalformedError):
        pass  # who reads it as any other JSON says what is wrong with it
    return None


def _names(source: Source) -> frozenset[str]:
    """The names of the object that a text is, the first ones if they tell enough."""
    names: set[str] = set()
    for name in Walk(source.text).members():
        names.add(name)
        if name in _TELLING and "terraform_version" in names:
            break
    return frozenset(names)


def _plan(path: str, source: Source, options: Options) -> Document:
    from kms_lint.load.terraform_plan.outline import of_plan

    return _document(path, of_plan(source), options, PLAN)


def _shown_state(path: str, source: Source, options: Options) -> Document:
    from kms_lint.load.terraform_plan.outline import of_state

    return _document(path, of_state(source), options, _STATE)


def _raw_state(path: str, source: Source, options: Options) -> Document:
    from kms_lint.load.terraform_plan.state import of_raw_state

    return _document(path, of_raw_state(source), options, _STATE)


def _encrypted(path: str, source: Source) -> Document:
    unresolved = Unresolved(_STATE, _ENCRYPTED, Span(source, 0, 0))
    return Document(path, "terraform", _STATE, source, unresolved=(unresolved,))


def _document(path: str, outline: Outline, options: Options, kind: str) -> Document:
    if not outline.entries and not outline.changed and not outline.cut:
        return Document(path, "terraform", kind, outline.source, Status.SKIPPED)
    from kms_lint.load.terraform_plan.configuration import Configuration
    from kms_lint.load.terraform_plan.resources import Resources
    from kms_lint.load.terraform_plan.values import Values
    from kms_lint.load.terraform_plan.veil import covered

    source = outline.source
    written = None if outline.configuration is None else Walk(source.text, outline.configuration).value()
    configuration = Configuration(written)
    secret = configuration.sensitive_variables()
    hidden = [(place, True) for name, place in outline.variables.items() if name in secret]
    shown = covered(source, [*outline.covered, *hidden])
    found = Resources(Values(outline, shown, configuration, options))
    made = Document(path, "terraform", kind, shown)
    return replace(
        made,
        keys=tuple(found.keys),
        policies=tuple(found.policies),
        grants=tuple(found.grants),
        aliases=tuple(found.aliases),
        secrets=tuple(found.secrets),
        consumers=tuple(found.consumers),
        deliveries=tuple(found.deliveries),
        shares=tuple(found.shares),
        trails=tuple(found.trails),
        endpoints=tuple(found.endpoints),
        identities=tuple(found.identities),
        unresolved=tuple(Unresolved("the modules", why, Span(shown, at, at + 1)) for why, at in outline.cut),
        planned=tuple(found.changes()),
    )
