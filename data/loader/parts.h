// SPDX-License-Identifier: Apache-2.0
// The sets of a mixture, and the lists of targets that the loader visits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/format/dataset.h"
#include "data/loader/order.h"

namespace uls {

/// One set of a mixture: some targets of a data set.
struct LoaderSet {
  std::shared_ptr<const Dataset> data{};
  std::string split{};        // "": all
  std::vector<Task> tasks{};  // none: all
  double weight = 0;          // see MixturePart
  std::int64_t cap = 0;
};

/// "DIR", then words of split=NAME, tasks=NAME,NAME, weight=NUMBER and cap=NUMBER. Opens the data set. Raises
/// Error for any other word.
LoaderSet parse_loader_set(const std::string& text);
std::vector<LoaderSet> parse_loader_sets(const std::vector<std::string>& texts);

/// What one visit shows.
struct PartItem {
  std::int64_t target = 0;     // index in the data set
  std::int32_t sentence = -1;  // of the target; -1: any of them
};

/// Targets of one set. 4 bytes a target where not all of the set belong to it, none otherwise.
class LoaderPart {
 public:
  LoaderPart(const LoaderSet& set, std::vector<std::uint32_t> targets, bool all);

  /// From now on an item is a sentence, in order: reads all samples once.
  void list_sentences();

  const Dataset& data() const { return *data_; }
  std::int64_t size() const;  ///< items
  PartItem item(std::int64_t index) const;

 private:
  std::int64_t target(std::int64_t index) const;

  std::shared_ptr<const Dataset> data_;
  bool all_;
  std::vector<std::uint32_t> targets_;
  std::vector<std::int64_t> firsts_;  // item of each target's first sentence, and the number of all
};

/// The parts of the sets with their shares: one a set, or one a set and task.
struct LoaderParts {
  std::vector<LoaderPart> parts{};
  std::vector<MixturePart> mixture{};
  std::vector<Task> tasks{};  // of each part, where they are by task
};

/// Raises Error naming a set without targets.
LoaderParts parts_of(const std::vector<LoaderSet>& sets, bool by_task);

}  // namespace uls
