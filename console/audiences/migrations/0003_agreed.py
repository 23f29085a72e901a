from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audiences', '0002_identities'),
        ('workspaces', '0002_policies_phone_fields'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(condition=models.Q(('marketing_consent', 'granted')), fields=['workspace'], name='profile_agreed'),
        ),
    ]
