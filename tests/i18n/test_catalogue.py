from __future__ import annotations

import re

import pytest

from mainhub.i18n import translate
from mainhub.i18n.catalogue import CATALOGUE, LOCALES


@pytest.mark.parametrize("key", CATALOGUE)
def test_every_key_has_words_in_both_languages(key: str) -> None:
    assert set(CATALOGUE[key]) == set(LOCALES)
    for locale in LOCALES:
        words = translate(locale, key)
        assert words.strip() == words != ""


@pytest.mark.parametrize("key", CATALOGUE)
def test_punctuation_is_the_languages_own(key: str) -> None:
    for words in CATALOGUE[key].values():
        assert "'" not in words, "apostrophes are typographic"
        assert "!" not in words
    # In French a no-break space (wide or narrow) stands before these, and an ordinary one never.
    assert not re.search(r"[^\u00a0\u202f][;:?%»]", CATALOGUE[key]["fr"])


def test_a_key_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(KeyError):
        translate("fr", "no.such.key")
