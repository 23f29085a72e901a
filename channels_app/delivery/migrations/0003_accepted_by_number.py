from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0002_awaited_messages"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("accepted_at__isnull", False)),
                fields=["phone_number", "accepted_at"],
                name="message_by_acceptance",
            ),
        ),
    ]
