"""Pages by coding, the list in segments, yanks and status with reasons, private projects, sizes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


_NAMES = """
CREATE VIRTUAL TABLE project_names
USING fts5(normalized, content='projects', content_rowid='id', tokenize='trigram case_sensitive 1', detail='full')
"""
_KEEP_NAMES = """
CREATE TRIGGER project_names_insert AFTER INSERT ON projects
BEGIN INSERT INTO project_names(rowid, normalized) VALUES (new.id, new.normalized); END
"""


def upgrade() -> None:
    op.add_column("projects", sa.Column("status_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "projects", sa.Column("is_private", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("projects", sa.Column("size_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE projects SET size_bytes = "
        "(SELECT coalesce(sum(size_bytes), 0) FROM files WHERE files.project_id = projects.id)"
    )
    op.create_index(op.f("ix_projects_size_bytes"), "projects", ["size_bytes"])
    listed = ["normalized", "name", "serial", "is_private", "status"]
    op.create_index(op.f("ix_projects_" + "_".join(listed)), "projects", listed)
    op.create_index(op.f("ix_roles_user_id"), "roles", ["user_id"])
    op.add_column("releases", sa.Column("yanked", sa.Text(), nullable=True))
    # Names are only ever added: a project keeps its name, and its row.
    op.execute(_NAMES)
    op.execute("INSERT INTO project_names(project_names) VALUES ('rebuild')")
    op.execute(_KEEP_NAMES)
    # Pages are rendered again from what they are made of: nothing is lost with the old rows.
    op.drop_table("pages")
    op.create_table(
        "pages",
        sa.Column("normalized", sa.String(length=128), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("coding", sa.String(length=8), nullable=False),
        sa.Column("etag", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("normalized", "form", "coding", name=op.f("pk_pages")),
    )
    op.create_table(
        "list_segments",
        sa.Column("first", sa.String(length=128), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("deflated", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("first", "form", name=op.f("pk_list_segments")),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_facts")),
    )
    op.execute("INSERT INTO facts VALUES ('rendering', 0)")
    op.execute("INSERT INTO facts SELECT 'files_bytes', coalesce(sum(size_bytes), 0) FROM files")
