"""The Deploys tab: history, one deploy, its files, upload and roll back."""

from deployments.views.deploys import detail, files, history, rollback, upload

urlpatterns = [
    *history.urlpatterns,
    *upload.urlpatterns,
    *detail.urlpatterns,
    *files.urlpatterns,
    *rollback.urlpatterns,
]
