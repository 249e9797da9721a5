"""Champions of both kinds."""

import pytest

from models.registry import Registry


@pytest.fixture(params=["linear", "boosted"])
def champions(request: pytest.FixtureRequest) -> Registry:
    """Registries with champions of both kinds."""
    return request.getfixturevalue(f"{request.param}_registry")  # type: ignore[no-any-return]
