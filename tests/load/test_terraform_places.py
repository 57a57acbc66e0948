"""Each line of the tables of places: a resource of that type, with that argument, gives what the table says, there."""

from __future__ import annotations

import pytest

from kms_lint.load.terraform.arguments import Path
from kms_lint.load.terraform.attributes import FORMS
from kms_lint.load.terraform.consumer_places import CONSUMERS
from kms_lint.load.terraform.identity_places import ATTACHMENTS, IDENTITIES, MEMBERSHIPS
from kms_lint.load.terraform.keys import ALIASES, KEYS
from kms_lint.load.terraform.places import CONTROLS, ORGANIZATIONS, POLICIES, Place
from kms_lint.load.terraform.secret_places import SECRETS
from kms_lint.model import Document, Identity
from tests.load.terraform_folder import key, policies, read, there

POLICY = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:Decrypt", Resource = "*" }] })'


def resource(type: str, name: str, body: str) -> str:
    kind = "data" if type.startswith("data.") else "resource"
    return f'{kind} "{type.removeprefix("data.")}" "{name}" {{\n{body}\n}}\n'


def at(path: Path, value: str) -> str:
    """An argument within the blocks of a path."""
    if len(path) == 1:
        return f"{path[0]} = {value}"
    return f"{path[0]} {{\n{at(path[1:], value)}\n}}"


def as_objects(path: Path, value: str) -> str:
    """The same as one argument with lists of objects."""
    inner = f"{path[-1]} = {value}"
    for name in reversed(path[1:-1]):
        inner = f"{name} = [{{ {inner} }}]"
    return f"{path[0]} = [{{ {inner} }}]"


def one(text: str) -> Document:
    (document,) = read(text)
    return document


KEY = 'resource "aws_kms_key" "k" {}\n'
USES = [(type, uses.service, path) for type, uses in CONSUMERS.items() for path in uses.paths]


@pytest.mark.parametrize(("type", "service", "path"), USES, ids=[f"{each[0]}.{'.'.join(each[2])}" for each in USES])
def test_a_consumer(type: str, service: str, path: Path) -> None:
    written = [at(path, "aws_kms_key.k.arn")]
    if len(path) > 1:
        written.append(as_objects(path, "aws_kms_key.k.arn"))
    for argument in written:
        (consumer,) = one(KEY + resource(type, "it", argument)).consumers
        assert (consumer.address, consumer.type, consumer.service) == (f"{type}.it", type, service)
        assert (str(consumer.key), consumer.of, consumer.owner) == ("<aws_kms_key.k.arn>", "aws_kms_key.k", "<account>")
        place = there(consumer.at)
        assert place.endswith("= aws_kms_key.k.arn") or place == argument
    assert one(KEY + resource(type, "it", "")).consumers == ()


PLACES = [(type, place) for type, found in POLICIES.items() for place in found]


@pytest.mark.parametrize(("type", "place"), PLACES, ids=[f"{type}.{'.'.join(place.path)}" for type, place in PLACES])
def test_a_policy(type: str, place: Place) -> None:
    body = at(place.path, POLICY)
    if place.of is not None:
        body += f"\n{place.of} = aws_iam_role.owner.name"
    (policy,) = policies(resource(type, "it", body)).values()
    assert policy.kind is place.kind
    assert policy.address.split(":")[0] == f"{type}.it"
    assert policy.of == (f"{type}.it" if place.itself else "aws_iam_role.owner" if place.of is not None else None)
    assert there(policy.statements[0].at).startswith('{ Effect = "Allow"')
    assert policy.owner == "<account>"


@pytest.mark.parametrize("type", sorted(ORGANIZATIONS))
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        *((f'type = "{name}"', [kind.value]) for name, kind in CONTROLS.items()),
        ("", ["scp"]),
        ('type = "TAG_POLICY"', []),
        ("type = null", ["scp"]),
        ('type = var.x ? "RESOURCE_CONTROL_POLICY" : "TAG_POLICY"', ["rcp"]),
    ],
)
def test_a_policy_of_an_organization(type: str, said: str, expected: list[str]) -> None:
    found = policies(resource(type, "it", f"content = {POLICY}\n{said}"))
    assert [policy.kind.value for policy in found.values()] == expected


@pytest.mark.parametrize("type", sorted(KEYS))
def test_a_key(type: str) -> None:
    found = key(resource(type, "k", f'{KEYS[type]} = {POLICY}\ndescription = "d"'))
    (policy,) = found.policies
    assert (found.address, policy.kind.value, policy.of) == (f"{type}.k", "key-policy", f"{type}.k")
    assert there(policy.statements[0].at).startswith('{ Effect = "Allow"')
    assert str(found.arn) == f"<{type}.k.arn>"
    assert found.replica is ("replica" in type)
    user = resource("aws_sqs_queue", "q", f"kms_master_key_id = {type}.k.key_id")
    (consumer,) = one(resource(type, "k", "") + user).consumers
    assert consumer.of == f"{type}.k"


@pytest.mark.parametrize("type", sorted(ALIASES))
def test_an_alias(type: str) -> None:
    alias = resource(type, "a", f'{ALIASES[type]} = "alias/app"\ntarget_key_id = aws_kms_key.k.id')
    document = one(KEY + alias)
    assert [(each.address, each.name, each.of) for each in document.aliases] == [
        (f"{type}.a", "alias/app", "aws_kms_key.k")
    ]
    assert document.keys[0].aliases == ("alias/app",)


SECRET_PLACES = [(type, path, what) for type, found in SECRETS.items() for path, what in found]


@pytest.mark.parametrize(
    ("type", "path", "what"), SECRET_PLACES, ids=[f"{type}.{'.'.join(path)}" for type, path, _ in SECRET_PLACES]
)
def test_a_secret(type: str, path: Path, what: str) -> None:
    (found,) = one(resource(type, "s", at(path, '"hunter22"'))).secrets
    assert (found.address, found.what, there(found.at)) == (f"{type}.s", what, "hunter22")
    assert "hunter22" not in found.what
    assert one(resource(type, "s", at(path, "var.secret"))).secrets == ()


def identity(text: str, type: str) -> Identity:
    (found,) = [each for each in one(text).identities if each.address == f"{type}.it"]
    return found


MANAGED = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OWN = f'resource "aws_iam_policy" "p" {{ policy = {POLICY} }}\n'


@pytest.mark.parametrize("type", sorted(IDENTITIES))
def test_an_identity(type: str) -> None:
    kind = IDENTITIES[type]
    body = f'{kind.name} = "app"\n'
    body += f"{kind.boundary} = aws_iam_policy.p.arn\n" if kind.boundary else ""
    body += f'{kind.attached} = ["{MANAGED}", aws_iam_policy.p.arn, var.more]\n' if kind.attached else ""
    body += f'{kind.groups} = ["g"]\n' if kind.groups else ""
    found = identity(OWN + resource(type, "it", body), type)
    assert (found.type, str(found.name), found.owner) == (kind.type, "app", "<account>")
    assert there(found.at) == f'resource "{type}" "it"'
    assert found.boundary == ("aws_iam_policy.p" if kind.boundary else None)
    assert found.attached == ((MANAGED, "aws_iam_policy.p", "<var.more>") if kind.attached else ())
    assert found.groups == (("g",) if kind.groups else ())
    bare = identity(OWN + resource(type, "it", ""), type)
    assert (bare.boundary, bare.attached, bare.groups) == (None, (), ())


OWNERS = {
    "role": "aws_iam_role",
    "user": "aws_iam_user",
    "group": "aws_iam_group",
    "permission": "aws_ssoadmin_permission_set",
}
TIES = [(type, argument) for type, each in ATTACHMENTS.items() for argument in each.identities]


@pytest.mark.parametrize(("type", "argument"), TIES, ids=[f"{type}.{argument}" for type, argument in TIES])
def test_an_attachment(type: str, argument: str) -> None:
    attaching = ATTACHMENTS[type]
    owner = next(found for word, found in OWNERS.items() if argument.startswith(word))
    named = f"{owner}.it.{'arn' if argument.endswith('arn') else 'name'}"
    body = f"{argument} = {f'[{named}]' if argument.endswith('s') else named}\n"
    expected = f"{type}.by"
    if attaching.policies is not None:
        many = attaching.policies[-1].endswith("s")
        body += at(attaching.policies, "[aws_iam_policy.p.arn]" if many else "aws_iam_policy.p.arn")
        expected = "aws_iam_policy.p"
    else:
        body += f"policy_document = {POLICY}"
    text = OWN + resource(owner, "it", "") + resource(type, "by", body)
    found = identity(text, owner)
    assert (found.boundary if attaching.boundary else found.attached) == (
        expected if attaching.boundary else (expected,)
    )
    if not attaching.boundary:
        (policy,) = [each for each in one(text).policies if each.address == expected]
        assert policy.of == f"{owner}.it"


@pytest.mark.parametrize("type", sorted(MEMBERSHIPS))
def test_a_membership(type: str) -> None:
    users, groups = MEMBERSHIPS[type]
    body = f"{users} = {'[aws_iam_user.it.name]' if users.endswith('s') else 'aws_iam_user.it.name'}\n"
    body += f"{groups} = {'[aws_iam_group.g.name]' if groups.endswith('s') else 'aws_iam_group.g.name'}"
    text = resource("aws_iam_user", "it", "") + resource("aws_iam_group", "g", "") + resource(type, "m", body)
    assert identity(text, "aws_iam_user").groups == ("aws_iam_group.g",)


def test_attachments_by_name() -> None:
    text = (
        OWN
        + """
    resource "aws_iam_role" "it" { name = "app" }
    resource "aws_iam_user" "other" { name = "app" }
    resource "aws_iam_role_policy_attachment" "a" {
      role       = "app"
      policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    }
    resource "aws_iam_role_policy_attachment" "b" {
      role       = local.role
      policy_arn = var.admin ? aws_iam_policy.p.arn : null
    }
    locals { role = aws_iam_role.it.name }
    """
    )
    document = one(text)
    assert {each.address: each.attached for each in document.identities} == {
        "aws_iam_role.it": ("aws_iam_policy.p", "arn:aws:iam::aws:policy/AdministratorAccess"),
        "aws_iam_user.other": (),
    }


def test_a_policy_of_several_identities_is_of_none() -> None:
    text = (
        OWN
        + """
    resource "aws_iam_role" "a" {}
    resource "aws_iam_role" "b" {}
    resource "aws_iam_policy_attachment" "x" {
      roles      = [aws_iam_role.a.name, aws_iam_role.b.name]
      policy_arn = aws_iam_policy.p.arn
    }
    """
    )
    assert policies(text)["aws_iam_policy.p"].of is None


def test_a_consumer_by_the_alias_of_its_key() -> None:
    text = (
        KEY
        + """
    resource "aws_kms_alias" "a" {
      name          = "alias/app"
      target_key_id = aws_kms_key.k.key_id
    }
    resource "aws_sqs_queue" "by_resource" { kms_master_key_id = aws_kms_alias.a.name }
    resource "aws_sqs_queue" "by_arn" { kms_master_key_id = aws_kms_alias.a.arn }
    resource "aws_sqs_queue" "by_name" { kms_master_key_id = "alias/app" }
    resource "aws_sqs_queue" "managed" { kms_master_key_id = "alias/aws/sqs" }
    resource "aws_sqs_queue" "given" { kms_master_key_id = var.key }
    resource "aws_sqs_queue" "none" { kms_master_key_id = null }
    resource "aws_sqs_queue" "either" { kms_master_key_id = var.own ? aws_kms_key.k.id : "alias/aws/sqs" }
    """
    )
    assert [(each.address.partition(".")[2], str(each.key), each.of) for each in one(text).consumers] == [
        ("by_resource", "alias/app", "aws_kms_key.k"),
        ("by_arn", "<aws_kms_alias.a.arn>", "aws_kms_key.k"),
        ("by_name", "alias/app", "aws_kms_key.k"),
        ("managed", "alias/aws/sqs", None),
        ("given", "<var.key>", None),
        ("either", "<aws_kms_key.k.id>", "aws_kms_key.k"),
        ("either", "alias/aws/sqs", None),
    ]


def test_consumers_in_blocks_that_are_made() -> None:
    text = (
        KEY
        + """
    resource "aws_secretsmanager_secret" "s" {
      dynamic "replica" {
        for_each = ["eu-west-1", "eu-west-2"]
        content {
          region     = replica.value
          kms_key_id = "arn:aws:kms:${replica.value}:111122223333:alias/app"
        }
      }
      dynamic "replica" {
        for_each = var.regions
        content {
          kms_key_id = replica.value.key
        }
      }
    }
    """
    )
    assert [str(each.key) for each in one(text).consumers] == [
        "arn:aws:kms:eu-west-1:111122223333:alias/app",
        "arn:aws:kms:eu-west-2:111122223333:alias/app",
        "<var.regions>",
    ]


def test_the_primary_of_a_replica() -> None:
    (document,) = read("""
    resource "aws_kms_key" "k" { multi_region = true }
    resource "aws_kms_replica_key" "here" { primary_key_arn = aws_kms_key.k.arn }
    resource "aws_kms_replica_external_key" "there" { primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1" }
    resource "awscc_kms_replica_key" "cc" { primary_key_arn = var.primary }
    """)
    assert {each.address: each.primary and str(each.primary) for each in document.keys} == {
        "aws_kms_key.k": None,
        "aws_kms_replica_key.here": "aws_kms_key.k",
        "aws_kms_replica_external_key.there": "arn:aws:kms:eu-west-1:111122223333:key/mrk-1",
        "awscc_kms_replica_key.cc": "<var.primary>",
    }


def test_settings_of_other_types_of_key() -> None:
    (document,) = read("""
    resource "awscc_kms_key" "cc" {
      enable_key_rotation    = "true"
      pending_window_in_days = 7
      origin                 = "EXTERNAL"
      key_usage              = "SIGN_VERIFY"
      key_spec               = "RSA_2048"
    }
    resource "aws_kms_external_key" "external" {
      valid_to  = "2030-01-01T00:00:00Z"
      key_spec  = "HMAC_256"
      key_usage = "GENERATE_VERIFY_MAC"
    }
    """)
    cc, external = ({name: each.value for name, each in found.settings.items()} for found in document.keys)
    assert cc == {
        "rotation": True,
        "deletion_window": "7",
        "origin": "EXTERNAL",
        "usage": "SIGN_VERIFY",
        "spec": "RSA_2048",
    }
    assert external == {
        "origin": "EXTERNAL",
        "spec": "HMAC_256",
        "usage": "GENERATE_VERIFY_MAC",
        "valid_to": "2030-01-01T00:00:00Z",
    }


def test_a_policy_that_is_an_object_where_the_provider_takes_one() -> None:
    (policy,) = key('resource "awscc_kms_key" "k" { key_policy = { Statement = [{ Sid = "A" }] } }').policies
    assert [each.name for each in policy.statements] == ["A"]
    assert "jsonencode" not in "".join(each.message for each in policy.problems)


def test_objects_of_inline_policies() -> None:
    text = f"""
    resource "awscc_iam_role" "r" {{
      assume_role_policy_document = jsonencode({{ Statement = [] }})
      policies = [
        {{ policy_name = "a", policy_document = {POLICY} }},
        {{ policy_name = "b", policy_document = var.b }},
      ]
    }}
    """
    found = policies(text)
    assert {name: each.kind.value for name, each in found.items()} == {
        "awscc_iam_role.r:assume_role_policy_document": "trust-policy",
        "awscc_iam_role.r:policies[0]": "identity-policy",
        "awscc_iam_role.r:policies[1]": "identity-policy",
    }
    assert [each.expression for each in found["awscc_iam_role.r:policies[1]"].unresolved] == ["var.b"]


def test_forms_are_closed() -> None:
    """What a form refers to is an argument or another form: no name is misspelt."""
    known = {"account", "region", "partition", "dns_suffix", "service", "?"}
    written = {"name", "bucket", "aws_service_name", "host", "path_and_name", "suffix", "user_id"}
    for type, forms in FORMS.items():
        for form in forms.values():
            parts = {part.partition("}")[0] for part in form.split("{")[1:]}
            assert parts <= {*known, *written, *forms, "permission_set_id", "group_id", "unique_id"}, type
