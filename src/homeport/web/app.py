"""The routes of the browser door."""

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from homeport.domain.errors import NotFound
from homeport.ports.world import World
from homeport.web import (
    account,
    campaign_lists,
    campaign_preview,
    campaigns,
    confirm,
    consents,
    dashboard,
    drift,
    exemptions,
    frozen,
    home,
    hosting,
    hosting_log,
    hosts,
    inbox,
    journeys,
    members,
    notices,
    opt_in,
    organisations,
    overseen,
    overview,
    policies,
    projects,
    proposals,
    releases,
    review_item,
    reviews,
    security,
    sign_in,
    sign_up,
    standing_consents,
    surveys,
    tokens,
    users,
    webhooks,
)
from homeport.web.page import Asked, Door, GoTo, Handler, Page
from homeport.web.places import places
from homeport.web.rendering import Look
from homeport.web.static_files import StaticFiles

_GET, _POST = ["GET"], ["POST"]

# A page that takes a form takes it at its own address: after a refusal, loading it again is loading the page.
_TABLE: tuple[tuple[list[str], str, Handler], ...] = (
    (_GET, "/", home.show_home),
    (_GET, "/search/", home.search),
    (_GET, "/about/crawler/", home.about_crawler),
    (_GET, "/hosting-log/", hosting_log.show_log),
    (_GET, "/hosting-log/export/{file}", hosting_log.download),
    (_GET, "/project/{name}/", projects.show_project),
    (_GET, "/project/{name}/files/{filename}/", journeys.show_journey),
    (_GET, "/sign-in/", sign_in.show_sign_in),
    (_POST, "/sign-in/", sign_in.send_sign_in),
    (_GET, "/sign-in/second/", confirm.show_second),
    (_POST, "/sign-in/second/", confirm.send_second),
    (_GET, "/confirm/", confirm.show_confirm),
    (_POST, "/confirm/", confirm.send_confirm),
    (_POST, "/sign-out/", sign_in.send_sign_out),
    (_GET, "/account/security/", security.show_page),
    (_POST, "/account/security/", security.send_page),
    (_GET, "/account/security/codes/", security.show_codes),
    (_GET, "/account/security/app/", security.show_app),
    (_POST, "/account/security/app/", security.send_app),
    (_GET, "/account/security/key/", security.show_key),
    (_POST, "/account/security/key/", security.send_key),
    (_GET, "/welcome/{secret}", sign_in.show_welcome),
    (_POST, "/welcome/{secret}", sign_in.send_welcome),
    (_GET, "/account/", account.show_account),
    (_POST, "/account/", account.send_account),
    (_GET, "/verify-email/{secret}", account.show_verification),
    (_POST, "/verify-email/{secret}", account.send_verification),
    (_GET, "/set-password/{secret}", account.show_set_password),
    (_POST, "/set-password/{secret}", account.send_set_password),
    (_GET, "/forgotten/", account.show_forgotten),
    (_POST, "/forgotten/", account.send_forgotten),
    (_GET, "/sign-up/", sign_up.show_sign_up),
    (_POST, "/sign-up/", sign_up.send_sign_up),
    (_GET, "/admin/", dashboard.show),
    (_GET, "/admin/campaigns/", campaigns.show_list),
    (_POST, "/admin/campaigns/", campaigns.send_list),
    (_GET, "/admin/campaigns/export/{file}", campaigns.download),
    (_GET, "/admin/campaigns/{id}/", campaigns.show),
    (_POST, "/admin/campaigns/{id}/", campaigns.send),
    (_GET, "/admin/campaigns/{id}/preview/", campaign_preview.show),
    (_GET, "/admin/campaigns/{id}/preview/{name}/", campaign_preview.show_mails),
    (_GET, "/admin/campaigns/{id}/preview/{name}/mails/{place}/", campaign_preview.show_mail_page),
    (_GET, "/admin/campaigns/{id}/projects/", campaign_lists.show_projects),
    (_GET, "/admin/campaigns/{id}/projects/export/{file}", campaign_lists.download_projects),
    (_GET, "/admin/campaigns/{id}/unreached/", campaign_lists.show_unreached),
    (_GET, "/admin/campaigns/{id}/unreached/export/{file}", campaign_lists.download_unreached),
    (_GET, "/admin/campaigns/{id}/report.json", campaign_lists.download_report),
    (_GET, "/admin/modes/", dashboard.show_modes),
    (_GET, "/admin/modes/export/{file}", dashboard.download_modes),
    (_GET, "/admin/projects/", overview.show_projects),
    (_GET, "/admin/projects/export/{file}", overview.download_projects),
    (_GET, "/admin/rehosts/", overview.show_rehosts),
    (_GET, "/admin/rehosts/export/{file}", overview.download_rehosts),
    (_GET, "/admin/users/", users.show_users),
    (_POST, "/admin/users/", users.send_users),
    (_GET, "/admin/users/export/{file}", users.download_users),
    (_GET, "/admin/users/{name}/", users.show_user),
    (_POST, "/admin/users/{name}/", users.send_user),
    (_GET, "/admin/drift/", drift.show_drift),
    (_GET, "/admin/drift/export/{file}", drift.download),
    (_GET, "/admin/exemptions/", exemptions.show_exemptions),
    (_POST, "/admin/exemptions/", exemptions.send_exemptions),
    (_GET, "/admin/exemptions/export/{table}", exemptions.download),
    (_GET, "/admin/mails/", users.show_mails),
    (_POST, "/admin/mails/", users.send_mails),
    (_GET, "/admin/mails/export/{file}", users.download_mails),
    (_GET, "/admin/mails/previews/", notices.show_previews),
    (_GET, "/admin/mails/previews/{kind}/", notices.show_preview),
    (_GET, "/admin/mails/previews/{kind}/page", notices.show_preview_page),
    (_GET, "/admin/hosts/", hosts.show_hosts),
    (_GET, "/admin/hosts/export/{file}", hosts.download),
    (_POST, "/admin/hosts/", hosts.send_hosts),
    (_GET, "/admin/hosts/{name}/", hosts.show_host),
    (_POST, "/admin/hosts/{name}/", hosts.send_host),
    (_GET, "/admin/surveys/", surveys.show_surveys),
    (_POST, "/admin/surveys/", surveys.send_surveys),
    (_GET, "/admin/surveys/export/{file}", surveys.download_surveys),
    (_GET, "/admin/surveys/{id}/", surveys.show_survey),
    (_GET, "/admin/surveys/{id}/projects/", surveys.show_projects),
    (_GET, "/admin/surveys/{id}/links/", surveys.show_links),
    (_GET, "/admin/surveys/{id}/export/{export}", surveys.download),
    (_GET, "/admin/policies/", policies.show_page),
    (_POST, "/admin/policies/", policies.send_page),
    (_GET, "/admin/policies/export/{file}", policies.download),
    (_GET, "/admin/proposals/", proposals.show_page),
    (_POST, "/admin/proposals/", proposals.send_page),
    (_GET, "/admin/proposals/export/{file}", proposals.download),
    (_GET, "/admin/frozen/", frozen.show_frozen),
    (_GET, "/admin/frozen/export/{file}", frozen.download),
    (_GET, "/manage/", inbox.show_inbox),
    (_POST, "/manage/", inbox.send_inbox),
    (_GET, "/manage/projects/{name}/", hosting.show_hosting),
    (_POST, "/manage/projects/{name}/", hosting.send_hosting),
    (_GET, "/manage/project/{name}/hosting", hosting.lead_to_hosting),
    (_GET, "/manage/projects/{name}/consent/", standing_consents.show_consent),
    (_POST, "/manage/projects/{name}/consent/", standing_consents.send_consent),
    (_GET, "/manage/projects/{name}/releases/", releases.show_releases),
    (_POST, "/manage/projects/{name}/releases/", releases.send_releases),
    (_GET, "/manage/projects/{name}/members/", members.show_members),
    (_POST, "/manage/projects/{name}/members/", members.send_members),
    (_GET, "/invitations/{id}", members.show_invitation),
    (_POST, "/invitations/{id}", members.send_invitation),
    (_GET, "/account/notices/", notices.show_choices),
    (_POST, "/account/notices/", notices.send_choices),
    (_GET, "/unsubscribe/{sealed}", notices.show_unsubscribe),
    (_POST, "/unsubscribe/{sealed}", notices.send_unsubscribe),
    (_GET, "/account/tokens/", tokens.show_tokens),
    (_POST, "/account/tokens/", tokens.send_tokens),
    (_GET, "/account/webhooks/", webhooks.show_own),
    (_POST, "/account/webhooks/", webhooks.send_own),
    (_GET, "/admin/webhooks/", webhooks.show_index),
    (_POST, "/admin/webhooks/", webhooks.send_index),
    (_GET, "/admin/webhooks/export/{file}", overseen.download),
    (_GET, "/manage/projects/{name}/webhooks/", webhooks.show_of_project),
    (_POST, "/manage/projects/{name}/webhooks/", webhooks.send_of_project),
    (_GET, "/webhooks/{id}/", webhooks.show_hook),
    (_POST, "/webhooks/{id}/", webhooks.send_hook),
    (_GET, "/organisations/{name}/", organisations.show_public),
    (_GET, "/manage/organisations/", organisations.show_mine),
    (_POST, "/manage/organisations/", organisations.send_mine),
    (_GET, "/manage/organisations/{name}/", organisations.show_managed),
    (_POST, "/manage/organisations/{name}/", organisations.send_managed),
    (_GET, "/manage/rehosts/{id}/consent.json", consents.download),
    (_GET, "/admin/removals/", consents.show_removals),
    (_POST, "/admin/removals/", consents.send_removals),
    (_GET, "/admin/removals/export/{file}", consents.download_removals),
    (_GET, "/manage/rehosts/new", opt_in.show_opt_in),
    (_POST, "/manage/rehosts/new", opt_in.send_opt_in),
    (_GET, "/manage/rehosts/{id}", reviews.show_page),
    (_POST, "/manage/rehosts/{id}", reviews.send_page),
    (_GET, "/manage/rehosts/{id}/items/{item}", review_item.show_page),
    (_POST, "/manage/rehosts/{id}/items/{item}", review_item.send_page),
)

# A mail program posts from nowhere (RFC 8058).
_FROM_ANYWHERE = (notices.send_unsubscribe,)


def web_routes(world: World) -> list[BaseRoute]:
    """Every page, the static files, and at last the page for what is nowhere: hang these routes in behind all others."""
    files = StaticFiles.read()
    door = Door(
        world, Look(world.base_url, files, places({path for _, path, _ in _TABLE}), world.rehearsed_until)
    )
    pages = [
        Route(path, door.endpoint(handler, from_anywhere=handler in _FROM_ANYWHERE), methods=methods)
        for methods, path, handler in _TABLE
    ]
    return [
        *pages,
        Route("/static/{name}", files.answer, methods=_GET),
        _ForBrowsers("/{path:path}", door.endpoint(_nowhere(pages)), methods=_GET),
    ]


class _ForBrowsers(Route):
    """Is there for who asks for HTML only: programs get the router's own 404, and 405 with what is allowed."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        if match is Match.FULL and "text/html" in Headers(scope=scope).get("accept", ""):
            return match, child_scope
        return Match.NONE, {}


def _nowhere(pages: list[Route]) -> Handler:
    def nowhere(asked: Asked) -> Page | GoTo:
        for path in (f"{asked.path}/", asked.path.removesuffix("/")):
            scope = {"type": "http", "method": "GET", "path": path}
            if any(page.matches(scope)[0] is Match.FULL for page in pages):
                return GoTo(path)
        raise NotFound("There is no page at this address.", code="page-unknown")

    return nowhere
