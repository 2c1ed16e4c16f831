"""The page on the cache: its examples run, and its defaults are the code's."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mainhub.cache import Cache
from mainhub.cache.keys import LONGEST
from mainhub.cache.options import Options

PAGE = (Path(__file__).parents[2] / "docs" / "cache.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EXAMPLES[number]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 2


def test_the_defaults_are_the_codes() -> None:
    options = Options()
    assert f"| `ttl` | {options.ttl:g} s |" in PAGE
    assert f"| `hard_timeout` | {options.hard_timeout:g} s |" in PAGE
    assert f"| `stale_retry` | {options.stale_retry:g} s |" in PAGE
    assert f"| `jitter` | {options.jitter:g} |" in PAGE
    for name in Options.__dataclass_fields__:
        assert f"| `{name}` |" in PAGE
    bounds = inspect.signature(Cache).parameters
    assert f"{bounds['max_entries'].default:,} values (`max_entries`)" in PAGE
    assert f"{bounds['max_bytes'].default >> 20} MiB of JSON" in PAGE
    assert f"{bounds['max_value_bytes'].default >> 20} MiB at most (`max_value_bytes`)" in PAGE
    assert f"{bounds['compress_above'].default:,} bytes (`compress_above`)" in PAGE
    assert f"1 to {LONGEST} bytes" in PAGE
    lock = inspect.signature(Cache.lock).parameters
    assert f"`wait` ({lock['wait'].default.total_seconds():g} s)" in PAGE
    assert f"`ttl` ({lock['ttl'].default.total_seconds():g} s)" in PAGE
