from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audiences', '0003_search'),
    ]

    operations = [
        migrations.AddField(
            model_name='import',
            name='attempt_count',
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
