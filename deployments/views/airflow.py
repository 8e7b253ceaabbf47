from __future__ import annotations

from django.urls import path

from deployments.gateway.views import authorize, open_airflow, sign_in
from deployments.views.routes import page

urlpatterns = [
    page("deployments/<str:deployment_id>/open/", open_airflow, "open"),
    page("_astro/sign-in/<slug:namespace>/", sign_in, "airflow_sign_in"),
    path("_astro/authorize", authorize, name="airflow_authorize"),
]
