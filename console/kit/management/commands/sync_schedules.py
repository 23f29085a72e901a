"""`manage.py sync_schedules`: writes the declared schedules into django-q2's table."""

from typing import Any

from django.core.management.base import BaseCommand

from console.kit.queue import sync_schedules


class Command(BaseCommand):
    help = "Make django-q2's schedules equal to what the tasks declare. Run after every migrate."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in sync_schedules():
            self.stdout.write(path)
