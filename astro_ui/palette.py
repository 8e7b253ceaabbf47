"""The palette's one address: what all rooms find, as a fragment for the dialog or as a page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from web import navigation, palette, render


@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Answer within 100 ms at 10,000 objects, with what this person may see and do."""
    words = request.GET.get("q", "")[:200]
    context = {"groups": palette.find(request, words), "search": words}
    if render.is_fragment(request):
        return render.page(request, "palette.html#results", context)
    navigation.enter(request, scope="")
    return render.page(request, "palette.html", context)
