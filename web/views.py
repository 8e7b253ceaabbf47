"""Pages of the toolbox itself: error handlers, preferences, the style guide."""

from __future__ import annotations

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from web import problems, styleguide
from web.context import THEME_COOKIE, THEMES

logger = logging.getLogger(__name__)

_A_YEAR = 365 * 24 * 3600


def livez(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400."""
    return problems.response(request, problems.PROBLEMS[400])


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return problems.response(request, problems.PROBLEMS[403])


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    return problems.response(request, problems.PROBLEMS[404])


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500; in plain words where its page cannot be drawn.

    An error that leaves Django keeps its database connection: sixteen would stop the console.
    """
    try:
        return problems.response(request, problems.PROBLEMS[500])
    except Exception:
        logger.exception("The page of a server error failed")
        problem = problems.PROBLEMS[500]
        words = f"{problem.title}. {problem.cause} {problem.remedy}\n"
        return HttpResponse(words, status=500, content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form is older than the session, or came from elsewhere."""
    stale = problems.Problem(
        status=403,
        title="This form is too old",
        cause="You signed in again, or cookies are switched off, after the page was loaded.",
        remedy="Load the page again and repeat the step.",
    )
    return problems.response(request, stale)


@require_POST
def preference(request: HttpRequest) -> HttpResponse:
    """Remember the theme for browsers without JavaScript, then go back to the page."""
    back = request.headers.get("Referer", "/")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = HttpResponseRedirect(back if is_ours else "/")
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE, theme, max_age=_A_YEAR, samesite="Lax", secure=request.is_secure()
        )
    return response


def style_guide(request: HttpRequest) -> HttpResponse:
    """Show every component in every state; there only with DEBUG and for operators."""
    _only_for_makers(request)
    styleguide.enter(request)
    return render(request, "styleguide.html", styleguide.context(request))


def style_guide_options(request: HttpRequest) -> HttpResponse:
    """Answer the sample palette, or with `as=menu` the sample switcher, or `as=tray` the tray."""
    _only_for_makers(request)
    if request.GET.get("as") == "tray":
        return render(request, "layouts/tray.html", {"tray": styleguide.tray()})
    found = styleguide.search(request.GET.get("q", ""))
    kind = "menu" if request.GET.get("as") == "menu" else "palette"
    return render(request, "styleguide_options.html", {"kind": kind, "rows": found})


def _only_for_makers(request: HttpRequest) -> None:
    user = getattr(request, "user", None)
    if not (settings.DEBUG or getattr(user, "is_operator", False)):
        raise Http404
