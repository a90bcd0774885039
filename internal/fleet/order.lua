-- Queues the writes below one segment of Zoom's paths, so that those on one thing follow one another: says that a write
-- waits or goes on, and tells how many it has to wait for. Who came first goes first. Times are milliseconds, of the
-- server's clock.
--
-- KEYS: the queue, a hash: by a write's token "number until thing", in the order of the numbers
-- ARGV: 1 the write's token   2 the thing; empty: all of the segment   3 for how long it stays, if nothing more is heard of it
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local token, thing, life = ARGV[1], ARGV[2], tonumber(ARGV[3])
local others, number, last = {}, nil, 0
local queue = redis.call('HGETALL', KEYS[1])
for i = 1, #queue, 2 do
  local n, till, on = queue[i + 1]:match('^(%d+) (%d+) (.*)$')
  n, till = tonumber(n), tonumber(till)
  if till > now + life then -- the clock was set back
    till = now + life
    redis.call('HSET', KEYS[1], queue[i], string.format('%.0f %.0f %s', n, till, on))
  end
  if till <= now then
    redis.call('HDEL', KEYS[1], queue[i])
  elseif queue[i] == token then
    number = n
  else
    others[#others + 1] = {n, on}
  end
  last = math.max(last, n)
end
number = number or last + 1
redis.call('HSET', KEYS[1], token, string.format('%.0f %.0f %s', number, now + life, thing))
redis.call('PEXPIRE', KEYS[1], life)
local ahead = 0
for _, other in ipairs(others) do
  if other[1] < number and (thing == '' or other[2] == '' or other[2] == thing) then ahead = ahead + 1 end
end
return ahead
