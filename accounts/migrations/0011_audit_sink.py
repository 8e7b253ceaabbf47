import access.encryption
import access.ids
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_invitation_days"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSink",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=access.ids.cuid,
                        editable=False,
                        max_length=25,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=50)),
                (
                    "kind",
                    models.CharField(
                        choices=[("FILE", "File"), ("SYSLOG", "Syslog"), ("HTTP", "HTTP")],
                        max_length=6,
                    ),
                ),
                ("target", models.CharField(max_length=2000)),
                (
                    "transport",
                    models.CharField(
                        blank=True,
                        choices=[("TLS", "TLS"), ("TCP", "TCP"), ("UDP", "UDP")],
                        max_length=3,
                    ),
                ),
                ("header", models.CharField(blank=True, max_length=100)),
                ("secret", access.encryption.EncryptedTextField(blank=True, default="")),
                ("is_on", models.BooleanField(default=True)),
                ("sent_through", models.BigIntegerField(default=0)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("fault", models.CharField(blank=True, default="", max_length=500)),
                ("next_try_at", models.DateTimeField(blank=True, null=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="audit_sinks",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit log sink",
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("name"),
                        name="sink_name_once_in_organization",
                    )
                ],
            },
        ),
    ]
