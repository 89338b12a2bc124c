"""Every table."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    column,
    table,
)
from sqlalchemy.types import JSON

from homeport.adapters.db import moments


class Utc(TypeDecorator[datetime]):
    """A point in time; refuses one without a zone."""

    impl = String(moments.LENGTH)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write as UTC."""
        return None if value is None else moments.to_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read as UTC."""
        return None if value is None else moments.from_text(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _project() -> Column[int]:
    return Column("project_id", ForeignKey("projects.id"), nullable=False)


def _user(*, index: bool = False) -> Column[int]:
    return Column("user_id", ForeignKey("users.id"), nullable=False, index=index)


users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("password_hash", Text),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("email_verified_at", Utc),
    Column("disabled_at", Utc),
    # How many bytes of uploads are theirs: kept as files come and go.
    Column("uploaded_bytes", BigInteger, nullable=False),
    Column("quota_bytes", BigInteger),
)
# A session is whole when every factor was shown; ``confirmed_at`` is when that was last asked for.
sessions = Table(
    "sessions",
    metadata,
    Column("secret_sha256", String(64), primary_key=True),
    _user(index=True),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("confirmed_at", Utc, nullable=False),
    Column("is_whole", Boolean, nullable=False),
    Column("challenge", LargeBinary),
    Column("agent", String(200), nullable=False),
)
account_links = Table(
    "account_links",
    metadata,
    Column("secret_sha256", String(64), primary_key=True),
    _user(index=True),
    Column("purpose", String(16), nullable=False),
    Column("email", String(320), nullable=False),
    Column("expires_at", Utc, nullable=False),
)
second_factors = Table(
    "second_factors",
    metadata,
    Column("id", Integer, primary_key=True),
    _user(index=True),
    Column("kind", String(16), nullable=False),
    Column("label", String(64), nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("credential_id", LargeBinary, unique=True),
    Column("counter", BigInteger, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("last_used_at", Utc),
)
recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("code_sha256", String(64), primary_key=True),
)
# What was tried in vain, by whom it was tried on and from where: old rows go as new ones come.
attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("bucket", String(160), nullable=False),
    Column("at", Utc, nullable=False, index=True),
    Index(None, "bucket", "at"),
)
setup_links = Table(
    "setup_links",
    metadata,
    Column("secret_sha256", String(64), primary_key=True),
    Column("expires_at", Utc, nullable=False),
)
tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("text_sha256", String(64), nullable=False, unique=True),
    _user(index=True),
    Column("scopes", JSON, nullable=False),
    Column("projects", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc),
    Column("label", String(64), nullable=False),
    Column("last_used_at", Utc),
    Column("revoked_at", Utc),
)
projects = Table(
    "projects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("normalized", String(128), nullable=False, unique=True),
    Column("mode", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("status_reason", Text, nullable=False),
    Column("is_private", Boolean, nullable=False),
    # How many bytes its files have: kept as files come, because a sum over millions of rows is no answer to a request.
    Column("size_bytes", BigInteger, nullable=False, index=True),
    # The name as a careless reader sees it (``ProjectName.look_alike``).
    Column("look_alike", String(128), nullable=False, index=True),
    Column("quota_bytes", BigInteger),
    # All that the list tells: its neighbours by name lie together here, and not in the table.
    Index(None, "normalized", "name", "serial", "is_private", "status"),
)
roles = Table(
    "roles",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
    Column("role", String(16), nullable=False),
)
organisations = Table(
    "organisations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("display_name", String(128), nullable=False),
    Column("created_at", Utc, nullable=False),
)
organisation_members = Table(
    "organisation_members",
    metadata,
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
    Column("role", String(16), nullable=False),
)
organisation_projects = Table(
    "organisation_projects",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
)
teams = Table(
    "teams",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False),
    Column("name", String(64), nullable=False),
    UniqueConstraint("organisation_id", "name"),
)
team_members = Table(
    "team_members",
    metadata,
    Column("team_id", ForeignKey("teams.id"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
)
team_roles = Table(
    "team_roles",
    metadata,
    Column("team_id", ForeignKey("teams.id"), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), primary_key=True, index=True),
    Column("role", String(16), nullable=False),
)
# An invitation is to a project or to an organisation; one of the two is empty.
invitations = Table(
    "invitations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("project_id", ForeignKey("projects.id")),
    Column("organisation_id", ForeignKey("organisations.id")),
    _user(index=True),
    Column("role", String(16), nullable=False),
    Column("invited_by", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    UniqueConstraint("project_id", "user_id"),
    UniqueConstraint("organisation_id", "user_id"),
    # An answer is to the invitation that was read: an id that was free again would make it one to another.
    sqlite_autoincrement=True,
)
releases = Table(
    "releases",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("version", String(128), nullable=False),
    Column("normalized", String(128), nullable=False),
    # Equal for all spellings of a version (``ReleaseVersion.key``).
    Column("key", String(128), nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("registered_at", Utc, nullable=False),
    Column("yanked", Text),
    # The long description, rendered once, in the child that judged the file it came with; safe to show as it is.
    Column("description_html", Text),
    # A release that was removed is remembered only so that it is as old as it is when it comes back (T-38).
    Column("removed_at", Utc),
    UniqueConstraint("project_id", "key"),
)
# A file's name is never given to other bytes, also when the file is gone (I-04).
removed_files = Table(
    "removed_files",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("filename", String(255), primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("removed_at", Utc, nullable=False),
    Column("removed_by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
)
files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("version", String(128), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("blake2b_256", String(64), nullable=False),
    Column("md5", String(32), nullable=False),
    Column("published_at", Utc, nullable=False),
    Column("origin", String(16), nullable=False),
    Column("requires_python", Text, nullable=False),
    Column("metadata_sha256", String(64)),
    Column("metadata_file", LargeBinary),
    Column("yanked", Text),
    Column("is_legacy", Boolean, nullable=False),
    Column("published_by", String(64), nullable=False),
    Column("rehost_id", ForeignKey("rehosts.id")),
    Column("url", Text, nullable=False),
    Column("found_on", Text, nullable=False),
    UniqueConstraint("project_id", "filename"),
    Index(None, "sha256", "filename"),
    CheckConstraint("size_bytes >= 0", name="size"),
)
sources = Table(
    "sources",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("kind", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("added_by", String(64), nullable=False),
    Column("added_at", Utc, nullable=False),
    UniqueConstraint("project_id", "kind", "url"),
)
external_links = Table(
    "external_links",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("version", String(128), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("url", Text, nullable=False),
    Column("found_on", Text, nullable=False),
    Column("size_bytes", Integer),
    Column("sha256", String(64)),
    UniqueConstraint("project_id", "url"),
)
rehosts = Table(
    "rehosts",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("purpose", String(16), nullable=False),
    Column("version", String(128), nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("plan_digest", String(64)),
    Column("asked_by", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("problem", Text, nullable=False),
    Column("problem_code", String(64), nullable=False),
    Column("metadata", JSON),
    Column("not_taken", JSON, nullable=False),
    Column("visits", JSON, nullable=False),
    Index(None, "project_id", "state"),
)
rehost_items = Table(
    "rehost_items",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rehost_id", ForeignKey("rehosts.id"), nullable=False, index=True),
    Column("filename", String(255), nullable=False),
    Column("version", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("url", Text, nullable=False),
    Column("found_on", Text, nullable=False),
    Column("source", String(32), nullable=False),
    Column("claimed", JSON, nullable=False),
    Column("page_is_tls", Boolean, nullable=False),
    Column("page_is_loopback", Boolean, nullable=False),
    Column("claim_is_tls", Boolean, nullable=False),
    Column("bytes", String(16), nullable=False),
    Column("problem", Text, nullable=False),
    Column("hops", JSON, nullable=False),
    Column("sha256", String(64)),
    Column("size_bytes", Integer, nullable=False),
    Column("evidence", JSON),
    Column("verdict", String(8)),
    Column("findings", JSON, nullable=False),
    Column("change", Text, nullable=False),
    Column("declared_sha256", String(64), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("is_published", Boolean, nullable=False),
)
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rehost_id", ForeignKey("rehosts.id"), nullable=False, index=True),
    Column("given_by", String(64), nullable=False),
    Column("basis", String(24), nullable=False),
    Column("text", Text, nullable=False),
    Column("statement_version", String(8), nullable=False),
    Column("plan_digest", String(64), nullable=False),
    Column("files", JSON, nullable=False),
    Column("given_at", Utc, nullable=False),
    Column("withdrawn_at", Utc),
)
consent_uses = Table(
    "consent_uses",
    metadata,
    Column("consent_id", ForeignKey("consents.id"), primary_key=True),
    Column("item_id", ForeignKey("rehost_items.id"), primary_key=True),
    Column("used_at", Utc, nullable=False),
)
standing_consents = Table(
    "standing_consents",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("given_by", String(64), nullable=False),
    Column("hosts", JSON, nullable=False),
    Column("patterns", JSON, nullable=False),
    Column("given_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
)
ledger = Table(
    "ledger",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("leaf_hash", String(64), nullable=False),
    Column("chain_hash", String(64), nullable=False),
)
pages = Table(
    "pages",
    metadata,
    Column("normalized", String(128), primary_key=True),
    Column("form", String(4), primary_key=True),
    Column("coding", String(8), primary_key=True),
    Column("etag", String(64), nullable=False),
    Column("serial", Integer, nullable=False),
    Column("is_private", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
list_segments = Table(
    "list_segments",
    metadata,
    Column("first", String(128), primary_key=True),
    Column("form", String(4), primary_key=True),
    Column("deflated", LargeBinary, nullable=False),
)
facts = Table(
    "facts",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
# The names of projects by every three letters of them; the database itself keeps it (migration 0002). It is named
# here for queries, and is no table that a migration should make: its columns are SQLite's.
project_names = table("project_names", column("rowid", Integer))
notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    _user(),
    Column("kind", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("at", Utc, nullable=False),
    Index(None, "user_id", "id"),
)
# Mails on their way: written by the transaction that is their cause, sent by the worker.
mails = Table(
    "mails",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id")),
    Column("recipient", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("path", Text, nullable=False),
    # What the one-time link in it is for; the link itself is made when the mail leaves.
    Column("purpose", String(16)),
    Column("created_at", Utc, nullable=False),
    # Empty when it was sent, or given up.
    Column("due_at", Utc, index=True),
    Column("sent_at", Utc, index=True),
    Column("tries", Integer, nullable=False),
    Column("problem", Text, nullable=False),
    Index(None, "recipient", "created_at"),
    Index(None, "user_id", "created_at"),
)
