// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "data/format/dataset.h"

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

/// Targets of some classes, by the names of the set's class lists.
class ClassChoice {
 public:
  /// Raises Error for a name that no list has.
  ClassChoice(const Manifest& manifest, const std::vector<std::string>& names);

  /// Drops the sample's other targets.
  void keep(Sample& sample) const;

 private:
  std::set<std::pair<Task, std::int32_t>> chosen_;  // tasks and categories
};

/// A set that comes without a held-out split gets one: a fraction of its samples, chosen likewise, becomes
/// "val", all others "train". Clips are held out as a whole.
class HeldOut {
 public:
  /// Raises Error unless 0 < fraction < 1, and for a set that has several splits.
  HeldOut(const Dataset& set, double fraction, std::int64_t seed);

  const char* split_of(const Sample& sample) const { return chosen_.contains(sample) ? "val" : "train"; }

 private:
  Subset chosen_;
};

}  // namespace uls
