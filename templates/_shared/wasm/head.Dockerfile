# An image that Envoy Gateway loads: its last layer holds /plugin.wasm. Nothing may be copied after it.
#   docker build --provenance=false --tag <%- options.registry %>/<%- options.image || name %>:<%- versions.extension %> .
# --provenance=false makes it a plain image, for any platform. To pack what `nx build` made, and compile nothing, add
# --build-context build=dist
