// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "data/loader/loader.h"

namespace uls {

const FieldTable<LoaderConfig>& loader_table() {
  static const auto table = [] {
    FieldTable<LoaderConfig> fields("data");
    using C = LoaderConfig;
    fields.add("sets", &C::sets, "each: DIR [split=NAME] [tasks=NAME,NAME] [weight=NUMBER] [cap=NUMBER]");
    fields.add("batch", &C::batch, "items of a batch, of each rank").range(1, 65536);
    fields.add("word_len", &C::word_len, "ids of a text: longer ones are cut").range(2, 77);
    fields.add("threads", &C::threads, "loader threads; -1: an eighth of the cores; 0: none").range(-1, 1024);
    fields.add("prefetch", &C::prefetch, "batches made ahead").range(1, 1024);
    fields.add("seed", &C::seed, "of the order, the sentences and the augmentation").range(0, 9e15);
    fields.add("most_bad", &C::most_bad, "bad targets that training does without before it stops")
        .range(0, 1e9);
    fields.add("per_task", &C::per_task, "batches of training hold one task each");
    fields
        .add("sentences", &C::sentences,
             "which of a target's texts; auto: random in training, the first in evaluation")
        .choices({"auto", "random", "first", "all"});
    fields.section("transform", &C::transform, transform_table());
    return fields;
  }();
  return table;
}

// Of fewer cores the loader's thread would idle on one that compute misses.
constexpr std::int64_t kManyCores = 8;

CoreSplit split_cores(std::int64_t cores, std::int64_t wanted) {
  if (wanted < 0) return cores < kManyCores ? CoreSplit{1, cores} : CoreSplit{cores / 8, cores - cores / 8};
  return {wanted, std::max<std::int64_t>(1, cores - wanted)};
}

}  // namespace uls
