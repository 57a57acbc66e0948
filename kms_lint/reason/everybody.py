"""The parties of an estate: identities with the policies that reach them, principals that are only named, and classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kms_lint.iam import principals, services
from kms_lint.model import Identity, Policy
from kms_lint.reason.deployment import Deployment
from kms_lint.reason.managed import of_aws
from kms_lint.reason.parties import Group, HeldKey, Party, Standing
from kms_lint.reason.request import Caller, CallerKind
from kms_lint.syntax.tree import ANYTHING, DEPLOYMENT_ACCOUNT, Text

_KINDS = {"user": CallerKind.USER, "role": CallerKind.ROLE, "federated-user": CallerKind.FEDERATED_USER}


def everybody(
    deployment: Deployment, policies: Sequence[Policy], keys: Sequence[HeldKey]
) -> tuple[tuple[Party, ...], tuple[Group, ...]]:
    """All parties and groups: `policies` are the identity policies of the input, `keys` its keys with their grants."""
    attachments = _Attachments(deployment, policies)
    identities = [*attachments.identities()]
    known = {each.caller for each in identities}
    named = [each for each in _named(keys) if each.caller not in known]
    accounts = dict.fromkeys(key.account for key in keys)
    foreign = [name for name in dict.fromkeys(_accounts(keys)) if name not in accounts]
    parties = (
        *identities,
        *(each for each in named if each.standing is Standing.NAMED),
        *(each for each in named if each.standing is Standing.SERVICE),
        *attachments.holders(),
        *(_class(Standing.ROOT, name, deployment) for name in accounts),
        *(_class(Standing.ACCOUNT, name, deployment) for name in (*accounts, *foreign)),
        Party(Standing.STRANGER, "anyone"),
    )
    return parties, tuple(map(attachments.group, attachments.every_group()))


def _class(standing: Standing, account: str, deployment: Deployment) -> Party:
    if standing is Standing.ROOT:
        caller = Caller(CallerKind.ROOT, "root", account, deployment.partition)
        return Party(standing, f"root user of {account}", account, caller)
    return Party(standing, f"any principal of {account} with IAM permission", account)


class _Attachments:
    """Which identity policies reach whom."""

    def __init__(self, deployment: Deployment, policies: Sequence[Policy]) -> None:
        self.deployment = deployment
        self.policies = policies
        self.by_name: dict[str, list[Policy]] = {}
        self.used: set[int] = set()
        for policy in policies:
            for name in (policy.address, f"<{policy.address}>"):
                self.by_name.setdefault(name, []).append(policy)
        self.inline: dict[str, list[Policy]] = {}
        for policy in policies:
            if policy.of is not None:
                self.inline.setdefault(policy.of, []).append(policy)
        self._known: dict[str, Group] = {}
        self.groups = {name: each for each in deployment.identities if each.type == "group" for name in _called(each)}

    def identities(self) -> Iterator[Party]:
        """The users, roles and permission sets of the input."""
        for identity in self.deployment.identities:
            caller = self.deployment.caller(identity)
            if caller is not None:
                yield self._party(identity, caller)

    def _party(self, identity: Identity, caller: Caller) -> Party:
        inline, attached, missing = self._reaching(identity)
        policies, groups = [*inline, *attached], []
        for name in identity.groups:
            group = self.groups.get(str(name))
            if group is None:
                missing.append(f"what the group {name} has")
                continue
            found = self.group(group)
            groups.append(found)
            policies += [each for each in (*found.inline, *found.attached) if each not in policies]
            missing += found.missing
        boundary, absent = self._managed((identity.boundary,) if identity.boundary else ())
        return Party(
            Standing.IDENTITY,
            _shown(identity, caller),
            caller.account,
            caller,
            identity.address,
            identity.at,
            tuple(policies),
            tuple(missing),
            identity.boundary is not None,
            tuple(boundary),
            next(iter(absent), ""),
            tuple(inline),
            tuple(attached),
            tuple(groups),
            self.deployment.text(identity.boundary).form if identity.boundary is not None else "",
        )

    def group(self, identity: Identity) -> Group:
        """A group of the input, the same each time it is asked for."""
        if identity.address not in self._known:
            inline, attached, missing = self._reaching(identity)
            arn = identity.arn and self.deployment.text(identity.arn).form
            known = arn if arn and ANYTHING not in arn else None
            account = self.deployment.account if identity.owner in (None, DEPLOYMENT_ACCOUNT) else identity.owner
            self._known[identity.address] = Group(
                identity.address, account, known, tuple(inline), tuple(attached), tuple(missing)
            )
        return self._known[identity.address]

    def _reaching(self, identity: Identity) -> tuple[list[Policy], list[Policy], list[str]]:
        """The policies that an identity has itself, inline and attached, and the names of those that are not in the input."""
        attached, missing = self._managed(identity.attached)
        inline = [each for each in self.inline.get(identity.address, ()) if each not in attached]
        self.used |= {id(each) for each in inline}
        return inline, attached, [*refused(inline), *missing]

    def _managed(self, names: Sequence[Text]) -> tuple[list[Policy], list[str]]:
        found: list[Policy] = []
        missing: list[str] = []
        for name in names:
            here = self.by_name.get(str(name)) or self.by_name.get(self.deployment.text(name).form)
            known = here or of_aws(name)
            self.used |= {id(each) for each in known}
            found += known
            missing += [] if known else [f"the policy {name}"]
            missing += refused(known)
        return found, missing

    def every_group(self) -> list[Identity]:
        """The groups of the input, each once."""
        return list({id(each): each for each in self.groups.values()}.values())

    def holders(self) -> Iterator[Party]:
        """Whoever has a policy that nobody in the input has, or is in a group without users in the input."""
        for identity in self.every_group():
            group = self.group(identity)
            policies = (*group.inline, *group.attached)
            if policies or group.missing:
                shown = f"whoever is in {group.address}"
                yield self._holder(shown, group.address, identity, policies, group.missing)
        lone: dict[str, list[Policy]] = {}
        for policy in self.policies:
            if id(policy) not in self.used and not policy.managed:
                lone.setdefault(policy.of or policy.address, []).append(policy)
        for address, found in lone.items():
            yield self._holder(f"whoever has {address}", address, found[0], tuple(found), tuple(refused(found)))

    def _holder(
        self, shown: str, address: str, of: Identity | Policy, policies: tuple[Policy, ...], missing: tuple[str, ...]
    ) -> Party:
        account = self.deployment.account if of.owner in (None, DEPLOYMENT_ACCOUNT) else of.owner
        return Party(Standing.HOLDER, shown, account, None, address, of.at, policies, missing)


def refused(policies: Sequence[Policy]) -> list[str]:
    """What is not known of policies that AWS refuses as they are written: the text that is in effect."""
    found = [each.address for each in policies if each.refused]
    return list(dict.fromkeys(f"a text of {address} that AWS takes" for address in found))


def _called(identity: Identity) -> Iterator[str]:
    yield identity.address
    if identity.name is not None:
        yield str(identity.name)
    if identity.arn is not None:
        yield str(identity.arn)


def _shown(identity: Identity, caller: Caller) -> str:
    return caller.arn if identity.name is not None and identity.name.known and caller.arn else identity.address


def _named(keys: Sequence[HeldKey]) -> Iterator[Party]:
    """The principals that key policies and grants name one by one."""
    found: dict[str, Party] = {}
    for key in keys:
        for type_, text in _texts(key):
            party = named_party(type_, text)
            if party is not None:
                found.setdefault(party.shown, party)
    yield from found.values()


def _texts(key: HeldKey) -> Iterator[tuple[str, Text]]:
    for policy in key.policies:
        for statement in policy.statements:
            if statement.principals is not None and not statement.principals.negated:
                yield from ((str(each.type), each.value) for each in statement.principals.values)
    for grant in key.grants:
        for text in (grant.grantee, grant.retiring):
            if text is not None:
                yield "Service" if services.is_service(text.form) else "AWS", text


def named_party(type: str, text: Text) -> Party | None:
    """The party that a principal element names; `None` where it is a class, unknown, or nobody who can call KMS."""
    form = text.form
    if ANYTHING in form:
        return None
    if type == "Service":
        caller = Caller(CallerKind.SERVICE, form)
        return Party(Standing.SERVICE, f"service {text}", None, caller, at=text.at)
    if type == "AWS" and principals.is_unique_id(form):
        # What is left of a user or role that was deleted, or stands for one that was not.
        caller = Caller(CallerKind.UNIQUE_ID, form)
        return Party(Standing.NAMED, f"the user or role {form}", None, caller, at=text.at)
    parts = form.split(":", 5)
    if type != "AWS" or len(parts) != 6:
        return None
    kind, _, rest = parts[5].partition("/")
    if kind == "assumed-role":
        role, _, session = rest.partition("/")
        caller = Caller(CallerKind.ROLE, f"role/{role}", parts[4], parts[1], session)
        return Party(Standing.NAMED, form, parts[4], caller, at=text.at)
    if kind not in _KINDS or not rest:
        return None
    return Party(Standing.NAMED, form, parts[4], Caller(_KINDS[kind], parts[5], parts[4], parts[1]), at=text.at)


def _accounts(keys: Sequence[HeldKey]) -> Iterator[str]:
    """The accounts that key policies name as a whole."""
    for key in keys:
        for policy in key.policies:
            for statement in policy.statements:
                for each in statement.principals.values if statement.principals else ():
                    if principals.is_account(each) and ANYTHING not in each.value.form:
                        yield str(principals.account(each))
