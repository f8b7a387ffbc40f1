"""The credit authority's rules: dated values of its own rows, and nothing else.

Rules this file keeps:
 1. The authority publishes; it has no message that changes, ends or hides a record.
 2. Its rows are a short list with bounds; a value takes effect after the notice that policy asks of
    every value, and never in the past.
 3. Who reads a row chooses the value by the object's own date: an objection by when it was filed, a
    record by when its version was published.

Source: docs/concepts/credit.md (C6, C7); docs/concepts/governance.md (effect of policy rows).
"""

from xinlian.apps.credit import events
from xinlian.apps.credit.objection_messages import PublishRule
from xinlian.contracts.context import Context
from xinlian.modules.governance.rules import POLICY_NOTICE_DAYS
from xinlian.modules.members.roles import OfficialRole, require_role
from xinlian.modules.policy.changes import add_version, check_version, unit_of
from xinlian.modules.policy.dates import happening
from xinlian.modules.policy.keeper import policy_value
from xinlian.modules.policy.types import AppliesBy, PolicyVersion
from xinlian.primitives.time import MS_PER_DAY


def publish_rule(context: Context, message: PublishRule) -> None:
    """Append a dated value to a row of the authority."""
    # AUTHORISE
    require_role(context.state, context.acting_for, OfficialRole.CREDIT_AUTHORITY)
    # VALIDATE
    notice_days = policy_value(context.state, POLICY_NOTICE_DAYS, happening(context.time_ms))
    version = PolicyVersion(
        message.effective_from_ms,
        message.value,
        AppliesBy.EVENT,
        message.citation,
        verified=False,
    )
    earliest_ms = context.time_ms + notice_days * MS_PER_DAY
    check_version(context.state, message.row, version, earliest_ms)
    unit = unit_of(context.state, message.row)
    # WRITE
    add_version(context.state, message.row, unit, version)
    # EMIT
    context.emit(
        events.RulePublished(
            context.acting_for,
            message.row,
            unit,
            message.effective_from_ms,
            message.value,
            AppliesBy.EVENT,
            message.citation,
            verified=False,
        ),
    )
