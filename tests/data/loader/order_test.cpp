// SPDX-License-Identifier: Apache-2.0
#include "data/loader/order.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "data/loader/permutation.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

std::vector<std::int64_t> permuted(std::int64_t size, std::uint64_t key) {
  const Permutation permutation(size, key);
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < size; ++i) result.push_back(permutation(i));
  return result;
}

std::vector<std::int64_t> counted(std::int64_t size) {
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < size; ++i) result.push_back(i);
  return result;
}

Order order_of(const std::vector<MixturePart>& parts, std::uint64_t seed = 3, bool shuffled = true) {
  const std::vector<std::int64_t> visits = visits_of(parts);
  std::vector<Order::Part> members;
  for (std::size_t i = 0; i < parts.size(); ++i)
    members.push_back({std::int32_t(i), parts[i].size, visits[i]});
  return Order(members, seed, shuffled);
}

using Counts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("permutation: hits each once, for every size") {
  for (std::int64_t size = 1; size <= 300; ++size) {
    auto hit = permuted(size, std::uint64_t(size) * 77);
    std::ranges::sort(hit);
    REQUIRE(hit == counted(size));
  }
  const std::int64_t large = 10'000'019;
  const Permutation permutation(large, 5);
  std::vector<bool> hit(static_cast<std::size_t>(large));
  for (std::int64_t i = 0; i < large; i += 1) hit[std::size_t(permutation(i))] = true;
  CHECK(std::ranges::count(hit, true) == large);
}

TEST_CASE("permutation: keys give others, and every order of a few comes up") {
  CHECK(permuted(100, 1) != permuted(100, 2));
  CHECK(permuted(100, 1) == permuted(100, 1));
  std::map<std::vector<std::int64_t>, int> seen;
  for (std::uint64_t key = 0; key < 6000; ++key) ++seen[permuted(4, permutation_key(key, 1, 2))];
  CHECK(seen.size() == 24);
  // 250 each were they uniform; a Feistel network so small is near enough.
  for (const auto& [order, count] : seen) CHECK(count > 60);
  // Mean distance of what were neighbours: a third of the size for random ones.
  const auto order = permuted(1000, 9);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < order.size(); ++i) sum += double(std::abs(order[i] - order[i + 1]));
  CHECK(sum / 999 == Approx(333).margin(30));
}

TEST_CASE("mixture: visits follow sizes, weights and caps") {
  CHECK(visits_of({{10, 0, 0}, {30, 0, 0}}) == Counts{10, 30});
  CHECK(visits_of({{10, 0, 0}, {30, 0, 5}}) == Counts{10, 5});
  CHECK(visits_of({{10, 1, 0}, {30, 1, 0}}) == Counts{20, 20});
  CHECK(visits_of({{100, 9, 0}, {100, 3, 0}, {100, 3, 0}, {100, 1, 0}}) == Counts{225, 75, 75, 25});
  // 45 visits of an epoch: 12 at most for the first, the rest 2 : 1.
  CHECK(visits_of({{20, 3, 12}, {20, 2, 0}, {13, 1, 0}}) == Counts{12, 22, 11});
  CHECK(visits_of({{5, 1, 2}, {5, 1, 2}}) == Counts{2, 2});
  CHECK(visits_of({{1000, 1, 0}, {10, 1e-9, 0}}) == Counts{1010, 1});
  CHECK(error_of([] {
          visits_of({{5, 1, 0}, {5, 0, 0}});
        }) == "mixture: only some parts have a weight; got 1 of 2; expected all or none");
  CHECK(error_of([] { visits_of({}); }) == "mixture: nothing to mix; expected at least one set");
  CHECK(error_of([] { visits_of({{0, 0, 0}}); }) == "mixture: a part has no targets; expected at least one");
  CHECK(error_of([] {
          visits_of({{5, -1, 0}});
        }) == "mixture: wrong weight or cap; got -1 and 0; expected 0 or more");
}

TEST_CASE("order: an epoch visits each target once, in another order each time") {
  const Order order = order_of({{40, 0, 0}, {25, 0, 0}});
  REQUIRE(order.epoch_size() == 65);
  std::set<std::vector<std::int64_t>> orders;
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    std::set<std::pair<int, std::int64_t>> seen;
    std::vector<std::int64_t> sequence;
    for (std::int64_t i = 0; i < 65; ++i) {
      const OrderItem item = order.at(epoch * 65 + i);
      CHECK((item.epoch == epoch && item.position == i));
      seen.insert({item.part, item.index});
      sequence.push_back(item.part * 100 + item.index);
    }
    CHECK(seen.size() == 65);
    orders.insert(sequence);
  }
  CHECK(orders.size() == 4);
}

TEST_CASE("order: weights and caps are kept in each epoch, and passes stay whole") {
  const Order order = order_of({{20, 3, 12}, {20, 2, 0}, {13, 1, 0}});
  std::map<int, std::vector<std::int64_t>> visited;
  for (std::int64_t epoch = 0; epoch < 7; ++epoch) {
    std::map<int, int> counts;
    for (std::int64_t i = 0; i < 45; ++i) {
      const OrderItem item = order.at(epoch * 45 + i);
      ++counts[item.part];
    }
    CHECK(counts == std::map<int, int>{{0, 12}, {1, 22}, {2, 11}});
  }
  // 60 epochs: 720 visits to 20 targets, 1320 to 20, 660 to 13.
  for (std::int64_t i = 0; i < 60 * 45; ++i) {
    const OrderItem item = order.at(i);
    visited[item.part].push_back(item.index);
  }
  for (const auto& [part, size] : {std::pair{0, 20}, {1, 20}, {2, 13}}) {
    std::map<std::int64_t, int> counts;
    for (const std::int64_t index : visited[part]) ++counts[index];
    CHECK(std::int64_t(counts.size()) == size);
    const auto [least, most] =
        std::ranges::minmax_element(counts, {}, [](const auto& one) { return one.second; });
    CHECK(most->second - least->second <= 1);
  }
}

TEST_CASE("order: without shuffling the parts follow one another") {
  const Order order = order_of({{2, 0, 0}, {3, 0, 0}}, 1, false);
  std::vector<std::pair<int, std::int64_t>> sequence;
  for (std::int64_t i = 0; i < 5; ++i) sequence.emplace_back(order.at(i).part, order.at(i).index);
  CHECK(sequence == std::vector<std::pair<int, std::int64_t>>{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {1, 2}});
}

TEST_CASE("order: groups share no batch, and each of their targets has its turn") {
  const auto part = [](std::int32_t number, std::int64_t size) { return Order::Part{number, size, size}; };
  const BatchOrder order({Order({part(0, 40)}, 1, true), Order({part(1, 17), part(2, 3)}, 1, true)}, 4, 1);
  std::map<int, std::set<std::int64_t>> seen;
  int groups[2] = {};
  std::vector<int> sequence;
  for (std::int64_t batch = 0; batch < 15; ++batch) {
    const bool second = order.at(batch, 0).part > 0;
    ++groups[second];
    sequence.push_back(second);
    for (std::int64_t slot = 0; slot < 4; ++slot) {
      const OrderItem item = order.at(batch, slot);
      CHECK((item.part > 0) == second);
      seen[item.part].insert(item.index);
    }
    CHECK((order.at(batch, 0, 4).part > 0) == second);
  }
  CHECK((groups[0] == 10 && groups[1] == 5));
  CHECK_FALSE(std::ranges::is_sorted(sequence));
  CHECK((seen[0].size() == 40 && seen[1].size() == 17 && seen[2].size() == 3));
}
