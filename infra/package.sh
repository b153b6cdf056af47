#!/bin/sh
# Builds the package: the folder dist/app and, with the same contents, dist/status-update.zip.
# The same source gives the same bytes.
#
#   infra/package.sh                     builds for Linux x86-64 with the tools of this machine
#   infra/package.sh --target TARGET     x86_64-unknown-linux-musl, or x86_64-unknown-linux-gnu.2.28
#   infra/package.sh --binary FILE       uses a program that is already built
#   infra/package.sh … --out FOLDER      instead of dist
set -eu

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0"
  exit 64
}
fail() {
  echo "package.sh: $*" >&2
  exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
target='' binary='' out="$root/dist"
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --target) target=$2 ;;
    --binary) binary=$2 ;;
    --out) out=$2 ;;
    *) usage ;;
  esac
  shift 2
done
command -v zip >/dev/null || fail 'zip is missing: install it (Debian and Ubuntu: apt-get install zip)'

has_std() { [ -d "$(rustc --print sysroot)/lib/rustlib/$1/lib" ]; }
has() { command -v "$1" >/dev/null 2>&1; }

# Static if this machine can build it; else against a glibc older than the platform's.
choose_target() {
  if has_std x86_64-unknown-linux-musl && { has musl-gcc || has cargo-zigbuild; }; then
    echo x86_64-unknown-linux-musl
  elif has_std x86_64-unknown-linux-gnu && has cargo-zigbuild; then
    echo x86_64-unknown-linux-gnu.2.28
  else
    fail 'nothing here builds for the platform. Either
  rustup target add x86_64-unknown-linux-musl, with musl-gcc (Debian and Ubuntu: apt-get install musl-tools)
or, also on macOS,
  rustup target add x86_64-unknown-linux-gnu, and in a virtual environment of Python
  pip install cargo-zigbuild ziglang'
  fi
}

# No path of this machine goes into the program: a different machine produces the same bytes. The
# flags are passed in the two forms in which a path may have spaces.
build() {
  cargo_home=${CARGO_HOME:-$HOME/.cargo} separator=$(printf '\037')
  flags=$(printf %s "${RUSTFLAGS:-}" | tr -s ' ' "$separator")
  for map in "$root=/status-update" "$cargo_home=/cargo" "$(rustc --print sysroot)=/rust"; do
    flags="${flags:+$flags$separator}--remap-path-prefix=$map"
  done
  maps="'-ffile-prefix-map=$root=/status-update' '-ffile-prefix-map=$cargo_home=/cargo'"
  export CARGO_ENCODED_RUSTFLAGS="$flags" CC_SHELL_ESCAPED_FLAGS=1 CFLAGS="${CFLAGS:-} $maps"
  export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target}"
  case $target in
    x86_64-unknown-linux-musl)
      if has musl-gcc; then
        export CC_x86_64_unknown_linux_musl=musl-gcc
        set -- build
      else
        set -- zigbuild
      fi ;;
    x86_64-unknown-linux-gnu.2.28) set -- zigbuild ;;
    *) fail "--target $target: it may be x86_64-unknown-linux-musl or x86_64-unknown-linux-gnu.2.28" ;;
  esac
  (cd "$root" && cargo "$@" --release --locked --bin "$name" --target "$target") >&2
  binary="$CARGO_TARGET_DIR/${target%.2.28}/release/$name"
}

# func marks the entry of exactly this name as executable.
name=$(sed -n 's/.*"defaultExecutablePath": "\(.*\)".*/\1/p' "$root/host.json")
[ -n "$name" ] || fail 'host.json names no defaultExecutablePath'
if [ -z "$binary" ]; then
  [ -n "$target" ] || target=$(choose_target) || exit 1
  build
fi

mkdir -p "$out"
out=$(cd "$out" && pwd)
app="$out/app"
rm -rf "$app" "$out/status-update.zip"
mkdir "$app"
cp "$binary" "$app/$name"
cp "$root/host.json" "$app/"
for function in "$root"/*/function.json; do
  folder=$(basename "$(dirname "$function")")
  mkdir "$app/$folder"
  cp "$function" "$app/$folder/"
done
# The page's configuration, and the folder of its logo, stylesheet and templates.
if [ -f "$root/status.toml" ]; then cp "$root/status.toml" "$app/"; fi
if [ -d "$root/site" ]; then cp -RL "$root/site" "$app/site"; fi

# Sorted names, fixed times and modes, nothing else of this machine. Zip times start in 1980, in
# local time: any later day works in every zone.
cd "$app"
find . -type d -exec chmod 755 {} +
find . -type f -exec chmod 644 {} +
chmod 755 "$name"
find . -exec env TZ=UTC touch -t 200001010000 {} +
find . -type f | sed 's|^\./||' | LC_ALL=C sort | TZ=UTC zip -q -9 -X -D "$out/status-update.zip" -@
echo "$out/status-update.zip: $(wc -c <"$out/status-update.zip" | tr -d ' ') bytes" >&2
