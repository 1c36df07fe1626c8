// SPDX-License-Identifier: Apache-2.0
#include "data/tools/subset.h"

#include <string>

#include "core/base/error.h"
#include "core/random/random_state.h"

namespace uls {
namespace {

// The finalizer of MurmurHash3 (A. Appleby): every bit of the result depends on every bit of `x`.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
  return x ^ x >> 33;
}

}  // namespace

Subset::Subset(double fraction, std::int64_t seed) : fraction_(fraction), seed_(std::uint64_t(seed)) {
  ULS_CHECK(fraction > 0 && fraction <= 1,
            "subset: fraction: wrong value; got {}; expected above 0 and up to 1", fraction);
}

bool Subset::contains(const Sample& sample) const {
  const std::uint64_t hash = fnv1a(sample.video.empty() ? sample.id : sample.video);
  // 53 bits make a double in [0, 1) without rounding.
  return double(mixed(hash ^ mixed(seed_ + 1)) >> 11) * 0x1p-53 < fraction_;
}

}  // namespace uls
