import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings.size import Size, parse_size


@pytest.mark.parametrize(
    ("written", "meant"),
    [("10MiB", 10 * 1024**2), ("512 kB", 512_000), ("1gib", 1024**3), ("7", 7), (1, 1)],
)
def test_reads_what_people_write(written: object, meant: int) -> None:
    assert parse_size(written) == meant


@pytest.mark.parametrize("written", ["", "0", -1, "1.5MiB", "10 parsecs", "2000GiB", True, None])
def test_refuses_what_is_no_size(written: object) -> None:
    with pytest.raises(ValueError, match="expected a number of bytes"):
        parse_size(written)


@given(st.integers(min_value=1, max_value=1024**4))
def test_reads_back_what_it_writes(size: int) -> None:
    assert parse_size(str(Size(size))) == size
