from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0004_newest_operations"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deployment",
            name="executor",
            field=models.CharField(
                choices=[("ASTRO", "Astro"), ("CELERY", "Celery"), ("LOCAL", "Local")],
                default="CELERY",
                max_length=10,
            ),
        ),
    ]
