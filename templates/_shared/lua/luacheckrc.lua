std = "luajit"
max_line_length = false -- formatting is up to StyLua
-- The functions that Envoy looks for.
files["lua"] = { globals = { "envoy_on_request", "envoy_on_response" } }
files["spec"] = { std = "+busted" }
