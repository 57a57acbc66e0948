"""What unknown values are, told apart by their definitions: for those who compare two versions of the same files.

Two expressions of the same text have the same value in both versions when nothing that they refer to has changed. What
is not sure to be the same gets no identity.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kms_lint import texts
from kms_lint.load.options import Options
from kms_lint.model import Document, Grant, Policy, Statement
from kms_lint.syntax import locate
from kms_lint.syntax.tree import ANYTHING, Defined, Text, looked_up

if TYPE_CHECKING:
    from kms_lint.files import File

CONFIGURATION = "Terraform configuration"
TEMPLATE = "cloudformation"


class Definitions:
    """The definitions of one side of a comparison; `place` is the file or folder that it is."""

    def __init__(
        self, place: str, here: str, files: Sequence[File], options: Options, before: frozenset[str] = frozenset()
    ) -> None:
        """`here` is the working directory that the paths of documents are seen from, `before` are the addresses of the side before.

        What defines values is read when an unknown one is met.
        """
        from kms_lint.load.definitions.modules import Modules
        from kms_lint.load.definitions.moves import Moves
        from kms_lint.load.definitions.templates import Templates

        self._modules = Modules(place, here, files, options)
        self._templates = Templates(options)
        self._here, self._before = here, before
        self.past = Moves(place, files)

    def policy(self, document: Document, policy: Policy) -> tuple[Policy, str]:
        """The policy with the identities of its unknown values, and that of its branch; empty where it is not sure."""
        if document.kind == CONFIGURATION:
            branch = self._modules.branch(document, policy)
        else:
            branch = self._templates.branch(document, policy) if document.format == TEMPLATE else ""
        if not any(map(_open, texts.of_policy(policy))) and not any(each.unknown for each in policy.statements):
            return policy, branch
        places = Counter(_place(text) for text in texts.of_policy(policy) if _open(text))

        def define(text: Text) -> Text:
            return self._defined(document, text, policy.address, places[_place(text)] == 1)

        return self._wholes(document, texts.changed(policy, define)), branch

    def _wholes(self, document: Document, policy: Policy) -> Policy:
        """The policy, in which statements of unknown content have the identity of their expression as their name."""
        places = Counter(_place(each) for each in policy.statements if each.unknown)
        found = []
        for each in policy.statements:
            if each.unknown and each.sid is None and each.effect is None and each.actions is None:
                at = locate(each.at)
                text = Text(f"<{' '.join(at.source.text[at.start : at.end].split())[:80]}>", each.at, ANYTHING)
                sid = self._defined(document, text, policy.address, places[_place(each)] == 1)
                each = replace(each, sid=sid if isinstance(sid, Defined) else None)
            found.append(each)
        return replace(policy, statements=tuple(found))

    def grant(self, document: Document, grant: Grant) -> Grant:
        """The grant with the identities of its unknown values."""

        def define(text: Text | None) -> Text | None:
            return text if text is None else self._defined(document, text, grant.address)

        constraints = tuple(
            each._replace(values=tuple((define(name) or name, define(value) or value) for name, value in each.values))
            for each in grant.constraints
        )
        operations = tuple(self._defined(document, each, grant.address) for each in grant.operations)
        grantee, key = define(grant.grantee), define(grant.key)
        return replace(grant, grantee=grantee, key=key, operations=operations, constraints=constraints)

    def _defined(self, document: Document, text: Text, address: str, once: bool = False) -> Text:
        """A text with its identity; `once` is whether nothing else in the policy is written at its place."""
        if not _open(text):
            return text
        at = locate(text.at)
        if document.kind == CONFIGURATION:
            found = self._modules.identity(at, address, once)
        elif document.format == TEMPLATE:
            found = self._templates.identity(document, at)
        else:
            return text
        if found:
            return Defined(text, digest((str(text), text.form, self._origin(document, address), found)))
        return Defined(text, "") if text.known else text

    def _origin(self, document: Document, address: str) -> str:
        """The address that something had on the side before, where it was moved."""
        if not self._before or address in self._before:
            return address
        known = (*self.past.formerly(address, self.past.place(self._here, document.path)), *self.past.unsaid(address))
        return next((each for each in known if each in self._before), address)


def _open(text: Text) -> bool:
    """Whether the value of a text hangs on definitions."""
    return not text.known or looked_up(text)


def _place(written: Text | Statement) -> tuple[str, int]:
    at = locate(written.at)
    return at.source.path, at.start


def digest(parts: Iterable[str]) -> str:
    """Parts of text as one short one, which other parts do not have."""
    found = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(encoded) + encoded)
    return found.hexdigest()
