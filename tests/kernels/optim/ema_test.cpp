// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/ema/ema.h"

#include <catch2/catch.hpp>

#include "tests/kernels/optim/optim_fixture.h"

namespace uls {
namespace {

using test::uneven;

TEST_CASE("ema_: over several steps and sizes") {
  const NoGrad no_grad;
  std::vector<EmaSlab> slabs;
  std::vector<std::vector<double>> averages;
  for (const std::int64_t length : test::kLengths) {
    slabs.push_back({uneven(length, 1), empty({length})});
    averages.push_back(to_doubles(slabs.back().average));
  }
  for (int step = 1; step <= 5; ++step) {
    for (std::size_t s = 0; s < slabs.size(); ++s) {
      copy_(slabs[s].parameter, uneven(slabs[s].parameter.numel(), step));
      const auto parameter = to_doubles(slabs[s].parameter);
      for (std::size_t i = 0; i < parameter.size(); ++i)
        averages[s][i] = 0.9 * averages[s][i] + 0.1 * parameter[i];
    }
    ema_(slabs, 0.9);
  }
  for (std::size_t s = 0; s < slabs.size(); ++s)
    CHECK(test::largest_difference(slabs[s].average, averages[s]) < 1e-6);
}

TEST_CASE("ema_: an average that has arrived stays") {
  const NoGrad no_grad;
  std::vector<EmaSlab> slabs{{uneven(33, 4), uneven(33, 4)}};
  ema_(slabs, 0.999);
  CHECK(test::same_bits(slabs[0].average, slabs[0].parameter));
}

TEST_CASE("ema_: what does not fit is named") {
  const NoGrad no_grad;
  std::vector<EmaSlab> slabs{{zeros({2}), zeros({3})}};
  CHECK(test::error_of([&] { ema_(slabs, 0.9); }) ==
        "ema_: parameter 0 does not fit; got float32 [3] on cpu; expected float32 [2] on cpu, contiguous");
  CHECK(test::error_of([&] { ema_(slabs, 1.5); }) == "ema_: decay is no share; got 1.5; expected 0 to 1");
}

}  // namespace
}  // namespace uls
