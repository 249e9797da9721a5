"""The Dockerfile's steps, in order, in clean Debian roots, where there is no container engine.

    python scripts/image_in_debian.py [--python 3.13] [--mirror URL]

Needs root, debootstrap, PostgreSQL and a Debian mirror. Every stage is a copy of one fresh root in
which Debian's Python stands for the official image's. Then the training stage trains and promotes,
the service stage serves what came out as its own user, and its HEALTHCHECK is asked; and once more
as compose.yaml says: with its command, settings and secrets, a PostgreSQL server and API keys.

All of it happens in a mount and process namespace of its own: however it ends, the kernel takes
processes and mounts away first, and only then are the files removed.
"""

import argparse
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from compose import SECRETS, Service, read_service
from debian_root import DebianRoot, pip_settings
from dockerfile import Instruction, Stage, assignments, context_files, read_stages, substitute
from postgresql_server import postgresql
from sqlalchemy import make_url

SOURCE = Path(__file__).parents[1]
SUITES = {"3.11": "bookworm", "3.13": "trixie"}
"""Debian releases by their Python."""

SECONDS = 60
QUICK = (
    "[evaluation]\nrepeats = 2\nbootstrap_linear = 20\npermutations = 2\noptimism_bootstrap = 2\n"
    '[candidates]\nfamilies = ["ridge"]\n'
)


@dataclass(frozen=True, slots=True)
class Image:
    """A stage that was built: its root and how it is started."""

    root: DebianRoot
    environment: Mapping[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = "root"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    port: int | None = None

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """Start it as an engine would, with its own command when none is given."""
        words = [*self.entrypoint, *(command or self.command)]
        return self.root.start(words, **self._options())

    def run(self, *command: str) -> None:
        """Run it to its end; a failure ends everything."""
        self.root.run([*self.entrypoint, *(command or self.command)], **self._options())

    def _options(self) -> dict[str, object]:
        return {"user": self.user, "workdir": self.workdir, "environment": self.environment}


def main() -> None:
    """Check what is needed, then go into a namespace and clean up after it."""
    arguments = _arguments()
    if arguments.inside is not None:
        check_image(arguments.inside, arguments.python, arguments.mirror)
        return
    if os.geteuid() != 0:
        sys.exit("the image's steps need root rights here: run it as root")
    for program in ("debootstrap", "unshare", "pg_virtualenv"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is not installed: run scripts/install-debian.sh")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    scratch = tempfile.mkdtemp(prefix="csf-responder-image-")
    namespace = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    here = [sys.executable, __file__, "--inside", scratch, *sys.argv[1:]]
    try:
        sys.exit(subprocess.run([*namespace, *here], check=False).returncode)
    finally:
        subprocess.run(["rm", "--recursive", "--one-file-system", scratch], check=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", choices=sorted(SUITES), default="3.13")
    parser.add_argument("--mirror", help="of Debian; debootstrap's own when left out")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def check_image(scratch: Path, python: str, mirror: str | None) -> None:
    """Build every stage below `scratch`, use training and service, and say what they weigh."""
    stages = read_stages((SOURCE / "Dockerfile").read_text(), {"PYTHON": python})
    base = f"python:{python}-slim"
    print(f"== {base}: Debian {SUITES[python]}", flush=True)
    images = {base: Image(DebianRoot.fresh(scratch / "fresh", SUITES[python], mirror))}
    for stage in stages.values():
        print(f"== {stage.name}", flush=True)
        images[stage.name] = build(stage, images, scratch)
    train(images["training"])
    copy_registry(images["training"], images["service"])
    loopback_of_our_own()
    serve(images["service"])
    serve_as_composed(images["service"], read_service(SOURCE / "compose.yaml", "service"))
    for name in ("training", "service"):
        (libraries,) = images[name].root.inside("usr/local/lib").glob("python3*/site-packages")
        used = subprocess.check_output(["du", "--summarize", "--block-size=1M", libraries])
        print(f"image: {name} builds and works; its libraries take {used.split()[0].decode()} MB")


def build(stage: Stage, images: Mapping[str, Image], scratch: Path) -> Image:
    """Carry out a stage's instructions in a copy of the root it starts from."""
    image = images[stage.base]
    image = replace(image, root=image.root.copy(scratch / stage.name))
    settings, paths = pip_settings()
    image.root.lend(paths)
    for instruction in stage.instructions:
        print(f"{instruction.name} {instruction.rest}", flush=True)
        image = step(image, instruction, images, settings)
    return image


def step(
    image: Image,
    instruction: Instruction,
    images: Mapping[str, Image],
    settings: Mapping[str, str],
) -> Image:
    """Carry out one instruction."""
    match instruction.name:
        case "RUN":
            variables = {**image.environment, **settings}
            shell = ["/bin/sh", "-c", instruction.rest]
            image.root.run(shell, user=image.user, workdir=image.workdir, environment=variables)
        case "COPY":
            copy(image, instruction, images)
        case "ENV":
            added = assignments(instruction, image.environment)
            return replace(image, environment={**image.environment, **added})
        case "WORKDIR":
            workdir = substitute(instruction.rest, image.environment)
            image.root.inside(workdir).mkdir(parents=True, exist_ok=True)
            return replace(image, workdir=workdir)
        case "USER":
            return replace(image, user=instruction.rest)
        case "EXPOSE":
            return replace(image, port=int(instruction.rest))
        case name:
            return replace(image, **{_FIELDS[name]: tuple(instruction.command())})
    return image


_FIELDS = {"ENTRYPOINT": "entrypoint", "CMD": "command", "HEALTHCHECK": "healthcheck"}


def copy(image: Image, instruction: Instruction, images: Mapping[str, Image]) -> None:
    """COPY: files into a folder, or a folder's content; from another stage or from the source."""
    *sources, target = instruction.words(image.environment)
    into = image.root.inside(str(Path(image.workdir, target)))
    if sources[0].startswith("--from="):
        other = images[sources.pop(0).removeprefix("--from=")].root
        for source in sources:
            shutil.copytree(other.inside(source), into, dirs_exist_ok=True)
        return
    seen = context_files(SOURCE)
    for source in sources:
        copied = [path for path in seen if path == source or path.startswith(f"{source}/")]
        if not copied:
            sys.exit(f"COPY {source}: .dockerignore lets no such file through")
        for path in copied:
            is_file, below = path == source, path.removeprefix(source).lstrip("/")
            to = into / (Path(path).name if is_file and target.endswith("/") else below)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(SOURCE / path, to)


def train(image: Image) -> None:
    """Train and promote a bundle, as the stage's user."""
    image.root.inside(image.workdir).joinpath("quick.toml").write_text(QUICK)
    image.run()
    image.run("simulate", "cohort", "--scenario", "informative", "--n", "64")
    task = ("--task", "pretreatment", "--config", "quick.toml", "--jobs", "2")
    image.run("train", "cohort", *task)
    (bundle,) = image.root.inside(image.environment["CSF_REGISTRY"]).glob("bundles/2*")
    image.run("models", "promote", bundle.name, "--reason", "image check")


def copy_registry(trained: Image, served: Image) -> None:
    """The registry of one stage into the other, as a shared volume would."""
    folders = [image.root.inside(image.environment["CSF_REGISTRY"]) for image in (trained, served)]
    subprocess.run(["cp", "--archive", *folders], check=True)


def serve(image: Image) -> None:
    """Start the service, ask it, ask its HEALTHCHECK, and end it."""
    asked_by_anybody = {**image.environment, "CSF_ALLOW_ANONYMOUS": "1"}
    check_served(replace(image, environment=asked_by_anybody))


def check_served(image: Image) -> None:
    """It answers, runs as its stage's user, and finds itself well."""
    process = image.start()
    try:
        wait_for(f"http://127.0.0.1:{image.port}/livez", process)
        wait_for(f"http://127.0.0.1:{image.port}/readyz", process)
        status = Path(f"/proc/{process.pid}/status").read_text()
        (owner,) = {int(u) for u in status.split("\nUid:")[1].splitlines()[0].split()}
        if owner == 0 or owner != image.root.user_id(image.user):
            sys.exit("the service does not run as the stage's user")
        replace(image, entrypoint=(), command=image.healthcheck).run()
    finally:
        process.terminate()
        process.wait(SECONDS)


def serve_as_composed(image: Image, service: Service) -> None:
    """The same with a service's command, settings and secrets, beside a database of its own."""
    database = make_url(service.environment["CSF_DATABASE_URL"])
    with postgresql(database.username or "", database.database or "") as (port, password):
        give_secrets(image, dict.fromkeys(service.secrets, password))
        with image.root.inside("/etc/hosts").open("a") as hosts:
            hosts.write(f"127.0.0.1 {database.host}\n")
        # The image's PostgreSQL would have the usual port to itself.
        address = database.set(port=port).render_as_string(hide_password=False)
        environment = {**image.environment, **service.environment, "CSF_DATABASE_URL": address}
        composed = replace(
            image, environment=environment, entrypoint=(), command=service.command,
            healthcheck=service.healthcheck,
        )  # fmt: skip
        composed.run("csf-responder", "keys", "create", "--tenant", "image", "--scope", "read")
        check_served(composed)
        composed.run("csf-responder", "audit", "verify")
    print("image: serves as compose.yaml says, with PostgreSQL", flush=True)


def give_secrets(image: Image, contents: Mapping[str, str]) -> None:
    """Files that the image's user alone may read, where a container finds its secrets."""
    folder = image.root.inside(SECRETS)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_text(content + "\n")
        (folder / name).chmod(0o400)
        os.chown(folder / name, image.root.user_id(image.user), 0)


def wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait until it answers 200."""
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"{address} does not answer with 200")


def loopback_of_our_own() -> None:
    """A network namespace with nothing but loopback, where no port is taken."""
    clone_newnet, set_flags, up = 0x40000000, 0x8914, 0x1
    if ctypes.CDLL(None, use_errno=True).unshare(clone_newnet):
        raise OSError(ctypes.get_errno(), "no network namespace")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh", b"lo", up))


if __name__ == "__main__":
    main()
