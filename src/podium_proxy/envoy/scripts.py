"""The little that Envoy has no words for, in Lua: trace ids, invalid header names, redirects, cookies for other sites.

A redirect's Location holds the request's host without its port, and names the port always, as ELB's does.
"""

from typing import Any

from podium_proxy.envoy.replies import html

FILTER = "envoy.filters.http.lua"
COOKIES = "cookies"
"""The script for routes whose targets are sticky."""

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

_MISMATCH = """
local function mismatch(handle, headers, version)
  if handle:streamInfo():protocol() == "HTTP/2" and (version ~= "GRPC" or headers:get(":method") == "POST") then
    return false
  end
  handle:respond({[":status"] = "464", ["server"] = "awselb/2.0", ["content-type"] = "text/html"}, [[PAGE]])
  return true
end
"""

_COOKIES = """
local function remember(headers)
  local cookie = headers:get("cookie")
  if cookie == nil or string.find("; " .. cookie, "; AWSALB=", 1, true) then return end
  local held = string.match("; " .. cookie, "; AWSALBCORS=([^;]*)")
  if held ~= nil then headers:replace("cookie", cookie .. "; AWSALB=" .. held) end
end
function envoy_on_response(handle)
  local headers, found = handle:headers(), {}
  for name, value in pairs(headers) do
    if name == "set-cookie" and string.sub(value, 1, 7) == "AWSALB=" then found[#found + 1] = string.sub(value, 8) end
  end
  for _, value in ipairs(found) do headers:add("set-cookie", "AWSALBCORS=" .. value .. "; SameSite=NoneSECURE") end
end
"""

_MAIN = """
function envoy_on_request(handle)
  local headers, wanted = handle:headers(), handle:filterContext()
  if wanted:get("status") ~= nil then
    redirect(handle, headers, wanted)
    return
  end
  local version = wanted:get("version")
  if version ~= nil and mismatch(handle, headers, version) then return end
  STEPS
end
"""


def http_filter(port: int, *, drop_invalid: bool, sticky: bool, secure: bool) -> dict[str, Any]:
    """`port` is the listener's own, which a redirect keeps when it says nothing else.

    `sticky`: some routes ask for the script with cookies; those of a `secure` listener go over TLS alone.
    """
    steps = ["drop_invalid(headers)"] if drop_invalid else []
    before = _TRACE + (_DROP if drop_invalid else "") + _REDIRECT.replace("PORT", f'"{port}"')
    before += _MISMATCH.replace("PAGE", html(464))
    config = {
        "@type": _LUA,
        "clear_route_cache": drop_invalid,  # rules are about what the client sent, less what is dropped
        "default_source_code": _source(before, [*steps, "trace(headers)"]),
    }
    if sticky:
        cookies = _COOKIES.replace("SECURE", "; Secure" if secure else "")
        config["source_codes"] = {COOKIES: _source(before + cookies, [*steps, "remember(headers)", "trace(headers)"])}
    return {"name": FILTER, "typed_config": config}


def of_route(*, context: dict[str, str] | None = None, sticky: bool = False) -> dict[str, Any]:
    """What a route tells the filter; nothing where it has nothing to tell."""
    if not context and not sticky:
        return {}
    told: dict[str, Any] = {"@type": f"{_LUA}PerRoute"}
    if context:
        told["filter_context"] = context
    if sticky:
        told["name"] = COOKIES
    return {FILTER: told}


def _source(before: str, steps: list[str]) -> dict[str, str]:
    return {"inline_string": before + _MAIN.replace("STEPS", "; ".join(steps))}
