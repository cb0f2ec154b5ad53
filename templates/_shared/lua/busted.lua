return {
  -- Envoy runs LuaJIT, so the tests do too.
  _all = { lua = "luajit" },
}
