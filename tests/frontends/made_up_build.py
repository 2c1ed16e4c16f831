"""A browser build that was never built."""

from __future__ import annotations

from mainhub.frontends import Build

FILES = {
    "boot-1a.js": b"import '/static/sdk-2b.js';",
    "sdk-2b.js": b"export const sdk = 1;",
    "lit-3c.js": b"export const lit = 1;" + b"\n// padding" * 200,
    "fluent-4d.js": b"export {};",
    "dashboard-5e.js": b"export const mount = () => {};",
    "shell-6f.css": b"body {}",
    "pages-7a.css": b"body {}",
    "mainhub-8b.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "face-9c.woff2": b"wOF2" * 1000,
}
INTEGRITY = {name: f"sha384-{name[0]}AAA" for name in FILES if name.endswith(".js")}
MANIFEST: dict[str, object] = {
    "boot": {"file": "boot-1a.js", "css": ["shell-6f.css"]},
    "fluent": {"file": "fluent-4d.js"},
    "imports": {
        "@mainhub/sdk": "sdk-2b.js",
        "lit": "lit-3c.js",
        "lit/decorators.js": "lit-3c.js",
    },
    "frontends": {
        "dashboard": {"file": "dashboard-5e.js", "integrity": INTEGRITY["dashboard-5e.js"]}
    },
    "pages": {"css": "pages-7a.css"},
    "icon": "mainhub-8b.svg",
    "integrity": INTEGRITY,
    "sources": "0" * 64,
}


def made_up_build() -> Build:
    """Return a small build with every kind of file."""
    return Build(MANIFEST, FILES)
