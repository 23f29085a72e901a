"""What the sender does after an answer of Meta's, or after none. The words everybody above acts on."""

from enum import StrEnum


class Outcome(StrEnum):
    """What to do with the message (and, where named, with the number, the template or the credentials)."""

    RETRY_SOON = "retry_soon"  # proof that Meta did not take it: seconds to minutes
    RETRY_LATER = "retry_later"  # the same: minutes to hours
    SLOW_NUMBER = "slow_number"  # the number's rate is reached: lower it, try again
    HOLD_PAIR = "hold_pair"  # too many messages to this one person: hold them alone
    PAUSE_TEMPLATE = "pause_template"  # every message with this template would be refused
    PAUSE_NUMBER = "pause_number"  # every message of this number would be refused
    STOP_CREDENTIALS = "stop_credentials"  # every call with this token would be refused
    FAIL = "fail"  # final for this message
    SUPPRESS = "suppress"  # final, and this person is not to be written to
    UNKNOWN = "unknown"  # maybe taken: never send again, a webhook settles it
