<%_ const { request, response } = options; _%>
local envoy = require("spec.envoy")

local filter = envoy.load("lua/filter.lua")
<%_ if (request !== 'none') { _%>

describe("a request", function()
  it("gets the header", function()
    local request = filter.on_request({ headers = { [":path"] = "/" } })
    assert.are.equal("<%- name %>", request.headers:get("x-eg-request"))
    assert.is_nil(request.answer)
  end)

  it("cannot bring the header itself", function()
    local request = filter.on_request({ headers = { ["X-EG-Request"] = { "one", "two" } } })
    assert.are.equal("<%- name %>", request.headers:get("x-eg-request"))
  end)

  it("is answered with 403 when the deny header says so", function()
    local request = filter.on_request({ headers = { ["X-EG-Deny"] = "true" } })
    assert.are.equal("403", request.answer.headers:get(":status"))
    assert.are.equal("text/plain", request.answer.headers:get("content-type"))
    assert.are.equal("denied by <%- name %>\n", request.answer.body)
  end)

  it("passes with any other value of the deny header", function()
    local request = filter.on_request({ headers = { ["x-eg-deny"] = "false" } })
    assert.is_nil(request.answer)
  end)
<%_ if (request === 'Buffered') { _%>

  it("has the digits of its body masked", function()
    local request = filter.on_request({ body = "card 4011, thanks" })
    assert.are.equal("card ****, thanks", request.body)
  end)

  it("stays without a body when it has none", function()
    local request = filter.on_request({})
    assert.is_nil(request.body)
    assert.is_nil(request.headers:get("content-length"))
  end)
<%_ } else { _%>

  it("keeps its body", function()
    local request = filter.on_request({ body = "card 4111" })
    assert.are.equal("card 4111", request.body)
  end)
<%_ } _%>
end)
<%_ } _%>
<%_ if (response !== 'none') { _%>

describe("a response", function()
  it("gets the header, whatever the upstream set", function()
    local response = filter.on_response({ headers = { ["x-eg-response"] = "upstream" } })
    assert.are.equal("<%- name %>", response.headers:get("x-eg-response"))
  end)
<%_ if (response === 'Buffered') { _%>

  it("has the digits of its body masked", function()
    local response = filter.on_response({ body = "card 4011, thanks" })
    assert.are.equal("card ****, thanks", response.body)
  end)

  it("keeps the length that the answer to a HEAD announces", function()
    local response = filter.on_response({ headers = { ["content-length"] = "42" } })
    assert.is_nil(response.body)
    assert.are.equal("42", response.headers:get("content-length"))
  end)
<%_ } else { _%>

  it("keeps its body", function()
    local response = filter.on_response({ body = "card 4111" })
    assert.are.equal("card 4111", response.body)
  end)
<%_ } _%>
end)
<%_ } _%>
