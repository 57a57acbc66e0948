"""What a reader takes for one character: a letter with its accents, an emoji with its modifiers.

The common part of https://unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries .
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SIMPLE: Final = re.compile("[\x00-\x0c\x0e-\u02ff]*")
_JOINER: Final = "\u200d"


def clusters(text: str) -> list[str]:
    """The characters of a text, as a reader counts them."""
    if _SIMPLE.fullmatch(text):
        return list(text)
    found: list[str] = []
    flags = 0
    for character in text:
        flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        if found and (_continues(found[-1], character) or (flag and flags % 2 == 1)):
            found[-1] += character
        else:
            found.append(character)
        flags = flags + 1 if flag else 0
    return found


def _continues(before: str, character: str) -> bool:
    if character == "\n":
        return before == "\r"
    if before[-1] in "\r\n":
        return False
    if character == _JOINER or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    if before.endswith(_JOINER):
        return ord(character) > 0x2000
    return unicodedata.category(character) in ("Mn", "Me", "Mc")
