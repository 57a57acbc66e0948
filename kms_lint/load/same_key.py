"""What several answers of AWS say about one key, put together.

`describe-key` tells what kind of key it is, `get-key-rotation-status` whether it rotates, `list-aliases` what it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from typing import Final

from kms_lint.load.answers.found import owned
from kms_lint.model import Alias, Document, Grant, Key, Policy, PolicyKind, Setting
from kms_lint.record import dataclass
from kms_lint.syntax.tree import Text

_CLI: Final = "cli"
_KIND_OF_KEY: Final = frozenset({"spec", "usage", "origin", "custom_key_store"})


def joined(documents: Sequence[Document]) -> tuple[Document, ...]:
    """The documents, in which each key that AWS answered about has what any of the answers says about it."""
    keys = [key for document in documents for key in document.keys if key.format == _CLI]
    known = _Known(keys, [alias for document in documents for alias in document.aliases])
    return tuple(_document(document, known) for document in documents)


def _document(document: Document, known: _Known) -> Document:
    """One document; of the answers in it that are about one key, one is left."""
    if not (document.keys or document.grants or document.aliases):
        return document
    if document.parts:
        return _of_parts(document, tuple(_document(part, known) for part in document.parts))
    keys = known.together(document.keys)
    keys, policies = _with_policy(keys, document)
    return replace(
        document,
        keys=keys,
        policies=policies,
        grants=tuple(known.grant(grant) for grant in document.grants),
        aliases=tuple(known.alias(alias) for alias in document.aliases),
    )


def _of_parts(document: Document, parts: tuple[Document, ...]) -> Document:
    """A document of parts, with what is in them now."""
    return replace(
        document,
        keys=tuple(key for part in parts for key in part.keys),
        policies=tuple(policy for part in parts for policy in part.policies),
        grants=tuple(grant for part in parts for grant in part.grants),
        aliases=tuple(alias for part in parts for alias in part.aliases),
        parts=parts,
    )


def _with_policy(keys: tuple[Key, ...], document: Document) -> tuple[tuple[Key, ...], tuple[Policy, ...]]:
    """The only key of a file with the only key policy in it, which does not say of which key it is."""
    loose = [policy for policy in document.policies if policy.kind is PolicyKind.KEY and policy.of is None]
    one = len(keys) == 1 and keys[0].format == _CLI and not keys[0].policies
    if not one or not loose or len({id(policy.node) for policy in loose}) > 1:
        return keys, document.policies
    key = keys[0]
    key = replace(key, policies=tuple(owned(policy, key) for policy in loose), policy_unknown=False)
    taken = {id(policy) for policy in loose}
    return (_managed(key),), tuple(policy for policy in document.policies if id(policy) not in taken)


def _managed(key: Key) -> Key:
    """A key whose policies say so when AWS alone can change them."""
    manager = key.settings.get("manager")
    if manager is None or manager.value != "AWS" or all(policy.managed for policy in key.policies):
        return key
    return replace(key, policies=tuple(replace(policy, managed=True) for policy in key.policies))


@dataclass(slots=True)
class _Facts:
    """What is known of one key. `address` is what it goes by, `described` whether all about its kind was told."""

    address: str
    settings: dict[str, Setting] = field(default_factory=dict)
    arn: Text | None = None
    owner: str | None = None
    replica: bool = False
    primary: Text | None = None
    aliases: list[str] = field(default_factory=list)
    described: bool = False


class _Known:
    """The keys that AWS answered about, by what names them."""

    def __init__(self, keys: Sequence[Key], aliases: Sequence[Alias]) -> None:
        self._arns: dict[str, set[str]] = {}
        self._facts: dict[str, _Facts] = {}
        for key in keys:
            if key.arn is not None:
                self._arns.setdefault(_bare(key.arn), set()).add(str(key.arn))
        for key in keys:
            self._learn(key)
        for alias in aliases:
            facts = self._about(alias.target)
            if facts is not None and alias.name is not None and str(alias.name) not in facts.aliases:
                facts.aliases.append(str(alias.name))

    def _learn(self, key: Key) -> None:
        name = self._name(str(key.arn or key.address))
        if name is None:
            return
        facts = self._facts.setdefault(name, _Facts(key.address))
        for setting, value in key.settings.items():
            if setting not in facts.settings or (value.known and not facts.settings[setting].known):
                facts.settings[setting] = value
        facts.arn = facts.arn or key.arn
        facts.owner = facts.owner or key.owner
        facts.replica |= key.replica
        facts.primary = facts.primary or key.primary
        spec = key.settings.get("spec")
        facts.described |= spec is not None and spec.known

    def _name(self, name: str) -> str | None:
        """What a key goes by here: its ARN where one is known; `None` for an id that several keys have."""
        if name.startswith("arn:"):
            return name
        arns = self._arns.get(name, ())
        return next(iter(arns), name) if len(arns) < 2 else None

    def _about(self, name: Text | None) -> _Facts | None:
        called = self._name(str(name)) if name is not None else None
        return self._facts.get(called) if called is not None else None

    def together(self, keys: Sequence[Key]) -> tuple[Key, ...]:
        """The keys with all that is known of them, each once."""
        found: dict[object, Key] = {}
        for key in keys:
            name = self._name(str(key.arn or key.address)) if key.format == _CLI else None
            facts = self._facts.get(name) if name is not None else None
            if facts is None:
                found[id(key)] = key
                continue
            before = found.get(name)
            policies = (*(before.policies if before else ()), *key.policies)
            unknown = key.policy_unknown and (before is None or before.policy_unknown)
            found[name] = _managed(_full(before or key, policies, unknown, facts))
        return tuple(found.values())

    def grant(self, grant: Grant) -> Grant:
        """The grant with what is known of its key."""
        facts = self._about(grant.key)
        if facts is None:
            return grant
        spec, usage = facts.settings.get("spec"), facts.settings.get("usage")
        return replace(
            grant,
            of=grant.of or facts.address,
            owner=grant.owner or facts.owner,
            spec=grant.spec or (spec if spec is not None and spec.known else None),
            usage=grant.usage or (usage if usage is not None and usage.known else None),
        )

    def alias(self, alias: Alias) -> Alias:
        """The alias with the key that it belongs to."""
        facts = self._about(alias.target)
        return alias if facts is None else replace(alias, of=alias.of or facts.address)


def _full(key: Key, policies: tuple[Policy, ...], policy_unknown: bool, facts: _Facts) -> Key:
    """A key with all that is known of it; what it says itself counts before what others say."""
    settings = {
        name: value
        for name, value in facts.settings.items()
        if value.known or not (facts.described and name in _KIND_OF_KEY)
    }
    settings.update({name: value for name, value in key.settings.items() if value.known})
    return replace(
        key,
        settings=settings,
        owner=key.owner or facts.owner,
        arn=key.arn or facts.arn,
        replica=facts.replica,
        primary=key.primary or facts.primary,
        aliases=key.aliases or tuple(facts.aliases),
        policies=policies,
        policy_unknown=policy_unknown,
    )


def _bare(arn: str) -> str:
    """The id in the ARN of a key."""
    return arn.rpartition(":key/")[2]
