import tomllib

from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings.toml import lines_of

TEXT = '''# a comment
[hub] # another
listen = "127.0.0.1:8080"
trusted_proxies = [
  "10.0.0.0/8", # ] = [
]
support = """
[not.a.table]
mode = "not a key"
"""
mode = "development"

[identity]
entra.kind = "entra"
other = { kind = "oidc", title = "x" }

[gateway.services."a.b"]
upstreams = "http://h"
[[odd]]
x = 1
'''


def test_knows_the_line_of_every_table_and_value() -> None:
    lines = lines_of(TEXT)
    assert lines["hub",] == 2
    assert lines["hub", "listen"] == 3
    assert lines["hub", "trusted_proxies"] == 4
    assert lines["hub", "support"] == 7
    assert lines["hub", "mode"] == 11
    assert lines["identity", "entra", "kind"] == 14
    assert lines["identity", "other", "title"] == 15
    assert lines["gateway", "services", "a.b", "upstreams"] == 18
    assert lines["odd", "x"] == 20
    assert lines_of(TEXT.replace("\n", "\r\n")) == lines


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True, max_size=5))
def test_knows_the_line_of_any_key(keys: list[str]) -> None:
    quoted = [
        '"' + "".join(f"\\U{ord(char):08x}" for char in key) + f'" = """\n\n{number}"""'
        for number, key in enumerate(keys)
    ]
    text = "\n".join(quoted)
    assert set(tomllib.loads(text)) == set(keys)
    assert lines_of(text) == {(key,): 1 + 3 * number for number, key in enumerate(keys)}
