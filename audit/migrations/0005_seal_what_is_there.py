"""Rows from before there were seals wait for theirs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_chain")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO audit_unsealed (record_id) SELECT id FROM audit_auditrecord"
            " ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        )
    ]
