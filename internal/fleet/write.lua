-- Says that a write of some resources begins, goes on or has ended, or looks whether those that are under way still
-- are. Times are milliseconds, of the server's clock.
--
-- The guard of a resource that nobody writes is a random value. While it is written, that is "w:", a random value, and
-- for each write ";token=until". A write that is not heard of until then has ended, or its process has.
--
-- KEYS: the guards, and at last the mark of the process
-- ARGV: 1 the write's token, or what several tokens begin with   2 for how long it is under way from now on; 0: it has ended; -1: only look
--       3 for how long guards are kept   4 the longest time for which a write may be under way
--       5 the process's mark; empty: none   6… a random value for each guard
-- Returns the guards' values.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local token, life, keep, longest = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local values = {}
for i = 1, #KEYS - 1 do
  local value = redis.call('GET', KEYS[i]) or ''
  local fresh, writes, changed = ARGV[5 + i], {}, life >= 0 or value == ''
  if value:sub(1, 2) == 'w:' then
    for other, till in value:gmatch(';(%w+)=(%d+)') do
      till = tonumber(till)
      if till > now + longest then -- the clock was set back
        till, changed = now + longest, true
      end
      if (token == '' or other:sub(1, #token) ~= token) and till > now then
        writes[#writes + 1] = string.format(';%s=%.0f', other, till)
      end
    end
    changed = changed or #writes == 0
  end
  if life > 0 then writes[#writes + 1] = string.format(';%s=%.0f', token, now + life) end
  if changed then
    value = #writes == 0 and fresh or 'w:' .. fresh .. table.concat(writes)
    redis.call('SET', KEYS[i], value, 'PX', keep)
  end
  values[i] = value
end
if ARGV[5] ~= '' then redis.call('SET', KEYS[#KEYS], ARGV[5], 'PX', keep) end
return values
