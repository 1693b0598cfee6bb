-- For wrk: asks for the paths in the file named by the first argument, one after the other, and says how it went.
local asked, turn = {}, 0

function init(arguments)
  for path in io.lines(arguments[1]) do
    asked[#asked + 1] = wrk.format("GET", path)
  end
end

function request()
  turn = turn % #asked + 1
  return asked[turn]
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('\n{"median_ms": %f, "p99_ms": %f, "per_second": %f, "failed": %d}\n',
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests / summary.duration * 1000000, failed))
end
