"""Arguments that hold a secret, as data, and those of them that are written out in a file.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kms_lint.load.terraform.arguments import Path, held
from kms_lint.load.terraform.configuration import UNFILED
from kms_lint.load.terraform.resource import Resource
from kms_lint.load.terraform.value import Encoded, Rendered
from kms_lint.model import Secret
from kms_lint.source import Passage
from kms_lint.syntax.expression import Argument, Literal
from kms_lint.syntax.tree import Choice, Items, Mapping, Node, Text, Unknown

_MATERIAL: Final = "key material"
_PASSWORD: Final = "the password of a key store"
_CREDENTIAL: Final = "the credential of a key store proxy"
_PLAINTEXT: Final = "the plaintext of a ciphertext"

SECRETS: Final[dict[str, tuple[tuple[Path, str], ...]]] = {
    "aws_kms_external_key": ((("key_material_base64",), _MATERIAL),),
    "aws_kms_replica_external_key": ((("key_material_base64",), _MATERIAL),),
    "aws_kms_custom_key_store": (
        (("key_store_password",), _PASSWORD),
        (("xks_proxy_authentication_credential", "access_key_id"), _CREDENTIAL),
        (("xks_proxy_authentication_credential", "raw_secret_access_key"), _CREDENTIAL),
    ),
    "aws_kms_ciphertext": ((("plaintext",), _PLAINTEXT), (("plaintext_wo",), _PLAINTEXT)),
    "data.aws_kms_ciphertext": ((("plaintext",), _PLAINTEXT),),
}
"""By type of resource or data source, the arguments with a secret and what it is. The AWS CC provider has none."""


def secrets(itself: Resource) -> Iterator[Secret]:
    """The arguments of a resource that hold a secret as a literal, wherever that is written."""
    for path, what in SECRETS.get(itself.type, ()):
        for each in held(itself, path):
            found = list(_written_out(itself.address, what, each.value))
            argument = each.block.arguments().get(path[-1])
            if not found and argument is not None and _made_of_literals(each.value, argument):
                found.append(Secret(itself.address, argument.expression().at, what))
            yield from found


def _written_out(address: str, what: str, value: Node) -> Iterator[Secret]:
    if isinstance(value, Choice):
        for branch in value.branches:
            yield from _written_out(address, what, branch.value)
    elif isinstance(value, Encoded):
        if _literal(value.node):
            yield Secret(address, value.at, what)
    elif isinstance(value, Rendered) and value and value.form == value and len(value.parts) == 1:
        part = value.parts[0]
        if isinstance(part, Passage) and not part.source.path.startswith(UNFILED):
            yield Secret(address, part.span(0, len(part.text)), what)


def _made_of_literals(value: Node, argument: Argument) -> bool:
    """Whether a text is worked out from nothing but what is written in the argument: `base64encode("…")`."""
    if not isinstance(value, Text) or isinstance(value, Encoded) or not value or value.form != value:
        return False
    from kms_lint.load.definitions.references import references

    expression = argument.expression()
    return not isinstance(expression, Literal) and references(expression) == frozenset()


def _literal(node: Node) -> bool:
    """Whether all of a value is written out."""
    pending = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Mapping):
            pending.extend(value for _, value in here.entries)
        elif isinstance(here, Items):
            pending.extend(here.values)
        elif isinstance(here, Unknown | Choice) or (isinstance(here, Text) and here.form != here):
            return False
    return True
