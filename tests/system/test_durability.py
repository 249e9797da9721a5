"""What is said to be on disk has been waited for: counted in the system calls."""

import re
import subprocess
import sys
from pathlib import Path

WRITE = """
import sys
from pathlib import Path
from models.durable import append_line, create_folder, replace_file
folder = Path(sys.argv[1])
create_folder(folder / "bundle", {"a.json": b"1", "b.json": b"2"})
append_line(folder / "history.jsonl", b"{}")
replace_file(folder / "aliases.json", b"{}")
"""


def syncs_and_renames(strace: str, folder: Path) -> list[tuple[str, str]]:
    """Each fsync and rename below `folder`, in order, with the rest of its line."""
    log = folder / "strace.log"
    program = [sys.executable, "-c", WRITE, str(folder)]
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2"
    subprocess.run([strace, "-y", "-e", calls, "-o", str(log), *program], check=True)
    lines = [line for line in log.read_text().splitlines() if str(folder) in line]
    return [(re.split(r"[(]", line)[0], line) for line in lines]


def test_every_file_and_folder_is_synced_before_and_after_its_rename(
    strace: str, tmp_path: Path
) -> None:
    calls = syncs_and_renames(strace, tmp_path)
    kinds = ["sync" if "sync" in kind else "rename" for kind, _ in calls]
    two_files_their_folder, parent = ["sync"] * 3, ["sync"]
    line_and_its_folder, alias = ["sync"] * 2, ["sync"]
    assert kinds == [
        *two_files_their_folder, "rename", *parent, *line_and_its_folder, *alias, "rename", *parent
    ]  # fmt: skip
    assert "a.json" in calls[0][1]
    assert "b.json" in calls[1][1]
