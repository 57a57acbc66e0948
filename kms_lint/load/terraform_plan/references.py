"""What the values that are not known yet refer to, followed as far as a plan tells.

https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kms_lint.load.terraform_plan.address import Reference, longest, of_instance, outer, reference
from kms_lint.load.terraform_plan.configuration import Configuration, references
from kms_lint.load.terraform_plan.deployment import Deployment
from kms_lint.load.terraform_plan.outline import Entry
from kms_lint.load.terraform_plan.written import Written
from kms_lint.source import At
from kms_lint.syntax.tree import ANYTHING, Items, Mapping, Node, Text, Unknown

_DEEPEST: Final = 30
_DOCUMENT: Final = "data.aws_iam_policy_document"
_CYCLE: Final = "what it refers to leads back to it, or through too many modules"
_LARGE: Final = "it is too large to be worked out"
_STATEMENTS: Final = 20_000
_LENGTH_OF_A_STATEMENT: Final = 200
_LOCAL: Final = "a plan does not tell what a local value is made of"
_MANY: Final = "a plan does not tell how it is made of these"


class References:
    """The way from what refers to what is referred to. Whatever the input, the work is bounded.

    `taken` are the arguments that were taken for a policy document, because their expressions refer to it and to nothing
    else: by address and name, what they refer to. A plan does not tell what else is done with it.
    """

    def __init__(
        self,
        written: Written,
        configuration: Configuration,
        deployment: Deployment,
        values: Callable[[Entry], Mapping],
    ) -> None:
        """`values` gives the values of a resource with what is not known in its place."""
        self._written = written
        self._configuration = configuration
        self._deployment = deployment
        self._values = values
        self._documents: dict[str, Node] = {}
        self._bases: dict[str, list[Entry]] | None = None
        self._open: set[str] = set()
        self.taken: dict[tuple[str, str], str] = {}
        self._statements = _STATEMENTS + len(written.outline.source.text) // _LENGTH_OF_A_STATEMENT

    def unknown(self, entry: Entry, written: object, at: At, path: str) -> Node:
        """What stands for a value that is not known: what it refers to, if that is one thing."""
        listed = references(written)
        found = self._one(listed, entry.module, entry.index, at, 0)
        if isinstance(found, Mapping):
            named = (each for each in longest(listed) if not of_instance(each))
            self.taken[entry.address, path] = ", ".join(named)
        return found or Unknown(f"{entry.address}.{path}", at)

    def _one(self, listed: list[object], module: str, index: str, at: At, depth: int) -> Node | None:
        """What a list of references stands for; `None` for none. `index` is the key of the instance that refers."""
        found = longest(listed)
        named = [each for each in found if not of_instance(each)]
        if not named:
            return None
        if len(named) > 1:
            return Unknown(", ".join(named), at, _MANY)
        return self._referred(reference(named[0]), module, index if len(found) > 1 else "", at, depth)

    def _referred(self, to: Reference, module: str, index: str, at: At, depth: int) -> Node:
        if depth > _DEEPEST:
            return Unknown(to.text, at, _CYCLE)
        kind = to.base.partition(".")[0]
        if kind == "local":
            return Unknown(to.text, at, _LOCAL)
        through: Node | None = None
        if kind == "module" and len(to.rest) == 1:
            inner = f"{module}{to.base}{to.key}."
            through = self._one(
                references(self._configuration.output(inner, to.rest[0])), inner, to.key or index, at, depth + 1
            )
        elif kind == "var" and module and not to.rest and not to.key:
            caller, call, key = outer(module)
            handed = self._configuration.handed(caller, call, to.base.partition(".")[2])
            through = self._one(references(handed), caller, key, at, depth + 1)
        elif kind not in ("module", "var") and len(to.rest) == 1:
            target = self._instance(module, to.base, to.key, index)
            through = None if target is None else self._attribute(target, to.rest[0], to.text, at, depth)
        return through or Unknown(to.text, at)

    def _instance(self, module: str, plain: str, index: str, own: str) -> Entry | None:
        """The one instance that is referred to from a module: that with the key that is written, or that of who refers."""
        if self._bases is None:
            self._bases = {}
            for entry in (*self._written.outline.entries.values(), *self._written.outline.prior.values()):
                here = self._bases.setdefault(entry.module + entry.plain, [])
                if all(each.address != entry.address for each in here[:1]):
                    here.append(entry)
        found = self._bases.get(module + plain, [])
        wanted = [entry for entry in found if entry.index == (index or own)]
        if wanted:
            return wanted[0]
        return found[0] if len(found) == 1 and not index else None

    def _attribute(self, entry: Entry, name: str, text: str, at: At, depth: int) -> Node:
        plain = "data." * (entry.mode == "data") + entry.type
        value = self._written.known(entry, name)
        if value is not None:
            return value
        if plain == _DOCUMENT and name in ("json", "minified_json"):
            return self._document(entry, text, at)
        form = self._deployment.form(entry, name)
        if form != ANYTHING:
            return Text(f"<{entry.address}.{name}>", at, form)
        if (plain, name) == ("aws_kms_alias", "target_key_arn"):
            return self._key_of(entry, text, at, depth)
        return self._argument(entry, name, at, depth) or Unknown(text, at)

    def _argument(self, entry: Entry, name: str, at: At, depth: int) -> Node | None:
        """What an argument of another resource refers to in its turn; `None` for what is not written there."""
        written = self._configuration.resource(entry.module, entry.plain).get("expressions")
        said = written.get(name) if isinstance(written, dict) else None
        return self._one(references(said), entry.module, entry.index, at, depth + 1)

    def _key_of(self, alias: Entry, text: str, at: At, depth: int) -> Node:
        """The ARN of the key of an alias, whichever way the alias names it."""
        key = self._written.known(alias, "target_key_id") or self._argument(alias, "target_key_id", at, depth)
        if not isinstance(key, Text) or key.form == ANYTHING:
            return Unknown(text, at)
        place = self._deployment.place(alias)
        arn = f"arn:{place.partition}:kms:{place.region}:{place.account}:key/{key.form}"
        return Text(f"<{text}>", at, key.form if key.form.startswith("arn:") else arn)

    def _document(self, entry: Entry, text: str, at: At) -> Node:
        from kms_lint.load.terraform_plan.blocks import document

        if entry.address in self._documents:
            return self._afforded(self._documents[entry.address], text, at)
        if entry.address in self._open or len(self._open) > _DEEPEST:
            return Unknown(text, at, _CYCLE)
        self._open.add(entry.address)
        try:
            made = document(self._values(entry), entry.name, self._written.header(entry))
        finally:
            self._open.discard(entry.address)
        self._documents[entry.address] = made = self._afforded(made, text, at)
        return made

    def _afforded(self, made: Node, text: str, at: At) -> Node:
        """A document, as long as all that are used have no more statements than can be read."""
        statements = made.get("Statement") if isinstance(made, Mapping) else None
        if not isinstance(statements, Items):
            return made
        self._statements -= len(statements)
        return made if self._statements >= 0 else Unknown(text, at, _LARGE)
