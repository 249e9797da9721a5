"""The command `serve`."""

import os
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from uvicorn.supervisors import Multiprocess

from data.errors import CsfError
from service.app import create_app
from service.settings import Settings

app = typer.Typer()

SHUTDOWN_SECONDS = 10


@app.command()
def serve(
    registry: Annotated[Path | None, typer.Option(help="Where bundles live.")] = None,
    host: Annotated[str | None, typer.Option(help="Loopback address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
) -> None:
    """Serve the champions of a registry until stopped."""
    given = {"registry": registry, "host": host, "port": port}
    settings = _settings({name: value for name, value in given.items() if value is not None})
    # Every worker reads the same settings from the environment.
    for name in given:
        os.environ[f"CSF_{name.upper()}"] = str(getattr(settings, name))
    application = create_app(settings)
    config = uvicorn.Config(
        application if workers == 1 else "service.app:create_app",
        factory=workers > 1,
        host=settings.host,
        port=settings.port,
        workers=workers,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    socket = config.bind_socket()
    socket.listen(config.backlog)  # whoever reads the next line may connect at once
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Serving on http://{name}:{socket.getsockname()[1]}", flush=True)
    champions = application.state.champions.by_task
    for task, classifier in champions.items():
        print(f"  {task}: {classifier.bundle_id}", flush=True)
    if not champions:
        print("  no bundle is promoted yet: csf-responder models promote BUNDLE", flush=True)
    if workers == 1:
        uvicorn.Server(config).run(sockets=[socket])
    else:
        Multiprocess(config, sockets=[socket]).run()


def _settings(given: dict[str, object]) -> Settings:
    """Settings from the command line over those of the environment.

    Raises
    ------
    CsfError
        In one sentence, when they do not fit.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = error.errors(include_url=False)[0]
        name = "_".join(map(str, wrong["loc"])).upper()
        reason = wrong["msg"].removeprefix("Value error, ")
        raise CsfError(f"the setting CSF_{name} does not fit: {reason}") from None
