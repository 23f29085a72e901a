"""The one clock: every room asks here what time it is, so that a test or a rehearsal can move it."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """The current instant, aware, UTC."""
    return timezone.now()
