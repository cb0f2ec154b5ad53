<%_
const { request, response } = options;
const sees = [request !== 'none' && 'requests', response !== 'none' && 'responses'].filter(Boolean).join(' and ');
const masks = [request, response].includes('Buffered');
_%>
-- What Envoy does with <%- sees %>. This is the file to edit.
--
-- It runs inside the proxy, in LuaJIT (Lua 5.1): nothing here may block, and every worker thread has its own globals.
-- Envoy Gateway tries the script before Envoy gets it, and refuses require, load, setmetatable, bit and debug.

<%_ if (request !== 'none') { _%>
-- TODO: set the header that every request gets on its way to the upstream.
local REQUEST_HEADER = { name = "x-eg-request", value = "<%- name %>" }
-- TODO: set the request header, and the value of it, that is answered with 403.
local DENY_HEADER = { name = "x-eg-deny", value = "true" }
<%_ } _%>
<%_ if (response !== 'none') { _%>
-- TODO: set the header that every response gets on its way to the client.
local RESPONSE_HEADER = { name = "x-eg-response", value = "<%- name %>" }
<%_ } _%>
<%_ if (masks) { _%>

-- Hides every ASCII digit and keeps the length.
local function mask_digits(text)
  return (text:gsub("%d", "*"))
end

-- Waits until Envoy holds the whole body. Where there is none (a GET, the answer to a HEAD), body() is nil.
local function mask_body(handle)
  local body = handle:body()
  if body then
    body:setBytes(mask_digits(body:getBytes(0, body:length())))
  end
end
<%_ } _%>
<%_ if (request !== 'none') { _%>

function envoy_on_request(request_handle)
  local headers = request_handle:headers()

  if headers:get(DENY_HEADER.name) == DENY_HEADER.value then
    local answer = { [":status"] = "403", ["content-type"] = "text/plain" }
    return request_handle:respond(answer, "denied by <%- name %>\n")
  end

  -- replace, not add: what the client sent under this name must not reach the upstream.
  headers:replace(REQUEST_HEADER.name, REQUEST_HEADER.value)
<%_ if (request === 'Buffered') { _%>
  mask_body(request_handle)
<%_ } _%>
end
<%_ } _%>
<%_ if (response !== 'none') { _%>

function envoy_on_response(response_handle)
  response_handle:headers():replace(RESPONSE_HEADER.name, RESPONSE_HEADER.value)
<%_ if (response === 'Buffered') { _%>
  mask_body(response_handle)
<%_ } _%>
end
<%_ } _%>
