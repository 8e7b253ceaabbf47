from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("deployments", "0005_executor_astro"),
    ]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="organization",
            field=models.ForeignKey(
                null=True,
                on_delete=models.CASCADE,
                related_name="operations",
                to="accounts.organization",
            ),
        ),
    ]
