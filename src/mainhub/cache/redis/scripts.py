"""What Redis does in one step: each script touches one key's slot only.

`KEYS` and `ARGV` are named in the first line of each; `tell` is the channel of changes, or nothing
where the server tells by itself.
"""

from hashlib import sha1
from typing import Final

__all__ = [
    "CLAIM",
    "DELETE",
    "FILL",
    "GIVE_UP",
    "KEEP",
    "LOCK",
    "SWAP",
    "WRITE",
    "Script",
]


class Script:
    """A script and the name that Redis gives it."""

    def __init__(self, text: str) -> None:
        self.text = text
        # As Redis names it; nobody's secret.
        self.name = sha1(text.encode(), usedforsecurity=False).hexdigest()


# fill | owner, ms: 1 if the fill is the owner's now.
CLAIM: Final = Script("""
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
""")
# any | owner, ms: 1 if it was the owner's still, and is for so long.
KEEP: Final = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
""")
# fill, value | owner, bytes, ms, wake, key, tell, told: 1 if it was kept.
FILL: Final = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[4], ARGV[5])
if ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[6], ARGV[7]) end
return 1
""")
# any | owner, wake, name: 1 if it was the owner's.
GIVE_UP: Final = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], ARGV[3])
return 1
""")
# fill, value | bytes, ms, tell, told, wake, key
WRITE: Final = Script("""
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
if redis.call('DEL', KEYS[1]) == 1 then redis.call('PUBLISH', ARGV[5], ARGV[6]) end
if ARGV[3] ~= '' then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
return 1
""")
# fill, value | tell, told, wake, key: how many values there were.
DELETE: Final = Script("""
local gone = redis.call('UNLINK', KEYS[2])
if redis.call('DEL', KEYS[1]) == 1 then redis.call('PUBLISH', ARGV[3], ARGV[4]) end
if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return gone
""")
# value | old, new, ms, tell, told: 1 if the old one was there.
SWAP: Final = Script("""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if ARGV[4] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
return 1
""")
# lock, number | owner, ms, ms of the number: its number, or 0 if somebody has it. Higher than the
# last one, and than any that a server has forgotten: the time in microseconds is.
LOCK: Final = Script("""
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
local t = redis.call('TIME')
local number = t[1] * 1000000 + t[2]
local last = tonumber(redis.call('GET', KEYS[2]) or '0') or 0
if held and last > 0 then number = last elseif last >= number then number = last + 1 end
local text = string.format('%.0f', number)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
redis.call('SET', KEYS[2], text, 'PX', ARGV[3])
return text
""")
