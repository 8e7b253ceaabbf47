"""Errors as people meet them: what happened, why, what to do next, and an id to quote."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from web import render
from web.context import THEME_COOKIE, THEMES


@dataclass(frozen=True, slots=True)
class Problem:
    """Three sentences about a failure, none of which blames the reader."""

    status: int
    title: str
    cause: str
    remedy: str


PROBLEMS = {
    problem.status: problem
    for problem in (
        Problem(
            400,
            "This request could not be read",
            "The browser sent something the console does not understand, or a form is too old.",
            "Go back, load the page again and repeat the step.",
        ),
        Problem(
            401,
            "You are not signed in",
            "The session or the token has ended, was withdrawn, or was never known here.",
            "Sign in again, or use a token that is still valid.",
        ),
        Problem(
            403,
            "You may not do this",
            "Your roles do not include the permission this needs.",
            "Ask an Owner of the Organization or of the Workspace for a role that does.",
        ),
        Problem(
            404,
            "There is nothing here",
            "The address is wrong, the object was deleted, or it is not visible to you.",
            "Search for it by name, or ask whoever sent the link to check your access.",
        ),
        Problem(
            405,
            "This address does not work that way",
            "The page was opened with a method it does not offer.",
            "Go back and use the buttons of the page.",
        ),
        Problem(
            409,
            "Something changed in the meantime",
            "The object is no longer in the state that this step starts from.",
            "Load the page again, look at what changed, then decide anew.",
        ),
        Problem(
            410,
            "This link has ended",
            "It was used already, was withdrawn, or its time ran out.",
            "Ask for a new link.",
        ),
        Problem(
            412,
            "It was changed meanwhile",
            "The object is no longer the version that this change was made for.",
            "Read it again, then repeat the change on what it is now.",
        ),
        Problem(
            413,
            "That is too large",
            "The upload is larger than the console accepts.",
            "Leave out what Airflow does not need, such as data and virtual environments.",
        ),
        Problem(
            415,
            "That form is not understood",
            "The body is of a kind that this address does not read.",
            "Send it as JSON, and say so in the Content-Type.",
        ),
        Problem(
            429,
            "Too many requests",
            "More requests came from you than the console answers in this time.",
            "Wait a minute, then try again.",
        ),
        Problem(
            500,
            "Something failed in the console",
            "An error of the console itself, not of what you did. It was written to its log.",
            "Try again. If it stays, give the request id to whoever runs this console.",
        ),
        Problem(
            501,
            "The console does not offer that",
            "This part of the protocol is not there.",
            "Use what the service's own description lists.",
        ),
        Problem(
            502,
            "The other side did not answer as it should",
            "An address outside of the console refused, broke off or took too long.",
            "Check the address and that it can be reached from the console, then try again.",
        ),
        Problem(
            503,
            "The console is not ready",
            "A part it needs, such as its database, does not answer at the moment.",
            "Wait a few seconds and load the page again. Running Deployments are not affected.",
        ),
    )
}


def response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Answer a problem in the asker's form: page, toast for htmx, or JSON.

    Needs no database and no session, so that it can also tell that those are gone.
    """
    request_id = getattr(request, "request_id", "")
    if render.is_fragment(request):
        return _toast(problem, request_id)
    if wants_json(request):
        return _json(request, problem, request_id)
    theme = request.COOKIES.get(THEME_COOKIE, "auto")
    context: dict[str, Any] = {
        "problem": problem,
        "request_id": request_id,
        "theme": theme if theme in THEMES else "auto",
    }
    return HttpResponse(render_to_string("errors/error.html", context), status=problem.status)


Wording = Callable[[Problem], dict[str, Any]]
_wordings: dict[str, tuple[Wording, str]] = {}


def words(prefix: str, wording: Wording, content_type: str) -> None:
    """Have problems below an address worded as its protocol does; a door calls it in `ready()`."""
    _wordings[prefix] = (wording, content_type)


def _json(request: HttpRequest, problem: Problem, request_id: str) -> HttpResponse:
    for prefix, (wording, content_type) in _wordings.items():
        if request.path_info.startswith(prefix):
            said = wording(problem)
            return JsonResponse(said, status=problem.status, content_type=content_type)
    message = f"{problem.title}. {problem.cause} {problem.remedy}"
    said = {"message": message, "requestId": request_id, "statusCode": problem.status}
    return JsonResponse(said, status=problem.status)


def wants_json(request: HttpRequest) -> bool:
    """Whether the asker is a program, by what it accepts or by the door that it knocks at."""
    if request.path_info.startswith(settings.MACHINE_PATHS):
        return True
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept


def _toast(problem: Problem, request_id: str) -> HttpResponse:
    words = render_to_string("errors/toast.html", {"problem": problem, "request_id": request_id})
    answer = HttpResponse(words, status=problem.status)
    answer["HX-Retarget"] = "#toasts"
    answer["HX-Reswap"] = "beforeend"
    return answer
