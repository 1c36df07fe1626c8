// SPDX-License-Identifier: Apache-2.0
#include "data/loader/order.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "data/loader/permutation.h"

namespace uls {
namespace {

// Streams of keys: 0 mixes parts, 1 mixes groups, the parts have theirs behind them.
constexpr std::uint64_t kMixParts = 0, kMixGroups = 1, kFirstPart = 2;

std::int64_t most_visits(const MixturePart& part) { return part.cap > 0 ? part.cap : std::int64_t(1) << 40; }

// Index of the interval [starts[i], starts[i + 1]) that holds x.
std::size_t interval_of(const std::vector<std::int64_t>& starts, std::int64_t x) {
  return std::size_t(std::ranges::upper_bound(starts, x) - starts.begin()) - 1;
}

void append_start(std::vector<std::int64_t>& starts, std::int64_t count) {
  starts.push_back(starts.back() + count);
}

// Shares `total` out by weight among the parts that are `open`; rounded so that they sum to it.
void share_out(std::int64_t total, const std::vector<MixturePart>& parts, const std::vector<bool>& open,
               std::vector<std::int64_t>& visits) {
  double sum = 0, done = 0;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (open[i]) sum += parts[i].weight;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!open[i]) continue;
    const std::int64_t before = std::llround(double(total) * done / sum);
    done += parts[i].weight;
    visits[i] = std::llround(double(total) * done / sum) - before;
  }
}

}  // namespace

std::vector<std::int64_t> visits_of(const std::vector<MixturePart>& parts) {
  ULS_CHECK(!parts.empty(), "mixture: nothing to mix; expected at least one set");
  std::vector<std::int64_t> visits;
  std::int64_t total = 0, weighted = 0;
  for (const MixturePart& part : parts) {
    ULS_CHECK(part.size >= 1, "mixture: a part has no targets; expected at least one");
    ULS_CHECK(part.weight >= 0 && std::isfinite(part.weight) && part.cap >= 0,
              "mixture: wrong weight or cap; got {} and {}; expected 0 or more", part.weight, part.cap);
    visits.push_back(std::min(part.size, most_visits(part)));
    total += visits.back();
    weighted += part.weight > 0;
  }
  if (weighted == 0) return visits;
  ULS_CHECK(weighted == std::int64_t(parts.size()),
            "mixture: only some parts have a weight; got {} of {}; expected all or none", weighted,
            parts.size());
  std::vector<bool> open(parts.size(), true);
  for (bool settled = false; !settled;) {
    share_out(total, parts, open, visits);
    settled = true;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (!open[i] || visits[i] <= most_visits(parts[i])) continue;
      visits[i] = most_visits(parts[i]);
      total -= visits[i];
      open[i] = settled = false;
    }
  }
  for (std::int64_t& count : visits) count = std::max<std::int64_t>(count, 1);
  return visits;
}

Order::Order(std::vector<Part> parts, std::uint64_t seed, bool shuffled)
    : parts_(std::move(parts)), starts_{0}, seed_(seed), shuffled_(shuffled) {
  for (const Part& part : parts_) append_start(starts_, part.visits);
  ULS_CHECK(epoch_size() >= 1, "order: nothing to visit; expected at least one target");
}

OrderItem Order::at(std::int64_t number) const {
  const std::int64_t epoch = number / epoch_size(), position = number % epoch_size();
  const auto shuffled = [&](std::int64_t size, std::uint64_t stream, std::int64_t pass, std::int64_t i) {
    if (!shuffled_) return i;
    return Permutation(size, permutation_key(seed_, stream, std::uint64_t(pass)))(i);
  };
  const std::int64_t visit = shuffled(epoch_size(), kMixParts, epoch, position);
  const std::size_t p = interval_of(starts_, visit);
  const Part& part = parts_[p];
  const std::int64_t of_part = epoch * part.visits + visit - starts_[p];
  const std::uint64_t stream = kFirstPart + std::uint64_t(part.number);
  return {part.number, shuffled(part.size, stream, of_part / part.size, of_part % part.size), epoch,
          position};
}

BatchOrder::BatchOrder(std::vector<Order> groups, std::int64_t batch, std::uint64_t seed)
    : groups_(std::move(groups)), starts_{0}, batch_(batch), seed_(seed) {
  ULS_CHECK(!groups_.empty() && batch >= 1, "order: nothing to batch; got {} groups and batches of {}",
            groups_.size(), batch);
  for (const Order& group : groups_) {
    const double batches = double(group.epoch_size()) / double(batch);
    append_start(starts_, std::max<std::int64_t>(1, std::llround(batches)));
  }
}

OrderItem BatchOrder::at(std::int64_t number, std::int64_t slot, std::int64_t later) const {
  if (groups_.size() == 1) return groups_[0].at(number * batch_ + slot + later);
  const std::int64_t batches = starts_.back(), epoch = number / batches;
  const Permutation mixed(batches, permutation_key(seed_, kMixGroups, std::uint64_t(epoch)));
  const std::int64_t visit = mixed(number % batches);
  const std::size_t g = interval_of(starts_, visit);
  const std::int64_t of_group = epoch * (starts_[g + 1] - starts_[g]) + visit - starts_[g];
  return groups_[g].at(of_group * batch_ + slot + later);
}

}  // namespace uls
