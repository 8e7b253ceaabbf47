from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    owner = apps.get_model("deployments", "Deployment").objects.filter(pk=OuterRef("deployment_id"))
    apps.get_model("deployments", "Operation").objects.filter(organization=None).update(
        organization_id=Subquery(owner.values("organization_id"))
    )


class Migration(migrations.Migration):
    dependencies = [("deployments", "0006_operation_organization")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
