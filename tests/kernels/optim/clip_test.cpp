// SPDX-License-Identifier: Apache-2.0
#include "kernels/optim/clip/clip.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "tests/kernels/optim/optim_fixture.h"

namespace uls {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

StepValues clipped(const std::vector<Tensor>& gradients, double max_norm, double scale = 1) {
  StepValues before;
  before.gradient_scale = scale;
  before.clip_factor = 77;  // of the step before
  before.skip = 1;
  Tensor values = to_tensor(before);
  clip_(values, gradients, max_norm);
  return step_values(values);
}

TEST_CASE("clip_: by hand") {
  const std::vector<Tensor> gradients{full({1}, 3), zeros({0}), full({2, 2}, 2, DType::float64)};  // 9 + 16
  const StepValues over = clipped(gradients, 1);
  CHECK(over.gradient_norm == 5);
  CHECK(over.clip_factor == 1 / (5 + 1e-6));
  CHECK(over.skip == 0);
  CHECK(clipped(gradients, 6).clip_factor == 1);
  CHECK(clipped(gradients, kInfinity).clip_factor == 1);
  const StepValues scaled = clipped(gradients, 1, 0.5);
  CHECK(scaled.gradient_norm == 2.5);
  CHECK(scaled.clip_factor == 1 / (2.5 + 1e-6));
  CHECK(scaled.factor() == 0.5 / (2.5 + 1e-6));
  CHECK(clipped({}, 1).clip_factor == 1);
}

TEST_CASE("clip_: many elements, large and small ones") {
  std::vector<Tensor> gradients;
  double sum = 0;
  for (const std::int64_t length : test::kLengths) {
    gradients.push_back(test::uneven(length, int(length)));
    for (const double g : to_doubles(gradients.back())) sum += g * g;
  }
  CHECK(clipped(gradients, 1).gradient_norm == Approx(std::sqrt(sum)).epsilon(1e-13));
  CHECK(clipped({full({100}, 1e30)}, 1).gradient_norm == Approx(1e31));
  CHECK(clipped({full({100}, 1e-30)}, 1).gradient_norm == Approx(1e-29));
}

TEST_CASE("clip_: a gradient that is not finite skips the step") {
  for (const float bad : {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()}) {
    CHECK(clipped({zeros({40}), test::tensor({2}, {1, bad})}, 1).skip == 1);
    CHECK(clipped({zeros({40}), test::tensor({2}, {1, bad})}, kInfinity).skip == 1);
  }
}

TEST_CASE("clip_: what does not fit is named") {
  Tensor values = to_tensor({});
  CHECK(test::error_of([&] {
          clip_(values, {zeros({2}), zeros({2, 4}).transposed(0, 1)}, 1);
        }) ==
        "clip_: gradient 1 does not fit; got float32 [4, 2] on cpu; expected float32 [4, 2] on cpu, "
        "contiguous");
  CHECK(test::error_of([&] { clip_(values, {}, 0); }) ==
        "clip_: no norm to clip to; got 0; expected above 0");
}

}  // namespace
}  // namespace uls
