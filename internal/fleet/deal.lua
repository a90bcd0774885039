-- Merges what one process knows of a label's budget with what all know, and deals
-- out turns. Times are microseconds, of the server's clock.
--
-- KEYS: 1 the label's bucket: level, rate and ceiling at the time "at", which is to
--         come where no turns come in until then; the estimate of Zoom's limit; the
--         number of the latest stop, and "since" when it is known;
--         ceiling is missing while it is the configured rate
--       2 the day's count: used on the day "day"; closed until "closed", and when a call
--         was last let through to find out whether it still is, "tried"
-- ARGV: 1 configured rate   2 burst
--       3 level, 4 rate, 5 ceiling, 6 estimate, 7 number of the latest stop, 8 for how
--         long it lets no turn come, as the process knows them
--       9 is the ceiling news?  10 are rate, estimate and the stop news?
--      11 calls that went well in the second of that stop, and are news
--      12 of Zoom's limit, what the rate starts at   13 of the estimate, up to where it
--         grows by 14 of itself a second; beyond that by 15; by less for an estimate below 16
--      17 the day, 18 calls used in it, 19 turns of it not used, 20 for how long it is closed
--      21 was a call taken all the same?
--      22 calls a day, 0: no limit   23 turns wanted   24 at most, if not there at once
-- Returns turns, how many of them are free, when the next one
-- comes, the time between those, level, rate, ceiling and estimate (in millionths),
-- the number of the latest stop, how long it lets no turn come, how long ago it was,
-- calls used in the day, for how long it is closed, and which day it is.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local arg = {}
for i, text in ipairs(ARGV) do arg[i] = tonumber(text) end
local configured, burst = arg[1], arg[2]
local level, rate, ceiling, estimate, stop = arg[3], arg[4], arg[5], arg[6], arg[7]
local told, stopped, good, keep = arg[9] == 1, arg[10] == 1, arg[11], arg[12]
local wanted, most = arg[23], arg[24]

-- grow is what bucket.gain in package client is.
local function grow(from, seconds, near)
  local pace = near > 0 and math.min(1, near / arg[16]) or 1
  local tokens = 0
  for i, to in ipairs({math.min(ceiling, arg[13] * near), ceiling}) do
    local growth = arg[13 + i] * pace
    if from < to then
      local lasts = math.min(seconds, math.log(to / from) / growth)
      local reached = math.min(to, from * math.exp(growth * lasts))
      tokens = tokens + (reached - from) / growth
      from, seconds = reached, seconds - lasts
    end
  end
  return tokens + from * seconds, from
end

local known = redis.call('HMGET', KEYS[1], 'level', 'rate', 'ceiling', 'at', 'estimate', 'stop', 'since')
local since, at = now, now + arg[8]
-- The clock may have been set back. No stop lasts two seconds, and nothing has happened that is still to come.
local latest = math.min(tonumber(known[4] or 0), now + 2000000)
local stood = math.min(tonumber(known[7] or 0), now)
if known[4] and configured > 0 then
  if not told then ceiling = tonumber(known[3] or configured) end
  ceiling = math.min(ceiling, configured)
  local all = {estimate = tonumber(known[5]), stop = tonumber(known[6])}
  all.gained, all.rate = grow(math.min(tonumber(known[2]), ceiling), math.max(0, now - latest) / 1000000, all.estimate)
  all.level = known[1] + all.gained
  local own = at
  at = math.max(now, latest)
  if stopped and (stop == all.stop or now - stood > 1000000) then
    stop, at = all.stop + 1, own
  elseif stop <= all.stop then
    if stopped then
      level, good = 0, estimate -- of the same second: each process saw a part of it
    elseif stop == all.stop then
      level = math.min(level, all.level)
    else
      level, good = all.level, 0
    end
    estimate, rate = all.estimate, all.rate
    if good > 0 then
      estimate = estimate + good
      rate = math.max(rate, keep * estimate)
      at = math.min(at, own)
    end
    stop, since = all.stop, stood
  else
    -- This server has forgotten.
    level, since = math.min(level, all.level), stood
  end
elseif stopped then
  stop = stop + 1
end
rate = math.min(rate, ceiling)

local today = math.floor(now / 86400000000)
local day = redis.call('HMGET', KEYS[2], 'day', 'used', 'closed', 'tried')
local used = 0
if tonumber(day[1]) == today then used = tonumber(day[2]) end
if arg[17] == today then used = math.max(0, used - arg[19], arg[18]) end
local closed = math.min(tonumber(day[3] or 0), now + 86400000000)
local tried = math.min(tonumber(day[4] or 0), now)
if arg[20] > 0 then closed, tried = math.max(closed, now + arg[20]), now end
if arg[21] == 1 then closed = 0 end

local free, turns = wanted, wanted
if configured > 0 then
  local full = math.max(1, burst * math.min(ceiling, rate / keep) / configured)
  level = math.min(level, full)
  free = at > now and 0 or math.max(0, math.floor(level + 1e-9))
  turns = math.min(wanted, math.max(free, most))
end
if arg[22] > 0 then turns = math.max(0, math.min(turns, arg[22] - used)) end
if closed > now then
  if wanted > 0 and now - tried >= 60000000 then turns, tried = 1, now else turns = 0 end
end
free = math.min(free, turns)

local first, each = 0, 0
if configured > 0 then
  first = at - now + (free + 1 - level) / rate * 1000000
  each = 1000000 / rate
  level = level - turns
  redis.call('HSET', KEYS[1], 'level', level, 'rate', rate, 'at', at,
    'estimate', estimate, 'stop', stop, 'since', since)
  if ceiling < configured then
    redis.call('HSET', KEYS[1], 'ceiling', ceiling)
  else
    redis.call('HDEL', KEYS[1], 'ceiling')
  end
  redis.call('EXPIRE', KEYS[1], 172800)
end
redis.call('HSET', KEYS[2], 'day', today, 'used', used + turns, 'closed', closed, 'tried', tried)
redis.call('EXPIRE', KEYS[2], 172800)

return {
  turns, free, math.ceil(first), math.ceil(each),
  math.ceil(level * 1000000), math.ceil(rate * 1000000), math.ceil(ceiling * 1000000),
  math.ceil(estimate * 1000000), stop, math.max(0, at - now), now - since, used + turns, math.max(0, closed - now), today,
}
