"""The services that each front-end says it calls."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was registered before calls nothing until it says so."""
    op.add_column("frontend", sa.Column("apis", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    """Drop it again."""
    with op.batch_alter_table("frontend") as table:
        table.drop_column("apis")
