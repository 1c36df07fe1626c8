#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An installed copy serves a project outside: tests/external builds against it and differentiates an op of its own.
#
#   tests/scripts/external_test.sh BUILD_DIR
set -euo pipefail
build=$(cd "${1:?external: which build folder?}" && pwd -P)
source=$(cd "$(dirname "$0")/../.." && pwd -P)
temporary=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$temporary"' EXIT
log=$temporary/log

fail() {
  tail -n 40 "$log"
  echo "external: $1"
  exit 1
}

cmake --install "$build" --prefix "$temporary/installed" >"$log" 2>&1 || fail "the installation failed"
# The copy is moved before it is used: it must not know where it was put, let alone where it was built.
mv "$temporary/installed" "$temporary/moved"
if grep -rnF -e "$build" -e "$source" -e "$temporary/installed" --include='*.cmake' "$temporary/moved" >"$log"; then
  fail "an installed CMake file names a folder of the build"
fi
if grep -rnE '"/[^"]*\.(so|a)\b' --include='*.cmake' "$temporary/moved" >"$log"; then
  fail "an installed CMake file names a library by its path on the machine that built it"
fi
cmake -S "$source/tests/external" -B "$temporary/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$temporary/moved" >"$log" 2>&1 || fail "find_package(unilseg) failed"
cmake --build "$temporary/build" >"$log" 2>&1 || fail "the project does not build"
"$temporary/build/external" >"$log" 2>&1 || fail "a wrong result"
cat "$log"
"$temporary/moved/bin/unilseg" --version >"$log" 2>&1 || fail "the installed program does not start"
echo "external: passed"
