#!/usr/bin/env bash
# Guess: a file that is not there ends rsync with 23 ("some files were not transferred"), also where the server runs `rrsync`, and
# `--ignore-missing-args` makes it 0.
# Behaviour: so it is with rrsync 3.2.7. The rrsync of 3.5.0 opens what is to be read before it starts rsync, takes a file that is missing
# for a race, and ends: the client reports a closed connection, 12, whatever options it has. A filter for the name ends with 0.
# Meaning: whether a file is there is asked by a listing or by a filter, never by the exit status of a transfer.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir site
echo page >site/index.html
for version in 3.2.7-1+deb12u6 3.5.0+ds1-0+deb12u1; do
  apt-get download -qq "rsync=$version" >apt.log 2>&1 || { cat apt.log; exit 1; }
  dpkg -x rsync_"$version"_*.deb "$version"
  # `rrsync` starts the rsync of the system; each is tried with its own.
  find "$version" -name rrsync -type f -exec sed -i "s|/usr/bin/rsync|$work/$version/usr/bin/rsync|" {} +
  rrsync=$(find "$work/$version" -name rrsync -type f | head -1)
  cat >"shell-$version" <<SHELL
#!/bin/sh
shift
SSH_CONNECTION=client SSH_ORIGINAL_COMMAND="\$*" exec python3 "$rrsync" "$work/site"
SHELL
  chmod +x "shell-$version"
done
try() {
  local version=$1 code=0
  shift
  "$version/usr/bin/rsync" -e "./shell-$version" "$@" copies/ >rsync.log 2>&1 || code=$?
  echo "${version%%[-+]*} ${*//host:/}: $code"
}
for version in 3.2.7-1+deb12u6 3.5.0+ds1-0+deb12u1; do
  try "$version" host:index.html
  try "$version" host:missing.html
  try "$version" --ignore-missing-args host:missing.html
  try "$version" -r --include=missing.html --exclude='*' host:
done | tee seen
cat >expected <<'TEXT'
3.2.7 index.html: 0
3.2.7 missing.html: 23
3.2.7 --ignore-missing-args missing.html: 0
3.2.7 -r --include=missing.html --exclude=* : 0
3.5.0 index.html: 0
3.5.0 missing.html: 12
3.5.0 --ignore-missing-args missing.html: 12
3.5.0 -r --include=missing.html --exclude=* : 0
TEXT
diff expected seen && echo "as found"
