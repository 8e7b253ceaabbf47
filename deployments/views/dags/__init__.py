"""The DAGs tab: list, one DAG with its runs and code, one run, one task's log, and gestures."""

from deployments.views.dags import dag, gestures, listing, run, task

urlpatterns = [
    *listing.urlpatterns,
    *dag.urlpatterns,
    *run.urlpatterns,
    *task.urlpatterns,
    *gestures.urlpatterns,
]
