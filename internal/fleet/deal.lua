-- Merges what one process knows of a label's budget with what all know, and deals
-- out turns. Times are microseconds, of the server's clock.
--
-- KEYS: 1 the label's bucket: level, rate and ceiling at the time "at";
--         ceiling is missing while it is the configured rate
--       2 the day's count: used on the day "day"; closed until "closed"
-- ARGV: 1 configured rate   2 burst   3 slope: what a lowered rate regains a second
--       4 level, 5 rate, 6 ceiling, as the process knows them   7 is the ceiling news?
--       8 the day, 9 calls used in it, 10 turns of it not used, 11 for how long it is closed
--      12 calls a day, 0: no limit   13 turns wanted   14 at most, if not there at once
-- Returns turns, how many of them are free at once, when the next one comes, the
-- time between those, level, rate and ceiling (in millionths), calls used in the
-- day, for how long it is closed.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local arg = {}
for i, text in ipairs(ARGV) do arg[i] = tonumber(text) end
local configured, burst, slope = arg[1], arg[2], arg[3]
local level, rate, ceiling = arg[4], arg[5], arg[6]
local wanted, most = arg[13], arg[14]

local known = redis.call('HMGET', KEYS[1], 'level', 'rate', 'ceiling', 'at')
if known[4] and configured > 0 then
  if arg[7] == 0 then ceiling = tonumber(known[3] or configured) end
  ceiling = math.min(ceiling, configured)
  local from = math.min(tonumber(known[2]), ceiling)
  local seconds = math.max(0, now - known[4]) / 1000000
  local climb = math.min(seconds, (ceiling - from) / slope)
  local gain = from * climb + slope * climb * climb / 2 + ceiling * (seconds - climb)
  level = math.min(level, known[1] + gain)
  rate = math.min(rate, from + slope * climb)
end
rate = math.min(rate, ceiling)

local today = math.floor(now / 86400000000)
local day = redis.call('HMGET', KEYS[2], 'day', 'used', 'closed')
local used = 0
if tonumber(day[1]) == today then used = math.max(0, day[2] - arg[10]) end
if arg[8] == today then used = math.max(used, arg[9]) end
local closed = math.max(tonumber(day[3] or 0), arg[11] > 0 and now + arg[11] or 0)

local free, turns = wanted, wanted
if configured > 0 then
  level = math.min(level, math.max(1, burst * ceiling / configured))
  free = math.max(0, math.floor(level + 1e-9))
  turns = math.min(wanted, math.max(free, most))
end
if arg[12] > 0 then turns = math.max(0, math.min(turns, arg[12] - used)) end
if closed > now then turns = 0 end
free = math.min(free, turns)

local first, each = 0, 0
if configured > 0 then
  first = (free + 1 - level) / rate * 1000000
  each = 1000000 / rate
  level = level - turns
  redis.call('HSET', KEYS[1], 'level', level, 'rate', rate, 'at', now)
  if ceiling < configured then
    redis.call('HSET', KEYS[1], 'ceiling', ceiling)
  else
    redis.call('HDEL', KEYS[1], 'ceiling')
  end
  redis.call('EXPIRE', KEYS[1], 172800)
end
redis.call('HSET', KEYS[2], 'day', today, 'used', used + turns, 'closed', closed)
redis.call('EXPIRE', KEYS[2], 172800)

return {
  turns, free, math.ceil(first), math.ceil(each),
  math.ceil(level * 1000000), math.ceil(rate * 1000000), math.ceil(ceiling * 1000000),
  used + turns, math.max(0, closed - now),
}
