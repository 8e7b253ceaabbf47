from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deployments", "0007_operation_organization_filled")]

    operations = [
        migrations.AlterField(
            model_name="operation",
            name="organization",
            field=models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="operations",
                to="accounts.organization",
            ),
        ),
        migrations.RemoveIndex(model_name="operation", name="operation_newest"),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                fields=["organization", "-started_at", "-id"], name="operation_by_organization"
            ),
        ),
    ]
