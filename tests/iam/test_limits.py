"""What a condition surely limits, possibly limits and does not limit: every form of operator by key and value.

The answers are derived by hand from the truth table of condition operators: what passes when the key is absent, when it
has one value, when it has several. A condition limits when whoever passes it surely has one of its values, or nobody
passes; it does not when somebody else surely can pass; `maybe` is where a value is unknown, or where AWS's documentation does not
say what a plain operator does with several values.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from kms_lint.iam import conditions
from kms_lint.iam.conditions import Limit
from tests.iam.build import OWNER
from tests.iam.build import conditions as block


class Values(NamedTuple):
    """One value of each column; a wildcard stands under `StringLike`, the others under `StringEquals`."""

    literal: str
    wildcard: str
    variable: str
    unknown: str = "@"


TRAIL = f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/main"
KEYS = {
    # callers
    "aws:PrincipalOrgID": (Limit.CALLER, Values("o-a1b2c3d4e5", "*", "${aws:PrincipalTag/org}")),
    "aws:PrincipalAccount": (Limit.CALLER, Values(OWNER, "*", "${aws:PrincipalTag/account}")),
    "kms:CallerAccount": (Limit.CALLER, Values(OWNER, "*", "${aws:PrincipalAccount}")),
    "aws:SourceAccount": (Limit.CALLER, Values(OWNER, "*", "${aws:PrincipalAccount}")),
    "aws:PrincipalOrgPaths": (
        Limit.CALLER,
        Values("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "*", "${aws:PrincipalTag/path}"),
    ),
    "aws:PrincipalArn": (
        Limit.CALLER,
        Values(
            f"arn:aws:iam::{OWNER}:role/app", "arn:aws:iam::*:role/app", "arn:aws:iam::${aws:PrincipalAccount}:role/app"
        ),
    ),
    "aws:SourceArn": (
        Limit.CALLER,
        Values(TRAIL, "arn:aws:cloudtrail:*:*:trail/*", TRAIL.replace(OWNER, "${aws:PrincipalTag/account}")),
    ),
    # networks
    "aws:SourceVpce": (Limit.NETWORK, Values("vpce-1a2b3c4d", "*", "${aws:PrincipalTag/vpce}")),
    "aws:SourceIp": (Limit.NETWORK, Values("203.0.113.0/24", "0.0.0.0/0", "${aws:PrincipalTag/range}")),
    # paths
    "kms:ViaService": (
        Limit.PATH,
        Values("s3.us-east-1.amazonaws.com", "*", "${aws:PrincipalTag/service}.us-east-1.amazonaws.com"),
    ),
    "aws:CalledVia": (Limit.PATH, Values("athena.amazonaws.com", "*", "${aws:PrincipalTag/service}")),
    # contexts
    "kms:EncryptionContext:app": (Limit.CONTEXT, Values("orders", "*", "${aws:PrincipalTag/app}")),
    "kms:EncryptionContextKeys": (Limit.CONTEXT, Values("app", "*", "${aws:PrincipalTag/app}")),
}

OPERATORS = {
    "aws:SourceIp": ("IpAddress", "NotIpAddress", "IpAddress", "NotIpAddress"),
    "aws:PrincipalArn": ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
    "aws:SourceArn": ("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
}
"""The operators of a type: equal and its negation, like and its negation; those of strings for the other keys."""

TABLE = """
                                                     literal  wildcard  variable  unknown
aws:PrincipalOrgID         plain                     yes      no        no        maybe
aws:PrincipalOrgID         negated                   no       no        no        no
aws:PrincipalOrgID         IfExists                  no       no        no        no
aws:PrincipalOrgID         negated IfExists          no       no        no        no
aws:PrincipalOrgID         ForAnyValue               yes      no        no        maybe
aws:PrincipalOrgID         ForAnyValue negated       no       yes       no        no
aws:PrincipalOrgID         ForAllValues              no       no        no        no
aws:PrincipalOrgID         ForAllValues negated      no       no        no        no
aws:PrincipalOrgID         Null true                 no       -         -         no
aws:PrincipalOrgID         Null false                no       -         -         no

aws:PrincipalAccount       plain                     yes      no        no        maybe
aws:PrincipalAccount       negated                   no       yes       no        no
aws:PrincipalAccount       IfExists                  yes      no        no        maybe
aws:PrincipalAccount       negated IfExists          no       yes       no        no
aws:PrincipalAccount       ForAnyValue               yes      no        no        maybe
aws:PrincipalAccount       ForAnyValue negated       no       yes       no        no
aws:PrincipalAccount       ForAllValues              yes      no        no        maybe
aws:PrincipalAccount       ForAllValues negated      no       yes       no        no
aws:PrincipalAccount       Null true                 yes      -         -         maybe
aws:PrincipalAccount       Null false                no       -         -         maybe

kms:CallerAccount          plain                     yes      no        no        maybe
kms:CallerAccount          negated                   no       yes       no        no
kms:CallerAccount          IfExists                  yes      no        no        maybe
kms:CallerAccount          negated IfExists          no       yes       no        no
kms:CallerAccount          ForAnyValue               yes      no        no        maybe
kms:CallerAccount          ForAnyValue negated       no       yes       no        no
kms:CallerAccount          ForAllValues              yes      no        no        maybe
kms:CallerAccount          ForAllValues negated      no       yes       no        no
kms:CallerAccount          Null true                 yes      -         -         maybe
kms:CallerAccount          Null false                no       -         -         maybe

aws:SourceAccount          plain                     yes      no        no        maybe
aws:SourceAccount          negated                   no       no        no        no
aws:SourceAccount          IfExists                  no       no        no        no
aws:SourceAccount          negated IfExists          no       no        no        no
aws:SourceAccount          ForAnyValue               yes      no        no        maybe
aws:SourceAccount          ForAnyValue negated       no       yes       no        no
aws:SourceAccount          ForAllValues              no       no        no        no
aws:SourceAccount          ForAllValues negated      no       no        no        no
aws:SourceAccount          Null true                 no       -         -         no
aws:SourceAccount          Null false                no       -         -         no

aws:PrincipalOrgPaths      plain                     maybe    maybe     maybe     maybe
aws:PrincipalOrgPaths      negated                   no       no        no        no
aws:PrincipalOrgPaths      IfExists                  no       no        no        no
aws:PrincipalOrgPaths      negated IfExists          no       no        no        no
aws:PrincipalOrgPaths      ForAnyValue               yes      no        no        maybe
aws:PrincipalOrgPaths      ForAnyValue negated       no       yes       no        no
aws:PrincipalOrgPaths      ForAllValues              no       no        no        no
aws:PrincipalOrgPaths      ForAllValues negated      no       no        no        no
aws:PrincipalOrgPaths      Null true                 no       -         -         no
aws:PrincipalOrgPaths      Null false                no       -         -         no

aws:PrincipalArn           plain                     yes      no        no        maybe
aws:PrincipalArn           negated                   no       no        no        no
aws:PrincipalArn           IfExists                  yes      no        no        maybe
aws:PrincipalArn           negated IfExists          no       no        no        no
aws:PrincipalArn           ForAnyValue               yes      no        no        maybe
aws:PrincipalArn           ForAnyValue negated       no       no        no        no
aws:PrincipalArn           ForAllValues              yes      no        no        maybe
aws:PrincipalArn           ForAllValues negated      no       no        no        no
aws:PrincipalArn           Null true                 yes      -         -         maybe
aws:PrincipalArn           Null false                no       -         -         maybe

aws:SourceArn              plain                     yes      no        no        maybe
aws:SourceArn              negated                   no       no        no        no
aws:SourceArn              IfExists                  no       no        no        no
aws:SourceArn              negated IfExists          no       no        no        no
aws:SourceArn              ForAnyValue               yes      no        no        maybe
aws:SourceArn              ForAnyValue negated       no       no        no        no
aws:SourceArn              ForAllValues              no       no        no        no
aws:SourceArn              ForAllValues negated      no       no        no        no
aws:SourceArn              Null true                 no       -         -         no
aws:SourceArn              Null false                no       -         -         no

aws:SourceVpce             plain                     yes      no        no        maybe
aws:SourceVpce             negated                   no       no        no        no
aws:SourceVpce             IfExists                  no       no        no        no
aws:SourceVpce             negated IfExists          no       no        no        no
aws:SourceVpce             ForAnyValue               yes      no        no        maybe
aws:SourceVpce             ForAnyValue negated       no       yes       no        no
aws:SourceVpce             ForAllValues              no       no        no        no
aws:SourceVpce             ForAllValues negated      no       no        no        no
aws:SourceVpce             Null true                 no       -         -         no
aws:SourceVpce             Null false                no       -         -         no

aws:SourceIp               plain                     yes      no        maybe     maybe
aws:SourceIp               negated                   no       no        no        no
aws:SourceIp               IfExists                  no       no        no        no
aws:SourceIp               negated IfExists          no       no        no        no
aws:SourceIp               ForAnyValue               yes      no        maybe     maybe
aws:SourceIp               ForAnyValue negated       no       no        no        no
aws:SourceIp               ForAllValues              no       no        no        no
aws:SourceIp               ForAllValues negated      no       no        no        no
aws:SourceIp               Null true                 no       -         -         no
aws:SourceIp               Null false                no       -         -         no

kms:ViaService             plain                     yes      no        no        maybe
kms:ViaService             negated                   no       no        no        no
kms:ViaService             IfExists                  no       no        no        no
kms:ViaService             negated IfExists          no       no        no        no
kms:ViaService             ForAnyValue               yes      no        no        maybe
kms:ViaService             ForAnyValue negated       no       yes       no        no
kms:ViaService             ForAllValues              no       no        no        no
kms:ViaService             ForAllValues negated      no       no        no        no
kms:ViaService             Null true                 no       -         -         no
kms:ViaService             Null false                no       -         -         no

aws:CalledVia              plain                     maybe    maybe     maybe     maybe
aws:CalledVia              negated                   no       no        no        no
aws:CalledVia              IfExists                  no       no        no        no
aws:CalledVia              negated IfExists          no       no        no        no
aws:CalledVia              ForAnyValue               yes      no        no        maybe
aws:CalledVia              ForAnyValue negated       no       yes       no        no
aws:CalledVia              ForAllValues              no       no        no        no
aws:CalledVia              ForAllValues negated      no       no        no        no
aws:CalledVia              Null true                 no       -         -         no
aws:CalledVia              Null false                no       -         -         no

kms:EncryptionContext:app  plain                     yes      no        yes       maybe
kms:EncryptionContext:app  negated                   no       no        no        no
kms:EncryptionContext:app  IfExists                  no       no        no        no
kms:EncryptionContext:app  negated IfExists          no       no        no        no
kms:EncryptionContext:app  ForAnyValue               yes      no        yes       maybe
kms:EncryptionContext:app  ForAnyValue negated       no       yes       no        no
kms:EncryptionContext:app  ForAllValues              no       no        no        no
kms:EncryptionContext:app  ForAllValues negated      no       no        no        no
kms:EncryptionContext:app  Null true                 no       -         -         no
kms:EncryptionContext:app  Null false                no       -         -         no

kms:EncryptionContextKeys  plain                     maybe    maybe     maybe     maybe
kms:EncryptionContextKeys  negated                   no       no        no        no
kms:EncryptionContextKeys  IfExists                  no       no        no        no
kms:EncryptionContextKeys  negated IfExists          no       no        no        no
kms:EncryptionContextKeys  ForAnyValue               yes      no        yes       maybe
kms:EncryptionContextKeys  ForAnyValue negated       no       yes       no        no
kms:EncryptionContextKeys  ForAllValues              no       no        no        no
kms:EncryptionContextKeys  ForAllValues negated      no       no        no        no
kms:EncryptionContextKeys  Null true                 no       -         -         no
kms:EncryptionContextKeys  Null false                no       -         -         no
"""


class Cell(NamedTuple):
    key: str
    form: str
    column: str
    expected: bool | None


def cells() -> list[Cell]:
    found = []
    for line in filter(str.strip, TABLE.splitlines()[2:]):
        key, form, answers = line[:27].strip(), line[27:53].strip(), line[53:].split()
        for column, answer in zip(Values._fields, answers, strict=True):
            if answer != "-":
                found.append(Cell(key, form, column, {"yes": True, "no": False, "maybe": None}[answer]))
    return found


def entry(cell: Cell) -> tuple[str, str]:
    """The operator and the value of a cell."""
    value = getattr(KEYS[cell.key][1], cell.column)
    if cell.form.startswith("Null"):
        return "Null", cell.form.removeprefix("Null ") if cell.column == "literal" else value
    equal, unequal, like, unlike = OPERATORS.get(
        cell.key, ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike")
    )
    wild = cell.column == "wildcard"
    name = (unlike if wild else unequal) if "negated" in cell.form else (like if wild else equal)
    quantifier = next((f"{word}:" for word in ("ForAnyValue", "ForAllValues") if word in cell.form), "")
    return quantifier + name + ("IfExists" if "IfExists" in cell.form else ""), value


CELLS = cells()


def test_the_table_has_every_cell() -> None:
    forms = {cell.form for cell in CELLS}
    assert len(forms) == 10
    assert {(cell.key, cell.form) for cell in CELLS} == {(key, form) for key in KEYS for form in forms}


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.key} {cell.form} {cell.column}")
def test_what_a_condition_limits(cell: Cell) -> None:
    operator, value = entry(cell)
    entries = block({operator: {cell.key: value}})
    limit = frozenset({KEYS[cell.key][0]})
    nothing: frozenset[Limit] = frozenset()
    assert conditions.limits(entries[0], entries) is cell.expected, operator
    assert conditions.surely_limited(entries) == (limit if cell.expected else nothing)
    assert conditions.possibly_limited(entries) == (nothing if cell.expected is False else limit)
    assert (conditions.why_open(entries[0], entries) is None) == (cell.expected is not False)


@pytest.mark.parametrize("form", ["IfExists", "ForAllValues"])
@pytest.mark.parametrize("key", [key for key in KEYS if not key.startswith(("aws:PrincipalA", "kms:CallerA"))])
def test_a_null_test_closes_what_passes_by_absence(key: str, form: str) -> None:
    """With `Null: false` beside it, the answer is that of the operator on a key that is there."""
    many = key in ("aws:PrincipalOrgPaths", "aws:CalledVia", "kms:EncryptionContextKeys")
    operator, value = entry(Cell(key, form, "literal", None))
    entries = block({operator: {key: value}, "Null": {key: "false"}})
    expected = None if many and form == "IfExists" else True
    assert conditions.limits(entries[0], entries) is expected
    open_too = block({operator: {key: value}, "Null": {key: "true"}})
    assert conditions.limits(open_too[0], open_too) is False


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringLike", "kms:ViaService", "s3.*.amazonaws.com", True),
        ("StringLike", "kms:ViaService", "s3.*", True),
        ("StringLike", "kms:ViaService", "*.us-east-1.amazonaws.com", False),
        ("StringEquals", "kms:ViaService", "s3.${aws:RequestedRegion}.amazonaws.com", True),
        ("StringEquals", "kms:ViaService", "s3.@.amazonaws.com", True),
        ("StringEquals", "kms:ViaService", "@.us-east-1.amazonaws.com", None),
        ("Bool", "aws:ViaAWSService", "true", True),
        ("BoolIfExists", "aws:ViaAWSService", "true", True),
        ("Bool", "aws:ViaAWSService", "false", False),
        ("Bool", "aws:ViaAWSService", "@", None),
        ("Bool", "aws:PrincipalIsAWSService", "true", True),
        ("StringEquals", "aws:PrincipalOrgID", "*", True),  # an asterisk, which no organization is called
        ("StringEquals", "aws:PrincipalAccount", ["@", "111122223333"], None),
        ("StringLike", "aws:PrincipalAccount", ["@", "*"], False),
    ],
)
def test_values_that_are_neither(operator: str, key: str, value: str | list[str], expected: bool | None) -> None:
    entries = block({operator: {key: value}})
    assert conditions.limits(entries[0], entries) is expected
