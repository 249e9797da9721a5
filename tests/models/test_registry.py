import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest

import models.changing
from models.aliases import ALIASES
from models.errors import BundleError, NoChampionError, RegistryError, UnknownBundleError
from models.history import HISTORY, Change
from models.registry import Registry

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TASK = "pretreatment"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def registry(linear_registry: Registry, tmp_path: Path, rewritten) -> Registry:
    """Three pretreatment bundles and one on_treatment, nothing promoted."""
    made = Registry(tmp_path / "registry")
    made.bundles.mkdir(parents=True)
    for task in ("pretreatment", "on_treatment"):
        bundle_id = linear_registry.champion(task)
        shutil.copytree(linear_registry.bundles / bundle_id, made.bundles / bundle_id)
    first = linear_registry.read(linear_registry.champion(TASK))
    for day in (1, 2):
        later = rewritten(first, created_at=first.manifest.created_at + timedelta(days=day))
        shutil.move(tmp_path / later.bundle_id, made.bundles / later.bundle_id)
    return made


@pytest.fixture
def ids(registry: Registry) -> list[str]:
    """The three pretreatment bundles, oldest first."""
    return [b for b in registry.bundle_ids() if registry.read(b).manifest.task.name == TASK]


def promote(registry: Registry, bundle_id: str) -> Change:
    return registry.promote(bundle_id, by="tests", reason="why", now=NOON)


def rollback(registry: Registry) -> Change:
    return registry.rollback(TASK, by="tests", reason="back", now=NOON)


def digests(registry: Registry, bundle_id: str) -> dict[str, str]:
    stated = json.loads((registry.bundles / bundle_id / "digests.json").read_bytes())
    return dict(stated["files"])


def test_promotion_is_served_and_written_down(registry: Registry, ids: list[str]) -> None:
    promote(registry, ids[0])
    change = promote(registry, ids[1])
    assert registry.champion(TASK) == ids[1]
    assert registry.history()[-1] == change
    assert json.loads((registry.folder / HISTORY).read_bytes().splitlines()[1]) == {
        "at": "2026-01-02T12:00:00Z",
        "action": "promotion",
        "task": TASK,
        "bundle_id": ids[1],
        "predecessor": ids[0],
        "by": "tests",
        "reason": "why",
        "champions": {TASK: ids[1]},
        "evaluation_sha256": digests(registry, ids[1])["evaluation.json"],
        "thresholds_sha256": None,
    }


def test_aliases_have_the_form_of_the_contract(registry: Registry) -> None:
    for bundle_id in registry.bundle_ids():
        promote(registry, bundle_id)
    champions = registry.champions()
    stored = json.loads((registry.folder / ALIASES).read_bytes())
    assert stored == {"format": 1, "champion": champions}
    assert set(champions) == {"pretreatment", "on_treatment"}


def test_moment_is_written_in_utc(registry: Registry, ids: list[str]) -> None:
    seoul = NOON.astimezone(timezone(timedelta(hours=9)))
    assert registry.promote(ids[0], by="", reason="", now=seoul).at == "2026-01-02T12:00:00Z"


def test_rollbacks_walk_back_the_promotions(registry: Registry, ids: list[str]) -> None:
    for bundle_id in ids:
        promote(registry, bundle_id)
    assert [rollback(registry).bundle_id for _ in range(2)] == [ids[1], ids[0]]
    with pytest.raises(RegistryError, match="nothing to bring back"):
        rollback(registry)
    assert registry.champion(TASK) == ids[0]


def test_promotion_after_a_rollback_goes_back_to_what_it_replaced(
    registry: Registry, ids: list[str]
) -> None:
    promote(registry, ids[0])
    promote(registry, ids[1])
    rollback(registry)
    promote(registry, ids[2])
    assert rollback(registry).bundle_id == ids[0]


def test_promoting_the_champion_again_does_not_hide_its_predecessor(
    registry: Registry, ids: list[str]
) -> None:
    for bundle_id in (ids[0], ids[1], ids[1]):
        promote(registry, bundle_id)
    assert rollback(registry).bundle_id == ids[0]


def test_rollback_leaves_the_other_task_alone(registry: Registry, ids: list[str]) -> None:
    (other,) = set(registry.bundle_ids()) - set(ids)
    for bundle_id in (ids[0], other, ids[1]):
        promote(registry, bundle_id)
    rollback(registry)
    assert registry.champions() == {TASK: ids[0], "on_treatment": other}


def test_task_without_champion_is_named(registry: Registry) -> None:
    with pytest.raises(NoChampionError, match=TASK):
        registry.champion(TASK)
    with pytest.raises(NoChampionError, match=TASK):
        rollback(registry)


@pytest.mark.parametrize("bundle_id", ["20200101T000000Z-000000000000", "../x", "", "."])
def test_bundle_that_is_not_there_is_refused_without_repeating_it(
    registry: Registry, bundle_id: str
) -> None:
    with pytest.raises(UnknownBundleError) as refused:
        promote(registry, bundle_id)
    assert not bundle_id.strip(".") or bundle_id not in str(refused.value)
    assert registry.history() == []


def test_damaged_bundle_is_not_promoted(registry: Registry, ids: list[str]) -> None:
    promote(registry, ids[0])
    card = registry.bundles / ids[1] / "card.md"
    card.write_bytes(card.read_bytes() + b" ")
    with pytest.raises(BundleError, match=r"card\.md"):
        promote(registry, ids[1])
    assert registry.champion(TASK) == ids[0]
    assert len(registry.history()) == 1


def test_damaged_predecessor_is_not_brought_back(registry: Registry, ids: list[str]) -> None:
    promote(registry, ids[0])
    promote(registry, ids[1])
    (registry.bundles / ids[0] / "card.md").unlink()
    with pytest.raises(BundleError, match=r"card\.md"):
        rollback(registry)
    assert registry.champion(TASK) == ids[1]


def test_crash_before_the_aliases_is_finished_by_the_next_writer(
    registry: Registry, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(registry, ids[0])
    with monkeypatch.context() as crashing:
        crashing.setattr(models.changing, "write_aliases", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            promote(registry, ids[1])
    assert registry.champion(TASK) == ids[0]
    assert promote(registry, ids[2]).predecessor == ids[1]
    assert rollback(registry).bundle_id == ids[1]


def test_torn_last_line_never_happened(registry: Registry, ids: list[str]) -> None:
    promote(registry, ids[0])
    history = registry.folder / HISTORY
    whole = history.read_bytes()
    for torn in (whole[:1], whole[:-1]):
        history.write_bytes(whole + torn)
        assert len(registry.history()) == 1
    promote(registry, ids[1])
    assert [change.bundle_id for change in registry.history()] == ids[:2]


def test_lost_aliases_are_written_again_by_the_next_writer(
    registry: Registry, ids: list[str]
) -> None:
    (other,) = set(registry.bundle_ids()) - set(ids)
    promote(registry, other)
    (registry.folder / ALIASES).unlink()
    promote(registry, ids[0])
    assert registry.champions() == {TASK: ids[0], "on_treatment": other}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'{"format":1}', b'{"format":1,"champion":null}', b"\xff",
        b'{"format":2,"champion":{}}', b'{"format":1,"champion":{"pretreatment":"../../etc"}}',
        b'{"format":1,"champion":{"pretreatment":7}}', b'{"champion":{}}',
    ],
)  # fmt: skip
def test_damaged_aliases_are_named(registry: Registry, content: bytes) -> None:
    (registry.folder / ALIASES).write_bytes(content)
    with pytest.raises(RegistryError, match=r"aliases\.json"):
        registry.champions()


@pytest.mark.parametrize("line", [b"{", b"{}", b"[]", b'{"at": 1}', b"\xff"])
def test_damaged_history_is_named(registry: Registry, line: bytes) -> None:
    (registry.folder / HISTORY).write_bytes(line + b"\n")
    with pytest.raises(RegistryError, match=r"history\.jsonl"):
        registry.history()


def test_only_folders_named_by_an_id_are_bundles(registry: Registry) -> None:
    before = registry.bundle_ids()
    (registry.bundles / ".20260102T120000Z-0123456789ab.1234").mkdir()
    (registry.bundles / "20260102T120000Z-0123456789ab").write_text("a file")
    assert registry.bundle_ids() == before == sorted(before)


def test_empty_registry_has_nothing(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "none")
    assert (registry.bundle_ids(), registry.champions(), registry.history()) == ([], {}, [])


N_PROCESSES, N_EACH = 8, 5
PROMOTE_OFTEN = f"""
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from models.registry import Registry

folder, *ids = sys.argv[1:]

def promote_often(number):
    for step in range({N_EACH}):
        bundle_id, now = ids[(number + step) % len(ids)], datetime.now(UTC)
        Registry(Path(folder)).promote(bundle_id, by=str(number), reason=str(step), now=now)

for number in range({N_PROCESSES}):
    if not os.fork():
        promote_often(number)
        os._exit(0)
sys.exit(sum(os.wait()[1] for _ in range({N_PROCESSES})))
"""


def test_promotions_of_eight_processes_lose_nothing(registry: Registry) -> None:
    arguments = [PROMOTE_OFTEN, str(registry.folder), *registry.bundle_ids()]
    subprocess.run([sys.executable, "-c", *arguments], cwd=ROOT, check=True, timeout=60)
    history = registry.history()
    assert {(c.by, c.reason) for c in history} == {
        (str(n), str(step)) for n in range(N_PROCESSES) for step in range(N_EACH)
    }
    for before, after in pairwise(history):
        assert after.predecessor == before.champions.get(after.task)
        assert after.champions == before.champions | {after.task: after.bundle_id}
    assert registry.champions() == history[-1].champions


N_KILLED = 60
PROMOTE_UNTIL_KILLED = f"""
import os, random, signal, sys, time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from models.registry import Registry

folder, *ids = sys.argv[1:]

def promote_for_ever(cycle):
    for number in count():
        name, now = f"{{cycle}}-{{number}}", datetime.now(UTC)
        bundle_id = ids[(cycle + number) % len(ids)]
        # A long line, to be cut within.
        Registry(Path(folder)).promote(bundle_id, by=name, reason="why " * 5000, now=now)
        os.write(1, name.encode() + b"\\n")

for cycle in range({N_KILLED}):
    child = os.fork()
    if not child:
        promote_for_ever(cycle)
    time.sleep(random.Random(cycle).uniform(0.01, 0.12))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def test_sixty_promoters_killed_in_the_middle_lose_and_tear_nothing(
    registry: Registry, ids: list[str]
) -> None:
    arguments = [PROMOTE_UNTIL_KILLED, str(registry.folder), *registry.bundle_ids()]
    told = subprocess.run(
        [sys.executable, "-c", *arguments], cwd=ROOT, check=True, capture_output=True, timeout=120
    ).stdout.decode().split()  # fmt: skip
    assert len(told) > N_KILLED / 2
    promote(registry, ids[0])
    history = registry.history()
    assert set(told) <= {change.by for change in history}
    assert len({change.by for change in history}) == len(history)
    for before, after in pairwise(history):
        assert after.predecessor == before.champions.get(after.task)
    assert registry.champions() == history[-1].champions


@pytest.mark.parametrize(
    "champions",
    [
        {"on_treatment": "20200101T000000Z-aaaaaaaaaaaa"},
        {"pretreatment": "../../etc"},
        "text",
        {"other": "20200101T000000Z-aaaaaaaaaaaa"},
    ],
)
def test_an_edited_history_never_reaches_the_aliases(
    registry: Registry, ids: list[str], champions: object
) -> None:
    promote(registry, ids[0])
    path = registry.folder / HISTORY
    path.write_text(json.dumps({**json.loads(path.read_text()), "champions": champions}) + "\n")
    with pytest.raises(RegistryError, match=r"history\.jsonl"):
        promote(registry, ids[1])
    assert registry.champions() == {TASK: ids[0]}


def test_deep_nesting_in_a_registry_file_is_damage(registry: Registry, ids: list[str]) -> None:
    promote(registry, ids[0])
    for name, read in ((ALIASES, registry.champions), (HISTORY, registry.history)):
        (registry.folder / name).write_text("[" * 100_000 + "\n")
        with pytest.raises(RegistryError, match="damaged"):
            read()


def test_a_link_out_of_the_registry_is_no_bundle(registry: Registry, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    name = "20300101T000001Z-aaaaaaaaaaaa"
    (registry.bundles / name).symlink_to(elsewhere)
    assert name not in registry.bundle_ids()
    with pytest.raises(UnknownBundleError):
        registry.read(name)


def test_a_bundle_is_named_by_id_champion_or_folder(registry: Registry, ids: list[str]) -> None:
    promote(registry, ids[1])
    folder = registry.bundles / ids[1]
    for name in (ids[1], f"champion:{TASK}", str(folder)):
        assert registry.folder_of(name).resolve() == folder.resolve()
    for name in ("champion:other", "nowhere", str(registry.folder), "", "."):
        with pytest.raises(UnknownBundleError):
            registry.folder_of(name)


def test_a_registry_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "registry").write_text("")
    with pytest.raises(RegistryError, match="is a file"):
        Registry(tmp_path / "registry")
