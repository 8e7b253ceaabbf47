from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0007_retention"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditrecord",
            index=models.Index(
                fields=["organization_id", "at"],
                include=("actor_kind", "actor_id", "source_ip", "outcome"),
                name="audit_addresses",
            ),
        ),
    ]
