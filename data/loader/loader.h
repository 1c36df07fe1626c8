// SPDX-License-Identifier: Apache-2.0
// Streams batches of a mixture of data sets. Threads of its own (never those of parallel_for) prepare items
// ahead; what comes is a function of the sets, the configuration and the position alone, not of the threads,
// and each rank gets its fixed share of every global batch.
//
//   Loader loader(sets, config, Loader::Mode::train);
//   while (const auto batch = loader.next()) train_on(*batch);
//
// Training never ends: items go on over the ends of epochs (order.h). Evaluation shows every target once, in
// the order of the sets; the last batch may be smaller, and that of some ranks empty.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/field.h"
#include "core/json/json.h"
#include "data/loader/batch.h"
#include "data/loader/parts.h"
#include "data/transforms/transform.h"

namespace uls {

struct LoaderConfig {
  std::vector<std::string> sets{};  // parse_loader_set()
  std::int64_t batch = 8;           // items of this rank
  std::int64_t word_len = 17;
  std::int64_t threads = -1;
  std::int64_t prefetch = 2;
  std::int64_t seed = 0;
  std::int64_t most_bad = 10;
  bool per_task = false;
  std::string sentences = "auto";
  TransformConfig transform{};
};

const FieldTable<LoaderConfig>& loader_table();

/// How the cores are divided between the loader and the compute pool.
struct CoreSplit {
  std::int64_t loader = 0, compute = 1;
};
/// `wanted` loader threads, and compute keeps the rest, at least one. -1: an eighth of the cores; below 8
/// cores one thread, which shares them with compute.
CoreSplit split_cores(std::int64_t cores, std::int64_t wanted);

class Loader {
 public:
  enum class Mode { train, evaluate };

  /// Raises Error for sets without targets and for what the configuration cannot mean. Logs the split of
  /// cores; the compute pool is the caller's to set (set_num_threads).
  Loader(const std::vector<LoaderSet>& sets, const LoaderConfig& config, Mode mode, std::int64_t rank = 0,
         std::int64_t ranks = 1);
  ~Loader();

  /// The next batch; nothing at the end of an evaluation. In training an item that cannot be read is named
  /// in the log and replaced by the one that follows it in the order. Raises DataError once more than
  /// most_bad targets were bad, and for the first in evaluation, where nothing may be left out.
  std::optional<LoadedBatch> next();

  std::int64_t epoch_size() const;  ///< items, over all ranks
  /// Batches of an evaluation; of an epoch of training, the last of which may reach into the next.
  std::int64_t batches() const;
  std::int64_t threads() const;
  const Transform& transform() const;

  /// Bad targets that batches handed over so far had to do without, each once.
  const std::vector<std::string>& bad_targets() const;

  /// The position behind the last batch that next() gave: a few whole numbers, the same on every rank.
  Json state() const;
  /// Goes on from there. Raises Error where the state is of other data, another seed or another global batch.
  void restore(const Json& state);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace uls
