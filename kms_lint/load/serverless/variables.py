"""The values of a service with their variables worked out, as far as the repository tells.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from kms_lint.errors import MalformedError, SourceError
from kms_lint.load.cloudformation.pieces import joined
from kms_lint.load.options import Options
from kms_lint.load.serverless.files import Files
from kms_lint.load.serverless.notation import MOST, Literal, Source, Variable, pieces
from kms_lint.source import At, Borrowed
from kms_lint.syntax.tree import DEPLOYMENT_ACCOUNT, Items, Mapping, Node, Scalar, Text, Unknown

if TYPE_CHECKING:
    from kms_lint.files import File

MOST_VALUES: Final = 50_000
"""As many values may come into a service through variables."""

_DEPTH: Final = 20
_PSEUDO: Final = re.compile(r"#\{(?P<name>[A-Za-z][\w:.]*)\}")
_PLUGIN: Final = "serverless-pseudo-parameters"
"""The plugin that takes `#{AWS::AccountId}` for what `${AWS::AccountId}` is in `Fn::Sub`.

https://github.com/svdgraaf/serverless-pseudo-parameters
"""

_NAMES_OF_AWS: Final = {"AWS::AccountId": "accountId", "AWS::Region": "region", "AWS::Partition": "partition"}
_TRUTHS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


class _Loan(NamedTuple):
    """Where values are used that are written elsewhere, and under which name."""

    used: At
    name: str

    def place(self, at: At) -> At:
        return Borrowed(at, self.used, self.name)


class Variables:
    """Works out the variables of one service."""

    def __init__(self, root: Mapping, file: File, options: Options) -> None:
        """`root` is the whole service, `file` where it was read."""
        self._root = root
        self._files = Files(file)
        self._options = options
        self._active: set[tuple[str, str]] = set()
        self._values = 0
        plugins = root.get("plugins")
        listed = plugins.get("modules") if isinstance(plugins, Mapping) else plugins
        names = [str(each) for each in listed.values if isinstance(each, Text)] if isinstance(listed, Items) else []
        self._pseudo = _PLUGIN in names

    def resolve(self, node: Node) -> Node:
        """The value with all variables in it worked out; what cannot be known is unknown."""
        return self._node(node, None, 0)

    def _node(self, node: Node, loan: _Loan | None, depth: int) -> Node:
        at = node.at
        if loan is not None:
            at = loan.place(at)
            self._values += 1
            if self._values > MOST_VALUES:
                return Unknown(loan.name, at, f"variables bring more than {MOST_VALUES} values into this service")
        if isinstance(node, Text):
            if self._pseudo and "#{" in node:
                return self._with_pseudo(node, at, depth)
            return self._text(node, at, depth) if "${" in node else Text(str(node), at)
        if isinstance(node, Mapping):
            entries = [(Text(str(name), _place(name.at, loan)), value) for name, value in node.entries]
            return Mapping([(name, self._node(value, loan, depth)) for name, value in entries], at)
        if isinstance(node, Items):
            return Items([self._node(value, loan, depth) for value in node.values], at)
        return node._replace(at=at) if isinstance(node, Scalar | Unknown) else node

    def _with_pseudo(self, text: Text, at: At, depth: int) -> Node:
        """A text in which the plugin for pseudo parameters puts values; what is between them may have variables."""
        values: list[Node] = []
        end = 0
        for found in _PSEUDO.finditer(text):
            values.append(self._text(Text(text[end : found.start()], at), at, depth))
            known = _NAMES_OF_AWS.get(found["name"])
            unknown = Unknown(found[0], at, "it is only known when it is deployed")
            values.append(unknown if known is None else self._of_aws(known, at))
            end = found.end()
            if len(values) >= MOST:
                return Unknown(str(text)[:80], at, f"it has more than {MOST} variables")
        values.append(self._text(Text(text[end:], at), at, depth))
        return joined(values, at, str(text))

    def _text(self, text: Text, at: At, depth: int) -> Node:
        found = list(pieces(text))
        if not any(isinstance(piece, Variable) for piece in found):
            return Text(str(text), at)
        values: list[Node] = [
            Text(piece, at) if isinstance(piece, str) else self._variable(piece, at, depth) for piece in found
        ]
        if len(values) == 1:
            return values[0]
        if sum(isinstance(piece, Variable) for piece in found) >= MOST:
            return Unknown(str(text)[:80], at, f"it has more than {MOST} variables")
        return joined(values, at, str(text))

    def _variable(self, variable: Variable, at: At, depth: int) -> Node:
        """The value of the first source that has one."""
        self._values += 1
        if depth > _DEPTH or self._values > MOST_VALUES:
            return Unknown(variable.written, at, "it leads through too many other variables")
        for source in variable.sources:
            if isinstance(source, Literal):
                return _literal(source, at)
            value = self._source(source, at, depth)
            if isinstance(value, Unknown) and source.type == "opt" and len(variable.sources) > 1:
                continue
            if value is not None and not (isinstance(value, Scalar) and value.value is None):
                return value
        return Unknown(variable.written, at, "nothing gives it a value")

    def _source(self, source: Source, at: At, depth: int) -> Node | None:
        """What a source gives; `None` for nothing."""
        given, address = self._plain(source.given or "", at, depth), self._plain(source.address, at, depth)
        written = f"{source.type}({source.given})" if source.given is not None else source.type
        written += f":{source.address}" if source.address else ""
        if given is None or address is None:
            return Unknown(written, at, "a part of its name is not known")
        if source.type == "self":
            return self._at(self._root, "self", address, at, written, depth)
        if source.type == "file":
            return self._in_file(given, address, at, written, depth)
        if source.type == "opt":
            return Unknown(written, at, "it is given when the service is deployed")
        if source.type == "aws":
            return self._of_aws(address, at)
        if source.type == "sls" and address == "stage":
            return self._stage(at, depth)
        if source.type == "strToBool":
            return _literal(Literal(given, False), at) if given in _TRUTHS else Unknown(written, at)
        return Unknown(written, at)

    def _stage(self, at: At, depth: int) -> Node:
        """The stage, which is `dev` where nothing says another. https://www.serverless.com/framework/docs/guides/variables ."""
        said = self._at(self._root, "self", "provider.stage", at, "sls:stage", depth)
        return said if isinstance(said, Text) else Text("<stage>", at)

    def _plain(self, text: str, at: At, depth: int) -> str | None:
        """A name that may have variables in it; `None` where it is not known."""
        if "${" not in text:
            return text
        value = self._text(Text(text, at), at, depth + 1)
        if isinstance(value, Scalar) and value.value is not None:
            return value.text
        return str(value) if isinstance(value, Text) and value.known and "<" not in value else None

    def _of_aws(self, address: str, at: At) -> Node:
        options = self._options
        if address == "accountId":
            return Text(options.account or DEPLOYMENT_ACCOUNT, at)
        if address == "region":
            return Text(options.region or "<region>", at)
        if address == "partition":
            return Text(options.partition or "<partition>", at)
        return Text("${aws:" + address + "}", at)  # a policy variable such as `${aws:username}`

    def _in_file(self, name: str, address: str, at: At, written: str, depth: int) -> Node | None:
        try:
            tree = self._files.value(name)
        except (SourceError, MalformedError) as error:
            return Unknown(written, at, str(error))
        return self._at(tree, name, address, at, written, depth)

    def _at(self, tree: Node, name: str, address: str, at: At, written: str, depth: int) -> Node | None:
        """The value at an address, such as `custom.roles.0`, in a tree that goes by `name`."""
        here = (name, address)
        if here in self._active:
            return Unknown(written, at, "it leads back to itself")
        self._active.add(here)
        try:
            found = self._follow(tree, address, depth)
            return None if found is None else self._node(found, _Loan(at, written), depth + 1)
        finally:
            self._active.discard(here)

    def _follow(self, tree: Node, address: str, depth: int) -> Node | None:
        found: Node | None = tree
        for step in address.split(".") if address else ():
            if isinstance(found, Text) and "${" in found:
                found = self._text(found, found.at, depth + 1)
            if isinstance(found, Mapping):
                found = found.get(step)
            elif isinstance(found, Items) and step.isdecimal() and int(step[:9]) < len(found):
                found = found.values[int(step)]
            else:
                return found if isinstance(found, Unknown) else None
        return found


def _place(at: At, loan: _Loan | None) -> At:
    return at if loan is None else loan.place(at)


def _literal(literal: Literal, at: At) -> Node:
    if literal.quoted:
        return Text(literal.text, at)
    if literal.text in _TRUTHS:
        return Scalar(_TRUTHS[literal.text], literal.text, at)
    if literal.text.isdecimal():
        return Scalar(literal.text, literal.text, at)
    return Text(literal.text, at)
