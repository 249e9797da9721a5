"""What a process serves follows the registry; what cannot be used changes nothing."""

import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from models.bundle import sign_bundle
from models.errors import BundleError, SigningKeyError
from models.registry import Registry
from service.app import create_app
from service.champions import Champions, follow, load_champions
from service.following import AGAIN_SECONDS, Following
from service.settings import Settings

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
BEFORE, DURING = "pretreatment", "on_treatment"


@pytest.fixture
def registry(
    linear_registry: Registry, cohort: Any, train_quickly: Any, tmp_path: Path
) -> Registry:
    """A copy with one more bundle for pretreatment, not promoted."""
    registry = Registry(Path(shutil.copytree(linear_registry.folder, tmp_path / "registry")))
    train_quickly(cohort, BEFORE, start=NOON + timedelta(days=1), seed=2).write(registry.bundles)
    return registry


@pytest.fixture
def new(registry: Registry) -> str:
    """The bundle that is not promoted."""
    (bundle_id,) = set(registry.bundle_ids()) - set(registry.champions().values())
    return bundle_id


class Watched(Following):
    """Keeps what was published and logged."""

    def __init__(self, registry: Registry) -> None:
        self.published: list[Champions] = []
        self.lines: list[dict[str, Any]] = []
        super().__init__(
            registry,
            load_champions(registry),
            self.published.append,
            lambda event, **facts: self.lines.append({"event": event, **facts}),
        )


@pytest.fixture
def following(registry: Registry) -> Watched:
    return Watched(registry)


def promote(registry: Registry, bundle_id: str) -> None:
    registry.promote(bundle_id, by="tests", reason="", now=NOON)


def break_bundle(registry: Registry, bundle_id: str) -> None:
    card = registry.bundles / bundle_id / "card.md"
    card.write_bytes(card.read_bytes() + b" ")


def test_nothing_new_publishes_nothing(following: Watched) -> None:
    for now in range(5):
        following.look(now)
    assert following.published == following.lines == []


def test_promotion_and_rollback_are_followed_and_logged(
    registry: Registry, following: Watched, new: str
) -> None:
    old = registry.champion(BEFORE)
    promote(registry, new)
    following.look(1)
    registry.rollback(BEFORE, by="tests", reason="", now=NOON)
    following.look(2)
    assert [champions.ids[BEFORE] for champions in following.published] == [new, old]
    assert following.lines[0] == {
        "event": "champion_followed", "task": BEFORE, "bundle_id": new, "predecessor": old
    }  # fmt: skip


def test_the_other_task_keeps_its_classifier(
    registry: Registry, following: Watched, new: str
) -> None:
    served = load_champions(registry)
    promote(registry, new)
    followed = follow(registry, served)
    assert followed.of(DURING) is served.of(DURING)
    assert followed.of(BEFORE).bundle_id == new


def test_damaged_champion_changes_nothing_and_is_said_once(
    registry: Registry, following: Watched, new: str
) -> None:
    promote(registry, new)
    break_bundle(registry, new)
    for now in range(5):
        following.look(now)
    (champions,) = following.published
    assert champions.ids[BEFORE] != new
    assert "card.md" in champions.problems[0]
    assert [line["event"] for line in following.lines] == ["champion_refused"]


def test_what_could_not_be_used_is_tried_again_later(
    registry: Registry, following: Watched, new: str
) -> None:
    promote(registry, new)
    card = registry.bundles / new / "card.md"
    moved = card.rename(registry.folder / "card.md")
    following.look(0)
    moved.rename(card)
    following.look(AGAIN_SECONDS / 2)
    assert len(following.published) == 1
    following.look(AGAIN_SECONDS)
    assert following.published[-1].ids[BEFORE] == new
    assert following.published[-1].problems == ()


def test_a_broken_champion_of_one_task_does_not_hold_up_the_other(
    registry: Registry, following: Watched, new: str
) -> None:
    aliases = registry.folder / "aliases.json"
    lost = "20200101T000000Z-aaaaaaaaaaaa"
    aliases.write_text(f'{{"format":1,"champion":{{"{DURING}":"{lost}","{BEFORE}":"{new}"}}}}')
    following.look(0)
    (champions,) = following.published
    assert champions.ids == {DURING: registry.history()[-1].champions[DURING], BEFORE: new}
    assert "no bundle with this id" in champions.problems[0]


@pytest.mark.parametrize("content", [b"{", b"", b'{"format":9,"champion":{}}'])
def test_damaged_aliases_change_nothing(
    registry: Registry, following: Watched, content: bytes
) -> None:
    served = load_champions(registry)
    (registry.folder / "aliases.json").write_bytes(content)
    following.look(0)
    (champions,) = following.published
    assert champions.ids == served.ids
    assert "aliases.json" in champions.problems[0]


def test_lost_aliases_stop_no_task(registry: Registry, following: Watched) -> None:
    served = load_champions(registry)
    (registry.folder / "aliases.json").unlink()
    following.look(0)
    (champions,) = following.published
    assert champions.ids == served.ids
    assert len(champions.problems) == 2


def test_champion_of_another_task_is_not_served(
    registry: Registry, following: Watched, new: str
) -> None:
    aliases = registry.folder / "aliases.json"
    served = registry.champions()
    aliases.write_text(f'{{"format":1,"champion":{{"{DURING}":"{new}"}}}}')
    following.look(0)
    assert following.published[0].ids == served
    assert "another task" in following.published[0].problems[0]


def test_a_fault_of_ours_is_shown_and_following_goes_on(
    registry: Registry, following: Watched, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with following.running():
        with monkeypatch.context() as broken:
            broken.setattr("service.following.follow", lambda *_: 1 / 0)
            promote(registry, new)
            eventually(lambda: bool(following.published))
        registry.rollback(BEFORE, by="tests", reason="", now=NOON)
        eventually(lambda: not following.published[-1].problems)
    assert following.published[0].problems == ("the registry is not followed",)
    assert following.lines == [{"event": "following_failed", "error": "ZeroDivisionError"}]


def eventually(true: Any) -> None:
    """Wait until something is true, for a few seconds at most."""
    give_up = time.monotonic() + 10
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def test_a_thread_follows_within_a_second_and_ends(
    registry: Registry, following: Watched, new: str
) -> None:
    with following.running():
        promote(registry, new)
        started = time.monotonic()
        eventually(lambda: bool(following.published))
        assert time.monotonic() - started < 1
    registry.rollback(BEFORE, by="tests", reason="", now=NOON)
    time.sleep(0.5)
    assert len(following.published) == 1


def test_readiness_says_what_is_not_followed(
    registry: Registry, make_client: Any, new: str
) -> None:
    client = make_client(registry)
    served = client.get("/readyz").json()
    assert "problems" not in served
    promote(registry, new)
    break_bundle(registry, new)
    client.app.state.champions = follow(registry, client.app.state.champions)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["champions"] == served["champions"]
    assert "card.md" in answer.json()["problems"][0]


@pytest.mark.parametrize(
    ("broken", "codes"),
    [
        ("bundle", {DURING: 201, BEFORE: "bundle_unusable"}),
        ("aliases", {DURING: "registry_unusable", BEFORE: "registry_unusable"}),
        ("folder", {DURING: 201, BEFORE: "registry_unusable"}),
    ],
)
def test_what_starts_without_a_champion_refuses_its_task_alone_and_says_why(
    registry: Registry, make_client: Any, contract: dict[str, Any], broken: str, codes: Any
) -> None:
    client = make_client(registry)
    if broken == "bundle":
        break_bundle(registry, registry.champion(BEFORE))
    elif broken == "aliases":
        (registry.folder / "aliases.json").write_text("{")
    else:
        shutil.rmtree(registry.bundles / registry.champion(BEFORE))
    client.app.state.champions = follow(registry, Champions({}))
    for task, code in codes.items():
        answer = client.post("/v1/predictions", contract | {"task": task})
        assert code in (answer.status_code, answer.json().get("code"))
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json().get("code")) == (
        (200, None) if 201 in codes.values() else (503, "bundle_unusable")
    )


def test_a_service_with_a_public_key_starts_with_signed_champions_only(
    registry: Registry, tmp_path: Path
) -> None:
    key, public = Ed25519PrivateKey.generate(), tmp_path / "public.pem"
    private = tmp_path / "private.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    private.chmod(0o600)
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    settings = Settings(registry=registry.folder, public_key_file=public)
    with pytest.raises(BundleError, match=r"manifest\.sig is missing"):
        create_app(settings)
    for bundle_id in registry.champions().values():
        sign_bundle(registry.bundles / bundle_id, private)
    assert create_app(settings).state.champions.ids == registry.champions()


def test_public_key_that_cannot_be_read_stops_the_start(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(SigningKeyError, match="public key file cannot be read"):
        create_app(Settings(registry=registry.folder, public_key_file=tmp_path / "none.pem"))


WARM_UP = """
import sys, time
from pathlib import Path
from models.registry import Registry
from service.champions import Champions
from service.following import Following

following = Following(Registry(Path(sys.argv[1])), Champions({}), print, print)
following._warm_up(0)
print("xgboost" in sys.modules)
"""


@pytest.mark.parametrize("kind", ["linear", "boosted"])
def test_xgboost_is_imported_before_a_bundle_needs_it_and_only_if_one_may(
    request: pytest.FixtureRequest, kind: str
) -> None:
    registry = request.getfixturevalue(f"{kind}_registry")
    program = [sys.executable, "-c", WARM_UP, str(registry.folder)]
    said = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(kind == "boosted")
