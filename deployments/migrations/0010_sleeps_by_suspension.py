from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deployments", "0009_endpoint_user")]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="sleeps_by_suspension",
            field=models.BooleanField(default=False),
        ),
    ]
