from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from frontends.made_up_build import FILES, MANIFEST, made_up_build
from mainhub.frontends import Build, BuildMissing
from mainhub.frontends.routes import BuiltFiles
from web.asgi_call import Answered, ask

if TYPE_CHECKING:
    from pathlib import Path

    from mainhub.web.edge import Receive, Scope, Send


async def fetch(target: str, *headers: tuple[str, str]) -> Answered:
    from starlette.requests import Request

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await BuiltFiles(made_up_build()).serve(Request(scope, receive))
        await response(scope, receive, send)

    return await ask(app, target, *headers)


def test_reads_manifest_and_files_from_a_folder(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    build = Build.load(tmp_path)
    assert set(build.files) == set(FILES)
    assert build.boot == "/static/boot-1a.js"
    assert build.modules == {"fluent": "/static/fluent-4d.js"}
    assert build.imports["lit"] == "/static/lit-3c.js"
    assert build.frontend("dashboard") == ("/static/dashboard-5e.js", "sha384-dAAA")
    assert build.frontend("unknown") is None


@pytest.mark.parametrize("manifest", [None, b"", b"{", b"\xff"])
def test_an_installation_without_a_build_says_so(tmp_path: Path, manifest: bytes | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(BuildMissing) as raised:
        Build.load(tmp_path)
    assert raised.value.remedy
    with pytest.raises(BuildMissing):
        Build.load(tmp_path / "nowhere")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("boot-1a.js", "text/javascript; charset=utf-8"),
        ("shell-6f.css", "text/css; charset=utf-8"),
        ("mainhub-8b.svg", "image/svg+xml; charset=utf-8"),
        ("face-9c.woff2", "font/woff2"),
    ],
)
async def test_a_built_file_never_changes_under_its_name(name: str, media_type: str) -> None:
    answer = await fetch(f"/static/{name}?ignored")
    assert (answer.status, answer.body) == (200, FILES[name])
    assert answer.header("content-type") == media_type
    assert answer.header("cache-control") == "public, max-age=31536000, immutable"
    assert answer.header("content-length") == str(len(FILES[name]))
    assert answer.header("vary") == "Accept-Encoding"


@pytest.mark.anyio
async def test_who_has_the_file_is_not_sent_it_again() -> None:
    etag = (await fetch("/static/boot-1a.js")).header("etag") or ""
    assert etag.startswith('"')
    for known in (etag, f"W/{etag}", f'"other", {etag}'):
        again = await fetch("/static/boot-1a.js", ("if-none-match", known))
        assert (again.status, again.body) == (304, b"")
        assert again.header("etag") == etag
    for unknown in ('"other"', "", '""'):
        assert (await fetch("/static/boot-1a.js", ("if-none-match", unknown))).status == 200


@pytest.mark.anyio
async def test_a_large_text_is_packed_for_who_takes_it() -> None:
    packed = await fetch("/static/lit-3c.js", ("accept-encoding", "br, gzip, deflate"))
    assert packed.header("content-encoding") == "gzip"
    assert gzip.decompress(packed.body) == FILES["lit-3c.js"]
    assert packed.header("content-length") == str(len(packed.body))
    for name, accepts in (("lit-3c.js", "br"), ("sdk-2b.js", "gzip"), ("face-9c.woff2", "gzip")):
        plain = await fetch(f"/static/{name}", ("accept-encoding", accepts))
        assert plain.header("content-encoding") is None
        assert plain.body == FILES[name]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "target",
    [
        "/static/",
        "/static/unknown.js",
        "/static/manifest.json",
        "/static/../pyproject.toml",
        "/static/%2e%2e/pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static//boot-1a.js",
        "/static/./boot-1a.js",
        "/static/boot-1a.js/",
        "/static/boot-1a.js%00",
        "/static/boot-1a.js%3fx",
        "/static//etc/passwd",
        "/static/C:%5cx",
    ],
)
async def test_nothing_but_a_built_file_is_served(target: str) -> None:
    answer = await fetch(target)
    assert (answer.status, answer.problem_name) == (404, "not-found")
    assert "pyproject" not in answer.body.decode()
