"""What needs programs from outside; one that is missing fails with its name."""

import shutil

import pytest


@pytest.fixture(scope="session")
def rscript() -> str:
    """The `Rscript` program."""
    return needed("Rscript")


@pytest.fixture(scope="session")
def strace() -> str:
    """The `strace` program."""
    return needed("strace")


@pytest.fixture(scope="session")
def curl() -> str:
    """The `curl` program."""
    return needed("curl")


def needed(program: str) -> str:
    """Path of a program, or a failure that says what to install."""
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"{program} is not installed: run scripts/install-debian.sh")
    return found
