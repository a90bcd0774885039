-- Adds a message to an account's events, or only marks a place among them.
--
-- KEYS: the events, a stream
-- ARGV: 1 who says it   2 the message; empty: a mark   3 about how many are kept   4 for how long they are
-- Returns the place.
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', 'by', ARGV[1], 'message', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return id
