"""The checks that need Python. Importing this registers them all."""

from kms_lint.checks import (
    open_condition as open_condition,
)
from kms_lint.checks import (
    principal as principal,
)
from kms_lint.checks import (
    stranger as stranger,
)
from kms_lint.checks import (
    whole_key as whole_key,
)
