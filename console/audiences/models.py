"""Profiles with their identities, their consent as an append-only ledger, audiences, and imports."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Right
from django.utils.translation import gettext_lazy as _

from console.audiences.masking import without_number
from console.audiences.states import IMPORT
from console.kit.fields import StatusField
from console.kit.wording import masked_phone
from console.workspaces.models import User, Workspace


class Purpose(models.TextChoices):
    """What a message is for, in Meta's categories; consent is given per purpose."""

    MARKETING = "marketing", _("Marketing")
    UTILITY = "utility", _("Utility")
    AUTHENTICATION = "authentication", _("Authentication")


class Consent(models.TextChoices):
    """What is known of a person's will. An empty value is a no for marketing."""

    UNKNOWN = "", _("Not given")
    GRANTED = "granted", _("Given")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class IdentityKind(models.TextChoices):
    """What a person can be known by. `wa_id` is Meta's own spelling of the number, in digits."""

    PHONE = "phone", _("Phone number")
    EXTERNAL_ID = "external_id", _("External id")
    BSUID = "bsuid", _("Business-scoped user id")
    PARENT_BSUID = "parent_bsuid", _("Parent user id")
    USERNAME = "username", _("Username")
    WA_ID = "wa_id", _("WhatsApp's form of the number")


class Profile(models.Model):
    """A person the workspace may write to.

    Identities are columns, each unique in the workspace: `phone` (E.164 with +), `external_id` (the customer's own),
    `bsuid` (Meta's business-scoped user id, as the portfolio `bsuid_portfolio_id` sees the person), `parent_bsuid`,
    `username`, and `wa_id` (Meta's digits, only where they differ from the phone's). What else leads to the person is
    a ProfileIdentity. The *_consent columns are the newest entry of the consent ledger per
    purpose, kept here so that a claim can check them in the same statement. `name_key` and `phone_tail` serve the
    search; `import_id` is the last import that touched the row, by which a second row of the same file is seen.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="profiles")
    phone = models.CharField(_("phone number"), max_length=20, null=True, blank=True)
    external_id = models.CharField(_("external id"), max_length=128, null=True, blank=True)
    bsuid = models.CharField(_("business-scoped user id"), max_length=150, null=True, blank=True)
    bsuid_portfolio_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    parent_bsuid = models.CharField(_("parent user id"), max_length=150, null=True, blank=True)
    username = models.CharField(_("username"), max_length=64, null=True, blank=True)
    wa_id = models.CharField(_("WhatsApp's form of the number"), max_length=20, null=True, blank=True)
    source = models.CharField(max_length=16, blank=True, default="", db_default="")  # import, page, whatsapp: made by
    name = models.CharField(_("name"), max_length=200, blank=True, default="")
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    language = models.CharField(_("language"), max_length=15, blank=True, default="")
    country = models.CharField(_("country"), max_length=2, blank=True, default="")
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, default="")
    is_test = models.BooleanField(_("test profile"), default=False)
    marketing_consent = models.CharField(max_length=10, choices=Consent.choices, blank=True, default="")
    utility_consent = models.CharField(max_length=10, choices=Consent.choices, blank=True, default="")
    authentication_consent = models.CharField(max_length=10, choices=Consent.choices, blank=True, default="")
    import_id = models.BigIntegerField(null=True, editable=False)
    name_key = models.GeneratedField(
        expression=Lower(F("name")), output_field=models.CharField(max_length=200), db_persist=True
    )
    phone_tail = models.GeneratedField(
        expression=Right(F("phone"), 4), output_field=models.CharField(max_length=4, null=True), db_persist=True
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "phone"], name="profile_phone_once"),
            models.UniqueConstraint(fields=["workspace", "external_id"], name="profile_external_id_once"),
            models.UniqueConstraint(fields=["workspace", "bsuid"], name="profile_bsuid_once"),
            models.UniqueConstraint(fields=["workspace", "parent_bsuid"], name="profile_parent_bsuid_once"),
            models.UniqueConstraint(fields=["workspace", "username"], name="profile_username_once"),
            models.UniqueConstraint(fields=["workspace", "wa_id"], name="profile_wa_id_once"),
            models.CheckConstraint(
                condition=Q(phone__isnull=False) | Q(external_id__isnull=False) | Q(bsuid__isnull=False),
                name="profile_has_identity",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="profile_by_created"),
            models.Index(fields=["workspace", "name", "id"], name="profile_by_name"),
            models.Index(fields=["workspace", "id"], name="profile_by_id", condition=Q(is_test=True)),
            # The operator classes let PostgreSQL use the index for LIKE 'ada%'; SQLite has no need of them.
            models.Index(
                fields=["workspace", "name_key"],
                name="profile_by_name_key",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["workspace", "phone_tail"], name="profile_by_phone_tail"),
            models.Index(fields=["workspace", "country", "-created_at", "-id"], name="profile_by_country"),
            models.Index(fields=["workspace", "language", "-created_at", "-id"], name="profile_by_language"),
            # Every page asks whether anybody agreed: where nobody did, that must not read everybody.
            models.Index(fields=["workspace"], condition=Q(marketing_consent="granted"), name="profile_agreed"),
        ]

    def __str__(self) -> str:
        """Never a full number: this text reaches labels, titles and audit entries that every role reads."""
        named = without_number(self.name or self.external_id or "", self.phone)
        return named or (masked_phone(self.phone) if self.phone else self.bsuid) or f"#{self.pk}"


class ProfileIdentity(models.Model):
    """Something else that leads to a person: a BSUID of another portfolio, a second number, or what was theirs once.

    Beside the columns, not instead of them: imports, searches and claims read the columns, and most people have no row
    here. With `until_at` it was theirs until then: an event of before still finds them, a later one doesn't, since
    numbers are given to strangers again.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=16, choices=IdentityKind.choices)
    value = models.CharField(max_length=150)
    portfolio_id = models.CharField(max_length=32, blank=True, default="")
    learned_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "value"], name="profile_identity_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of profile {self.profile_id}"


class IdentityChange(models.Model):
    """One identity that a person gained, changed or lost; `at` is when it happened, as the evidence says."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="identity_changes")
    kind = models.CharField(max_length=16, choices=IdentityKind.choices)
    before = models.CharField(max_length=150, blank=True, default="")
    after = models.CharField(max_length=150, blank=True, default="")
    source = models.CharField(max_length=16)  # whatsapp, page, import, merge
    evidence = models.JSONField(default=dict)  # {wamid, event, phone_number_id, import, ...}: never a text of theirs
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["profile", "kind", "-at"], name="identity_change_by_profile")]

    def __str__(self) -> str:
        return f"{self.kind} of profile {self.profile_id}"


class ProfileMerge(models.Model):
    """Two profiles that became one, with all it takes to part them again.

    `absorbed` is the row that went away, `changed` what it changed in the one that stayed ({column: [before, after]}),
    `moved` the rows that now belong to it ({table: ids}), `removed` and `added` the rows that went and came.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    kept = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="merges")
    absorbed_id = models.BigIntegerField()
    absorbed = models.JSONField()
    changed = models.JSONField(default=dict)
    moved = models.JSONField(default=dict)
    removed = models.JSONField(default=dict)
    added = models.JSONField(default=dict)
    reason = models.CharField(max_length=40)  # same_person, number_change, by_hand
    evidence = models.JSONField(default=dict)
    at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["kept", "-id"], name="merge_by_kept"),
            models.Index(fields=["workspace", "-at", "-id"], name="merge_by_time"),
        ]

    def __str__(self) -> str:
        return f"merge {self.pk}"


class PossibleDuplicate(models.Model):
    """Two profiles that may be one person, for a person to decide; `apart_at` keeps them apart for good."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")  # the smaller id
    second = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=40)  # same_person, number_change, by_hand, undone
    evidence = models.JSONField(default=dict)
    found_at = models.DateTimeField()
    apart_at = models.DateTimeField(null=True)
    apart_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["first", "second"], name="possible_duplicate_once")]
        indexes = [models.Index(fields=["workspace", "-found_at", "-id"], name="possible_duplicate_by_time")]

    def __str__(self) -> str:
        return f"profiles {self.first_id} and {self.second_id}"


class ConsentEntry(models.Model):
    """One receipt: a person said yes or no to a purpose, when, where, and how we know. Only ever added."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="consent_entries")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    value = models.CharField(max_length=10, choices=[c for c in Consent.choices if c[0]])
    source = models.CharField(max_length=40)  # import, page, keyword, whatsapp, api, merge
    evidence = models.JSONField(default=dict)
    given_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["profile", "purpose", "-given_at", "-id"], name="consent_by_profile")]

    def __str__(self) -> str:
        return f"{self.purpose}: {self.value}"


class Suppression(models.Model):
    """An address nobody in the workspace may write to, whatever consent says: blocked, unreachable, wrong number."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suppressions")
    address = models.CharField(max_length=150)  # E.164 phone or business-scoped user id
    purpose = models.CharField(max_length=16, blank=True, default="")  # empty: every purpose
    reason = models.CharField(max_length=60)
    until_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "address", "purpose"], name="suppression_once")]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="suppression_by_created"),
            models.Index("workspace", Right("address", 4), name="suppression_by_tail"),
        ]

    def __str__(self) -> str:
        return f"{self.address[-4:]}: {self.reason}"


class Audience(models.Model):
    """A named set of profiles: a list (from an import or by hand) or a rule that is asked anew every time."""

    class Kind(models.TextChoices):
        LIST = "list", _("List")
        RULE = "rule", _("Rule")

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="audiences")
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    rule = models.JSONField(default=dict, blank=True)
    profile_count = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], condition=Q(archived_at__isnull=True), name="audience_name_once"
            )
        ]
        indexes = [models.Index(fields=["workspace", "-updated_at", "-id"], name="audience_by_updated")]

    def __str__(self) -> str:
        return self.name


class AudienceMember(models.Model):
    """A profile in a list."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="members")
    profile = models.ForeignKey(Profile, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "profile"], name="audience_member_once")]

    def __str__(self) -> str:
        return f"{self.audience_id}/{self.profile_id}"


class Import(models.Model):
    """One CSV file on its way into profiles: resumable at `next_row`, counted by what became of each row."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="imports")
    audience = models.ForeignKey(Audience, null=True, on_delete=models.SET_NULL, related_name="imports")
    file = models.FileField(upload_to="imports/%Y/%m/")
    filename = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    encoding = models.CharField(max_length=20, blank=True, default="")
    delimiter = models.CharField(max_length=1, blank=True, default="")
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)  # column index -> field or attribute
    options = models.JSONField(default=dict)  # country, existing: update|skip, consent and its evidence, test flag
    status = StatusField(machine=IMPORT, default="uploaded")
    failure = models.CharField(max_length=300, blank=True, default="")
    preview = models.JSONField(default=dict)
    row_count = models.BigIntegerField(null=True)
    next_row = models.BigIntegerField(default=0)
    next_byte = models.BigIntegerField(default=0)
    created_count = models.BigIntegerField(default=0)
    updated_count = models.BigIntegerField(default=0)
    skipped_count = models.BigIntegerField(default=0)
    refused_count = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    attempt_count = models.PositiveSmallIntegerField(default=0)  # claims since the last row that got through
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "-id"], name="import_by_workspace")]

    def __str__(self) -> str:
        return self.filename


class ImportRefusal(models.Model):
    """A row that was not imported, with its reason and its own text, so that it can be corrected and sent again."""

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="refusals")
    row_number = models.BigIntegerField()
    code = models.CharField(max_length=40)
    column = models.CharField(max_length=120, blank=True, default="")
    values = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["batch", "row_number"], name="refusal_by_row")]

    def __str__(self) -> str:
        return f"{self.row_number}: {self.code}"
