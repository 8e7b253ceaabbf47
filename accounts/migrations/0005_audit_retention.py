from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sign_up"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="audit_retention_days",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
