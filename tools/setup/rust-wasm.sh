#!/usr/bin/env bash
# A Rust toolchain with the target wasm32-wasip1 for machines where rustup cannot download it: Debian's compiler, and the
# standard library built from Debian's sources of it. About a minute, once; lands in the cache, where npm test finds it.
set -euo pipefail

sysroot=${XDG_CACHE_HOME:-$HOME/.cache}/eg-plugin/rust-wasm
target=wasm32-wasip1

packages=(rustc-web cargo-web rust-web-src rustfmt-web rust-web-clippy lld-19 wasi-libc)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if ((${#missing[@]})); then
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

version="$(/usr/bin/rustc --version) $(sha256sum "$0" | cut -c1-16)"
if [ "$(cat "$sysroot/version" 2>/dev/null)" = "$version" ]; then
  exit 0
fi
host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Any crate will do: what counts is the standard library that cargo builds for it.
mkdir "$work/src"
touch "$work/src/lib.rs"
cat >"$work/Cargo.toml" <<'TOML'
[package]
name = "empty"
version = "0.0.0"
edition = "2021"
TOML
env -u RUSTUP_TOOLCHAIN -u CARGO_TARGET_DIR RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
  RUSTFLAGS=-Cembed-bitcode=yes CARGO_PROFILE_RELEASE_DEBUG=false \
  /usr/bin/cargo build -Zbuild-std=std,panic_abort,panic_unwind --release --target "$target" \
  --manifest-path "$work/Cargo.toml" --target-dir "$work/target"

rm -rf "$sysroot"
libraries=$sysroot/lib/rustlib/$target/lib
mkdir -p "$sysroot/bin" "$libraries/self-contained" "$sysroot/lib/rustlib/$host/bin"
find "$work/target/$target/release/deps" -name '*.rlib' ! -name 'libempty-*' -exec cp -t "$libraries" {} +
cp /usr/lib/wasm32-wasi/crt1-*.o /usr/lib/wasm32-wasi/*.a "$libraries/self-contained/"
ln -s "/usr/lib/rustlib/$host/lib" "$sysroot/lib/rustlib/$host/lib"
ln -s /usr/lib/llvm-19/bin/lld "$sysroot/lib/rustlib/$host/bin/rust-lld"

# Debian's compilers always look below /usr, so each is wrapped to look here.
for tool in rustc rustdoc clippy-driver; do
  printf '#!/bin/sh\nexec /usr/bin/%s "$@" --sysroot "%s"\n' "$tool" "$sysroot" >"$sysroot/bin/$tool"
  chmod +x "$sysroot/bin/$tool"
done
for tool in cargo cargo-fmt rustfmt; do
  ln -s "/usr/bin/$tool" "$sysroot/bin/$tool"
done
# cargo-clippy looks for clippy-driver beside itself, links resolved.
cp /usr/bin/cargo-clippy "$sysroot/bin/"
echo "$version" >"$sysroot/version"
