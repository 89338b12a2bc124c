"""What webhooks may be told of: the kinds of entries in the ledger, each with a sentence, by what they are about.

1. An event has the name of its entry's kind: whoever reads the ledger and whoever is told reads the same word.
2. Every kind stands here once; the index's webhooks may be told of all, a project's of those that concern a project.
"""

from collections.abc import Mapping
from typing import Final

from homeport.domain.ledger import Kind

PROJECT_EVENTS: Final[Mapping[str, Mapping[Kind, str]]] = {
    "Files and releases": {
        Kind.RELEASE_REGISTERED: "A release was registered.",
        Kind.FILE_PUBLISHED: "A file can be installed from here.",
        Kind.FILE_REMOVED: "A file was removed for good.",
        Kind.FILE_FROZEN: "A file is withheld by an administrator.",
        Kind.FILE_UNFROZEN: "A file is withheld no more.",
        Kind.RELEASE_YANKED: "A release, or some of its files, was yanked.",
        Kind.RELEASE_UNYANKED: "It was yanked by mistake, and is not any more.",
        Kind.RELEASE_REMOVED: "A release was removed for good.",
        Kind.RELEASE_FROZEN: "A release is withheld by an administrator.",
        Kind.RELEASE_UNFROZEN: "A release is withheld no more.",
        Kind.REMOVAL_DECLINED: "An administrator left in place what somebody wanted removed.",
    },
    "Hosting": {
        Kind.MODE_CHANGED: "The project moved to another hosting mode.",
        Kind.LINKS_LISTED: "External links are listed, or others than before.",
        Kind.SOURCE_ADDED: "There is another place to look for files.",
        Kind.SOURCE_CHANGED: "A source got other filters, or another token.",
        Kind.SOURCE_REMOVED: "A source is looked at no more.",
        Kind.CONSENT_GIVEN: "A maintainer agreed that files come home.",
        Kind.CONSENT_WITHDRAWN: "A maintainer took a consent back.",
        Kind.CONSENT_VOIDED: "A consent counts no more for a host that may be somebody else's.",
        Kind.STANDING_CONSENT_GIVEN: "There is consent for releases to come, or it was changed.",
        Kind.STANDING_CONSENT_NARROWED: "Standing consent names fewer hosts.",
        Kind.STANDING_CONSENT_WITHDRAWN: "An owner took the standing consent back.",
        Kind.REHOST_COMPLETED: "A rehost came to its end.",
        Kind.REHOST_REFUSED: "A maintainer refused a plan.",
        Kind.DRIFT_SEEN: "A place that files came from is not as it was.",
        Kind.EXEMPTION_EXTENDED: "The project may stay in pypi-ext for longer.",
        Kind.CAMPAIGN_TOLD: "People were told what a campaign means for the project.",
    },
    "The project and its people": {
        Kind.PROJECT_CREATED: "The project was created.",
        Kind.STATUS_CHANGED: "It is active, archived, deprecated or quarantined now.",
        Kind.VISIBILITY_CHANGED: "It is private, or public, from now on.",
        Kind.QUOTA_CHANGED: "It may have more, or less, stored.",
        Kind.ROLE_GRANTED: "Somebody has a role.",
        Kind.ROLE_INVITED: "Somebody was offered a role.",
        Kind.ROLE_REVOKED: "Somebody has no role any more.",
        Kind.INVITATION_ENDED: "An offer was declined, taken back, or ran out.",
        Kind.PROJECT_TRANSFERRED: "It moved into an organisation, or out of one.",
        Kind.TEAM_CHANGED: "A team was made, changed or removed, or has another role.",
        Kind.SIGNING_KEY_ADDED: "Files signed with another key count as attested.",
        Kind.SIGNING_KEY_REMOVED: "A key counts no more.",
        Kind.SIGNING_IDENTITY_ADDED: "Files signed by another identity count as attested.",
        Kind.SIGNING_IDENTITY_REMOVED: "An identity counts no more.",
        Kind.PROPOSAL_MADE: "An administrator proposed something that another one must agree to.",
        Kind.PROPOSAL_ENDED: "A proposal was agreed to, or not.",
        Kind.WEBHOOK_ADDED: "Somebody outside is told of what happens.",
        Kind.WEBHOOK_CHANGED: "A webhook was enabled or disabled by hand, or has another secret.",
        Kind.WEBHOOK_REMOVED: "A webhook is gone.",
        Kind.RECEIVER_ADDED: "A forge may tell of releases.",
        Kind.RECEIVER_CHANGED: "A receiver has another secret, or an administrator stopped it, or let it go.",
        Kind.RECEIVER_REMOVED: "A forge may not tell of releases any more.",
    },
}
INDEX_EVENTS: Final[Mapping[str, Mapping[Kind, str]]] = {
    "Accounts": {
        Kind.USER_ADDED: "There is another account.",
        Kind.USER_DISABLED: "Nothing opens an account any more.",
        Kind.USER_ENABLED: "An account may be opened again.",
        Kind.ADMINISTRATOR_MADE: "Somebody administers the index.",
        Kind.ADMINISTRATOR_UNMADE: "Somebody administers it no more.",
        Kind.TOKEN_CREATED: "A token was made.",
        Kind.TOKEN_REVOKED: "A token is good for nothing any more.",
        Kind.PASSWORD_CHANGED: "An account has another password.",
        Kind.PASSWORD_LINK_MADE: "An administrator made a link that sets a password.",
        Kind.EMAIL_VERIFIED: "An address was shown to be its account's.",
        Kind.EMAIL_CHANGED: "An account has another address.",
        Kind.SECOND_FACTOR_ADDED: "An account has another second factor.",
        Kind.SECOND_FACTOR_REMOVED: "An account has a second factor less.",
        Kind.ORGANISATION_CREATED: "There is another organisation.",
        Kind.ORGANISATION_ROLE_GRANTED: "Somebody is in an organisation, or has another role there.",
        Kind.ORGANISATION_ROLE_REVOKED: "Somebody left an organisation.",
    },
    "The index": {
        Kind.POLICY_CHANGED: "A policy of the index was changed.",
        Kind.SURVEY_FINISHED: "A survey of external links is done.",
        Kind.CAMPAIGN_CHANGED: "A campaign was drafted, changed, paused or resumed.",
        Kind.CAMPAIGN_ANNOUNCED: "A campaign was announced.",
        Kind.CAMPAIGN_STEP_BEGUN: "A campaign's next step began.",
        Kind.HOST_FROZEN: "Nothing is asked of a host any more.",
        Kind.HOST_UNFROZEN: "A host may be asked again.",
        Kind.HOST_REST_CHANGED: "A host rests, or rests no more.",
    },
}
EVENTS: Final[Mapping[str, Mapping[Kind, str]]] = {**PROJECT_EVENTS, **INDEX_EVENTS}
