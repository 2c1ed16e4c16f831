"""What Redis does with sessions in one step each.

KEYS[1] is what all keys of sessions begin with: they are in one slot of a cluster, so that a script
may touch a row and its indexes. Times are whole microseconds of the hub's clock. A row is a hash;
what a list needs of it is ``LISTED``, in this order.

``s:REF`` is a row, ``seen`` holds all refs by when they were last seen, ``ends`` by when they end,
``p:TAG`` those of one person by when they were last seen, ``v:TAG`` those of one session at a
provider, and ``w:REF`` is whose turn it is to renew a row's tokens.
"""

from dataclasses import dataclass
from hashlib import sha1
from typing import Final

__all__ = [
    "DELETE",
    "END_TURN",
    "FIELDS",
    "INSERT",
    "LISTED",
    "NEWEST",
    "REPLACE",
    "TAKE",
    "TAKE_TURN",
    "TOUCH",
    "Script",
]

LISTED: Final = ("h", "g", "m", "c", "n", "i", "e", "t", "v")
"""Hash of the id, generation, summary, created, seen, idle end, end, person's and provider's tag.

The last is missing in rows of before there was one.
"""
FIELDS: Final = (*LISTED, "k")
"""The same, and the tokens."""

# A row outlives its session by an hour, so that a purge can still tell what has ended.
# Numbers of this size go from and to Redis as the text that they came as: Lua would round them.
# What is no row of ours, whoever put it there, is none.
_SHARED: Final = """
local at, margin = KEYS[1], 3600000
local function is_time(text)
  return text and #text < 18 and string.match(text, '^%d+$')
end
local function listed(ref)
  local row = redis.pcall('HMGET', at .. 's:' .. ref, 'h', 'g', 'm', 'c', 'n', 'i', 'e', 't', 'v')
  if row.err or not row[1] or not row[8] then return nil end
  if not (is_time(row[5]) and is_time(row[6]) and is_time(row[7])) then return nil end
  return row
end
local function lives(row, now)
  return tonumber(row[6]) > now and tonumber(row[7]) > now
end
local function last(key, now, ends)
  local lasts = math.ceil((ends - now) / 1000) + margin
  if redis.call('PTTL', key) < lasts then redis.call('PEXPIRE', key, lasts) end
end
local function keep(ref, tag, at_provider, seen, idle, ends, now)
  local row, person = at .. 's:' .. ref, at .. 'p:' .. tag
  redis.call('PEXPIRE', row, math.ceil((idle - now) / 1000) + margin)
  redis.call('ZADD', at .. 'seen', seen, ref)
  redis.call('ZADD', at .. 'ends', idle, ref)
  redis.call('ZADD', person, seen, ref)
  last(person, now, ends)
  if at_provider and at_provider ~= '' then
    redis.call('ZADD', at .. 'v:' .. at_provider, seen, ref)
    last(at .. 'v:' .. at_provider, now, ends)
  end
end
local function drop(ref, tag, at_provider)
  redis.call('ZREM', at .. 'seen', ref)
  redis.call('ZREM', at .. 'ends', ref)
  if tag then redis.call('ZREM', at .. 'p:' .. tag, ref) end
  if at_provider then redis.call('ZREM', at .. 'v:' .. at_provider, ref) end
  redis.call('DEL', at .. 'w:' .. ref)
end
local function sooner(one, other)
  if tonumber(one) < tonumber(other) then return one end
  return other
end
"""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and the name that Redis knows it by."""

    text: str
    name: str


def _script(body: str) -> Script:
    text = _SHARED + body
    # As Redis names it; nobody's secret.
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


# ARGV: ref, tags, created, idle end, end, then all fields with their names.
INSERT: Final = _script("""
local row = at .. 's:' .. ARGV[1]
if redis.call('EXISTS', row) == 1 then return 0 end
redis.call('HSET', row, unpack(ARGV, 7))
keep(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[4])
return 1
""")
# ARGV: ref, hash, the generation that it must have, now, new generation, summary, tokens, end,
# person's tag, provider's tag.
REPLACE: Final = _script("""
local ref, now, ends, tag, way = ARGV[1], tonumber(ARGV[4]), ARGV[8], ARGV[9], ARGV[10]
local row = listed(ref)
if not row or row[1] ~= ARGV[2] or row[2] ~= ARGV[3] or not lives(row, now) then return 0 end
local idle = sooner(row[6], ends)
redis.call('HSET', at .. 's:' .. ref, 'g', ARGV[5], 'm', ARGV[6], 'k', ARGV[7], 'e', ends,
  't', tag, 'v', way, 'i', idle)
if row[8] ~= tag then redis.call('ZREM', at .. 'p:' .. row[8], ref) end
if row[9] and row[9] ~= way then redis.call('ZREM', at .. 'v:' .. row[9], ref) end
if ARGV[5] ~= row[2] then redis.call('DEL', at .. 'w:' .. ref) end
keep(ref, tag, way, row[5], idle, ends, now)
return 1
""")
# ARGV: ref, hash, now, the idle end that follows, tag.
TOUCH: Final = _script("""
local ref, now, tag = ARGV[1], tonumber(ARGV[3]), ARGV[5]
local row = listed(ref)
if not row or row[1] ~= ARGV[2] or not lives(row, now) or tonumber(row[5]) >= now then return 0 end
local idle = sooner(ARGV[4], row[7])
redis.call('HSET', at .. 's:' .. ref, 'n', ARGV[3], 'i', idle, 't', tag)
if row[8] ~= tag then redis.call('ZREM', at .. 'p:' .. row[8], ref) end
keep(ref, tag, row[9], ARGV[3], idle, row[7], now)
return 1
""")
# ARGV: ref, hash, the generation that it must have, now, owner, milliseconds. The time is that of
# Redis: it ends by itself.
TAKE_TURN: Final = _script("""
local row = listed(ARGV[1])
if not row or row[1] ~= ARGV[2] or row[2] ~= ARGV[3] or not lives(row, tonumber(ARGV[4])) then
  return 0
end
local turn = at .. 'w:' .. ARGV[1]
local owner = redis.call('GET', turn)
if owner and owner ~= ARGV[5] then return 0 end
redis.call('SET', turn, ARGV[5], 'PX', ARGV[6])
return 1
""")
# ARGV: ref, owner.
END_TURN: Final = _script("""
local turn = at .. 'w:' .. ARGV[1]
if redis.call('GET', turn) ~= ARGV[2] then return 0 end
return redis.call('DEL', turn)
""")
# ARGV: now, then the hashes of what is to be removed. Answers the rows that this removed.
DELETE: Final = _script("""
local now, removed = tonumber(ARGV[1]), {}
for n = 2, #ARGV do
  local ref = string.sub(ARGV[n], 1, 32)
  local row = listed(ref)
  if row and row[1] == ARGV[n] and lives(row, now) then
    redis.call('DEL', at .. 's:' .. ref)
    drop(ref, row[8], row[9])
    removed[#removed + 1] = row
  end
end
return removed
""")
# ARGV: the index, now, how many, how many may be looked at. What the index names and is not there
# any more leaves it; what has ended and awaits its purge is passed over.
NEWEST: Final = _script("""
local where, now, most, looked = at .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), 0
local found, from = {}, 0
while #found < most and looked < tonumber(ARGV[4]) do
  local refs = redis.call('ZREVRANGE', where, from, from + 99)
  if #refs == 0 then break end
  local gone = {}
  for n = 1, #refs do
    looked = looked + 1
    local row = listed(refs[n])
    if not row then
      gone[#gone + 1] = refs[n]
    elseif lives(row, now) then
      found[#found + 1] = row
      if #found == most then break end
    end
  end
  if #gone > 0 then redis.call('ZREM', where, unpack(gone)) end
  from = from + #refs - #gone
end
return found
""")
# ARGV: now, how many at most. Answers how many were looked at, and the rows that this removed.
TAKE: Final = _script("""
local now, taken = tonumber(ARGV[1]), {}
local refs = redis.call('ZRANGEBYSCORE', at .. 'ends', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for n = 1, #refs do
  local ref = refs[n]
  local row = listed(ref)
  if not row then
    drop(ref, nil, nil)
  elseif lives(row, now) then
    redis.call('ZADD', at .. 'ends', row[6], ref)
  else
    redis.call('DEL', at .. 's:' .. ref)
    drop(ref, row[8], row[9])
    taken[#taken + 1] = row
  end
end
return {#refs, taken}
""")
