"""Cases after the fixtures of parliament, cloudsplaining and iam-policy-validator, and what Access Analyzer documents."""

from __future__ import annotations

from tests.peers.case import fails, passes, spared
from tests.peers.documents import (
    ALIAS_ARN,
    NAMED,
    ROLE,
    STRANGER,
    allow,
    deny,
    key_policy,
    let_in,
    policy,
    template,
)
from tests.threads import KEY_ARN, OWNER

STAR_FOUND = ("wildcard-resource", '"Resource": "*"')
TAKEOVER = allow("kms:PutKeyPolicy")
TAKEOVER_FOUND = ("policy-takeover", "kms:PutKeyPolicy")
GRANTS = allow("kms:CreateGrant", KEY_ARN)
GRANTS_FOUND = ("unrestricted-grants", "kms:CreateGrant")
ADMIN_FOUND = ("administrator-access", '"Action": "*"')
SENT_TO_NOBODY = let_in(
    {"AWS": ROLE}, "kms:DescribeKey", Condition={"StringEquals": {"kms:EncryptionContext:app": "a"}}
)
MISSPELT_KEY = let_in({"AWS": ROLE}, "kms:Decrypt", Condition={"StringEquals": {"kms:CallerAcount": OWNER}})
MISSPELT_OPERATOR = allow("kms:Decrypt", KEY_ARN, Condition={"StringEqual": {"kms:CallerAccount": OWNER}})
ONE_FOR_ALL = let_in(
    {"AWS": "arn:aws:iam::111122223333:root"},
    "kms:Decrypt",
    Condition={"ForAllValues:StringEquals": {"kms:CallerAccount": OWNER}},
)
IF_EXISTS = let_in(
    {"AWS": ROLE}, "kms:Decrypt", Condition={"StringEqualsIfExists": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
)
NOT_PRINCIPAL = {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}
NOT_RESOURCE = {"Effect": "Allow", "Action": "kms:Decrypt", "NotResource": KEY_ARN}
OLD = {"Version": "2008-10-17"}
VARIABLE = allow("kms:Decrypt", KEY_ARN, Condition={"StringEquals": {"kms:EncryptionContext:user": "${aws:username}"}})
DEPUTY = let_in({"Service": "cloudtrail.amazonaws.com"}, "kms:GenerateDataKey*")
TIED = let_in(
    {"Service": "cloudtrail.amazonaws.com"},
    "kms:GenerateDataKey*",
    Condition={"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{OWNER}:trail/all"}},
)
USED = key_policy(let_in({"AWS": ROLE}, "kms:Decrypt"))
GROUP = let_in({"AWS": f"arn:aws:iam::{OWNER}:group/staff"}, "kms:Decrypt")
RIGHT = policy(NAMED)


def rcp(*statements: object) -> dict[str, str]:
    """A resource control policy."""
    return dict(
        template(
            Perimeter={
                "Type": "AWS::Organizations::Policy",
                "Properties": {
                    "Name": "perimeter",
                    "Type": "RESOURCE_CONTROL_POLICY",
                    "Content": {"Version": "2012-10-17", "Statement": list(statements)},
                },
            }
        )
    )


BLANKET = deny("kms:*", Principal="*", Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})
SPARED = deny(
    "kms:*",
    Principal="*",
    Condition={
        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
)

PARLIAMENT = [
    fails("RESOURCE_MISMATCH", policy(allow("kms:Decrypt", ALIAS_ARN)), ("dead-resource", ALIAS_ARN)),
    fails("RESOURCE_MISMATCH", policy(allow("kms:CreateKey", KEY_ARN)), ("action-needs-any-resource", "kms:CreateKey")),
    fails(
        "RESOURCE_MISMATCH", policy(allow("kms:CreateAlias", ALIAS_ARN)), ("alias-operation-half", "kms:CreateAlias")
    ),
    passes("RESOURCE_MISMATCH", policy(NAMED, allow("kms:CreateAlias", [ALIAS_ARN, KEY_ARN]))),
    fails("RESOURCE_STAR", policy(allow("kms:Decrypt")), STAR_FOUND),
    fails(
        "RESOURCE_EFFECTIVELY_STAR",
        policy(allow("kms:Decrypt", "arn:aws:kms:*:*:key/*")),
        ("wildcard-resource", "key/*"),
    ),
    passes("RESOURCE_STAR", RIGHT),
    passes("RESOURCE_STAR", policy(allow("kms:ListKeys"))),
    fails("UNKNOWN_ACTION", policy(allow("kms:Decypt", KEY_ARN)), ("unknown-action", "kms:Decypt")),
    fails(
        "UNKNOWN_PREFIX",
        key_policy(let_in({"AWS": ROLE}, ["kms:Decrypt", "kmz:Encrypt"])),
        ("foreign-action", "kmz:Encrypt"),
    ),
    passes("UNKNOWN_ACTION", policy(allow("kms:GetKeyLastUsage", KEY_ARN))),
    fails(
        "UNKNOWN_CONDITION_FOR_ACTION",
        key_policy(SENT_TO_NOBODY),
        ("condition-never-present", "kms:EncryptionContext:app"),
    ),
    fails("UNKNOWN_CONDITION_FOR_ACTION", key_policy(MISSPELT_KEY), ("unknown-condition-key", "kms:CallerAcount")),
    passes("UNKNOWN_CONDITION_FOR_ACTION", USED),
    fails("UNKNOWN_OPERATOR", policy(MISSPELT_OPERATOR), ("unknown-operator", "StringEqual")),
    fails(
        "MISMATCHED_TYPE",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"NumericEquals": {"aws:MultiFactorAuthPresent": "true"}})),
        ("unknown-operator", "aws:MultiFactorAuthPresent"),
    ),
    fails(
        "MISMATCHED_TYPE_OPERATION_TO_NULL",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"Null": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}})),
        ("unknown-operator", "s3.us-east-1"),
    ),
    passes("UNKNOWN_OPERATOR", policy(allow("kms:Decrypt", KEY_ARN, Condition={"Null": {"kms:ViaService": "false"}}))),
    fails("UNKNOWN_PRINCIPAL", key_policy(let_in({"AWS": "app"}, "kms:Decrypt")), ("invalid-principal", '"app"')),
    fails(
        "UNKNOWN_PRINCIPAL",
        key_policy(let_in({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "kms:Decrypt")),
        ("deleted-principal", "AIDA"),
    ),
    passes("UNKNOWN_PRINCIPAL", USED),
    fails("MALFORMED", policy({"Effect": "Allow", "Resource": KEY_ARN}), ("malformed-policy", "{")),
    fails(
        "DUPLICATE_SID", policy({"Sid": "A", **NAMED}, {"Sid": "A", **deny("kms:Encrypt")}), ("malformed-policy", '"A"')
    ),
    fails("INVALID_VERSION", policy(NAMED, Version="2012-10-18"), ("malformed-policy", "2012-10-18")),
    fails("INVALID_SID", policy({"Sid": "read orders", **NAMED}), ("malformed-policy", "read orders")),
    passes("INVALID_SID", policy({"Sid": "ReadOrders", **NAMED})),
    fails(
        "MALFORMED_JSON",
        {"policy.json": '{"Version": "2012-10-17", "Statement": [{"Action": "kms:Decrypt"]}\n'},
        ("malformed-document", "kms:Decrypt"),
    ),
    passes("MALFORMED_JSON", RIGHT),
    fails("OLD_VERSION", policy(VARIABLE, **OLD), ("literal-variable", "${aws:username}")),
    spared("OLD_VERSION", policy(NAMED, **OLD), "the old version only matters where there is a variable"),
    passes("OLD_VERSION", policy(VARIABLE)),
    fails(
        "INVALID_ARN",
        policy(allow("kms:Decrypt", "kms:us-east-1:111122223333:key/*")),
        ("dead-resource", "kms:us-east-1"),
    ),
    passes("INVALID_ARN", RIGHT),
    fails("PERMISSIONS_MANAGEMENT_ACTIONS", policy(TAKEOVER), TAKEOVER_FOUND),
    fails("PERMISSIONS_MANAGEMENT_ACTIONS", policy(GRANTS), GRANTS_FOUND),
    fails("PERMISSIONS_MANAGEMENT_ACTIONS", policy(allow("kms:CreateKey")), ("unneeded-create-key", "kms:CreateKey")),
    passes("PERMISSIONS_MANAGEMENT_ACTIONS", RIGHT),
    fails("NOTPRINCIPAL_WITH_ALLOW", key_policy(NOT_PRINCIPAL), ("not-principal-allow", "NotPrincipal")),
    passes("NOTPRINCIPAL_WITH_ALLOW", USED),
    fails("NOTRESOURCE_WITH_ALLOW", policy(NOT_RESOURCE), ("not-action-allow", "NotResource")),
    passes(
        "NOTRESOURCE_WITH_ALLOW", policy(NAMED, {"Effect": "Deny", "Action": "kms:Decrypt", "NotResource": KEY_ARN})
    ),
    fails(
        "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE",
        key_policy(ONE_FOR_ALL),
        ("set-operator-misused", "ForAllValues"),
    ),
    passes("SINGLE_VALUE_CONDITION_TOO_PERMISSIVE", USED),
]

CLOUDSPLAINING = [
    fails("ResourceExposure", policy(TAKEOVER), TAKEOVER_FOUND),
    fails("ResourceExposure", policy(allow("kms:CreateGrant")), GRANTS_FOUND),
    passes("ResourceExposure", RIGHT),
    fails("ServiceWildcard", policy(allow("kms:*")), ("full-kms-access", '"kms:*"')),
    passes("ServiceWildcard", RIGHT),
    fails("InfrastructureModification", policy(allow("kms:Decrypt")), STAR_FOUND),
    fails(
        "InfrastructureModification",
        policy(allow("kms:DeleteImportedKeyMaterial")),
        ("destructive-action", "kms:DeleteImportedKeyMaterial"),
    ),
    passes("InfrastructureModification", RIGHT),
    fails("internet_accessible_actions", key_policy(let_in({"AWS": "*"})), ("public-principal", '"AWS": "*"')),
    passes(
        "internet_accessible_actions",
        key_policy(let_in({"AWS": "*"}, Condition={"StringEquals": {"kms:CallerAccount": OWNER}})),
    ),
]

VALIDATOR = [
    fails("full_wildcard", policy(allow("*")), ADMIN_FOUND),
    passes("full_wildcard", RIGHT),
    fails("wildcard_action", policy(allow("*")), ADMIN_FOUND),
    passes("wildcard_action", RIGHT),
    fails("service_wildcard", policy(allow("kms:*")), ("full-kms-access", '"kms:*"')),
    passes("service_wildcard", RIGHT),
    spared("service_wildcard", key_policy(), "AWS's default key policy hands the decision to IAM policies"),
    fails("wildcard_resource", policy(allow("kms:Decrypt")), STAR_FOUND),
    passes("wildcard_resource", RIGHT),
    spared("wildcard_resource", USED, "in a key policy `*` is this key"),
    fails("sensitive_action", policy(TAKEOVER), TAKEOVER_FOUND),
    fails("sensitive_action", policy(GRANTS), GRANTS_FOUND),
    fails(
        "sensitive_action", policy(allow("kms:ScheduleKeyDeletion")), ("destructive-action", "kms:ScheduleKeyDeletion")
    ),
    passes("sensitive_action", RIGHT),
    fails("not_action_not_resource", policy(NOT_RESOURCE), ("not-action-allow", "NotResource")),
    passes("not_action_not_resource", RIGHT),
    fails("not_principal_validation", key_policy(NOT_PRINCIPAL), ("not-principal-allow", "NotPrincipal")),
    passes("not_principal_validation", USED),
    fails("action_validation", policy(allow("kms:Decypt", KEY_ARN)), ("unknown-action", "kms:Decypt")),
    passes("action_validation", RIGHT),
    fails("condition_key_validation", key_policy(MISSPELT_KEY), ("unknown-condition-key", "kms:CallerAcount")),
    fails(
        "condition_key_validation", key_policy(SENT_TO_NOBODY), ("condition-never-present", "kms:EncryptionContext:app")
    ),
    passes("condition_key_validation", USED),
    fails("condition_type_mismatch", policy(MISSPELT_OPERATOR), ("unknown-operator", "StringEqual")),
    passes("condition_type_mismatch", RIGHT),
    fails("set_operator_validation", key_policy(ONE_FOR_ALL), ("set-operator-misused", "ForAllValues")),
    passes("set_operator_validation", USED),
    fails("ifexists_condition_usage", key_policy(IF_EXISTS), ("condition-fails-open", "kms:ViaService")),
    passes("ifexists_condition_usage", USED),
    fails("resource_validation", policy(allow("kms:Decrypt", "alias/orders")), ("dead-resource", "alias/orders")),
    fails(
        "action_resource_matching",
        policy(allow("kms:CreateKey", KEY_ARN)),
        ("action-needs-any-resource", "kms:CreateKey"),
    ),
    passes("action_resource_matching", RIGHT),
    fails("principal_validation", key_policy(let_in("*")), ("public-principal", '"Principal": "*"')),
    fails("principal_validation", key_policy(GROUP), ("invalid-principal", "group/staff")),
    fails("principal_validation", key_policy(DEPUTY), ("confused-deputy", "cloudtrail")),
    passes("principal_validation", key_policy(TIED)),
    fails(
        "policy_structure",
        policy({"Effect": "Permit", **{k: v for k, v in NAMED.items() if k != "Effect"}}),
        ("malformed-policy", "Permit"),
    ),
    fails(
        "sid_uniqueness",
        policy({"Sid": "A", **NAMED}, {"Sid": "A", **deny("kms:Encrypt")}),
        ("malformed-policy", '"A"'),
    ),
    passes("policy_structure", RIGHT),
    fails(
        "policy_size",
        key_policy(*(let_in({"AWS": f"{ROLE}-{number}"}, "kms:Decrypt") for number in range(400))),
        ("policy-too-large", "{"),
    ),
    passes("policy_size", USED),
    fails("rcp_best_practices", rcp(BLANKET), ("rcp-breaks-services", "aws:PrincipalOrgID")),
    passes("rcp_best_practices", rcp(SPARED)),
]

ANALYZER = [
    fails(
        "JSON_SYNTAX_ERROR",
        {"policy.json": '{"Version": "2012-10-17", "Statement": [{"Action": "kms:Decrypt"]}\n'},
        ("malformed-document", "kms:Decrypt"),
    ),
    passes("JSON_SYNTAX_ERROR", RIGHT),
    fails(
        "INVALID_EFFECT",
        policy({"Effect": "Permit", "Action": "kms:Decrypt", "Resource": KEY_ARN}),
        ("malformed-policy", "Permit"),
    ),
    fails(
        "MISSING_RESOURCE",
        key_policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt"}),
        ("void-statement", "{"),
    ),
    fails("MISSING_PRINCIPAL", key_policy(allow("kms:Decrypt")), ("malformed-policy", "{")),
    passes("MISSING_PRINCIPAL", USED),
    fails("INVALID_ACTION", policy(allow("kms:Decypt", KEY_ARN)), ("unknown-action", "kms:Decypt")),
    passes("INVALID_ACTION", RIGHT),
    fails(
        "INVALID_ARN_RESOURCE",
        policy(allow("kms:Decrypt", f"arn:aws:kms:us-east-1:{OWNER}:keys/a")),
        ("dead-resource", "keys/a"),
    ),
    fails("MISSING_ARN_FIELD", policy(allow("kms:Decrypt", "arn:aws:kms::key/a")), ("dead-resource", "kms::key/a")),
    passes("INVALID_ARN_RESOURCE", RIGHT),
    fails("INVALID_CONDITION_OPERATOR", policy(MISSPELT_OPERATOR), ("unknown-operator", "StringEqual")),
    fails(
        "NULL_WITH_IF_EXISTS",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"NullIfExists": {"kms:ViaService": "false"}})),
        ("unknown-operator", "NullIfExists"),
    ),
    passes("INVALID_CONDITION_OPERATOR", RIGHT),
    fails("INVALID_SERVICE_CONDITION_KEY", key_policy(MISSPELT_KEY), ("unknown-condition-key", "kms:CallerAcount")),
    fails(
        "INVALID_GLOBAL_CONDITION_KEY",
        key_policy(
            let_in({"AWS": ROLE}, "kms:Decrypt", Condition={"StringEquals": {"aws:PrincipalOrgPath": "o-a1b2c3d4e5"}})
        ),
        ("unknown-condition-key", "aws:PrincipalOrgPath"),
    ),
    passes("INVALID_SERVICE_CONDITION_KEY", USED),
    fails(
        "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
        key_policy(SENT_TO_NOBODY),
        ("condition-never-present", "kms:EncryptionContext:app"),
    ),
    passes("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", USED),
    fails("VARIABLE_UNSUPPORTED_IN_VERSION", policy(VARIABLE, **OLD), ("literal-variable", "${aws:username}")),
    passes("VARIABLE_UNSUPPORTED_IN_VERSION", policy(VARIABLE)),
    fails(
        "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        key_policy(let_in({"AWS": f"arn:aws:iam::{OWNER}:role/*"}, "kms:Decrypt")),
        ("invalid-principal", "role/*"),
    ),
    passes("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", USED),
    fails(
        "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
        key_policy(*(let_in({"AWS": f"{ROLE}-{number}"}, "kms:Decrypt") for number in range(400))),
        ("policy-too-large", "{"),
    ),
    passes("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", USED),
    fails(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"StringEquals": {"kms:ViaService": "s3.*.amazonaws.com"}})),
        ("malformed-via-service", "s3.*"),
    ),
    fails(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        key_policy(let_in({"AWS": "*"}, "kms:Decrypt", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-*"}})),
        ("literal-wildcard", "o-*"),
    ),
    passes(
        "WILDCARD_WITHOUT_LIKE_OPERATOR",
        policy(allow("kms:Decrypt", KEY_ARN, Condition={"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}})),
    ),
    fails(
        "UNSUPPORTED_ACTION_IN_POLICY",
        key_policy(let_in({"AWS": ROLE}, ["kms:CreateKey", "s3:GetObject"])),
        ("action-outside-key-policy", "kms:CreateKey"),
        ("foreign-action", "s3:GetObject"),
    ),
    passes("UNSUPPORTED_ACTION_IN_POLICY", USED),
    fails(
        "MISSING_VERSION",
        {"policy.json": policy(VARIABLE)["policy.json"].replace(' "Version": "2012-10-17",\n', "")},
        ("literal-variable", "${aws:username}"),
    ),
    spared(
        "MISSING_VERSION",
        {"policy.json": RIGHT["policy.json"].replace(' "Version": "2012-10-17",\n', "")},
        "a missing version only matters where there is a variable",
    ),
    fails("ALLOW_WITH_NOT_PRINCIPAL", key_policy(NOT_PRINCIPAL), ("not-principal-allow", "NotPrincipal")),
    passes("ALLOW_WITH_NOT_PRINCIPAL", USED),
    fails("FORALLVALUES_WITH_SINGLE_VALUED_KEY", key_policy(ONE_FOR_ALL), ("set-operator-misused", "ForAllValues")),
    passes("FORALLVALUES_WITH_SINGLE_VALUED_KEY", USED),
    fails("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", key_policy(DEPUTY), ("confused-deputy", "cloudtrail")),
    passes("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", key_policy(TIED)),
    fails(
        "REDUNDANT_STATEMENT",
        key_policy(let_in({"AWS": STRANGER}, ["kms:Decrypt", "kms:Encrypt"]), let_in({"AWS": STRANGER}, "kms:Decrypt")),
        ("redundant-statement", '"Effect": "Allow"'),
    ),
    passes("REDUNDANT_STATEMENT", USED),
]

CASES = [*PARLIAMENT, *CLOUDSPLAINING, *VALIDATOR, *ANALYZER]
