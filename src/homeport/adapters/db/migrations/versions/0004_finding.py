"""Finding files: filters and tokens of sources, claims and origins, hosts, surveys, drift; parents of tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("sources", sa.Column("filters", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("sources", sa.Column("sealed_token", sa.LargeBinary(), nullable=True))
    for column in ("claims", "neighbours", "signatures"):
        op.add_column("rehost_items", sa.Column(column, sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("rehost_items", sa.Column("facts", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("rehost_items", sa.Column("fetched", sa.JSON(), nullable=True))
    op.add_column("tokens", sa.Column("parent_id", sa.Integer(), nullable=True))
    op.create_index("ix_tokens_parent_id", "tokens", ["parent_id"])
    _claims()
    _proofs()
    _outside()
    _surveys()
    _drift()


def _claims() -> None:
    """What was claimed is told with who claimed it; of old plans only the page that named the file is remembered."""
    items = sa.table(
        "rehost_items",
        sa.column("id", sa.Integer),
        sa.column("found_on", sa.Text),
        sa.column("claimed", sa.JSON),
        sa.column("claim_is_tls", sa.Boolean),
        sa.column("claims", sa.JSON),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(items).where(items.c.claimed != sa.literal([], sa.JSON))).all():
        claims = [
            {
                "kind": "link" if row.found_on else "source",
                "algorithm": algorithm,
                "value": value,
                "said_at": row.found_on,
                "tls": bool(row.claim_is_tls) and algorithm == "sha256",
                "holds": None,
            }
            for algorithm, value in row.claimed
        ]
        connection.execute(sa.update(items).where(items.c.id == row.id).values(claims=claims))
    op.drop_column("rehost_items", "claimed")
    op.drop_column("rehost_items", "claim_is_tls")


def _proofs() -> None:
    op.create_table(
        "origins",
        sa.Column("id", sa.Integer(), nullable=False),
        _project("origins"),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_origins"),
    )
    op.create_index("ix_origins_sha256_filename", "origins", ["sha256", "filename"])
    op.create_index("ix_origins_project_id_filename", "origins", ["project_id", "filename"])
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER origins_{verb.lower()} BEFORE {verb} ON origins "
            "BEGIN SELECT RAISE(ABORT, 'origin records are append-only'); END"
        )
    op.create_table(
        "sightings",
        _project("sightings"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("host", sa.String(261), nullable=False),
        sa.Column("is_tls", sa.Boolean(), nullable=False),
        sa.Column("first_at", sa.String(27), nullable=False),
        sa.Column("last_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "url", "sha256", "host", "is_tls", name="pk_sightings"),
    )
    op.create_table(
        "signing_keys",
        _project("signing_keys"),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("armoured", sa.Text(), nullable=False),
        sa.Column("user_ids", sa.JSON(), nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
        sa.Column("added_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "fingerprint", name="pk_signing_keys"),
    )
    op.create_table(
        "signing_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        _project("signing_identities"),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(64), nullable=False),
        sa.Column("added_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_signing_identities"),
        sa.UniqueConstraint(
            "project_id",
            "issuer",
            "repository",
            "workflow",
            "subject",
            name="uq_signing_identities_project_id_issuer_repository_workflow_subject",
        ),
    )


def _project(table: str) -> "sa.Column[int]":
    return sa.Column(
        "project_id",
        sa.Integer(),
        sa.ForeignKey("projects.id", name=f"fk_{table}_project_id"),
        nullable=False,
    )


def _outside() -> None:
    op.create_table(
        "fetches",
        sa.Column(
            "item_id",
            sa.Integer(),
            sa.ForeignKey("rehost_items.id", name="fk_fetches_item_id"),
            nullable=False,
        ),
        sa.Column(
            "rehost_id",
            sa.Integer(),
            sa.ForeignKey("rehosts.id", name="fk_fetches_rehost_id"),
            nullable=False,
        ),
        sa.Column("host", sa.String(261), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("total_bytes", sa.BigInteger(), nullable=True),
        sa.Column("waiting_for", sa.Text(), nullable=False),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("changed_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_fetches"),
    )
    op.create_index("ix_fetches_rehost_id", "fetches", ["rehost_id"])
    op.create_table(
        "hosts",
        sa.Column("name", sa.String(261), nullable=False),
        sa.Column("next_at", sa.String(27), nullable=True),
        sa.Column("held_until", sa.String(27), nullable=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("resting_until", sa.String(27), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(27), nullable=True),
        sa.Column("robots", sa.Text(), nullable=False),
        sa.Column("robots_status", sa.String(16), nullable=False),
        sa.Column("robots_until", sa.String(27), nullable=True),
        sa.Column("robots_problem", sa.Text(), nullable=False),
        sa.Column("crawl_delay_seconds", sa.Float(), nullable=False),
        sa.Column("frozen_at", sa.String(27), nullable=True),
        sa.Column("frozen_by", sa.String(64), nullable=False),
        sa.Column("frozen_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_hosts"),
    )
    op.create_table(
        "outside_bytes",
        sa.Column("name", sa.String(261), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("taken_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name="pk_outside_bytes"),
    )


def _surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_surveys_project_id"),
            nullable=True,
        ),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("started_at", sa.String(27), nullable=False),
        sa.Column("finished_at", sa.String(27), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("waiting_hosts", sa.Integer(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_surveys"),
    )
    op.create_table(
        "survey_projects",
        sa.Column(
            "survey_id",
            sa.Integer(),
            sa.ForeignKey("surveys.id", name="fk_survey_projects_survey_id"),
            nullable=False,
        ),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_survey_projects_project_id"),
            nullable=False,
        ),
        sa.Column("letter", sa.String(1), nullable=False),
        sa.Column("hosted_files", sa.Integer(), nullable=False),
        sa.Column("external_files", sa.Integer(), nullable=False),
        sa.Column("hashed_files", sa.Integer(), nullable=False),
        sa.Column("dead_files", sa.Integer(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("survey_id", "project_id", name="pk_survey_projects"),
    )
    op.create_index("ix_survey_projects_survey_id_letter", "survey_projects", ["survey_id", "letter"])
    op.create_table(
        "survey_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "survey_id",
            sa.Integer(),
            sa.ForeignKey("surveys.id", name="fk_survey_links_survey_id"),
            nullable=False,
        ),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_survey_links_project_id"),
            nullable=False,
        ),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(261), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("version", sa.String(128), nullable=False),
        sa.Column("found_on", sa.Text(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("seen_by", sa.JSON(), nullable=False),
        sa.Column("claimed", sa.JSON(), nullable=False),
        sa.Column("is_tls", sa.Boolean(), nullable=False),
        sa.Column("is_hosted", sa.Boolean(), nullable=False),
        sa.Column("reach", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_survey_links"),
        sa.UniqueConstraint(
            "survey_id", "project_id", "url", name="uq_survey_links_survey_id_project_id_url"
        ),
    )
    op.create_index("ix_survey_links_survey_id_host", "survey_links", ["survey_id", "host"])


def _drift() -> None:
    op.create_table(
        "watches",
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_watches_project_id"),
            nullable=False,
        ),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(261), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("agreed_at", sa.String(27), nullable=False),
        sa.Column("due_at", sa.String(27), nullable=False),
        sa.Column("read_at", sa.String(27), nullable=False),
        sa.Column("home", sa.String(261), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("seen", sa.String(261), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(27), nullable=True),
        sa.Column("looked_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("project_id", "filename", name="pk_watches"),
    )
    op.create_index("ix_watches_due_at", "watches", ["due_at"])
    op.create_index("ix_watches_host", "watches", ["host"])
    op.create_table(
        "watched_hosts",
        sa.Column("host", sa.String(261), nullable=False),
        sa.Column("tls_key", sa.String(64), nullable=False),
        sa.Column("tls_issuer", sa.Text(), nullable=False),
        sa.Column("name_servers", sa.JSON(), nullable=False),
        sa.Column("registered_at", sa.String(27), nullable=True),
        sa.Column("nameless_since", sa.String(27), nullable=True),
        sa.Column("nameless_until", sa.String(27), nullable=True),
        sa.Column("asked_at", sa.String(27), nullable=True),
        sa.PrimaryKeyConstraint("host", name="pk_watched_hosts"),
    )
    op.create_table(
        "drift_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "project_id",
            sa.Integer(),
            sa.ForeignKey("projects.id", name="fk_drift_events_project_id"),
            nullable=False,
        ),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(261), nullable=False),
        sa.Column("sign", sa.String(24), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("consequence", sa.String(8), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drift_events"),
        sa.UniqueConstraint(
            "project_id",
            "host",
            "filename",
            "sign",
            "what",
            name="uq_drift_events_project_id_host_filename_sign_what",
        ),
    )
    op.create_index("ix_drift_events_project_id_id", "drift_events", ["project_id", "id"])
