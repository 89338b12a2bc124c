"""What every table is made of: the collection they belong to, points in time, and keys that they share."""

from datetime import datetime

from sqlalchemy import Column, Dialect, ForeignKey, MetaData, String, TypeDecorator

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


def project_key(*, is_primary: bool = False) -> Column[int]:
    """The project a row belongs to."""
    return Column("project_id", ForeignKey("projects.id"), nullable=False, primary_key=is_primary)


def user_key(*, index: bool = False) -> Column[int]:
    """The user a row belongs to."""
    return Column("user_id", ForeignKey("users.id"), nullable=False, index=index)
