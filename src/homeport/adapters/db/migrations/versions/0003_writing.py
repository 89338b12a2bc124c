"""Accounts that are whole: mail links, second factors, organisations, invitations; tombstones, quotas, descriptions."""

import sqlalchemy as sa
from alembic import op
from packaging.utils import canonicalize_version

revision = "0003"
down_revision = "0002"

_LOOK_ALIKE = str.maketrans("1io", "ll0")
_AT_ONCE = 1_000


def upgrade() -> None:
    _people()
    _organisations()
    _projects()
    _releases()
    _mails()


def _people() -> None:
    op.add_column("users", sa.Column("email_verified_at", sa.String(27), nullable=True))
    op.add_column("users", sa.Column("disabled_at", sa.String(27), nullable=True))
    op.add_column("users", sa.Column("uploaded_bytes", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("users", sa.Column("quota_bytes", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE users SET uploaded_bytes = (SELECT coalesce(sum(size_bytes), 0) FROM files "
        "WHERE published_by = users.name AND origin = 'upload')"
    )
    # Whoever is signed in signs in again: no session remembers how it began.
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column(
            "user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_sessions_user_id"), nullable=False
        ),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("expires_at", sa.String(27), nullable=False),
        sa.Column("confirmed_at", sa.String(27), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("secret_sha256", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "account_links",
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("users.id", name="fk_account_links_user_id"),
            nullable=False,
        ),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("expires_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("secret_sha256", name="pk_account_links"),
    )
    op.create_index("ix_account_links_user_id", "account_links", ["user_id"])
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("users.id", name="fk_second_factors_user_id"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("last_used_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_second_factors"),
        sa.UniqueConstraint("credential_id", name="uq_second_factors_credential_id"),
    )
    op.create_index("ix_second_factors_user_id", "second_factors", ["user_id"])
    op.create_table(
        "recovery_codes",
        sa.Column(
            "user_id",
            sa.Integer(),
            sa.ForeignKey("users.id", name="fk_recovery_codes_user_id"),
            nullable=False,
        ),
        sa.Column("code_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "code_sha256", name="pk_recovery_codes"),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(160), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_bucket_at", "attempts", ["bucket", "at"])
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.add_column("tokens", sa.Column("label", sa.String(64), nullable=False, server_default=""))
    op.add_column("tokens", sa.Column("last_used_at", sa.String(27), nullable=True))
    op.add_column("tokens", sa.Column("revoked_at", sa.String(27), nullable=True))
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])


def _organisations() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("display_name", sa.String(128), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
        sa.UniqueConstraint("name", name="uq_organisations_name"),
    )
    op.create_table(
        "organisation_members",
        _reference("organisation_members", "organisation_id", "organisations"),
        _reference("organisation_members", "user_id", "users"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name="pk_organisation_members"),
    )
    op.create_index("ix_organisation_members_user_id", "organisation_members", ["user_id"])
    op.create_table(
        "organisation_projects",
        _reference("organisation_projects", "project_id", "projects"),
        _reference("organisation_projects", "organisation_id", "organisations"),
        sa.PrimaryKeyConstraint("project_id", name="pk_organisation_projects"),
    )
    op.create_index("ix_organisation_projects_organisation_id", "organisation_projects", ["organisation_id"])
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        _reference("teams", "organisation_id", "organisations"),
        sa.Column("name", sa.String(64), nullable=False),
        sa.UniqueConstraint("organisation_id", "name", name="uq_teams_organisation_id_name"),
        sa.PrimaryKeyConstraint("id", name="pk_teams"),
    )
    op.create_table(
        "team_members",
        _reference("team_members", "team_id", "teams"),
        _reference("team_members", "user_id", "users"),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_team_members"),
    )
    op.create_index("ix_team_members_user_id", "team_members", ["user_id"])
    op.create_table(
        "team_roles",
        _reference("team_roles", "team_id", "teams"),
        _reference("team_roles", "project_id", "projects"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "project_id", name="pk_team_roles"),
    )
    op.create_index("ix_team_roles_project_id", "team_roles", ["project_id"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_invitations_project_id"),
            nullable=True,
        ),
        sa.Column(
            "organisation_id",
            sa.Integer(),
            sa.ForeignKey("organisations.id", name="fk_invitations_organisation_id"),
            nullable=True,
        ),
        _reference("invitations", "user_id", "users"),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invited_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("expires_at", sa.String(27), nullable=False),
        sa.UniqueConstraint("project_id", "user_id", name="uq_invitations_project_id_user_id"),
        sa.UniqueConstraint("organisation_id", "user_id", name="uq_invitations_organisation_id_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invitations_user_id", "invitations", ["user_id"])


def _reference(table: str, column: str, to: str) -> "sa.Column[int]":
    return sa.Column(
        column, sa.Integer(), sa.ForeignKey(f"{to}.id", name=f"fk_{table}_{column}"), nullable=False
    )


def _projects() -> None:
    op.add_column("projects", sa.Column("look_alike", sa.String(128), nullable=False, server_default=""))
    op.add_column("projects", sa.Column("quota_bytes", sa.BigInteger(), nullable=True))
    connection = op.get_bind()
    projects = sa.table("projects", sa.column("id"), sa.column("normalized"), sa.column("look_alike"))
    for row in connection.execute(sa.select(projects.c.id, projects.c.normalized)).all():
        connection.execute(
            projects.update()
            .where(projects.c.id == row.id)
            .values(look_alike=row.normalized.replace("-", "").translate(_LOOK_ALIKE))
        )
    op.create_index("ix_projects_look_alike", "projects", ["look_alike"])
    op.create_table(
        "removed_files",
        _reference("removed_files", "project_id", "projects"),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("removed_at", sa.String(27), nullable=False),
        sa.Column("removed_by", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "filename", name="pk_removed_files"),
    )


def _releases() -> None:
    op.add_column("releases", sa.Column("description_html", sa.Text(), nullable=True))
    op.add_column("releases", sa.Column("removed_at", sa.String(27), nullable=True))
    op.add_column("releases", sa.Column("key", sa.String(128), nullable=False, server_default=""))
    connection = op.get_bind()
    releases = sa.table("releases", sa.column("id"), sa.column("version"), sa.column("key"))
    filled = releases.update().where(releases.c.id == sa.bindparam("row"))
    last = 0
    while rows := connection.execute(
        sa.select(releases.c.id, releases.c.version)
        .where(releases.c.id > last)
        .order_by(releases.c.id)
        .limit(_AT_ONCE)
    ).all():
        keys = [{"row": row.id, "key": canonicalize_version(row.version).lower()} for row in rows]
        connection.execute(filled.values(key=sa.bindparam("key")), keys)
        last = rows[-1].id
    # Two spellings of one version are one release: the one that came first stays, files name their versions themselves.
    # What was yanked under either spelling stays yanked.
    op.execute(
        "UPDATE releases SET yanked = (SELECT max(twin.yanked) FROM releases AS twin "
        "WHERE twin.project_id = releases.project_id AND twin.key = releases.key) "
        "WHERE id IN (SELECT min(id) FROM releases GROUP BY project_id, key HAVING count(*) > 1)"
    )
    younger = "DELETE FROM releases WHERE id NOT IN (SELECT min(id) FROM releases GROUP BY project_id, key)"
    if connection.execute(sa.text(younger)).rowcount:
        op.execute("UPDATE facts SET value = 0 WHERE name = 'rendering'")
    with op.batch_alter_table("releases") as batch:
        batch.drop_constraint("uq_releases_project_id_normalized", type_="unique")
        batch.create_unique_constraint("uq_releases_project_id_key", ["project_id", "key"])


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", name="fk_mails_user_id"), nullable=True),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=True),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("due_at", sa.String(27), nullable=True),
        sa.Column("sent_at", sa.String(27), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
    )
    op.create_index("ix_mails_due_at", "mails", ["due_at"])
    op.create_index("ix_mails_sent_at", "mails", ["sent_at"])
    op.create_index("ix_mails_recipient_created_at", "mails", ["recipient", "created_at"])
    op.create_index("ix_mails_user_id_created_at", "mails", ["user_id", "created_at"])
