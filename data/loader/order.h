// SPDX-License-Identifier: Apache-2.0
// Which target is visited when: a function of (seed, epoch, position) alone, computed in constant time and
// memory, so that it is the same for any number of threads and ranks and can be entered anywhere.
//
// An epoch has as many visits as the parts have targets (of each at most its cap). Weights share these visits
// out among the parts; without weights each target is visited once. The visits of an epoch are shuffled as
// one. Each part goes through its targets in passes, each pass in another order, and goes on in the next
// epoch where it stopped in the last: n visits in a row of a part with n targets hit each of them once.
#pragma once

#include <cstdint>
#include <vector>

namespace uls {

/// What is mixed.
struct MixturePart {
  std::int64_t size = 0;  // targets
  double weight = 0;      // share of the visits, in any unit; 0 in every part: in proportion to their size
  std::int64_t cap = 0;   // most visits an epoch; 0: no limit
};

/// Visits of each part in an epoch. What a cap takes from a part goes to the others in proportion to their
/// weights. Raises Error for no parts, empty parts, and weights that are negative or 0 in some parts only.
std::vector<std::int64_t> visits_of(const std::vector<MixturePart>& parts);

struct OrderItem {
  std::int32_t part = 0;
  std::int64_t index = 0;  // of the target in the part
  std::int64_t epoch = 0, position = 0;
};

/// The endless sequence of visits to some parts.
class Order {
 public:
  struct Part {
    std::int32_t number = 0;  // what items call it
    std::int64_t size = 0, visits = 0;
  };
  /// Not shuffled: the parts one after another, each in its own order (for evaluation).
  Order(std::vector<Part> parts, std::uint64_t seed, bool shuffled);

  std::int64_t epoch_size() const { return starts_.back(); }
  /// Visit `number`, counted from 0 over all epochs.
  OrderItem at(std::int64_t number) const;

 private:
  std::vector<Part> parts_;
  std::vector<std::int64_t> starts_;  // of the parts' visits in an epoch, and their sum
  std::uint64_t seed_;
  bool shuffled_;
};

/// Batches of one Order, or of several whose batches are shuffled and never mixed (a task each).
class BatchOrder {
 public:
  /// `batch`: items of a batch over all ranks.
  BatchOrder(std::vector<Order> groups, std::int64_t batch, std::uint64_t seed);

  /// Item `slot` of batch `number`; `later` > 0 is the item that many visits after it in its group.
  OrderItem at(std::int64_t number, std::int64_t slot, std::int64_t later = 0) const;

 private:
  std::vector<Order> groups_;
  std::vector<std::int64_t> starts_;  // of the groups' batches in an epoch, and their sum
  std::int64_t batch_;
  std::uint64_t seed_;
};

}  // namespace uls
