"""The WSGI entry point, for any server: `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app` ..."""

from app.kernel import run_folder, settings

run_folder.share_metrics(settings.home())

from app import create_app  # noqa: E402 - the metrics' folder must be known before they are made
from app.kernel import heap, heartbeat, logs  # noqa: E402

logs.install()
app = create_app()
heap.settle()
heartbeat.start(app, "web")
