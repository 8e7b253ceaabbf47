from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0008_operation_organization_required"),
    ]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="endpoint_uid",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
