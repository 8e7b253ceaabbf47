import accounts.models.networks
import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_teams_and_custom_roles"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="admitted_networks",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=accounts.models.networks.NetworkField(),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="ip_ranges",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="organization",
            name="restricts_ip",
            field=models.BooleanField(default=False),
        ),
    ]
