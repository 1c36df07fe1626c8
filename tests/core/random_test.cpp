// SPDX-License-Identifier: Apache-2.0
// Philox against its published vectors, what keys depend on, and the moments of the fills.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <thread>

#include "core/base/parallel.h"
#include "core/random/random_state.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;
using test::same_bits;

TEST_CASE("random: Philox 4x32-10 gives the vectors of its authors", "[random]") {
  CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}) ==
        PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("random: words as floats", "[random]") {
  CHECK(uniform_float(0) == 0.0f);
  CHECK(uniform_float(~0u) == 1.0f - 0x1p-24f);
  CHECK(uniform_float(1u << 31) == 0.5f);
  CHECK(fnv1a("") == 0xcbf29ce484222325ull);  // the vectors of its authors
  CHECK(fnv1a("a") == 0xaf63dc4c8601ec8cull);
  CHECK(fnv1a("foobar") == 0x85944171f73967e8ull);
  CHECK(fnv1a("bar", fnv1a("foo")) == fnv1a("foobar"));
  for (const std::uint32_t a : {0u, 1u, 12345678u, ~0u})
    for (const std::uint32_t b : {0u, 1u << 30, ~0u}) {
      float first = 0, second = 0;
      normal_pair(a, b, first, second);
      const double radius = std::sqrt(-2 * std::log(1 - (a >> 8) * 0x1p-24)),
                   angle = 2 * M_PI * (b >> 8) * 0x1p-24;
      CHECK(std::abs(first - radius * std::cos(angle)) < 1e-5);
      CHECK(std::abs(second - radius * std::sin(angle)) < 1e-5);
    }
}

struct Place {
  std::uint64_t seed;
  std::uint32_t step;
  std::string_view path;
  int call;
};

// The first words that the draw at this place gives.
PhiloxCounter words_at(const Place& place) {
  const RandomStateScope scope{RandomState()};
  RandomState::current().begin_step(place.seed, place.step);
  const ModuleScope module(place.path);
  for (int i = 0; i < place.call; ++i) RandomState::current().next_key();
  return RandomState::current().next_key().words(0, 0);
}

TEST_CASE("random: a draw depends on seed, step, path and call number, and on nothing else", "[random]") {
  std::set<PhiloxCounter> all;
  int places = 0;
  for (const std::uint64_t seed : {0ull, 1ull, 2ull, ~0ull})
    for (const std::uint32_t step : {0u, 1u, 2u, 100000u})
      for (const std::string_view path : {"", "a", "b", "layers.0", "layers.1"})
        for (const int call : {0, 1, 2, 3}) {
          const Place place{seed, step, path, call};
          all.insert(words_at(place));
          ++places;
          REQUIRE(words_at(place) == words_at(place));
        }
  CHECK(all.size() == std::size_t(places));
  // What another module draws in between has no say, nor has the thread.
  const PhiloxCounter expected = words_at({5, 6, "head", 1});
  PhiloxCounter between{}, elsewhere{};
  {
    const RandomStateScope scope{RandomState()};
    RandomState::current().begin_step(5, 6);
    const auto draw = [](const char* path) {
      const ModuleScope module(path);
      return RandomState::current().next_key().words(0, 0);
    };
    draw("head");
    draw("other");
    between = draw("head");
  }
  std::thread([&] { elsewhere = words_at({5, 6, "head", 1}); }).join();
  CHECK(between == expected);
  CHECK(elsewhere == expected);
}

TEST_CASE("random: scopes nest to a path, and states come back", "[random]") {
  const RandomStateScope scope{RandomState()};
  RandomState& state = RandomState::current();
  const auto draw = [&] { return state.next_key().words(0, 0); };
  state.begin_step(1, 2);
  PhiloxCounter nested{}, joined{};
  {
    const ModuleScope outer("layers.0");
    const ModuleScope inner("attention");
    nested = draw();
  }
  state.begin_step(1, 2);
  {
    const ModuleScope whole("layers.0.attention");
    joined = draw();
  }
  CHECK(nested == joined);
  state.begin_step(1, 2);
  const PhiloxCounter first = draw(), second = draw();
  CHECK(first != nested);
  state.begin_step(1, 2);
  {
    const RandomStateScope copy(state);
    CHECK(draw() == first);
    CHECK(draw() == second);
  }
  CHECK(draw() == first);  // as if nothing had been drawn inside
  state.begin_step(1, 2);
  CHECK(draw() == first);
}

TEST_CASE("random: a batch split into micro-batches draws the same for each sample", "[random]") {
  constexpr std::int64_t kSamples = 12;
  const auto draws = [&](std::int64_t micro_batch) {
    const RandomStateScope scope{RandomState()};
    std::vector<PhiloxCounter> words;
    for (std::int64_t first = 0; first < kSamples; first += micro_batch) {
      RandomState::current().begin_step(9, 4, first);
      for (int call = 0; call < 2; ++call) {
        const RandomKey key = RandomState::current().next_key();
        for (std::int64_t i = 0; i < micro_batch && call == 1; ++i)
          for (std::uint64_t block = 0; block < 3; ++block) words.push_back(key.words(i, block));
      }
    }
    return words;
  };
  const auto whole = draws(kSamples);
  CHECK(std::set(whole.begin(), whole.end()).size() == std::size_t(3 * kSamples));
  for (const std::int64_t micro_batch : {1, 2, 3, 4, 6}) CHECK(draws(micro_batch) == whole);
  // Far samples and far blocks have words of their own.
  const RandomKey key{{1, 2}, 3, 0};
  CHECK(key.words(0, 0) != key.words(0, 1ull << 32));
  CHECK(key.words(0, 0) != key.words(1, 0));
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0, low = 1e30, high = -1e30;
  explicit Moments(const Tensor& x) {
    const auto values = to_doubles(x);
    const double n = double(values.size());
    for (const double v : values) mean += v / n, low = std::min(low, v), high = std::max(high, v);
    for (const double v : values) variance += (v - mean) * (v - mean) / n;
    for (const double v : values) {
      const double z = (v - mean) / std::sqrt(variance);
      skewness += z * z * z / n;
      kurtosis += z * z * z * z / n;
    }
  }
};

TEST_CASE("random: moments of the fills", "[random]") {
  const RandomKey key{{11, 12}, 13, 0};
  constexpr std::int64_t kCount = 1 << 20;
  for (const DType type : {DType::float32, DType::float64}) {
    Tensor x = empty({kCount}, type);
    fill_uniform_(x, -2, 4, key);
    const Moments uniform(x);  // bounds are five standard errors
    CHECK(std::abs(uniform.mean - 1) < 5 * std::sqrt(3.0 / kCount));
    CHECK(std::abs(uniform.variance - 3) < 5 * std::sqrt(7.2 / kCount));
    CHECK(uniform.low >= -2);
    CHECK(uniform.low < -1.9999);
    CHECK(uniform.high < 4);
    CHECK(uniform.high > 3.9999);

    fill_normal_(x, 3, 0.5, key);
    const Moments normal(x);
    CHECK(std::abs(normal.mean - 3) < 5 * 0.5 / std::sqrt(double(kCount)));
    CHECK(std::abs(normal.variance - 0.25) < 5 * 0.25 * std::sqrt(2.0 / kCount));
    CHECK(std::abs(normal.skewness) < 5 * std::sqrt(6.0 / kCount));
    CHECK(std::abs(normal.kurtosis - 3) < 5 * std::sqrt(24.0 / kCount));
  }
}

TEST_CASE("random: an element depends on the key and its index, not on size, type or threads", "[random]") {
  const RandomKey key{{1, 2}, 3, 5};
  const int threads = num_threads();
  Tensor large = empty({100003}), small = empty({7, 11}), again = empty({100003});
  for (const bool normal : {false, true}) {
    const auto fill = [&](Tensor& x) { normal ? fill_normal_(x, 0, 1, key) : fill_uniform_(x, 0, 1, key); };
    set_num_threads(1);
    fill(large);
    fill(small);
    CHECK(same_bits(small.reshaped({77}), large.sliced(0, 0, 77)));
    for (const int count : {2, 3, 8}) {
      set_num_threads(count);
      fill_(again, 0);
      fill(again);
      CHECK(same_bits(again, large));
    }
    set_num_threads(threads);
    Tensor half = empty({1000}, DType::bfloat16);
    fill(half);
    CHECK(same_bits(half, converted(clone(large.sliced(0, 0, 1000)), DType::bfloat16)));
  }
  for (std::int64_t i = 0; i < 100; ++i) {
    fill_uniform_(small, 0, 1, key);
    REQUIRE(to_doubles(small)[std::size_t(i % 77)] ==
            double(uniform_float(key.words(0, std::uint64_t(i % 77 / 4))[std::size_t(i % 77 % 4)])));
  }
}

TEST_CASE("random: fills refuse gaps, integers and history", "[random]") {
  const RandomKey key{};
  Tensor gaps = empty({4, 4}).transposed(0, 1), whole = empty({4}, DType::int64), leaf = empty({4});
  leaf.set_requires_grad();
  CHECK(error_of([&] { fill_uniform_(gaps, 0, 1, key); }) ==
        "fill_uniform_: y has gaps; got strides [1, 4]; expected a contiguous tensor");
  CHECK(error_of([&] { fill_normal_(whole, 0, 1, key); }).find("fill_normal_: ") == 0);
  CHECK(error_of([&] {
          fill_normal_(leaf, 0, 1, key);
        }).find("fill_normal_: in place on a tensor with history") == 0);
}

}  // namespace
}  // namespace uls
