import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="Unsealed",
            fields=[
                ("record_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "unsealed audit record",
                "verbose_name_plural": "unsealed audit records",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization_id", models.CharField(blank=True, default="", max_length=25)),
                ("number", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                (
                    "record_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), size=None
                    ),
                ),
                ("digests", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("head", models.BinaryField()),
            ],
            options={
                "ordering": ["organization_id", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "number"), name="audit_one_chain"
                    )
                ],
            },
        ),
    ]
