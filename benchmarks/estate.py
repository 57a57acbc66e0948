"""A folder with many keys and roles in a repository of git, for `diff` of two revisions: `estate.py FOLDER [KEYS ROLES]`.

The second revision changes one key and one role. Then: `time kms-lint diff git:HEAD~1 FOLDER`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_KEY = """
resource "aws_kms_key" "k{number}" {{
  description = "key {number}"
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{ Sid = "Account", Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::${{data.aws_caller_identity.me.account_id}}:root" }}, Action = "kms:*", Resource = "*" }},
      {{ Sid = "Use", Effect = "Allow", Principal = {{ AWS = [aws_iam_role.r{role}.arn, var.admin] }}, Action = [{actions}], Resource = "*",
        Condition = {{ StringEquals = {{ "kms:ViaService" = "s3.us-east-1.amazonaws.com" }} }} }},
      {{ Sid = "Guard", Effect = "Deny", Principal = "*", Action = "kms:ScheduleKeyDeletion", Resource = "*",
        Condition = {{ ArnNotEquals = {{ "aws:PrincipalArn" = var.admin }} }} }},
    ]
  }})
}}
"""
_ROLE = """
resource "aws_iam_role" "r{number}" {{
  name               = "role-{number}"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Principal = {{ Service = "lambda.amazonaws.com" }}, Action = "sts:AssumeRole" }}] }})
}}

resource "aws_iam_role_policy" "p{number}" {{
  role   = aws_iam_role.r{number}.name
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{ Effect = "Allow", Action = [{actions}], Resource = aws_kms_key.k{key}.arn }}] }})
}}
"""
_FIRST = 'variable "admin" {}\ndata "aws_caller_identity" "me" {}\n'


def written(folder: Path, keys: int, roles: int, changed: bool) -> None:
    """Writes one revision."""
    use = '"kms:Decrypt", "kms:GenerateDataKey"'
    wide = use + ', "kms:CreateGrant"'
    texts = [
        _KEY.format(number=number, role=number % roles, actions=wide if changed and number == 0 else use)
        for number in range(keys)
    ]
    (folder / "keys.tf").write_text(_FIRST + "".join(texts), encoding="utf-8")
    texts = [
        _ROLE.format(number=number, key=number % keys, actions=wide if changed and number == 0 else use)
        for number in range(roles)
    ]
    (folder / "roles.tf").write_text("".join(texts), encoding="utf-8")


def main(folder: Path, keys: int = 50, roles: int = 200) -> None:
    """Makes the repository, with two revisions."""
    folder.mkdir(parents=True, exist_ok=True)
    git = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "-q"], check=True)
    for changed in (False, True):
        written(folder, keys, roles, changed)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", "changed" if changed else "first"], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
