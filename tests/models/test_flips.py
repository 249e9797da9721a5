"""A single changed bit anywhere in a bundle is refused before anything of it is deserialised."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import models.bundle
import models.classifier
import models.probation
from models.bundle import read_bundle
from models.classifier import load_classifier
from models.errors import BundleError
from models.signature import PublicKeys

N_FLIPS = 500
DESERIALISERS = (
    (models.bundle.json, "loads"),
    (models.bundle.Manifest, "model_validate_json"),
    (models.classifier, "load_estimator"),
    (models.probation, "_try_in_child"),
)


@pytest.fixture
def deserialised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each time something of a bundle is deserialised."""
    found: list[str] = []
    for owner, name in DESERIALISERS:
        real = getattr(owner, name)

        def counted(*given: object, real: Callable[..., object] = real, name: str = name) -> object:
            found.append(name)
            return real(*given)

        monkeypatch.setattr(owner, name, counted)
    return found


def flips(folder: Path, n: int) -> list[tuple[Path, int]]:
    """A bit of each file in turn, at random within it."""
    rng, paths = np.random.default_rng(6), sorted(folder.iterdir())
    chosen = [paths[number % len(paths)] for number in range(n)]
    return [(path, int(rng.integers(8 * path.stat().st_size))) for path in chosen]


def refused_with_a_flip(path: Path, bit: int, keys: PublicKeys | None) -> bool:
    intact = path.read_bytes()
    changed = bytearray(intact)
    changed[bit // 8] ^= 1 << (bit % 8)
    path.write_bytes(changed)
    try:
        read_bundle(path.parent, keys)
    except BundleError:
        return True
    finally:
        path.write_bytes(intact)
    return False


def test_intact_bundle_counts_its_deserialisations(
    bundle_copy: Path, deserialised: list[str]
) -> None:
    booster = load_classifier(read_bundle(bundle_copy)).bundle.booster
    assert deserialised[:4] == ["loads", "loads", "loads", "model_validate_json"]
    expected = ["_try_in_child"] * (booster is not None) + ["load_estimator"]
    assert deserialised[4 : 4 + len(expected)] == expected


def test_500_flips_are_refused_and_nothing_was_deserialised(
    bundle_copy: Path, deserialised: list[str], reached: Callable[[str], None]
) -> None:
    chosen = flips(bundle_copy, N_FLIPS)
    n_refused = sum(refused_with_a_flip(*flip, None) for flip in chosen)
    assert n_refused == N_FLIPS
    assert deserialised == []
    reached(f"{n_refused} refused")


def test_500_flips_of_a_signed_bundle_are_refused(
    signed_copy: Path, public_keys: PublicKeys, deserialised: list[str]
) -> None:
    chosen = flips(signed_copy, N_FLIPS)
    assert {path.name for path, _ in chosen} >= {"manifest.sig", "digests.json"}
    assert sum(refused_with_a_flip(*flip, public_keys) for flip in chosen) == N_FLIPS
    assert deserialised == []
