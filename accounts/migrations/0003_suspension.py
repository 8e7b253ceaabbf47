from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_installation")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="suspended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="organization",
            name="suspension_contact",
            field=models.CharField(blank=True, default="", max_length=254),
        ),
        migrations.AddField(
            model_name="organization",
            name="suspension_reason",
            field=models.CharField(blank=True, default="", max_length=500),
        ),
    ]
