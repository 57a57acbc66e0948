"""kms-lint: a static linter for AWS KMS key policies, IAM policies and grants."""

__version__ = "0.1.0"
