// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "data/format/sample.h"

namespace uls {

/// A fraction of samples, chosen by a hash of the seed and the sample's id: adding samples to a set leaves
/// the choice among the others as it was, and a smaller fraction is part of a larger one. Frames of a clip
/// are chosen together, by the clip's name.
class Subset {
 public:
  /// Raises Error unless 0 < fraction <= 1.
  Subset(double fraction, std::int64_t seed);

  bool contains(const Sample& sample) const;

 private:
  double fraction_;
  std::uint64_t seed_;
};

}  // namespace uls
