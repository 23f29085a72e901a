"""`manage.py rotate_encryption_keys`: re-encrypts every stored secret with the first key."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import transaction

from console.kit.fields import EncryptedTextField


class Command(BaseCommand):
    help = "Re-encrypt every stored secret with the first of WAYMARK_ENCRYPTION_KEYS; then the old keys can be dropped."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for model in apps.get_models():
            names = [field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)]
            if not names:
                continue
            with transaction.atomic():
                for row in model._default_manager.select_for_update().iterator():
                    row.save(update_fields=names)
                    count += 1
        self.stdout.write(f"{count} rows re-encrypted with the first key.")
