from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0005_seal_what_is_there"),
    ]

    operations = [
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.CharField(blank=True, default="", max_length=25)),
                ("number", models.BigIntegerField()),
                ("statement", models.JSONField()),
            ],
            options={
                "ordering": ["organization_id", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "number"), name="audit_one_checkpoint"
                    )
                ],
            },
        ),
    ]
