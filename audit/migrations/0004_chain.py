"""Each new row waits for its seal; seals refuse to be changed as rows do."""

from django.db import migrations

CHAIN = """
CREATE FUNCTION audit_wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_unsealed (record_id) VALUES (NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER audit_wait AFTER INSERT ON audit_auditrecord
    FOR EACH ROW EXECUTE FUNCTION audit_wait();
ALTER TABLE audit_auditrecord ENABLE ALWAYS TRIGGER audit_wait;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_append_only;
"""
UNCHAIN = """
DROP TRIGGER audit_append_only ON audit_seal;
DROP TRIGGER audit_wait ON audit_auditrecord;
DROP FUNCTION audit_wait();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seals")]

    operations = [migrations.RunSQL(CHAIN, UNCHAIN)]
