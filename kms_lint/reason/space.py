"""The dimensions of a request, and the classes that the policies in play tell apart in each.

The policies are compiled twice. The first time, a space only takes down what they ask; then it chooses representatives,
and the second time it answers with masks over them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain, count
from typing import Final, NamedTuple

from kms_lint.iam import actions, keys, wildcards
from kms_lint.reason import automaton, values
from kms_lint.reason.automaton import Pattern
from kms_lint.reason.formula import Formula, conjunction, disjunction, literal, unsettled
from kms_lint.reason.values import Test

PARTITION, ACCOUNT, NAME, SESSION, ACTION = "partition", "account", "name", "session", "action"
RESOURCE: Final = tuple(f"resource {part}" for part in ("partition", "service", "region", "account", "name"))
"""The parts of the resource's ARN after `arn`, a dimension each."""

ALWAYS_PRESENT: Final = frozenset({"aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:requestedregion"})
_SERVICE_WORDS: Final = automaton.one_of("abcdefghijklmnopqrstuvwxyz0123456789-")
_SERVICE_MORE: Final = automaton.one_of("abcdefghijklmnopqrstuvwxyz0123456789-", repeated=True)
_NAMES: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=,.@_-"


def _named(kind: str) -> Pattern:
    more = automaton.one_of(_NAMES + "/", repeated=True)
    return (*automaton.literal(kind + "/"), more, automaton.one_of(_NAMES))


_DIGITS: Final = (automaton.one_of("0123456789"),) * 12
_UNIVERSES: Final[dict[str, tuple[Pattern, ...]]] = {
    PARTITION: (automaton.literal("aws"),),
    ACCOUNT: (_DIGITS,),
    NAME: (automaton.literal("root"), _named("user"), _named("role"), _named("federated-user")),
    SESSION: ((automaton.one_of(_NAMES, repeated=True), automaton.one_of(_NAMES)),),
    ACTION: ((_SERVICE_WORDS, _SERVICE_MORE, *automaton.literal(":"), _SERVICE_WORDS, _SERVICE_MORE),),
    RESOURCE[0]: (automaton.literal("aws"), automaton.literal("aws-cn"), automaton.literal("aws-us-gov")),
    RESOURCE[1]: ((_SERVICE_WORDS, _SERVICE_MORE),),
    RESOURCE[2]: ((_SERVICE_MORE,),),
    RESOURCE[3]: (_DIGITS, ()),
    RESOURCE[4]: (automaton.glob("?*"),),
}
_KEYS: Final = automaton.glob("key/?*")
_KINDS: Final = tuple(automaton.glob(kind) for kind in ("root", "user/*", "role/*", "federated-user/*"))
_SERVICES: Final = ("s3", "lambda", "sns", "events", "delivery.logs")
_KMS: Final = automaton.glob("kms:*")


_LITERALLY: Final = {"${*}": "\ue005", "${?}": "\ue006", "${$}": "$"}


def literally(pattern: str) -> str:
    """A pattern in which `${*}`, `${?}` and `${$}` are marks for the characters themselves."""
    for escape, mark in _LITERALLY.items() if "${" in pattern else ():
        pattern = pattern.replace(escape, mark)
    return pattern


def _marked(text: str) -> str:
    return text.replace("*", "\ue005").replace("?", "\ue006")


class Word(NamedTuple):
    """What is asked of a text: that it is `text`, or matches it when `pattern`; in any letter case when `lower`."""

    text: str
    pattern: bool = False
    lower: bool = False

    def matches(self, value: str) -> bool:
        """Whether a text is meant."""
        text = self.text.lower() if self.lower else self.text
        value = value.lower() if self.lower else value
        if self.pattern and ("\ue005" in text or "\ue006" in text):
            value = _marked(value)
        return wildcards.matches(text, value) if self.pattern else text == value

    @property
    def plain(self) -> str:
        """The text, with marked characters as themselves."""
        return self.text.replace("\ue005", "*").replace("\ue006", "?") if self.pattern else self.text

    @property
    def automaton(self) -> Pattern | None:
        """As a pattern; `None` for a text that is only itself."""
        if self.pattern and wildcards.has_wildcard(self.text):
            return automaton.glob(self.text, lower=self.lower)
        return automaton.literal(self.text, lower=True) if self.lower else None


class Space:
    """All dimensions. `closed` is whether there are no actions but those of KMS, `services` whether they can be callers."""

    def __init__(self, closed: bool, services: bool = True) -> None:
        self.closed = closed
        self.services = services
        self.recording = True
        self.chosen: dict[str, tuple[str, ...]] = {}
        self._words: dict[str, dict[Word, None]] = {name: {} for name in _UNIVERSES}
        self._tests: dict[str, dict[Test, None]] = {}
        self._several: set[str] = set()
        self._counted: set[str] = set()
        self._keys_only = False
        self._only: dict[str, str] = {}
        self._roles: dict[tuple[str, str], set[str]] = {}
        self._sessions: set[tuple[str, str]] = set()
        self._masks: dict[tuple[str, Word], int] = {}
        self._actions: dict[frozenset[str], Formula] = {}
        self._callers: dict[tuple[str, ...], Formula] = {}
        self._carried: dict[str, Formula] = {}
        self._types: dict[str, str] = {}
        self._answers: dict[tuple[str, Test], tuple[bool | None, ...]] = {}

    def only(self, dimension: str, text: str) -> None:
        """Says that a text is the only one in a dimension."""
        self._only[dimension] = text

    def keys_only(self) -> None:
        """Says that the resource is a key: a key policy is about nothing else.

        https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
        """
        self._keys_only = True

    def settle(self) -> None:
        """Chooses the representatives, once everything was asked."""
        for account, role in sorted(self._sessions):
            self._words[NAME].update(dict.fromkeys(map(Word, sorted(self._named(account, role)))))
        for dimension, words in self._words.items():
            self.chosen[dimension] = self._representatives(dimension, words)
        for key, tests in self._tests.items():
            counted = key in self._counted and self.several(key)
            self.chosen[key] = values.representatives(key, tuple(tests), two_of_each=counted)
            self._types[key] = values.type_of(key, tests)
        self.recording = False

    def _representatives(self, dimension: str, words: Iterable[Word]) -> tuple[str, ...]:
        if dimension in self._only:
            return (self._only[dimension],)
        if dimension == ACTION and self.closed:
            return tuple(sorted(actions.ALL, key=_gravity))
        own = [word.plain for word in words if word.automaton is None]
        patterns = [word.automaton for word in words if word.automaton is not None]
        if dimension == PARTITION:
            return tuple(dict.fromkeys(own)) or ("aws",)
        if dimension == SESSION:
            own.append("session")
        if dimension == NAME:
            patterns += _KINDS
            found = (*values.texts(own, patterns, _UNIVERSES[NAME]), *([self._service(own)] if self.services else ()))
            return tuple(sorted(found, key=_last_resort))
        if dimension == ACTION:
            found = values.texts((), (*patterns, _KMS), _UNIVERSES[ACTION])
            spelt = {word.text.lower(): word.text for word in words}
            return (
                *sorted(actions.ALL, key=_gravity),
                *(spelt.get(text, text) for text in found if not text.startswith("kms:")),
            )
        if dimension == RESOURCE[4] and self._keys_only:
            return values.texts([name for name in own if name.startswith("key/")], patterns, (_KEYS,))
        return values.texts(own, patterns, _UNIVERSES[dimension])

    @staticmethod
    def _service(named: Iterable[str]) -> str:
        """A service that is not named, for all those that are not."""
        known = set(named)
        services = (f"service:{name}.amazonaws.com" for name in chain(_SERVICES, map("service{}".format, count(1))))
        return next(each for each in services if each not in known)

    def word(self, dimension: str, word: Word) -> Formula:
        """That the text of a dimension is meant by a word."""
        if self.recording:
            self._words[dimension].setdefault(word)
            return True
        return literal(dimension, self.mask(dimension, word), self.full(dimension))

    def mask(self, dimension: str, word: Word) -> int:
        """The classes that a word means."""
        known = self._masks.get((dimension, word))
        if known is None:
            known = _mask(self.chosen[dimension], word.matches)
            self._masks[dimension, word] = known
        return known

    def full(self, dimension: str) -> int:
        """The mask of all classes of a dimension."""
        return (1 << len(self.chosen[dimension])) - 1

    def role(self, account: str, name: str) -> None:
        """Takes down that an account has a role of this name, path included."""
        self._roles.setdefault((account, name.rsplit("/", 1)[-1]), set()).add(name)

    def _named(self, account: str, role: str) -> set[str]:
        """The roles that sessions name without their path: those that are known, else one without a path."""
        return self._roles.get((account, role)) or {f"role/{role}"}

    def role_of_session(self, account: str, role: str) -> Formula:
        """That the caller is a session of the role of this name, which is unique in its account."""
        if self.recording:
            self._sessions.add((account, role))
            return True
        return disjunction([self.word(NAME, Word(name)) for name in sorted(self._named(account, role))])

    def among(self, dimension: str, wanted: Callable[[str], bool]) -> Formula:
        """That the text of a dimension is one of those wanted; they have to be told apart by other questions."""
        if self.recording:
            return True
        return literal(dimension, _mask(self.chosen[dimension], wanted), self.full(dimension))

    def actions(self, wanted: frozenset[str]) -> Formula:
        """That the action is one of these."""
        if self.recording:
            return True
        known = self._actions.get(wanted)
        if known is None:
            known = self._actions[wanted] = self.among(ACTION, wanted.__contains__)
        return known

    def caller(self, *kinds: str) -> Formula:
        """That the caller's name is one of these, or begins with one that ends in `/` or `:`."""
        if self.recording:
            return True
        known = self._callers.get(kinds)
        if known is None:
            starts = tuple(kind for kind in kinds if kind.endswith(("/", ":")))
            known = self.among(NAME, lambda name: name in kinds or name.startswith(starts))
            self._callers[kinds] = known
        return known

    def compared(self, key: str, tests: Iterable[Test], several: bool) -> None:
        """Takes down what is asked of a condition key; `several` is whether a set operator asks."""
        self._tests.setdefault(key, {}).update(dict.fromkeys(tests))
        if several:
            self._several.add(key)

    def counted(self, key: str) -> None:
        """Takes down that it matters whether there is one value of a key or several."""
        self._counted.add(key)

    def asked(self, key: str) -> tuple[Test, ...]:
        """All that is asked of a condition key."""
        return tuple(self._tests[key])

    def named(self, dimension: str) -> frozenset[str]:
        """The texts that are named without wildcards in a dimension."""
        return frozenset(word.plain for word in self._words[dimension] if word.automaton is None)

    def several(self, key: str) -> bool:
        """Whether a key holds several values: it is known to, or nothing is known and a set operator asks for it."""
        known = keys.find(key)
        return known.many if known is not None else key in self._several

    def answers(self, key: str, test: Test | None) -> tuple[bool | None, ...]:
        """What a test says of each class of values; `None` where that is not decided, as for a test that is unknown."""
        if test is None or not values.comparable(self._types[key], test):
            return (None,) * len(self.chosen[key])
        known = self._answers.get((key, test))
        if known is None:
            known = tuple(values.answer(test, value) for value in self.chosen[key])
            self._answers[key, test] = known
        return known

    def condition_keys(self) -> tuple[str, ...]:
        """The condition keys that are asked about, those of the caller apart."""
        return tuple(self._tests)

    def carried(self, key: str) -> Formula:
        """That the action is one of those whose requests can carry a key, by the tables of KMS."""
        if self.recording:
            return True
        known = self._carried.get(key)
        if known is None:
            mask = _mask(self.chosen[ACTION], lambda action: carries(key, action))
            known = self._carried[key] = literal(ACTION, mask, self.full(ACTION))
        return known

    def presence(self, key: str) -> Formula:
        """That a request carries a key, as far as the policies can see."""
        if key in ALWAYS_PRESENT:
            return True
        if self.several(key):
            return disjunction([self.element(key, index) for index in range(len(self.chosen[key]))])
        full = (2 << len(self.chosen[key])) - 1
        return literal(key, full ^ 1, full)

    def element(self, key: str, index: int) -> Formula:
        """That one of the values of a key is of a class."""
        return literal(f"{key}#{index}", 2, 3)

    def value(self, key: str, wanted: int) -> Formula:
        """That the value of a key that is there is of one of these classes."""
        shift = 0 if key in ALWAYS_PRESENT else 1
        return literal(key, wanted << shift, (1 << (len(self.chosen[key]) + shift)) - 1)


@lru_cache(maxsize=16384)
def carries(key: str, action: str) -> bool:
    """Whether requests for an action can carry a key, by the tables of KMS; what they do not list may be there."""
    if action not in actions.ALL:
        return not key.startswith("kms:")
    return keys.in_request(key, action) is not False


def _mask(texts: tuple[str, ...], wanted: Callable[[str], bool]) -> int:
    mask = 0
    for index, text in enumerate(texts):
        if wanted(text):
            mask |= 1 << index
    return mask


_GRAVEST: Final = tuple(f"kms:{name}" for name in ("Decrypt", "PutKeyPolicy", "CreateGrant", "ReEncryptFrom"))


def _gravity(action: str) -> tuple[int, str]:
    """The gravest actions first: they make the examples."""
    return _GRAVEST.index(action) if action in _GRAVEST else len(_GRAVEST), action


_LAST: Final = ("root", "service:", "provider:", "id:")


def _last_resort(name: str) -> tuple[bool, bool]:
    """Roles make the clearest examples, and the root user and what is no principal of an account the least likely."""
    return name.startswith(_LAST), not name.startswith("role/")


def open_question(*words: str) -> Formula:
    """What nothing decides, by its name: a reason and what it is about."""
    return unsettled(": ".join(words))


__all__ = ["Space", "Word", "conjunction", "disjunction", "open_question"]
