import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audiences', '0002_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='profile',
            name='import_id',
            field=models.BigIntegerField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='profile',
            name='name_key',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Lower(models.F('name')), output_field=models.CharField(max_length=200)),
        ),
        migrations.AddField(
            model_name='profile',
            name='phone_tail',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.text.Right(models.F('phone'), 4), output_field=models.CharField(max_length=4, null=True)),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'name_key'], name='profile_by_name_key', opclasses=['int8_ops', 'varchar_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'phone_tail'], name='profile_by_phone_tail'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'country', '-created_at', '-id'], name='profile_by_country'),
        ),
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['workspace', 'language', '-created_at', '-id'], name='profile_by_language'),
        ),
    ]
