#!/bin/sh
# Installs Trapline: downloads the program for this machine from the releases, checks its SHA-256, and
# puts it into a folder, whole or not at all.
#
#   sh install.sh [--no-unicorn] [VERSION]
#
# --no-unicorn  the build without the emulator's library, which is under the GPL-2.0
# VERSION       a release such as v0.1.0; the latest unless given
#
# TRAPLINE_INSTALL names the folder (default ~/.local/bin), TRAPLINE_REPOSITORY the repository.
set -eu

fail() {
  echo "install: $1" >&2
  exit 1
}

repository=${TRAPLINE_REPOSITORY:-trapline/trapline}
suffix=
version=latest
for argument in "$@"; do
  case $argument in
    --no-unicorn) suffix=-no-unicorn ;;
    -*) fail "unknown option \"$argument\"" ;;
    *) version=$argument ;;
  esac
done

case $(uname -s) in
  Linux) system=unknown-linux-gnu ;;
  Darwin) system=apple-darwin ;;
  *) fail "there is no build for $(uname -s); download one by hand, or run the sources with Deno" ;;
esac
case $(uname -m) in
  x86_64 | amd64) machine=x86_64 ;;
  aarch64 | arm64) machine=aarch64 ;;
  *) fail "there is no build for $(uname -m); run the sources with Deno" ;;
esac
name=trapline-$machine-$system$suffix

if [ "$version" = latest ]; then
  from=https://github.com/$repository/releases/latest/download
else
  from=https://github.com/$repository/releases/download/$version
fi
folder=${TRAPLINE_INSTALL:-${HOME:+$HOME/.local/bin}}
[ -n "$folder" ] || fail 'there is no home directory: set TRAPLINE_INSTALL to a folder'
mkdir -p "$folder" || fail "cannot make the folder \"$folder\""

# In the same folder, so that the program appears there at once.
scratch=$(mktemp -d "$folder/.trapline-XXXXXX") || fail "cannot write to \"$folder\""
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

download() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1"
  else
    fail 'neither curl nor wget is installed'
  fi
}
hash_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    sha256sum "$1"
  else
    shasum -a 256 "$1"
  fi
}

download "$from/SHA256SUMS" "$scratch/SHA256SUMS" || fail "cannot download $from/SHA256SUMS"
expected=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$name\$/\1/p" "$scratch/SHA256SUMS")
[ -n "$expected" ] || fail "the release has no \"$name\""
download "$from/$name" "$scratch/trapline" || fail "cannot download $from/$name"
found=$(hash_of "$scratch/trapline")
[ "${found%% *}" = "$expected" ] || fail "the SHA-256 of $name is ${found%% *}, but should be $expected"
chmod 755 "$scratch/trapline"
mv -f "$scratch/trapline" "$folder/trapline"

echo "installed $folder/trapline"
case ":$PATH:" in
  *":$folder:"*) ;;
  *) echo "\"$folder\" is not on the PATH: add it there to call the program by its name" ;;
esac
