"""Where the resources of a plan are deployed, and what the ARNs and ids look like that they will get."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from kms_lint.load.options import Options
from kms_lint.load.terraform.attributes import DNS_SUFFIXES, OPAQUE, form_of
from kms_lint.load.terraform_plan.configuration import Configuration
from kms_lint.load.terraform_plan.outline import Entry
from kms_lint.load.terraform_plan.written import Written
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text

_PART: Final = re.compile(r"\{([\w?]+)\}|<>")
_SEPARATORS: Final = re.compile(r"[:/*?$\s]+")
_LONGEST: Final = 5
_SURROUNDINGS: Final = {
    "aws_caller_identity": ("account", ("account_id",)),
    "aws_region": ("region", ("region", "name", "id")),
    "aws_partition": ("partition", ("partition",)),
}


class Place(NamedTuple):
    """Where a resource is deployed; `<account>` and the like are those of the deployment as a whole."""

    partition: str
    region: str
    account: str


class Deployment:
    """What a plan, its state and the user say of where things are deployed."""

    def __init__(self, written: Written, configuration: Configuration, options: Options) -> None:
        """`options` count where the plan says nothing."""
        self._written = written
        self._configuration = configuration
        self._options = options
        self._places: dict[str, Place] = {}
        self._told: dict[str, dict[str, str]] | None = None

    def form(self, entry: Entry, name: str, depth: int = 0) -> str:
        """What an attribute is known to look like; anything when nothing is known about it."""
        value = self._written.known(entry, name)
        if value is not None:
            return value.form if isinstance(value, Text) else value.text
        pattern = form_of("data." * (entry.mode == "data") + entry.type, name)
        if pattern is None or depth > _LONGEST:
            return ANYTHING if depth == 0 else self._opaque(entry, name)
        return _PART.sub(lambda match: self._part(entry, match[1] or name, match[0] == OPAQUE, depth), pattern)

    def _part(self, entry: Entry, name: str, opaque: bool, depth: int) -> str:
        place = self.place(entry)
        if opaque:
            return self._opaque(entry, name)
        if name == "?":
            return ANYTHING
        if name in Place._fields:
            return str(getattr(place, name))
        if name == "dns_suffix":
            return DNS_SUFFIXES.get(place.partition, "amazonaws.com")
        return self.form(entry, name, depth + 1)

    def _opaque(self, entry: Entry, name: str) -> str:
        return f"<{symbol(entry.address)}.{name}>"

    def place(self, entry: Entry) -> Place:
        """Where a resource is deployed: what its own ARN says, what its provider was asked, what the user says."""
        found = self._places.get(entry.address)
        if found is None:
            found = self._places[entry.address] = self._deployed(entry)
        return found

    def _deployed(self, entry: Entry) -> Place:
        provider = self._configuration.provider(entry.module, entry.plain)
        told = self._surroundings().get(provider, {})
        arn = self._written.known(entry, "arn")
        parts = arn.form.split(":") if isinstance(arn, Text) and arn.form.startswith("arn:") else []
        region = parts[3] if len(parts) > 5 else told.get("region") or self._configuration.region(provider)
        default = "." not in provider and ":" not in provider
        account = parts[4] if len(parts) > 5 else told.get("account")
        if not account:
            same = self._configuration.same_account(provider)
            account = (self._options.account or DEPLOYMENT_ACCOUNT) if same else ANYTHING
        nowhere = (self._options.region or "<region>") if default else f"<{symbol(provider)}.region>"
        partition = parts[1] if len(parts) > 5 else told.get("partition") or self._options.partition
        return Place(partition or "<partition>", region or nowhere, account)

    def owner(self, entry: Entry) -> str | None:
        """The account that a resource is made in; `None` when nothing tells."""
        account = self.place(entry).account
        return None if ANYTHING in account else account

    def _surroundings(self) -> dict[str, dict[str, str]]:
        """By provider, what the data sources about the deployment itself said."""
        if self._told is None:
            self._told = {}
            for entry in (*self._written.outline.prior.values(), *self._written.outline.entries.values()):
                names = _SURROUNDINGS.get(entry.type) if entry.mode == "data" else None
                asked = self._configuration.resource(entry.module, entry.plain).get("expressions")
                if names is None or asked:  # `data.aws_region` may ask for another region by its name
                    continue
                provider = self._configuration.provider(entry.module, entry.plain)
                for name in names[1]:
                    value = self._written.known(entry, name)
                    if isinstance(value, Text):
                        self._told.setdefault(provider, {}).setdefault(names[0], value.form)
        return self._told


def symbol(address: str) -> str:
    """An address as it stands for something in a form: without what separates the parts of an ARN."""
    return _SEPARATORS.sub("_", address)
