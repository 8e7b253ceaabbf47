import access.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0017_bindings_by_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="is_scim_on",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="ProvisionedGroup",
            fields=[
                (
                    "team",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="provisioned_group",
                        serialize=False,
                        to="accounts.team",
                    ),
                ),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provisioned_groups",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "provisioned group",
                "ordering": ["team_id"],
            },
        ),
        migrations.CreateModel(
            name="ProvisionedUser",
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
                ("user_name", models.CharField(max_length=254)),
                ("user_name_key", models.CharField(max_length=254)),
                ("external_id", models.CharField(blank=True, default="", max_length=255)),
                ("is_active", models.BooleanField(default=True)),
                ("says_active", models.BooleanField(default=True)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("full_name", models.CharField(blank=True, default="", max_length=100)),
                ("attributes", models.JSONField(default=dict)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "invitation",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="accounts.invitation",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="provisioned_users",
                        to="accounts.organization",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "provisioned user",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="ProvisionedMembership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="accounts.provisionedgroup",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="accounts.provisioneduser",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="provisionedgroup",
            index=models.Index(fields=["organization", "team"], name="scim_group_in_order"),
        ),
        migrations.AddConstraint(
            model_name="provisionedgroup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("organization", "external_id"),
                name="scim_group_external_id_once",
            ),
        ),
        migrations.AddIndex(
            model_name="provisioneduser",
            index=models.Index(fields=["organization", "id"], name="scim_user_in_order"),
        ),
        migrations.AddIndex(
            model_name="provisioneduser",
            index=models.Index(fields=["organization", "email"], name="scim_user_by_email"),
        ),
        migrations.AddConstraint(
            model_name="provisioneduser",
            constraint=models.UniqueConstraint(
                fields=("organization", "user_name_key"), name="scim_user_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="provisioneduser",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("organization", "external_id"),
                name="scim_user_external_id_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="provisioneduser",
            constraint=models.UniqueConstraint(
                condition=models.Q(("user__isnull", False)),
                fields=("user", "organization"),
                name="scim_user_account_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="provisionedmembership",
            constraint=models.UniqueConstraint(
                fields=("group", "member"), name="scim_membership_once"
            ),
        ),
    ]
