from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_suspension")]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="sign_up",
            field=models.CharField(
                choices=[
                    ("INVITATION", "By invitation"),
                    ("DOMAINS", "For listed domains"),
                    ("OPEN", "Open"),
                ],
                default="INVITATION",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="installation",
            name="sign_up_domains",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="user",
            name="is_newcomer",
            field=models.BooleanField(default=False),
        ),
    ]
