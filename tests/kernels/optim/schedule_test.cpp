// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/schedule/schedule.h"

#include <catch2/catch.hpp>

#include <vector>

namespace uls {
namespace {

TEST_CASE("schedule: constant") {
  CHECK(schedule::constant(0) == 1);
  CHECK(schedule::constant(1000000) == 1);
}

TEST_CASE("schedule: multi-step drops at each milestone") {
  const std::vector<std::int64_t> milestones{3, 5};
  const std::vector<double> expected{1, 1, 1, 0.1, 0.1, 0.01, 0.01};
  for (std::size_t step = 0; step < expected.size(); ++step)
    CHECK(schedule::multi_step(std::int64_t(step), milestones) == Approx(expected[step]));
  CHECK(schedule::multi_step(7, std::vector<std::int64_t>{2, 2}, 0.5) == 0.25);
  CHECK(schedule::multi_step(7, {}, 0.5) == 1);
}

TEST_CASE("schedule: poly") {
  CHECK(schedule::poly(0, 10) == 1);
  CHECK(schedule::poly(5, 10, 2) == 0.25);
  CHECK(schedule::poly(9, 10) == Approx(0.12589254117941673));  // 0.1^0.9
  CHECK(schedule::poly(10, 10) == 0);
  CHECK(schedule::poly(11, 10) == 0);
}

TEST_CASE("schedule: cosine") {
  CHECK(schedule::cosine(0, 6) == 1);
  CHECK(schedule::cosine(2, 6) == Approx(0.75));  // (1 + cos 60 degrees) / 2
  CHECK(schedule::cosine(3, 6) == Approx(0.5));
  CHECK(schedule::cosine(4, 6, 0.2) == Approx(0.4));  // 0.2 + 0.8 / 4
  CHECK(schedule::cosine(6, 6, 0.2) == Approx(0.2));
  CHECK(schedule::cosine(600, 6, 0.2) == Approx(0.2));
}

TEST_CASE("schedule: linear warm-up") {
  CHECK(schedule::linear_warm_up(0, 4, 0.2) == 0.2);
  CHECK(schedule::linear_warm_up(1, 4, 0.2) == Approx(0.4));
  CHECK(schedule::linear_warm_up(3, 4, 0.2) == Approx(0.8));
  CHECK(schedule::linear_warm_up(4, 4, 0.2) == 1);
  CHECK(schedule::linear_warm_up(0, 0, 0.2) == 1);
}

}  // namespace
}  // namespace uls
