// SPDX-License-Identifier: Apache-2.0
// Batches made ahead by threads: a bounded queue in order, whose items any thread may fill.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "data/loader/batch.h"

namespace uls {

/// A bad item that was replaced.
struct BadItem {
  std::int32_t part = 0;
  std::int64_t index = 0;
  std::string text{};
};

/// A batch with a room for each item.
struct PendingBatch {
  LoadedBatch batch{};
  std::vector<std::vector<BadItem>> bad{};  // of each item

  // The prefetcher's own.
  std::int64_t claimed = 0, done = 0;
  std::exception_ptr error{};
};

class Prefetcher {
 public:
  using Open = std::function<std::unique_ptr<PendingBatch>(std::int64_t number)>;
  using Fill = std::function<void(PendingBatch& batch, std::int64_t item)>;

  /// `open` is called by the consumer's thread in order and returns null at the end; `fill` by any thread for
  /// each item once. Without threads take() does all.
  Prefetcher(std::int64_t threads, std::int64_t ahead, std::int64_t first, Open open, Fill fill);
  /// Waits for the items in work; the rest is dropped.
  ~Prefetcher();

  /// The next batch, or null at the end. Rethrows the error of the first item that fails with one.
  std::unique_ptr<PendingBatch> take();

 private:
  void open_ahead();
  void work();
  PendingBatch* claimable();
  void fill_one(PendingBatch& batch, std::unique_lock<std::mutex>& lock);

  std::int64_t ahead_, next_;
  Open open_;
  Fill fill_;
  bool ended_ = false;

  std::mutex mutex_;
  std::condition_variable work_, done_;
  std::deque<std::unique_ptr<PendingBatch>> queue_;  // guarded, as are the batches' own counts
  bool stop_ = false;                                // guarded
  std::vector<std::thread> threads_;
};

}  // namespace uls
