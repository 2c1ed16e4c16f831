"""Audit, dashboards; what of a front-end an operator changed, its widgets; whose a session is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables, and columns that older rows can do without."""
    op.create_table(
        "audit_entry",
        sa.Column(
            "id",
            # SQLite counts by itself in a column of exactly this type only.
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            nullable=False,
            autoincrement=True,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("person_id", sa.String(512), nullable=True),
        sa.Column("person_name", sa.String(256), nullable=True),
        sa.Column("address", sa.String(64), nullable=True),
        sa.Column("right_used", sa.String(256), nullable=True),
        sa.Column("target_kind", sa.String(32), nullable=True),
        sa.Column("target_name", sa.String(512), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("detail", sa.String(1000), nullable=True),
        sa.Column("trace_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["action"])
    op.create_index("ix_audit_entry_person_id", "audit_entry", ["person_id"])
    _forbid_changes()
    op.create_table(
        "dashboard",
        sa.Column("person_id", sa.String(512), nullable=False),
        sa.Column("cards", sa.JSON, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_dashboard"),
    )
    op.add_column("session", sa.Column("person_tag", sa.String(64), nullable=True))
    op.create_index("ix_session_person_tag", "session", ["person_tag"])
    op.add_column(
        "frontend", sa.Column("generation", sa.Integer, nullable=False, server_default="1")
    )
    # Names of the fields that an operator changed, which a later release leaves alone.
    op.add_column("frontend", sa.Column("changed", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("frontend", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("frontend", sa.Column("changed_by", sa.String(256), nullable=True))
    op.add_column("frontend", sa.Column("widgets", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop them again; what the first schema holds stays as it is."""
    for column in ("widgets", "changed_by", "changed_at", "changed", "generation"):
        op.drop_column("frontend", column)
    op.drop_index("ix_session_person_tag", "session")
    op.drop_column("session", "person_tag")
    op.drop_table("dashboard")
    op.drop_table("audit_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_is_append_only()")


def _forbid_changes() -> None:
    """Let the database itself refuse to change or delete what was recorded."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit_entry is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{change.lower()} BEFORE {change} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END"
        )
