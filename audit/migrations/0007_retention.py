"""Only what lies behind a checkpoint may go, and a checkpoint only stands where the chain says so."""

from django.db import migrations

RETENTION = """
CREATE FUNCTION audit_refuse_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT id FROM gone EXCEPT
        SELECT unnest(s.record_ids) FROM audit_seal s JOIN audit_checkpoint c
            ON c.organization_id = s.organization_id AND s.number <= c.number
    ) THEN
        RAISE EXCEPTION 'DELETE on % is refused: the audit log is append-only', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION audit_refuse_seals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone s WHERE NOT EXISTS (
            SELECT FROM audit_checkpoint c
            WHERE c.organization_id = s.organization_id AND s.number <= c.number
        )
    ) THEN
        RAISE EXCEPTION 'DELETE on % is refused: the audit log is append-only', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$;
CREATE FUNCTION audit_check_checkpoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM audit_seal s WHERE s.organization_id = NEW.organization_id
            AND s.number = NEW.number AND encode(s.head, 'hex') = NEW.statement ->> 'head'
    ) OR NOT EXISTS (
        SELECT FROM audit_seal s WHERE s.organization_id = NEW.organization_id
            AND s.number > NEW.number
    ) THEN
        RAISE EXCEPTION 'the audit log has no seal % that a checkpoint could stand for', NEW.number
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER audit_append_only ON audit_auditrecord;
DROP TRIGGER audit_append_only ON audit_seal;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR TRUNCATE ON audit_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_only_behind_checkpoint AFTER DELETE ON audit_auditrecord
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_rows();
CREATE TRIGGER audit_only_behind_checkpoint AFTER DELETE ON audit_seal
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_seals();
CREATE TRIGGER audit_is_in_chain BEFORE INSERT ON audit_checkpoint
    FOR EACH ROW EXECUTE FUNCTION audit_check_checkpoint();
ALTER TABLE audit_auditrecord ENABLE ALWAYS TRIGGER audit_append_only,
    ENABLE ALWAYS TRIGGER audit_only_behind_checkpoint;
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_append_only,
    ENABLE ALWAYS TRIGGER audit_only_behind_checkpoint;
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER audit_append_only,
    ENABLE ALWAYS TRIGGER audit_is_in_chain;
"""
FOR_EVER = """
DROP TRIGGER audit_is_in_chain ON audit_checkpoint;
DROP TRIGGER audit_append_only ON audit_checkpoint;
DROP TRIGGER audit_only_behind_checkpoint ON audit_seal;
DROP TRIGGER audit_only_behind_checkpoint ON audit_auditrecord;
DROP TRIGGER audit_append_only ON audit_seal;
DROP TRIGGER audit_append_only ON audit_auditrecord;
DROP FUNCTION audit_check_checkpoint();
DROP FUNCTION audit_refuse_seals();
DROP FUNCTION audit_refuse_rows();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditrecord
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
ALTER TABLE audit_auditrecord ENABLE ALWAYS TRIGGER audit_append_only;
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_checkpoint")]

    operations = [migrations.RunSQL(RETENTION, FOR_EVER)]
