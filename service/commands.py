"""The command `serve`."""

import os
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from data.errors import CsfError
from service.app import create_app
from service.impatient import ImpatientProtocol
from service.log_line import LOG_CONFIG
from service.metrics import FOLDER
from service.running import check_start
from service.settings import Settings, read_settings
from service.shared_metrics import shared_metrics

app = typer.Typer(add_completion=False)

SHUTDOWN_SECONDS = 10
BACKLOG = 2048


@app.command()
def serve(
    registry: Annotated[Path | None, typer.Option(help="Where bundles live.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
) -> None:
    """Serve the champions of a registry until stopped."""
    if os.environ.get(FOLDER) == "":
        raise CsfError(f"{FOLDER} is empty: leave it out, or name a folder")
    given = {"registry": registry, "host": host, "port": port}
    settings = read_settings({name: value for name, value in given.items() if value is not None})
    # Every worker reads the same settings from the environment.
    for name in given:
        os.environ[f"CSF_{name.upper()}"] = str(getattr(settings, name))
    application = create_app(settings)
    check_start(settings)
    config = uvicorn.Config(
        application if workers == 1 else "service.app:create_worker",
        factory=workers > 1,
        host=settings.host,
        port=settings.port,
        workers=workers,
        http=ImpatientProtocol,
        ws="none",
        access_log=False,
        server_header=False,
        # Who forwards for whom is not for a header to say: see `service.security`.
        proxy_headers=False,
        log_config=LOG_CONFIG,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    listening = _bind(settings)
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Serving on http://{name}:{listening.getsockname()[1]}", flush=True)
    champions = application.state.champions.by_task
    for task, classifier in champions.items():
        print(f"  {task}: {classifier.bundle_id}", flush=True)
    if not champions:
        print("  no bundle is promoted yet: csf-responder models promote BUNDLE", flush=True)
    if workers == 1:
        uvicorn.Server(config).run(sockets=[listening])
        return
    # It takes signals from here on, so that the folder goes however early it is asked to stop.
    supervisor = Multiprocess(config, sockets=[listening])
    with shared_metrics():
        supervisor.run()


def _bind(settings: Settings) -> socket.socket:
    """The socket, listening: whoever reads the address may connect at once.

    Raises
    ------
    CsfError
        The port is taken or not allowed.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server(
            (settings.host, settings.port), family=family, backlog=BACKLOG
        )
    except OSError as error:
        reason = error.strerror or "it cannot be used"
        raise CsfError(f"cannot listen on {settings.host} port {settings.port}: {reason}") from None
    listening.set_inheritable(True)
    return listening
