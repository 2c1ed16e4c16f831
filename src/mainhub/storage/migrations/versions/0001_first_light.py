"""Sign-in flows, sessions and the registry of front-ends."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three first tables."""
    op.create_table(
        "signin_flow",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_signin_flow"),
    )
    op.create_index("ix_signin_flow_expires_at", "signin_flow", ["expires_at"])
    op.create_table(
        "session",
        sa.Column("id_hash", sa.String(64), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("summary", sa.LargeBinary, nullable=False),
        sa.Column("tokens", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
    )
    op.create_index("ix_session_idle_expires_at", "session", ["idle_expires_at"])
    op.create_table(
        "frontend",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("title_fr", sa.String(80), nullable=False),
        sa.Column("title_en", sa.String(80), nullable=False),
        sa.Column("icon", sa.String(40), nullable=False),
        sa.Column("routes", sa.JSON, nullable=False),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("url", sa.String(2048), nullable=True),
        sa.Column("integrity", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_frontend"),
    )


def downgrade() -> None:
    """Drop them; the oldest schema holds nothing."""
    op.drop_table("frontend")
    op.drop_index("ix_session_idle_expires_at", "session")
    op.drop_table("session")
    op.drop_index("ix_signin_flow_expires_at", "signin_flow")
    op.drop_table("signin_flow")
