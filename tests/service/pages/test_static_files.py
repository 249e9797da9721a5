"""What pages load: ours or vendored, for good under its digest, small."""

import gzip
import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import service.pages
from service.pages.assets import address_of, assets

FOLDER = Path(service.pages.__file__).parent
VENDOR = FOLDER / "static" / "vendor"
HTML = sorted((FOLDER / "templates").glob("*.html"))


@pytest.mark.parametrize("name", assets())
def test_asset_is_sent_as_it_is_and_kept_for_good(linear_client: Any, name: str) -> None:
    plain = linear_client.ask("GET", address_of(name), headers={"accept-encoding": "identity"})
    assert plain.content == (FOLDER / "static" / name).read_bytes()
    assert "immutable" in plain.headers["cache-control"]
    assert plain.headers["vary"] == "accept-encoding"


def test_compressed_asset_is_the_same_one(linear_client: Any) -> None:
    answer = linear_client.ask("GET", address_of("app.css"), headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == assets()["app.css"].content


@pytest.mark.parametrize(
    "name", ["app.css", "app.000000000000.css", "..%2Fguard.py", "htmx.LICENSE"]
)
def test_file_that_is_no_asset_is_not_found(linear_client: Any, name: str) -> None:
    assert linear_client.get(f"/static/{name}").status_code == 404


def test_all_that_a_page_may_load_is_below_one_and_a_half_megabytes() -> None:
    assert sum(len(asset.content) for asset in assets().values()) < 1_000_000
    assert sum(len(gzip.compress(asset.content)) for asset in assets().values()) < 400_000


def test_vendored_scripts_are_those_that_the_script_made() -> None:
    lines = [line.split() for line in (VENDOR / "SHA256SUMS").read_text().splitlines()]
    found = {name: hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() for _, name in lines}
    assert found == {name: digest for digest, name in lines}
    assert {f"./{path.name}" for path in VENDOR.glob("*.js")} == set(found)


def test_every_vendored_script_has_its_licence() -> None:
    for path in VENDOR.glob("*.js"):
        assert len(path.with_suffix(".LICENSE").read_text()) > 500


@pytest.mark.parametrize("template", HTML, ids=lambda path: path.name)
def test_template_has_nothing_inline_and_switches_no_escaping_off(template: Path) -> None:
    text = template.read_text()
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe|autoescape", text)
    assert all(
        "src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text)
    )
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", text)


def test_service_starts_without_what_only_pages_need() -> None:
    heavy = {"jinja2", "markupsafe", "charts", "scipy.special", "scipy.stats"}
    script = f"import sys, service.app; print({heavy!r} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_own_scripts_ask_for_nothing_elsewhere_and_compile_no_text() -> None:
    for path in (FOLDER / "static").glob("*.js"):
        assert not re.findall(
            r"https?://|\beval\(|new Function|innerHTML|document\.write", path.read_text()
        )
