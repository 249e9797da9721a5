import os
import stat
from pathlib import Path

import pytest

import models.durable
from models.durable import append_line, create_folder, replace_file

FILES = {"a.json": b"{}", "b.md": b"text"}


@pytest.fixture(params=range(5), ids=lambda step: f"fsync {step} fails")
def failing_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The disk fails at one of the first fsyncs; everything before it happens."""
    calls = iter(range(1000))
    fsync = os.fsync

    def fail(descriptor: int) -> None:
        if next(calls) == request.param:
            raise OSError(5, "the disk failed")
        fsync(descriptor)

    monkeypatch.setattr(models.durable.os, "fsync", fail)
    return int(request.param)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_interrupted_folder_is_whole_or_absent(tmp_path: Path, failing_disk: int) -> None:
    folder = tmp_path / "bundle"
    n_synced = len(FILES) + 2
    if failing_disk < n_synced:
        with pytest.raises(OSError, match="disk failed"):
            create_folder(folder, FILES)
    else:
        create_folder(folder, FILES)
    # Only the last sync comes after the rename: by then the folder is whole.
    assert list(tmp_path.iterdir()) == ([folder] if failing_disk >= n_synced - 1 else [])
    assert not folder.exists() or contents(folder) == FILES


def test_interrupted_replacement_leaves_old_or_new(tmp_path: Path, failing_disk: int) -> None:
    path = tmp_path / "aliases.json"
    path.write_bytes(b"old")
    if failing_disk < 2:
        with pytest.raises(OSError, match="disk failed"):
            replace_file(path, b"new")
    else:
        replace_file(path, b"new")
    assert contents(tmp_path) == {path.name: b"old" if failing_disk == 0 else b"new"}


def test_everything_is_synced_before_and_after_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        fsync(descriptor)

    monkeypatch.setattr(models.durable.os, "fsync", watch)
    create_folder(tmp_path / "bundle", FILES)
    assert synced == [False, False, True, True]


def test_folder_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    create_folder(tmp_path / "bundle", FILES)
    with pytest.raises(FileExistsError):
        create_folder(tmp_path / "bundle", {"a.json": b"other"})
    assert contents(tmp_path / "bundle") == FILES


def test_lines_are_added_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append_line(path, b"first")
    append_line(path, b"second")
    assert path.read_bytes() == b"first\nsecond\n"
