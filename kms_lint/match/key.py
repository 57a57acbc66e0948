"""Facts about a key. Each function makes a fact of the words that a rule file says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from kms_lint.match.words import Places, Words
from kms_lint.model import Key, World

KeyFact: TypeAlias = Callable[[Key, World], Places]


def setting(name: str) -> Callable[[Words], KeyFact]:
    """A fact about an argument of a key; an argument that is not written makes it false."""

    def make(words: Words) -> KeyFact:
        def fact(key: Key, world: World) -> Places:
            setting = key.settings.get(name)
            if setting is None or (setting.known and setting.value not in words):
                return []
            return [(setting.at, setting.known)]

        return fact

    return make


def no_policy(words: Words) -> KeyFact:
    """No key policy is written for the key. One that AWS answered about has a policy, shown or not."""
    return lambda key, world: [] if key.policies or key.format == "cli" else [(key.at, not key.policy_unknown)]


def replica(words: Words) -> KeyFact:
    """The key is a replica of a multi-Region key, or is none."""
    return lambda key, world: [(key.at, True)] if key.replica in words else []
