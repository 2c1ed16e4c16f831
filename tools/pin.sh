#!/bin/sh
# Write requirements/*.txt anew from pyproject.toml and requirements/*.in; needs uv on PATH.
# With no argument the pinned versions stay as far as they still fit; `--upgrade` takes the newest.
set -eu
cd "$(dirname "$0")/.."

pin() {
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate "$@"
}

pin "$@" pyproject.toml --output-file requirements/runtime.txt
pin "$@" pyproject.toml requirements/build.in --extra dev \
    --constraints requirements/runtime.txt --output-file requirements/dev.txt
pin "$@" requirements/build.in --constraints requirements/dev.txt --output-file requirements/build.txt
pin "$@" requirements/node.in --output-file requirements/node.txt
pin "$@" requirements/docs.in --constraints requirements/dev.txt --output-file requirements/docs.txt
pin "$@" pyproject.toml requirements/bench.in --constraints requirements/runtime.txt \
    --output-file requirements/bench.txt
