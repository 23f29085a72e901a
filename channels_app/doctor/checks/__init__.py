"""All checks, by subject; importing this package registers them, in the order in which they are made."""

# isort: off
from channels_app.doctor.checks import queue
from channels_app.doctor.checks import installation
from channels_app.doctor.checks import access
from channels_app.doctor.checks import senders
from channels_app.doctor.checks import webhook
from channels_app.doctor.checks import content
# isort: on

__all__ = ["access", "content", "installation", "queue", "senders", "webhook"]
