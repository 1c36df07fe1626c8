#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# scripts/new_op in a copy of the sources: the new rooms build with nothing else edited, fail by name for want of their
# formulas, and pass once these are written.
set -euo pipefail
cd "$(dirname "$0")/../.."
# A git hook points git at the repository that it runs in; the copy has one of its own.
unset "${!GIT_@}"

fail() {
  echo "new_op: $1"
  exit 1
}

copy=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$copy"' EXIT
# Files that git knows but that are deleted are left out.
git ls-files -co --exclude-standard -z | tar --null -T - --ignore-failed-read -cf - 2>/dev/null | tar -xf - -C "$copy"
cd "$copy"
git init -q && git add -A
# The compiler's cache then sees the same paths in every copy.
export CCACHE_BASEDIR=$copy CCACHE_NOHASHDIR=1
log=build/log
mkdir build

build() {
  cmake --build build/cpu --target kernels_tests >"$log" 2>&1 || { tail -n 40 "$log"; fail "$1"; }
}

# refused TEXT ARGUMENT...: the script says TEXT and writes nothing.
refused() {
  local text=$1
  shift
  if scripts/new_op "$@" 2>"$log"; then fail "not refused: $*"; fi
  grep -qF -- "$text" "$log" || { cat "$log"; fail "refused without '$text': $*"; }
}
refused "unknown family; got 'nonsense'; expected one of primitives pointwise" nonsense demo_op
refused "not a name in snake_case; got 'DemoOp'" pointwise DemoOp
refused "the name has a meaning already; got 'switch'" pointwise switch
refused "the name is taken; got 'layer_norm'; expected one other than that of kernels/norm/layer_norm" loss layer_norm
refused "the name is taken; got 'relu'" pointwise relu
refused "the name is taken; got 'contiguous'" norm contiguous

scripts/new_op pointwise demo_op >"$log"
scripts/new_op norm demo_norm >"$log"
refused "the name is taken; got 'demo_op'" pointwise demo_op
edited=$(git diff --name-only)
[[ -z $edited ]] || fail "files of others were edited: $edited"
stray=$(git ls-files -o --exclude-standard | grep -vE '^(tests/)?kernels/(pointwise/demo_op|norm/demo_norm)(/|_test\.cpp$)' || true)
[[ -z $stray ]] || fail "files lie outside of the rooms: $stray"

cmake --preset cpu >"$log" 2>&1 || { tail -n 40 "$log"; fail "the copy does not configure"; }
build "the rooms do not build as generated"
tests=build/cpu/tests/kernels_tests

# unwritten NAME LABEL TEXT...: the room's own test and every row fail, down to the last one, and say TEXT.
unwritten() {
  local name=$1 label=$2 text
  shift 2
  if "$tests" "$name*" >"$log"; then fail "the test of $name passes without a formula"; fi
  if "$tests" "op table*" -c "$name" >>"$log"; then fail "the rows of $name pass without a formula"; fi
  for text in "  $label" "$@"; do grep -qF -- "$text" "$log" || { cat "$log"; fail "no '$text' in the failures of $name"; }; done
}
unwritten demo_op "[1, 129]" "demo_op: the formula is not written; got value(" \
  "demo_op: finite results and gradients" "kernels/pointwise/demo_op/demo_op_math.h"
unwritten demo_norm "[4, 67]" "demo_norm: the formula is not written; got value() of 67 elements" \
  "demo_norm: finite results and gradients" "kernels/norm/demo_norm/demo_norm_math.h"
"$tests" "op table*" -c layer_norm >"$log" || { cat "$log"; fail "the rows of layer_norm fail beside unwritten ones"; }

# write FILE SIGNATURE BODY: BODY in place of the statement, the only one of the function, that raises the error.
write() { sed -i "/$2/,/);\$/{/$2/b; /);\$/c\\$3
d}" "$1"; }
math=kernels/pointwise/demo_op/demo_op_math.h
write $math 'A value(' 'return x / (A(1) + std::abs(x));'
write $math 'A slope(' 'return A(1) / ((A(1) + std::abs(x)) * (A(1) + std::abs(x)));'
write kernels/pointwise/demo_op/demo_op_cases.cpp 'double reference_of(' 'return x < 0 ? x / (1 - x) : 1 - 1 / (1 + x);'

math=kernels/norm/demo_norm/demo_norm_math.h
sum='A sum = 0; for (const A v : x) sum += v * v; const A s = A(1) / std::sqrt(sum / A(x.size()) + A(1e-5));'
write $math 'void value(' "$sum for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] * s;"
write $math 'void gradient(' "$sum A dot = 0; for (std::size_t i = 0; i < x.size(); ++i) dot += dy[i] * x[i] / A(x.size());\
 for (std::size_t i = 0; i < x.size(); ++i) dx[i] = s * (dy[i] - x[i] * s * s * dot);"
write kernels/norm/demo_norm/demo_norm_cases.cpp 'void reference_of(' \
  'double mean = 1e-5; for (const double v : row) mean += v * v / double(row.size()); for (double& v : row) v /= std::sqrt(mean);'

build "the rooms do not build with their formulas"
for name in demo_op demo_norm; do
  "$tests" "$name*" >"$log" || { cat "$log"; fail "the test of $name fails with its formula"; }
  "$tests" "op table*" -c "$name" >"$log" || { cat "$log"; fail "the rows of $name fail with its formula"; }
done
echo "new_op: passed"
