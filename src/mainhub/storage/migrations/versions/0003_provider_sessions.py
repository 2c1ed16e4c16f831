"""Sessions by the provider's own session, and whose turn it is to renew one's tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that older rows can do without."""
    op.add_column("session", sa.Column("provider_tag", sa.String(64), nullable=True))
    op.create_index("ix_session_provider_tag", "session", ["provider_tag"])
    op.add_column("session", sa.Column("turn_owner", sa.String(64), nullable=True))
    op.add_column("session", sa.Column("turn_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Drop them again; nobody is signed out."""
    op.drop_column("session", "turn_until")
    op.drop_column("session", "turn_owner")
    op.drop_index("ix_session_provider_tag", "session")
    op.drop_column("session", "provider_tag")
