// SPDX-License-Identifier: Apache-2.0
#include "kernels/norm/batch_norm/batch_norm.h"

#include <catch2/catch.hpp>

#include <cmath>

#include "core/autograd/autograd.h"
#include "core/tensor/primitives.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

BatchNormState fresh_state(std::int64_t channels) {
  return {zeros({channels}), full({channels}, 1), zeros({}, DType::int64)};
}

TEST_CASE("batch_norm: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_batch_norm", [](const test::GoldenCase& golden) {
    // [B, C, H, W] in the files where there is an image, else [B, C].
    const bool image = golden.op().at("layout").as_string() == "NCHW";
    const Dims to_last = image ? Dims{0, 2, 3, 1} : Dims{0, 1},
               to_second = image ? Dims{0, 3, 1, 2} : to_last;
    Tensor x = clone(golden.get("in.x").permuted(to_last)).set_requires_grad(),
           weight = golden.get("param.weight").set_requires_grad(),
           bias = golden.get("param.bias").set_requires_grad();
    const std::int64_t rows = x.numel() / weight.numel();
    BatchNormState state{golden.get("buffer.running_mean"), golden.get("buffer.running_var"),
                         golden.get("buffer.num_batches_tracked")};
    const bool training = golden.has("buffer_after.running_mean");
    const Tensor y = batch_norm(x, weight, bias, state,
                                {.training = training,
                                 .momentum = golden.op().at("momentum").as_double(),
                                 .eps = golden.op().at("eps").as_double()});
    golden.compare("out.y", y.permuted(to_second), rows);
    if (training) {
      golden.compare("buffer_after.running_mean", state.running_mean, rows);
      golden.compare("buffer_after.running_var", state.running_var, rows);
      CHECK(test::same_bits(state.num_batches_tracked, golden.get("buffer_after.num_batches_tracked")));
    } else {
      CHECK(test::same_bits(state.running_mean, golden.get("buffer.running_mean")));
      CHECK(test::same_bits(state.running_var, golden.get("buffer.running_var")));
      CHECK(test::same_bits(state.num_batches_tracked, golden.get("buffer.num_batches_tracked")));
    }
    backward(y, clone(golden.get("cot.y").permuted(to_last)));
    golden.compare("grad.in.x", x.grad().permuted(to_second), rows);
    golden.compare("grad.param.weight", weight.grad(), rows);
    golden.compare("grad.param.bias", bias.grad(), rows);
  });
}

TEST_CASE("batch_norm: running statistics by hand") {
  BatchNormState state = fresh_state(1);
  const Tensor one = full({1}, 1), zero = zeros({1}), x = test::tensor({4, 1}, {1, 2, 3, 6});
  batch_norm(x, one, zero, state, {.training = true, .momentum = 0.25});
  // Mean 3, squared differences 4 + 1 + 0 + 9 = 14, unbiased variance 14 / 3.
  CHECK(state.running_mean.item<float>() == Approx(0.25 * 3));
  CHECK(state.running_var.item<float>() == Approx(0.75 + 0.25 * 14 / 3));
  CHECK(state.num_batches_tracked.item<std::int64_t>() == 1);

  batch_norm(zeros({0, 1}), one, zero, state, {.training = true, .momentum = 0.25});
  CHECK(state.running_mean.item<float>() == Approx(0.25 * 3));
  CHECK(state.running_var.item<float>() == Approx(0.75 + 0.25 * 14 / 3));

  const Tensor y = batch_norm(x, one, zero, state, {.eps = 0});
  CHECK(to_doubles(y)[3] == Approx((6 - 0.75) / std::sqrt(0.75 + 3.5 / 3)));
}

// Many rows for all threads, a first row that lies apart, values that drift, and a mean far above the
// deviation.
TEST_CASE("batch_norm: statistics keep their digits") {
  const std::int64_t rows = 9000, channels = 5;
  std::vector<float> values;
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < channels; ++c)
      values.push_back(float(r ? 10000 * c : -3000) + float(r) / 4096 + float(r * 37 % 101) / 64);
  const Tensor x = test::tensor({rows, channels}, values), weight = full({channels}, 1);
  BatchNormState state = fresh_state(channels);
  const Tensor y =
      batch_norm(x, weight, zeros({channels}), state, {.training = true, .momentum = 1, .eps = 0});
  const std::vector<double> normalised = to_doubles(y);
  for (std::int64_t c = 0; c < channels; ++c) {
    double mean = 0, m2 = 0;
    for (std::int64_t r = 0; r < rows; ++r)
      mean += double(values[std::size_t(r * channels + c)]) / double(rows);
    for (std::int64_t r = 0; r < rows; ++r) m2 += std::pow(values[std::size_t(r * channels + c)] - mean, 2);
    const double deviation = std::sqrt(m2 / double(rows)),
                 roundings = 2e-7 * (std::abs(mean) / deviation + 1);
    CHECK(std::abs(state.running_mean.data<float>()[c] - mean) <= roundings * deviation);
    CHECK(state.running_var.data<float>()[c] == Approx(m2 / double(rows - 1)).epsilon(1e-6));
    for (const std::int64_t r : {std::int64_t(0), rows - 1}) {
      const std::size_t at = std::size_t(r * channels + c);
      const double expected = (values[at] - mean) / deviation;
      CHECK(std::abs(normalised[at] - expected) <= roundings + 2e-6 * std::abs(expected));
    }
  }
}

TEST_CASE("batch_norm: what does not fit is named") {
  BatchNormState state = fresh_state(3);
  const Tensor x = zeros({2, 3}), channels = zeros({3});
  CHECK(test::error_of([&] { batch_norm(x, zeros({4}), channels, state, {}); }) ==
        "batch_norm: weight has the wrong shape; got [4]; expected [3]");
  CHECK(test::error_of([&] { batch_norm(zeros({}), channels, channels, state, {}); }) ==
        "batch_norm: no dimension of channels; got float32 [] on cpu; expected at least one");
  CHECK(test::error_of([&] {
          batch_norm(zeros({1, 1, 3}), channels, channels, state, {.training = true});
        }) ==
        "batch_norm: training on a single value a channel; got float32 [1, 1, 3] on cpu; expected at least "
        "two");
  state.running_var = full({2}, 1);
  CHECK(
      test::error_of([&] { batch_norm(x, channels, channels, state, {}); }) ==
      "batch_norm: running_var does not fit; got float32 [2] on cpu; expected contiguous float32 [3] on cpu");
}

}  // namespace
}  // namespace uls
