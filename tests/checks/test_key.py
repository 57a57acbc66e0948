"""Checks of keys: rotation where it can be, waiting periods, keys that are disabled."""

from __future__ import annotations

import pytest

import kms_lint.checks  # fills CHECKS
from kms_lint.finding import Confidence, Hit, Severity
from kms_lint.model import Document, Key, Setting, Settings, World
from kms_lint.rule import CHECKS
from kms_lint.source import Source, Span
from kms_lint.syntax import locate

assert kms_lint.checks

SURE, MAYBE = Confidence.DEFINITE, Confidence.POSSIBLE
Given = dict[str, object]


class NotKnown:
    """Stands for a value that only exists at apply time."""


UNKNOWN = NotKnown()
DEFAULTS = Settings()


def key(settings: Given, format: str = "terraform", replica: bool = False) -> Key:
    """A key whose settings stand one below the other in a file, under its header."""
    text = "key\n"
    known: dict[str, tuple[int, int]] = {}
    for name, value in settings.items():
        shown = "var.x" if value is UNKNOWN else str(value).lower() if isinstance(value, bool) else str(value)
        known[name] = (len(text) + len(name) + 3, len(text) + len(name) + 3 + len(shown))
        text += f"{name} = {shown}\n"
    source = Source("main.tf", text)
    written = {
        name: Setting(
            None if value is UNKNOWN else value,  # type: ignore[arg-type]
            value is not UNKNOWN,
            Span(source, *known[name]),
            name,
        )
        for name, value in settings.items()
    }
    return Key("aws_kms_key.a", Span(source, 0, 3), format, settings=written, replica=replica)


def found(check: str, of: Key, settings: Settings = DEFAULTS) -> list[tuple[str, Confidence]]:
    return [(written(hit), hit.confidence) for hit in hits(check, of, settings)]


def hits(check: str, of: Key, settings: Settings = DEFAULTS) -> list[Hit]:
    world = World((Document("main.tf", "terraform", "terraform", keys=(of,)),), settings=settings)
    return list(CHECKS[check].run(of, world))


def written(hit: Hit) -> str:
    """The line that a hit begins on."""
    span = locate(hit.at)
    return span.source.line(span.source.position(span.start).line)


ROTATION: dict[str, tuple[Given, list[tuple[str, Confidence]]]] = {
    "not written": ({}, [("key", SURE)]),
    "off": ({"rotation": False}, [("rotation = false", SURE)]),
    "off as text": ({"rotation": "false"}, [("rotation = false", SURE)]),
    "on": ({"rotation": True}, []),
    "on as text": ({"rotation": "true"}, []),
    "not known": ({"rotation": UNKNOWN}, [("rotation = var.x", MAYBE)]),
    "symmetric by name": ({"spec": "SYMMETRIC_DEFAULT", "usage": "ENCRYPT_DECRYPT"}, [("key", SURE)]),
    "material of AWS by name": ({"origin": "AWS_KMS"}, [("key", SURE)]),
    "spec not known": ({"spec": UNKNOWN}, [("key", MAYBE)]),
    "origin not known": ({"origin": UNKNOWN, "rotation": False}, [("rotation = false", MAYBE)]),
    "store not known": ({"custom_key_store": UNKNOWN}, [("key", MAYBE)]),
    "RSA": ({"spec": "RSA_4096"}, []),
    "HMAC with an unknown origin": ({"spec": "HMAC_256", "origin": UNKNOWN}, []),
    "for signatures": ({"usage": "SIGN_VERIFY"}, []),
    "imported": ({"origin": "EXTERNAL"}, []),
    "in a key store": ({"custom_key_store": "cks-1"}, []),
    "in no key store": ({"custom_key_store": None}, [("key", SURE)]),
    "made by AWS": ({"manager": "AWS"}, []),
    "made by a customer": ({"manager": "CUSTOMER"}, [("key", SURE)]),
}


@pytest.mark.parametrize(("given", "expected"), ROTATION.values(), ids=ROTATION.keys())
def test_rotation_disabled(given: Given, expected: list[tuple[str, Confidence]]) -> None:
    assert found("rotation_disabled", key(given)) == expected


def test_rotation_of_a_replica_is_that_of_its_primary() -> None:
    assert found("rotation_disabled", key({}, replica=True)) == []
    assert found("rotation_unsupported", key({"rotation": True, "spec": "RSA_2048"}, replica=True)) == []


def test_the_description_of_a_key_does_not_tell_whether_it_rotates() -> None:
    assert found("rotation_disabled", key({"spec": "SYMMETRIC_DEFAULT"}, format="cli")) == []
    assert found("rotation_disabled", key({"rotation": UNKNOWN}, format="cli")) == []
    assert found("rotation_disabled", key({"rotation": False}, format="cli")) == [("rotation = false", SURE)]


def test_an_answer_of_aws_is_not_edited() -> None:
    for check, settings in (("rotation_disabled", {"rotation": False}), ("key_disabled", {"enabled": False})):
        (hit,) = hits(check, key(dict[str, object](settings), format="cli"))
        assert hit.edits == ()


def test_rotation_that_is_off_is_switched_on_by_an_edit() -> None:
    ((edit,),) = (hit.edits for hit in hits("rotation_disabled", key({"rotation": False})))
    span = locate(edit.at)
    assert (span.source.text[span.start : span.end], edit.text) == ("false", "true")
    assert [hit.edits for hit in hits("rotation_disabled", key({}))] == [()]


UNSUPPORTED: dict[str, tuple[Given, list[tuple[str, Confidence]]]] = {
    "symmetric": ({"rotation": True}, []),
    "not switched on": ({"spec": "RSA_2048"}, []),
    "switched off": ({"spec": "RSA_2048", "rotation": False}, []),
    "RSA": ({"spec": "RSA_2048", "rotation": True}, [("rotation = true", SURE)]),
    "imported": ({"origin": "EXTERNAL", "rotation": True}, [("rotation = true", SURE)]),
    "in a key store": ({"custom_key_store": "cks-1", "rotation": True}, [("rotation = true", SURE)]),
    "spec not known": ({"spec": UNKNOWN, "rotation": True}, [("rotation = true", MAYBE)]),
    "RSA and rotation not known": ({"spec": "RSA_2048", "rotation": UNKNOWN}, [("rotation = var.x", MAYBE)]),
    "neither known": ({"spec": UNKNOWN, "rotation": UNKNOWN}, []),
    "made by AWS": ({"origin": "EXTERNAL", "rotation": True, "manager": "AWS"}, []),
}


@pytest.mark.parametrize(("given", "expected"), UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_rotation_unsupported(given: Given, expected: list[tuple[str, Confidence]]) -> None:
    assert found("rotation_unsupported", key(given)) == expected


def test_rotation_unsupported_points_to_what_stands_against_it() -> None:
    (hit,) = hits("rotation_unsupported", key({"spec": "HMAC_256", "rotation": True}))
    (place,) = hit.related
    span = locate(place.at)
    assert (hit.label, span.source.text[span.start : span.end]) == (
        "a key of spec HMAC_256 cannot rotate automatically",
        "HMAC_256",
    )


WINDOWS: dict[str, tuple[object, int, list[Severity | None]]] = {
    "not asked for": ("14", 14, []),
    "short": ("7", 14, [None]),
    "short by own measure": ("29", 30, [None]),
    "long enough by own measure": ("7", 7, []),
    "longest": ("30", 14, []),
    "too long": ("31", 14, [Severity.HIGH]),
    "too short": ("6", 14, [Severity.HIGH]),
    "negative": ("-1", 14, [Severity.HIGH]),
    "more digits than a number has": ("9" * 5000, 14, [Severity.HIGH]),
    "no number": ("soon", 14, []),
    "null": (None, 14, []),
    "not known": (UNKNOWN, 14, []),
}


@pytest.mark.parametrize(("days", "wanted", "expected"), WINDOWS.values(), ids=WINDOWS.keys())
def test_deletion_window_short(days: object, wanted: int, expected: list[Severity | None]) -> None:
    given = hits("deletion_window_short", key({"deletion_window": days}), Settings(minimum_deletion_window=wanted))
    assert [(hit.severity, written(hit)) for hit in given] == [
        (severity, f"deletion_window = {days}") for severity in expected
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"enabled": True}, []),
        ({"enabled": False}, [("enabled = false", SURE)]),
        ({"enabled": None}, []),
        ({"enabled": UNKNOWN}, []),
    ],
    ids=["not written", "enabled", "disabled", "null", "not known"],
)
def test_key_disabled(given: Given, expected: list[tuple[str, Confidence]]) -> None:
    assert found("key_disabled", key(given)) == expected
