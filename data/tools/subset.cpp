// SPDX-License-Identifier: Apache-2.0
#include "data/tools/subset.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/base/strings.h"
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

ClassChoice::ClassChoice(const Manifest& manifest, const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const auto& [task, list] : manifest.class_lists)
    known.insert(known.end(), list.names.begin(), list.names.end());
  for (const std::string& name : names) {
    const std::size_t before = chosen_.size();
    for (const auto& [task, list] : manifest.class_lists)
      if (const auto found = std::ranges::find(list.names, name); found != list.names.end())
        chosen_.insert({task, std::int32_t(found - list.names.begin())});
    ULS_CHECK(chosen_.size() > before, "subset: class: got '{}'{}; expected, each once, of {}", name,
              did_you_mean(name, known), known.empty() ? "a set with class lists" : join(known, ", "));
  }
}

void ClassChoice::keep(Sample& sample) const {
  std::erase_if(sample.targets, [&](const Target& target) {
    return !chosen_.contains({target.task, target.category});
  });
}

// Another seed than that of a fraction, which would be held out as a whole.
HeldOut::HeldOut(const Dataset& set, double fraction, std::int64_t seed) : chosen_(fraction, ~seed) {
  ULS_CHECK(fraction < 1, "subset: held-out: wrong value; got {}; expected between 0 and 1", fraction);
  ULS_CHECK(set.splits().size() <= 1,
            "subset: held-out: {} has splits already; got {}; expected a set of one split", set.path(),
            join(set.splits(), ", "));
}

}  // namespace uls
