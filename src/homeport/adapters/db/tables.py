"""Every table but those of the outside (``outside_tables``), of stages (``staging_tables``) and of moves (``hosting_tables``)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    column,
    table,
    text,
)
from sqlalchemy.types import JSON

from homeport.adapters.db.schema import Utc, metadata, project_key, user_key

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
    # Why, and since when, mail to the address is refused for good.
    Column("mail_problem", Text),
    Column("mail_problem_at", Utc, index=True),
    # When another administrator last decided in whose hands the account is.
    Column("handed_at", Utc),
    # Administrators are told of much, in the transactions that cause it.
    Index("ix_users_administrators", "name", sqlite_where=text("is_admin = 1")),
    # Whose projects nobody may be reached for: most people are not in it.
    Index(
        "ix_users_unreachable",
        "id",
        sqlite_where=text("email_verified_at IS NULL OR disabled_at IS NOT NULL OR mail_problem IS NOT NULL"),
    ),
)
# A session is whole when every factor was shown; ``confirmed_at`` is when that was last asked for.
sessions = Table(
    "sessions",
    metadata,
    Column("secret_sha256", String(64), primary_key=True),
    user_key(index=True),
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
    user_key(index=True),
    Column("purpose", String(16), nullable=False),
    Column("email", String(320), nullable=False),
    Column("expires_at", Utc, nullable=False),
)
second_factors = Table(
    "second_factors",
    metadata,
    Column("id", Integer, primary_key=True),
    user_key(index=True),
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
    user_key(index=True),
    Column("scopes", JSON, nullable=False),
    Column("projects", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc),
    Column("label", String(64), nullable=False),
    Column("last_used_at", Utc),
    Column("revoked_at", Utc),
    # The token that made it: whoever revokes that one revokes this one too.
    Column("parent_id", Integer, index=True),
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
    Index(None, "mode", "normalized"),
    Index(None, "created_at"),
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
    user_key(index=True),
    Column("role", String(16), nullable=False),
    Column("invited_by", String(64), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    UniqueConstraint("project_id", "user_id"),
    UniqueConstraint("organisation_id", "user_id"),
    # An answer is to the invitation that was read: an id that was free again would make it one to another.
    sqlite_autoincrement=True,
)
# What became of invitations to projects, by their ids: their notices lead there.
ended_invitations = Table(
    "ended_invitations",
    metadata,
    Column("id", Integer, primary_key=True),
    project_key(),
    user_key(),
    Column("role", String(16), nullable=False),
    Column("invited_by", String(64), nullable=False),
    Column("how", String(16), nullable=False),
    Column("at", Utc, nullable=False),
)
releases = Table(
    "releases",
    metadata,
    Column("id", Integer, primary_key=True),
    project_key(),
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
    # The live row of ``freezes`` that is about it: readers look at nothing else.
    Column("freeze_id", Integer),
    UniqueConstraint("project_id", "key"),
)
# A file's name is never given to other bytes, also when the file is gone (I-04).
removed_files = Table(
    "removed_files",
    metadata,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("filename", String(255), primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("removed_at", Utc, nullable=False),
    Column("removed_by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
)
files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True),
    project_key(),
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
    Column("freeze_id", Integer),
    UniqueConstraint("project_id", "filename"),
    Index(None, "sha256", "filename"),
    CheckConstraint("size_bytes >= 0", name="size"),
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
    user_key(),
    Column("kind", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("at", Utc, nullable=False),
    # What a person is told of once; empty for what is news each time.
    Column("about", String(160)),
    Index(None, "user_id", "id"),
    Index(None, "user_id", "kind", "about", unique=True),
)
# Topics that a person wants no mail of.
unmailed_topics = Table(
    "unmailed_topics",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("topic", String(16), primary_key=True),
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
    # The same as the text, as a piece of a page; and the kind of notice that it tells.
    Column("html", Text),
    Column("kind", String(32)),
    # What nobody can guess of its Message-ID; older mails have none.
    Column("nonce", String(32)),
    Index(None, "recipient", "created_at"),
    Index(None, "user_id", "created_at"),
)
