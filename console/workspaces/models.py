"""People, the workspaces they belong to, and the audit trail of everything they did."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from console.workspaces.roles import Role


class UserManager(BaseUserManager["User"]):
    """People sign in with their e-mail address, kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Staff run the installation; what a person may do in a workspace comes from the membership."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=8, default="auto")
    preferences = models.JSONField(default=dict, blank=True)
    session_epoch = models.PositiveIntegerField(default=0)  # raising it ends every session signed with the old one
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's hash over the password, and over our epoch: either one changed ends the sessions made before."""
        key_salt = "console.workspaces.models.User.session"
        return salted_hmac(
            key_salt, f"{self.password}:{self.session_epoch}", secret=secret, algorithm="sha256"
        ).hexdigest()

    @property
    def initials(self) -> str:
        words = str(self).replace("@", " ").split()
        return "".join(word[0] for word in words[:2]).upper()


def default_phone_fields() -> list[str]:
    return ["phone"]


class Workspace(models.Model):
    """A tenant: everything a customer of this installation owns belongs to exactly one workspace."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    default_country = models.CharField(_("country of local phone numbers"), max_length=2, blank=True, default="")
    phone_fields = models.JSONField(default=default_phone_fields)  # where a person's number is looked for, in order
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.name.split()[:2]).upper()


class Membership(models.Model):
    """One person's role in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=16, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class PolicyAcceptance(models.Model):
    """Who accepted which text of a policy, and when. Only ever added: a new text asks anew."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="policy_acceptances")
    policy = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=8)
    text = models.TextField()  # as it was shown
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_by_label = models.CharField(max_length=160)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "policy", "version"], name="policy_accepted_once")]

    def __str__(self) -> str:
        return f"{self.policy} {self.version}"


class AuditEntry(models.Model):
    """One write, by whom, on what, with what changed. Entries are only ever added."""

    workspace = models.ForeignKey(Workspace, null=True, on_delete=models.CASCADE, related_name="audit_entries")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=160)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=80, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    object_label = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-at", "-id"], name="audit_by_time"),
            models.Index(fields=["workspace", "object_kind", "object_id", "-id"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}".strip()

    @property
    def changes_in_words(self) -> list[tuple[str, str]]:
        """[(what, "before → after" or a plain fact)] for the trail's page and export."""
        return [(name.replace("_", " "), _in_words(value)) for name, value in self.changes.items()]


def _in_words(value: Any, *, is_change: bool = True) -> str:
    if is_change and isinstance(value, list) and len(value) == 2:
        before, after = (_in_words(part, is_change=False) for part in value)
        return after if value[0] in (None, "") else f"{before} → {after}"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_in_words(part, is_change=False)}" for name, part in value.items()) or "–"
    if isinstance(value, list):
        return ", ".join(_in_words(part, is_change=False) for part in value) or "–"
    return "–" if value in (None, "") else str(value)
