"""Model fields without a domain: secrets encrypted at rest, and a status fed by a state machine."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from console.kit.states import State, StateMachine


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """Encrypts with the first of WAYMARK_ENCRYPTION_KEYS, decrypts with any of them."""
    return _fernet(tuple(settings.WAYMARK_ENCRYPTION_KEYS))


class EncryptedTextField(models.TextField):
    """A text that is encrypted in the database and plain in Python; it can't be searched or ordered by."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        if not value:
            return value
        try:
            return cipher().decrypt(value.encode()).decode()
        except InvalidToken as error:
            raise ImproperlyConfigured(
                "A stored secret can't be decrypted: WAYMARK_ENCRYPTION_KEYS lacks the key it was written with. "
                "Put that key back behind the new one and run `manage.py rotate_encryption_keys`."
            ) from error

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in ("isnull", "exact"):
            raise TypeError(f"{self.name} is encrypted and can't be searched.")
        return super().get_lookup(lookup_name)


class StatusField(models.CharField):
    """A short word of a state machine. `<name>_state` gives its State (label, tone, icon) for the pill."""

    def __init__(self, *, machine: StateMachine | None = None, **options: Any) -> None:
        self.machine = machine
        options.setdefault("max_length", 24)
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, _path, args, options = super().deconstruct()
        return name, "django.db.models.CharField", args, options

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        machine = self.machine
        if machine is not None:

            def state(instance: models.Model) -> State:
                return machine[getattr(instance, name)]

            setattr(cls, f"{name}_state", property(state))
