"""Who holds which role in a project, and through what: the one expression behind every question for a role.

It stands here as text because the hot paths ask the driver, which knows no SQLAlchemy. A condition on ``project_id``
or ``user_id`` goes into each of its three parts, where an index answers it: what a question costs depends on the
people and the teams of one project, or on the projects of one person, and not on how many of either there are.
"""

from homeport.domain.project import Role

# ``organisation`` and ``team`` are empty for a role that somebody holds by themselves. Names are joined from the left,
# because the database leaves such a join out of a question that does not ask for them.
HELD_ROLES = (
    "SELECT project_id, user_id, role, '' AS organisation, '' AS team FROM roles "
    "UNION ALL "
    "SELECT p.project_id, m.user_id, 'owner', o.name, '' FROM organisation_projects p "
    "JOIN organisation_members m ON m.organisation_id = p.organisation_id AND m.role = 'owner' "
    "LEFT JOIN organisations o ON o.id = p.organisation_id "
    "UNION ALL "
    "SELECT r.project_id, m.user_id, r.role, o.name, t.name FROM team_roles r "
    "JOIN team_members m ON m.team_id = r.team_id LEFT JOIN teams t ON t.id = r.team_id "
    "LEFT JOIN organisations o ON o.id = t.organisation_id"
)
# The best of the roles that are held has the lowest (``domain.organisation.best_role``).
RANK = "CASE held.role WHEN 'owner' THEN 0 WHEN 'maintainer' THEN 1 ELSE 2 END"
# Nobody has a right through an account that is disabled; the roles stay for when it is enabled again.
IS_ABLE = "EXISTS (SELECT 1 FROM users WHERE users.id = held.user_id AND users.disabled_at IS NULL)"
_BY_RANK = (Role.OWNER, Role.MAINTAINER, Role.READER)


def role_of_rank(rank: int | None) -> Role | None:
    """The role of the lowest rank that was found, if any was."""
    return None if rank is None else _BY_RANK[rank]
