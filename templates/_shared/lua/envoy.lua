-- A stand-in for Envoy's Lua filter, small enough to read, so that a script can be tested without Envoy. It keeps the
-- rules that scripts run into. A call that it does not know fails with a message: add it here, as Envoy documents it:
-- https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/lua_filter#stream-handle-api

-- Globals that are not there when Envoy Gateway tries a script, before Envoy gets it.
local HIDDEN = "_G bit debug dofile ffi getmetatable jit load loadfile loadstring package rawget rawset require "
  .. "setmetatable"

-- Why a script stands still: Envoy goes on with it once the body is there, and never after it answered.
local WAITS_FOR_BODY, ANSWERED = "waits for the body", "answered"

local function text(value)
  if type(value) ~= "string" and type(value) ~= "number" then
    error("string expected, got " .. type(value), 3)
  end
  return tostring(value)
end

-- Names compare without case; one name may have several values.
local Headers = {}
Headers.__index = Headers

local function new_headers(fields)
  local headers = setmetatable({ values = {} }, Headers)
  for name, value in pairs(fields or {}) do
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      headers:add(name, each)
    end
  end
  return headers
end

function Headers:add(name, value)
  local key = text(name):lower()
  self.values[key] = self.values[key] or {}
  table.insert(self.values[key], text(value))
end

function Headers:replace(name, value)
  self.values[text(name):lower()] = { text(value) }
end

function Headers:remove(name)
  self.values[text(name):lower()] = nil
end

-- Several values come joined with a comma; a header that is not there is nil.
function Headers:get(name)
  local values = self.values[text(name):lower()]
  return values and table.concat(values, ",")
end

function Headers:getAtIndex(name, index)
  local values = self.values[text(name):lower()]
  return values and values[index + 1]
end

function Headers:getNumValues(name)
  return #(self.values[text(name):lower()] or {})
end

local Buffer = {}
Buffer.__index = Buffer

function Buffer:length()
  return #self.bytes
end

-- `index` counts from 0, as in Envoy.
function Buffer:getBytes(index, length)
  if index < 0 or length < 0 or index + length > #self.bytes then
    error("index/length must be >= 0 and (index + length) must be <= buffer size", 2)
  end
  return self.bytes:sub(index + 1, index + length)
end

function Buffer:setBytes(bytes)
  self.bytes = text(bytes)
  self.headers:replace("content-length", #self.bytes)
  return #self.bytes
end

-- metadata() and filterContext(): read with :get(key) only.
local Values = {}
Values.__index = Values

function Values:get(key)
  return self.values[text(key)]
end

local Handle = {}
Handle.__index = function(_, method)
  return Handle[method] or error(("spec/envoy.lua has no handle:%s() yet"):format(method), 2)
end

function Handle:headers()
  return self.stream.headers
end

-- Stops the script until the whole body is there. nil when there is none, unless `always_wrap` asks for an empty one.
function Handle:body(always_wrap)
  coroutine.yield(WAITS_FOR_BODY)
  if always_wrap and not self.stream.body then
    self.stream.body = setmetatable({ bytes = "", headers = self.stream.headers }, Buffer)
  end
  return self.stream.body
end

-- Answers the client; nothing of the script runs after it.
function Handle:respond(fields, body)
  if self.direction ~= "request" then
    error("respond not currently supported in the response path", 2)
  end
  local headers = new_headers(fields)
  local status = tonumber(headers:get(":status"))
  if not status or status < 200 or status > 599 then
    error(":status must be between 200-599", 2)
  end
  self.stream.answer = { headers = headers, body = body }
  coroutine.yield(ANSWERED)
end

function Handle:metadata()
  return setmetatable({ values = self.stream.metadata }, Values)
end

function Handle:filterContext()
  return setmetatable({ values = self.stream.filterContext }, Values)
end

for _, level in ipairs({ "Trace", "Debug", "Info", "Warn", "Err", "Critical" }) do
  Handle["log" .. level] = function(self, message)
    table.insert(self.stream.log, text(message))
  end
end

-- Runs one entry point to its end. Where the script fails, Envoy would log the error and let the traffic pass as it is
-- then; a test must fail instead.
local function run(entry, direction, given)
  local stream = {
    headers = new_headers(given.headers),
    metadata = given.metadata or {},
    filterContext = given.filterContext or {},
    log = {},
  }
  if given.body then
    stream.body = setmetatable({ bytes = given.body, headers = stream.headers }, Buffer)
  end

  local script = coroutine.create(entry)
  local handle = setmetatable({ stream = stream, direction = direction }, Handle)
  local ok, why
  repeat
    ok, why = coroutine.resume(script, handle)
    if not ok then
      error(debug.traceback(script, why), 0)
    end
  until why ~= WAITS_FOR_BODY
  if coroutine.status(script) ~= "dead" and why ~= ANSWERED then
    error("script performed an unexpected yield", 0)
  end

  stream.body = stream.body and stream.body.bytes
  return stream
end

local envoy = {}

-- Loads a script as Envoy does, with globals of its own. Its two entry points become functions that take
--   { headers = {…}, body = "…", metadata = {…}, filterContext = {…} }   (all of them optional)
-- and give back what Envoy would pass on:
--   { headers = <with get>, body = "…", log = {…}, answer = { headers = <with get>, body = "…" } or nil }
function envoy.load(path)
  local globals = {}
  for name, value in pairs(_G) do
    globals[name] = value
  end
  for name in HIDDEN:gmatch("%S+") do
    globals[name] = nil
  end
  setfenv(assert(loadfile(path)), globals)()

  return {
    on_request = function(request)
      return run(globals.envoy_on_request, "request", request)
    end,
    on_response = function(response)
      return run(globals.envoy_on_response, "response", response)
    end,
  }
end

return envoy
