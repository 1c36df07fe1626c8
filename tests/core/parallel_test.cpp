// SPDX-License-Identifier: Apache-2.0
// Parallel loops: every index once, fixed partitions, fixed order, errors that read the same on every run.
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;

// Another number of threads for a scope.
class Threads {
 public:
  explicit Threads(int count) { set_num_threads(count); }
  ~Threads() { set_num_threads(previous_); }

 private:
  int previous_ = num_threads();
};

TEST_CASE("parallel: a loop covers each index once, in pieces of at least the grain", "[parallel]") {
  for (const int threads : {1, 2, 3, 7, 16}) {
    const Threads scope(threads);
    for (const std::int64_t size : {0, 1, 2, 3, 7, 64, 1000, 1001})
      for (const std::int64_t grain : {0, 1, 2, 5, 64, 999, 5000}) {
        INFO(threads << " threads, size " << size << ", grain " << grain);
        const std::int64_t begin = -3;
        std::vector<std::atomic<int>> visits(std::size_t(size) + 1);
        std::atomic<int> pieces{0}, small_pieces{0};
        parallel_for(begin, begin + size, grain, [&](std::int64_t first, std::int64_t last) {
          ++pieces;
          if (last - first < std::min(size, std::max<std::int64_t>(grain, 1))) ++small_pieces;
          for (std::int64_t i = first; i < last; ++i) ++visits[std::size_t(i - begin)];
        });
        int wrong = 0;
        for (std::int64_t i = 0; i < size; ++i) wrong += visits[std::size_t(i)] != 1;
        CHECK(wrong == 0);
        CHECK(small_pieces == 0);
        CHECK(pieces <= threads);
        if (size >= threads * std::max<std::int64_t>(grain, 1)) CHECK(pieces == threads);
      }
    parallel_for(5, 2, 1, [&](std::int64_t, std::int64_t) { FAIL("an empty range has no pieces"); });
  }
}

TEST_CASE("parallel: a loop inside of a loop runs on its caller's thread, whole", "[parallel]") {
  const Threads scope(4);
  std::atomic<int> pieces{0}, whole{0}, same_thread{0};
  parallel_for(0, 8, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const auto caller = std::this_thread::get_id();
      parallel_for(0, 1000, 1, [&](std::int64_t inner_first, std::int64_t inner_last) {
        ++pieces;
        whole += inner_first == 0 && inner_last == 1000;
        same_thread += std::this_thread::get_id() == caller;
      });
    }
  });
  CHECK(pieces == 8);
  CHECK(whole == 8);
  CHECK(same_thread == 8);
  // The mark is taken back: the next loop is parallel again.
  std::atomic<int> later{0};
  parallel_for(0, 8, 1, [&](std::int64_t, std::int64_t) { ++later; });
  CHECK(later == 4);
}

TEST_CASE("parallel: the exception of the lowest part reaches the caller", "[parallel]") {
  const Threads scope(8);
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::atomic<int> finished{0};
    const std::string message = error_of([&] {
      parallel_for(0, 8, 1, [&](std::int64_t first, std::int64_t) {
        if (first >= 3) fail("part {}", first);
        ++finished;
      });
    });
    CHECK(message == "part 3");
    CHECK(finished == 3);
  }
  std::atomic<int> pieces{0};
  parallel_for(0, 8, 1, [&](std::int64_t, std::int64_t) { ++pieces; });
  CHECK(pieces == 8);
}

TEST_CASE("parallel: a reduction combines in order", "[parallel]") {
  const auto digits = [](std::int64_t first, std::int64_t last) {
    std::string text;
    for (std::int64_t i = first; i < last; ++i) text += char('a' + i % 26);
    return text;
  };
  const std::string expected = ">" + digits(0, 500);
  for (const int threads : {1, 2, 3, 8, 13}) {
    const Threads scope(threads);
    // Concatenation is not commutative: any other order shows.
    const std::string text = parallel_reduce(0, 500, 1, std::string(">"), digits,
                                             [](std::string a, const std::string& b) { return a + b; });
    CHECK(text == expected);
    CHECK(parallel_reduce(
              4, 4, 1, 7, [](std::int64_t, std::int64_t) { return 1; }, [](int a, int b) { return a + b; }) ==
          7);
  }
}

TEST_CASE("parallel: a reduction of floats is bit-identical from run to run", "[parallel]") {
  const Threads scope(5);
  const auto sum = [] {
    return parallel_reduce(
        0, 100000, 16, 0.0f,
        [](std::int64_t first, std::int64_t last) {
          float part = 0;
          for (std::int64_t i = first; i < last; ++i) part += 1.0f / float(i + 1);
          return part;
        },
        [](float a, float b) { return a + b; });
  };
  // The parts, cut and added by hand.
  float expected = 0;
  for (std::int64_t part = 0; part < 5; ++part) {
    float partial = 0;
    for (std::int64_t i = 100000 * part / 5; i < 100000 * (part + 1) / 5; ++i) partial += 1.0f / float(i + 1);
    expected += partial;
  }
  for (int repeat = 0; repeat < 20; ++repeat) REQUIRE(sum() == expected);
  CHECK(expected == Approx(std::log(100000.0) + 0.5772156649).epsilon(1e-4));
}

TEST_CASE("parallel: the number of threads", "[parallel]") {
  const Threads scope(3);
  CHECK(num_threads() == 3);
  CHECK(error_of([] { set_num_threads(0); }) == "set_num_threads: too few; got 0; expected at least 1");
  CHECK(num_threads() == 3);
  const std::string backend = threading_backend();
  CHECK((backend == "OpenMP" || backend == "std::thread"));
}

}  // namespace
}  // namespace uls
