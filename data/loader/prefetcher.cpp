// SPDX-License-Identifier: Apache-2.0
#include "data/loader/prefetcher.h"

#include <algorithm>

namespace uls {

Prefetcher::Prefetcher(std::int64_t threads, std::int64_t ahead, std::int64_t first, Open open, Fill fill)
    : ahead_(ahead), next_(first), open_(std::move(open)), fill_(std::move(fill)) {
  for (std::int64_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Prefetcher::~Prefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::unique_ptr<PendingBatch> Prefetcher::take() {
  open_ahead();
  std::unique_lock lock(mutex_);
  if (queue_.empty()) return nullptr;
  PendingBatch& front = *queue_.front();
  const auto items = std::int64_t(front.batch.items.size());
  while (threads_.empty() && front.claimed < items) fill_one(front, lock);
  done_.wait(lock, [&] { return front.done == items; });
  if (front.error) std::rethrow_exception(front.error);
  std::unique_ptr<PendingBatch> batch = std::move(queue_.front());
  queue_.pop_front();
  lock.unlock();
  // So that the threads go on while the consumer computes.
  if (!threads_.empty()) open_ahead();
  return batch;
}

void Prefetcher::open_ahead() {
  const std::int64_t wanted = threads_.empty() ? 1 : std::max<std::int64_t>(ahead_, 1);
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (ended_ || std::int64_t(queue_.size()) >= wanted) return;
    }
    std::unique_ptr<PendingBatch> batch = open_(next_);
    if (!batch) {
      ended_ = true;
      return;
    }
    ++next_;
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(batch));
    }
    work_.notify_all();
  }
}

PendingBatch* Prefetcher::claimable() {
  for (const auto& batch : queue_)
    if (batch->claimed < std::int64_t(batch->batch.items.size())) return batch.get();
  return nullptr;
}

void Prefetcher::fill_one(PendingBatch& batch, std::unique_lock<std::mutex>& lock) {
  const std::int64_t item = batch.claimed++;
  lock.unlock();
  std::exception_ptr error;
  try {
    fill_(batch, item);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  if (error && !batch.error) batch.error = error;
  if (++batch.done == std::int64_t(batch.batch.items.size())) done_.notify_all();
}

void Prefetcher::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    PendingBatch* batch = nullptr;
    work_.wait(lock, [&] { return stop_ || (batch = claimable()) != nullptr; });
    if (stop_) return;
    fill_one(*batch, lock);
  }
}

}  // namespace uls
