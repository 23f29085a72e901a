"""Gives every channel configuration its first version, and every portfolio that an account names its row."""

from django.db import migrations
from django.utils import timezone

STATUSES = {"draft": "draft", "processing": "processing", "active": "passed", "deactivated": "passed", "failed": "failed"}


def fill(apps, schema_editor):
    Channel = apps.get_model("accounts", "ChannelConfiguration")
    Version = apps.get_model("accounts", "ChannelVersion")
    for channel in Channel.objects.filter(versions__isnull=True).iterator():
        status = STATUSES[channel.status]
        Version.objects.create(
            channel=channel,
            number=1,
            phone_number_id=channel.phone_number_id,
            purpose=channel.purpose,
            status=status,
            checks=channel.checks,
            checked_at=channel.checked_at,
            created_by_id=channel.created_by_id,
            created_at=channel.created_at,
        )
        if status == "passed":
            Channel.objects.filter(pk=channel.pk).update(version_number=1)
    Account = apps.get_model("accounts", "WhatsAppAccount")
    Portfolio = apps.get_model("accounts", "Portfolio")
    for workspace_id, portfolio_id in Account.objects.exclude(portfolio_id="").values_list("workspace_id", "portfolio_id"):
        Portfolio.objects.get_or_create(
            workspace_id=workspace_id, portfolio_id=portfolio_id, defaults={"created_at": timezone.now()}
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_facts_rotation_versions")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
