"""The book refuses to be changed, whoever asks: its own role and a superuser alike."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the audit log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
-- Also for a session that calls itself a replica, which skips ordinary triggers
ALTER TABLE audit_auditrecord ENABLE ALWAYS TRIGGER audit_append_only;
"""
ALLOW = """
DROP TRIGGER audit_append_only ON audit_auditrecord;
DROP FUNCTION audit_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
