"""What a check is given: the rows it is about, and Meta's ear. Loaded once, secrets only where Meta is asked."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from django.core.exceptions import ImproperlyConfigured

from channels_app.accounts.credential_inspection import inspect_credentials
from channels_app.accounts.inspection import Findings
from channels_app.accounts.models import ApiCredentials, PhoneNumber, WhatsAppAccount
from channels_app.cloud_api.remembering import RememberingClient
from channels_app.cloud_api.results import Number
from console.workspaces.models import Workspace

SECRETS = ("app_secret", "access_token", "former_secrets", "verify_token", "next_access_token", "next_app_secret")


@dataclass
class Ear:
    """One set of credentials' line to Meta during an examination; `client` is None when its secrets can't be read."""

    client: RememberingClient | None
    now: datetime
    credentials: ApiCredentials

    @cached_property
    def findings(self) -> Findings:
        """What accounts' own inspection finds, asked now; every further question is answered from memory."""
        assert self.client is not None
        connected = self.credentials.accounts.values_list("waba_id", flat=True)
        findings, _sight = inspect_credentials(self.client, self.credentials, self.now, connected_ids=list(connected))
        return findings

    def number(self, waba_id: str, phone_number_id: str) -> Number | None:
        """A number as Meta lists it now; None when it is not in its account's list. One call per account."""
        assert self.client is not None
        return next((row for row in self.client.phone_numbers(waba_id) if row.id == phone_number_id), None)


@dataclass(frozen=True)
class Case:
    """The subject of a check. Installation checks have nothing but `now`; each narrower scope adds a row."""

    now: datetime
    _workspace: Workspace | None = None
    _credentials: ApiCredentials | None = None
    _account: WhatsAppAccount | None = None
    _number: PhoneNumber | None = None
    ears: dict[int, Ear] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        assert self._workspace is not None
        return self._workspace

    @property
    def credentials(self) -> ApiCredentials:
        assert self._credentials is not None
        return self._credentials

    @property
    def account(self) -> WhatsAppAccount:
        assert self._account is not None
        return self._account

    @property
    def number(self) -> PhoneNumber:
        assert self._number is not None
        return self._number

    @property
    def ear(self) -> Ear:
        return self.ears[self.credentials.pk]

    @property
    def client(self) -> RememberingClient:
        client = self.ear.client
        assert client is not None
        return client

    def of_workspace(self, workspace: Workspace) -> "Case":
        return replace(self, _workspace=workspace, ears={})

    def of_credentials(self, credentials: ApiCredentials) -> "Case":
        self.ears.setdefault(credentials.pk, _listen(credentials, self.now))
        return replace(self, _credentials=credentials)

    def of_account(self, account: WhatsAppAccount) -> "Case":
        return replace(self, _account=account)

    def of_number(self, number: PhoneNumber) -> "Case":
        return replace(self, _number=number)

    def subjects(self) -> list[tuple[str, str]]:
        """(key, label) of the row it is about, then of what that belongs to; the installation last."""
        rows: list[tuple[str, str]] = []
        if self._number is not None:
            rows.append((f"number:{self._number.pk}", str(self._number)))
        if self._account is not None:
            rows.append((f"account:{self._account.pk}", str(self._account)))
        if self._credentials is not None:
            rows.append((f"credentials:{self._credentials.pk}", str(self._credentials)))
        if self._workspace is not None:
            rows.append(("workspace", ""))
        return [*rows, ("", "")]

    @property
    def pks(self) -> dict[str, int]:
        """Of the rows whose pages a fix may lead to."""
        rows = {"credentials": self._credentials, "number": self._number}
        return {name: row.pk for name, row in rows.items() if row is not None}

    def close(self) -> None:
        for ear in self.ears.values():
            if ear.client is not None:
                ear.client.close()


def _listen(credentials: ApiCredentials, now: datetime) -> Ear:
    try:
        credentials.refresh_from_db(fields=SECRETS)
        client = RememberingClient(credentials.access_token, credentials.app_secret)
    except ImproperlyConfigured:  # the key they were written with is gone: a check says so
        return Ear(None, now, credentials)
    return Ear(client, now, credentials)
