"""Who runs the installation."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import User
from accounts.services import operators as services
from installation import queries
from installation.forms import OperatorForm
from installation.navigation import enter
from installation.routes import PageRequest
from web import forms, render
from web.navigation import Crumb


def operators(request: PageRequest) -> HttpResponse:
    """The list, and the form that adds to it."""
    form = OperatorForm(request.POST or None)
    if request.method == "POST":
        made = forms.submit(
            form,
            lambda values: services.grant_operator(
                services.known(values["email"]), actor=request.actor
            ),
        )
        if made:
            messages.success(request, f"{made} is an operator now.")
            return redirect(request.path)
    context = {"form": form, "operators": queries.operators(request.actor)}
    enter(request, Crumb("Operators", request.path))
    return render.page(request, "installation/operators.html", context, status=forms.status(form))


def revoke(request: PageRequest, user_id: str) -> HttpResponse:
    found = get_object_or_404(queries.operators(request.actor), pk=user_id)
    revoked: User = services.revoke_operator(found, actor=request.actor)
    messages.success(request, f"{revoked} is no operator any more.")
    return redirect("/" if revoked.pk == request.user.pk else "installation:operators")
