"""The little that Envoy has no words for, in Lua: trace ids, invalid header names, redirects.

A redirect's Location holds the request's host without its port, and names the port always, as ELB's does.
"""

from typing import Any

FILTER = "envoy.filters.http.lua"
_LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"

_TRACE = """
math.randomseed(os.time() + (tonumber((tostring({}):gsub("table: ", ""))) or 0) % 1000000007)
local format, random, time, find = string.format, math.random, os.time, string.find
local most = 0xffffff
local function fresh()
  return format("1-%08x-%06x%06x%06x%06x", time(), random(0, most), random(0, most), random(0, most), random(0, most))
end
local function trace(headers)
  local given = headers:get("x-amzn-trace-id")
  if given == nil or given == "" then
    headers:replace("x-amzn-trace-id", "Root=" .. fresh())
  elseif find(given, "Root=", 1, true) then
    headers:replace("x-amzn-trace-id", "Self=" .. fresh() .. ";" .. given)
  else
    headers:replace("x-amzn-trace-id", given .. ";Root=" .. fresh())
  end
end
"""

_DROP = """
local function drop_invalid(headers)
  local bad = {}
  for name, _ in pairs(headers) do
    if string.sub(name, 1, 1) ~= ":" and not string.find(name, "^[%w%-]+$") then bad[#bad + 1] = name end
  end
  for _, name in ipairs(bad) do headers:remove(name) end
end
"""

_REDIRECT = """
local titles = {["301"] = "301 Moved Permanently", ["302"] = "302 Found"}
local function redirect(handle, headers, wanted)
  local path, query = string.match(headers:get(":path") or "/", "^/?([^?]*)%??(.*)$")
  local protocol = headers:get(":scheme") or "http"
  local parts = {
    protocol = string.upper(protocol), host = string.gsub(headers:get(":authority") or "", ":%d+$", ""),
    port = PORT, path = path, query = query,
  }
  local function fill(text)
    return (string.gsub(text, "#{(%w+)}", function(name) return parts[name] end))
  end
  local to = string.lower(fill(wanted:get("protocol"))) .. "://" .. fill(wanted:get("host"))
  to = to .. ":" .. fill(wanted:get("port"))
  local place, asked = fill(wanted:get("path")), fill(wanted:get("query"))
  if asked ~= "" then asked = "?" .. asked end
  local title = titles[wanted:get("status")]
  local page = "<html>\\r\\n<head><title>" .. title .. "</title></head>\\r\\n<body>\\r\\n<center><h1>" .. title ..
    "</h1></center>\\r\\n</body>\\r\\n</html>\\r\\n"
  handle:respond({
    [":status"] = wanted:get("status"), ["location"] = to .. place .. asked, ["server"] = "awselb/2.0",
    ["content-type"] = "text/html",
  }, page)
end
"""

_MAIN = """
function envoy_on_request(handle)
  local headers, wanted = handle:headers(), handle:filterContext()
  if wanted:get("status") ~= nil then
    redirect(handle, headers, wanted)
  else
    STEPS
  end
end
"""


def http_filter(port: int, *, drop_invalid: bool) -> dict[str, Any]:
    """`port` is the listener's own, which a redirect keeps when it says nothing else."""
    steps = "drop_invalid(headers); trace(headers)" if drop_invalid else "trace(headers)"
    redirect = _REDIRECT.replace("PORT", f'"{port}"')
    main = _MAIN.replace("STEPS", steps)
    source = f"{_TRACE}{_DROP if drop_invalid else ''}{redirect}{main}"
    return {"name": FILTER, "typed_config": {"@type": _LUA, "default_source_code": {"inline_string": source}}}
