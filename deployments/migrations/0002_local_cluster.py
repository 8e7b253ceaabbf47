"""The local cluster exists from the start."""

from django.db import migrations


def create(apps, schema_editor):
    apps.get_model("deployments", "Cluster").objects.get_or_create(
        name="local", defaults={"backend": "local"}
    )


class Migration(migrations.Migration):
    dependencies = [("deployments", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
