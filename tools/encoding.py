"""What two policies say, as formulas for an SMT solver: an independent reading, against which `kms_lint.reason` is tried.

It is written from AWS's documentation and shares nothing with the package: a caller is one ARN, strings are strings and
not classes, sets have members, a variable is compared with what it stands for. What documentation leaves open is a free
Boolean, the same in both policies. What is not modelled here raises `UnsupportedError`.

https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final, NamedTuple

import z3
from regular import (
    DIGITS,
    EVERY,
    IN_NAMES,
    LOWER,
    NAME,
    NO_COLON,
    UnsupportedError,
    by_part,
    glob,
    in_any_case,
    instant,
    joined,
    matches,
    network,
    number,
    unescaped,
)

FACTS: Final = json.loads((Path(__file__).parent / "kms_facts.json").read_text("utf-8"))
ACTIONS: Final = list(FACTS["actions"])
SERVICE_CALL: Final = "aws:principalisawsservice"
OF_CALLER: Final = {"aws:principalarn", "aws:principalaccount", "kms:calleraccount", SERVICE_CALL}
ALWAYS: Final = {"aws:securetransport", "aws:currenttime", "aws:epochtime", "aws:requestedregion"}
_ARN: Final = joined(
    "arn:", *[z3.Plus(NO_COLON), ":"] * 2, *[z3.Star(NO_COLON), ":"] * 2, z3.Plus(EVERY),
)  # fmt: skip
_RESOURCE: Final = joined(
    "arn:", z3.Union(*map(z3.Re, ("aws", "aws-cn", "aws-us-gov"))), ":", z3.Plus(LOWER), ":", z3.Star(LOWER), ":",
    z3.Option(DIGITS), ":", z3.Plus(EVERY),
)  # fmt: skip
_VARIABLE: Final = re.compile(r"\$\{([^{},*?$]+)(?:,\s*'([^']*)')?\}")


class Held(NamedTuple):
    """What a request carries for a key: each member may be there, one at most unless there can be `many`."""

    type: str
    many: bool
    members: list[tuple[Any, Any]]


def listed(value: Any) -> list[Any]:
    """One value or several."""
    return value if isinstance(value, list) else [value]


def _is(key: str, name: str) -> bool:
    """Whether a condition key goes by a name of AWS's tables, in which `${...}` and `*` stand for any text."""
    return re.fullmatch(re.sub(r"\\\$\\\{.*?\\\}|\\\*", ".+", re.escape(name.lower())), key) is not None


def _type(key: str) -> tuple[str, bool]:
    """What a condition key holds, and whether several of it, as AWS's tables say."""
    for name, facts in (FACTS["condition_keys"] | FACTS["global_condition_keys"]).items():
        if _is(key, name):
            return facts["type"].split()[0], facts["multi_valued"]
    raise UnsupportedError(f"the condition key {key}")


class Encoding:
    """Two policies over one request. `account` is that of the key, where it is decided as KMS does (`by_kms`)."""

    def __init__(
        self, policies: Sequence[Mapping[str, Any]], kind: str, by_kms: bool, account: str, key_arn: str | None
    ):
        self.policies, self.kind, self.by_kms, self.account = policies, kind, by_kms, account
        self.rules: list[Any] = []
        self.free: dict[str, Any] = {}
        self._held: dict[str, Held] = {}
        self._known: dict[Any, Any] = {}
        self.action, self.other_action = z3.Int("action"), z3.String("other action")
        self.iam, self.limits, self.boundary = z3.Bools("iam limits boundary")
        self.arn, self.session = z3.String("caller"), z3.String("session")
        self.caller, self.service = z3.Int("kind of caller"), z3.Int("service")
        self.resource = z3.StringVal(key_arn) if key_arn and kind == "key" else z3.String("resource")
        self._services = sorted(set(self._named("Service")))
        self._ids = sorted({each for each in self._named("AWS") if re.fullmatch("A[A-Z0-9]{15,}", each)})
        self._request(key_arn)

    def _request(self, key_arn: str | None) -> None:
        """What all requests are like: callers 0 have an ARN, 1 is a service, 2 and more are unique ids."""
        last = len(ACTIONS) - (self.kind == "key")
        arn = z3.Union(
            joined("arn:aws:iam::", DIGITS, ":", z3.Union(z3.Re("root"), joined("user/", NAME), joined("role/", NAME))),
            joined("arn:aws:sts::", DIGITS, ":federated-user/", NAME),
        )
        self.rules += [
            self.action >= 0,
            self.action <= last,
            z3.InRe(self.other_action, joined(z3.Plus(LOWER), ":", z3.Plus(LOWER))),
            z3.Not(z3.PrefixOf(z3.StringVal("kms:"), self.other_action)),
            self.caller >= 0,
            self.caller <= (1 + len(self._ids) if self.kind == "key" else 0),
            z3.InRe(self.arn, arn),
            z3.InRe(self.session, z3.Plus(IN_NAMES)),
        ]
        if self.kind != "key":
            self.rules.append(z3.InRe(self.resource, _RESOURCE))
        elif not key_arn:
            own = joined("arn:", z3.Union(*map(z3.Re, ("aws", "aws-cn", "aws-us-gov"))), ":kms:", z3.Star(LOWER))
            self.rules.append(z3.InRe(self.resource, joined(own, f":{self.account}:key/", z3.Plus(EVERY))))

    def _named(self, type_: str) -> Iterator[str]:
        for policy in self.policies:
            for statement in policy["Statement"]:
                named = statement.get("Principal", statement.get("NotPrincipal", {}))
                yield from listed(named.get(type_, [])) if isinstance(named, dict) else ()

    def open(self, text: str) -> Any:
        """What documentation does not decide, by the same name wherever it is the same."""
        return self.free.setdefault(text, z3.Bool(f"open: {text}"))

    def _in(self, text: Any, name: str, expression: Any) -> Any:
        """Membership, made once for a pattern of one name."""
        found = self._known.get((text.get_id(), name))
        if found is None:
            found = self._known[text.get_id(), name] = z3.InRe(text, expression)
        return found

    # who

    @property
    def has_arn(self) -> Any:
        """That the caller is a principal of an account."""
        return self.caller == 0

    def _of(self, account: str) -> Any:
        expression = joined("arn:aws:", z3.Union(z3.Re("iam"), z3.Re("sts")), f"::{account}:", z3.Star(EVERY))
        return z3.And(self.has_arn, self._in(self.arn, f"account {account}", expression))

    @property
    def _root(self) -> Any:
        return z3.And(self.has_arn, self._in(self.arn, "root", joined("arn:aws:iam::", DIGITS, ":root")))

    @property
    def _bounded(self) -> Any:
        able = joined("arn:aws:iam::", DIGITS, ":", z3.Union(z3.Re("user"), z3.Re("role")), "/", z3.Star(EVERY))
        return z3.And(self.boundary, self.has_arn, self._in(self.arn, "with boundary", able))

    def _principal(self, type_: str, value: str) -> tuple[str, Any]:
        """How it reaches the caller (`direct`, `bounded`, `delegated`), and whom."""
        if value == "*" and type_ in ("*", "AWS"):
            return "direct", z3.BoolVal(True)
        if type_ == "Service":
            return "direct", z3.And(self.caller == 1, self.service == self._services.index(value))
        if type_ != "AWS":
            raise UnsupportedError(f"a principal of type {type_}")
        if value.isdecimal() or value.endswith(":root"):
            return "delegated", self._of(value if value.isdecimal() else value.split(":")[4])
        if value in self._ids:
            return "direct", self.caller == 2 + self._ids.index(value)
        words = value.split(":", 5)[5].split("/")
        if words[0] == "assumed-role":
            role = z3.Or([self.arn == each for each in self._roles(value.split(":")[4], words[1])])
            return "direct", z3.And(self.has_arn, role, self.session == words[2])
        return "bounded" if words[0] == "role" else "direct", z3.And(self.has_arn, self.arn == value)

    def _roles(self, account: str, name: str) -> list[str]:
        """The roles of a name that the policies name; a session names its role without the path."""
        found = re.findall(rf'"(arn:aws:iam::{account}:role/(?:[^"*?]*/)?{name})"', json.dumps(self.policies))
        return sorted(set(found)) or [f"arn:aws:iam::{account}:role/{name}"]

    def _principals(self, statement: Mapping[str, Any]) -> list[tuple[str, Any]]:
        if "NotPrincipal" in statement:
            return [("direct", self._others(statement))]
        if "Principal" not in statement:
            return [("direct", z3.BoolVal(self.kind != "key"))]
        named = statement["Principal"]
        pairs = [("*", named)] if isinstance(named, str) else [(t, v) for t, vs in named.items() for v in listed(vs)]
        return [self._principal(type_, value) for type_, value in pairs]

    def _others(self, statement: Mapping[str, Any]) -> Any:
        """Exempt is who is listed with the account; else it depends. A Deny covers all that have a boundary."""
        named = [(t, v) for t, vs in statement["NotPrincipal"].items() for v in listed(vs)]
        found = [(way == "delegated", formula) for way, formula in (self._principal(*each) for each in named)]
        account = z3.Or([formula for whole, formula in found if whole])
        itself = z3.Or([formula for whole, formula in found if not whole])
        simple = z3.Or(z3.Not(self.has_arn), self._root)
        name = "NotPrincipal " + ", ".join(sorted(value for _, value in named))
        left = z3.If(
            z3.And(account, itself),
            False,
            z3.If(z3.Or(account, itself), z3.And(z3.Not(simple), self.open(name)), True),
        )
        return z3.Or(left, self._bounded) if statement["Effect"] == "Deny" else left

    # what

    def _actions(self, statement: Mapping[str, Any]) -> Any:
        negated = "NotAction" in statement
        patterns = listed(statement["NotAction" if negated else "Action"])
        found: list[Any] = [
            self.action == index
            for index, action in enumerate(ACTIONS)
            if any(matches(each, action) for each in patterns)
        ]
        if self.kind != "key":
            others = [self._in(self.other_action, each, glob(each.lower())) for each in patterns]
            found.append(z3.And(self.action == len(ACTIONS), z3.Or(others)))
        return z3.Not(z3.Or(found)) if negated else z3.Or(found)

    def _resources(self, statement: Mapping[str, Any]) -> Any:
        negated = "NotResource" in statement
        found = z3.Or([self._resource(each) for each in listed(statement["NotResource" if negated else "Resource"])])
        return z3.Not(found) if negated else found

    def _resource(self, pattern: str) -> Any:
        if _VARIABLE.search(pattern):
            return self._template(pattern, self.resource, wildcards=True)
        expression = by_part(pattern) if pattern.count(":") >= 5 else glob(pattern)
        return self._in(self.resource, f"resource {pattern}", expression)

    def _effective(self, wanted: str, than: object) -> Any:
        """That the action is one of those for which AWS's tables say so."""
        return z3.Or([self.action == at for at, each in enumerate(ACTIONS) if FACTS["actions"][each][wanted] == than])

    # on what condition

    def _carried(self, key: str) -> Any:
        """That requests for the action can carry a key; of keys that are not of KMS nothing is known."""
        if not self.by_kms or not any(_is(key, name) for name in FACTS["condition_keys"]):
            return z3.BoolVal(True)
        able: list[Any] = [] if key.startswith("kms:") else [self.action == len(ACTIONS)]
        for index, action in enumerate(ACTIONS):
            if any(_is(key, name) for name in FACTS["actions"][action]["condition_keys_effective"]):
                able.append(self.action == index)
        return z3.Or(able)

    def held(self, key: str) -> Held:
        """What the request carries for a key."""
        if key not in self._held:
            self._held[key] = self._carrying(key)
        return self._held[key]

    def _carrying(self, key: str) -> Held:
        if key == SERVICE_CALL:
            return Held("Bool", False, [(z3.BoolVal(True), self.caller == 1)])
        if key in OF_CALLER:
            text = self.arn if key == "aws:principalarn" else z3.SubString(self.arn, 13, 12)
            return Held("caller", False, [(self.has_arn, text)])
        type_, many = _type(key)
        type_ = "Date" if type_ == "Numeric" and key == "aws:epochtime" else type_
        count = 1 + json.dumps(self.policies).lower().count(f'"{key}"') if many else 1
        members = []
        for number_ in range(max(count, 2) if many else 1):
            there = z3.BoolVal(True) if key in ALWAYS else z3.Bool(f"{key} {number_} there")
            members.append((z3.And(there, self._carried(key)), self._value(f"{key} {number_}", type_)))
        if key == "aws:username":
            there, name = members[0]
            self.rules += [
                there
                == z3.And(self.has_arn, self._in(self.arn, "user", joined("arn:aws:iam::", DIGITS, ":user/", NAME))),
                z3.Implies(there, z3.SuffixOf(z3.Concat(z3.StringVal("/"), name), self.arn)),
                z3.InRe(name, z3.Plus(IN_NAMES)),
            ]
        return Held(type_, many, members)

    def _value(self, name: str, type_: str) -> Any:
        if type_ == "Bool":
            return z3.Bool(name)
        if type_ == "Numeric":
            return z3.Real(name)
        if type_ == "Date":
            return z3.Int(name)
        if type_ == "IPAddress":
            version, address = z3.Int(f"{name} version"), z3.Int(name)
            self.rules += [z3.Or(version == 4, version == 6), address >= 0]
            self.rules.append(address < z3.If(version == 4, z3.IntVal(2**32), z3.IntVal(2**128)))
            return version, address
        text = z3.String(name)
        self.rules.append(z3.InRe(text, _ARN if type_ == "ARN" else z3.Star(EVERY)))
        return text

    def _entry(self, operator: str, key: str, values: list[str]) -> Any:
        """The truth table of operators, sets and absent keys."""
        held = self.held(key.lower())
        there = z3.Or([present for present, _ in held.members])
        quantifier, _, name = operator.rpartition(":")
        if name == "Null":
            return z3.Or([there == (value == "false") for value in values])
        optional, name = name.endswith("IfExists"), name.removesuffix("IfExists")
        negated, positive = "Not" in name, name.replace("Not", "")
        passes = [
            (present, z3.Xor(negated, z3.Or([self._test(key, held.type, positive, each, value) for each in values])))
            for present, value in held.members
        ]
        some = z3.Or([z3.And(present, passed) for present, passed in passes])
        every = z3.And([z3.Implies(present, passed) for present, passed in passes])
        if quantifier == "ForAllValues":
            return every
        if quantifier == "ForAnyValue":
            return z3.If(there, some, optional)
        if held.many:
            pairs = combinations(held.members, 2)
            several = z3.Or([z3.And(one[0], other[0], one[1] != other[1]) for one, other in pairs])
            doubt = self.open(f"{operator} {key.lower()} {', '.join(values)}")
            some = z3.And(some, z3.Implies(several, doubt))
        return z3.If(there, some, optional or negated)

    def _test(self, key: str, type_: str, name: str, written: str, value: Any) -> Any:
        if name == "Bool" and type_ == "Bool":
            return value == (written.lower() == "true")
        if name.startswith("Numeric") and type_ == "Numeric":
            return _ordered(name[7:], value, z3.Q(*number(written).as_integer_ratio()))
        if name.startswith("Date") and type_ == "Date":
            return _ordered(name[4:], z3.ToReal(value), z3.Q(*instant(written).as_integer_ratio()))
        if name == "IpAddress" and type_ == "IPAddress":
            version, first, last = network(written)
            return z3.And(value[0] == version, first <= value[1], value[1] <= last)
        if type_ not in ("String", "ARN", "caller") or not name.startswith(("String", "Arn")):
            raise UnsupportedError(f"{name} on {key}")
        return self._text(key.lower(), type_, name, written, value)

    def _text(self, key: str, type_: str, name: str, written: str, value: Any) -> Any:
        if _VARIABLE.search(written):
            if name == "StringEqualsIgnoreCase":
                raise UnsupportedError("a variable in any letter case")
            return self._template(written, value, wildcards=name != "StringEquals")
        if type_ == "caller" and key != "aws:principalarn":
            return self._of_account(name, written)
        if name == "StringEquals":
            return value == unescaped(written)
        if name == "StringEqualsIgnoreCase":
            return self._in(value, f"any case {written}", in_any_case(written))
        if name == "StringLike":
            return self._in(value, f"like {written}", glob(written))
        if written.count(":") < 5:
            raise UnsupportedError(f"the ARN {written}")
        return self._in(value, f"arn {written}", by_part(written))

    def _of_account(self, name: str, written: str) -> Any:
        """The account is a part of the caller's ARN."""
        if name.startswith("Arn"):
            raise UnsupportedError("an account compared as an ARN")
        like = glob(written, within=NO_COLON) if name == "StringLike" else in_any_case(written)
        held = joined("arn:aws:", z3.Union(z3.Re("iam"), z3.Re("sts")), "::", like, ":", z3.Star(EVERY))
        return self._in(self.arn, f"account {name} {written}", held)

    def _template(self, written: str, value: Any, wildcards: bool) -> Any:
        """A text with variables, which stand for one value of the request or match nothing; `*` only at its ends."""
        ends = (written.startswith("*") and wildcards, written.endswith("*") and wildcards)
        inner = written[ends[0] : len(written) - ends[1]]
        there: list[Any] = []
        parts: list[Any] = [z3.StringVal("")]
        at = 0
        for found in _VARIABLE.finditer(inner):
            held = self.held(found.group(1).lower())
            if held.many or held.type not in ("String", "ARN", "caller"):
                raise UnsupportedError(f"the variable {found.group()}")
            present, text = held.members[0]
            default = found.group(2)
            there += [present] if default is None else []
            parts += [z3.StringVal(unescaped(inner[at : found.start()]))]
            parts += [text if default is None else z3.If(present, text, z3.StringVal(default))]
            at = found.end()
        parts.append(z3.StringVal(unescaped(inner[at:])))
        if wildcards and any(mark in re.sub(r"\$\{.*?\}", "", inner) for mark in "*?"):
            raise UnsupportedError(f"a wildcard within {written}")
        text = z3.Concat(*parts)
        compare = {
            (False, False): lambda: value == text,
            (True, False): lambda: z3.SuffixOf(text, value),
            (False, True): lambda: z3.PrefixOf(text, value),
            (True, True): lambda: z3.Contains(value, text),
        }[ends]
        return z3.And(*there, compare())

    # together

    def _about(self, statement: Mapping[str, Any]) -> Any:
        conditions = [
            self._entry(operator, key, listed(values))
            for operator, block in statement.get("Condition", {}).items()
            for key, values in block.items()
        ]
        return z3.And(self._actions(statement), self._resources(statement), *conditions)

    def allows(self, policy: Mapping[str, Any]) -> Any:
        """The requests that a policy allows; a key policy `by_kms` as KMS decides."""
        ways: dict[str, list[Any]] = {"direct": [], "bounded": [], "delegated": []}
        denied = []
        for statement in policy["Statement"]:
            about = self._about(statement)
            for way, who in self._principals(statement):
                (ways[way] if statement["Effect"] == "Allow" else denied).append(z3.And(who, about))
        found = z3.Or([each for way in ways.values() for each in way])
        if self.kind == "key" and self.by_kms:
            found = self._decided(*(z3.Or(way) for way in ways.values()), found)
        return z3.And(found, z3.Not(z3.Or(denied)))

    def _decided(self, direct: Any, bounded: Any, delegated: Any, by_any: Any) -> Any:
        both = z3.And(self.iam, self.limits)
        own = z3.Or(direct, z3.And(bounded, self.limits), z3.And(delegated, z3.Or(both, self._root)))
        foreign = z3.And(self.has_arn, z3.Not(self._of(self.account)))
        across = z3.And(by_any, both, self._effective("cross_account", True))
        return z3.And(z3.Not(self._effective("key_policy", "not_effective")), z3.If(foreign, across, own))


def _ordered(name: str, value: Any, written: Any) -> Any:
    return {
        "Equals": value == written,
        "LessThan": value < written,
        "LessThanEquals": value <= written,
        "GreaterThan": value > written,
        "GreaterThanEquals": value >= written,
    }[name]
