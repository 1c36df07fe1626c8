// SPDX-License-Identifier: Apache-2.0
// Everything that a row of the table of op cases promises, for every row of every room.
#include <catch2/catch.hpp>

#include <cmath>
#include <set>

#include "core/autograd/gradient_check.h"
#include "core/memory/device_memory.h"
#include "kernels/common/op_table.h"
#include "kernels/common/rooms.h"
#include "tests/support/support.h"

namespace uls::kernels {
namespace {

// Calls check(row) in a section for each row, so that one that fails, or throws, hides no other. The sections
// of an operation lie in one of its name: `kernels_tests "op table*" -c layer_norm`.
template <typename Check>
void for_each_row(Check check) {
  std::set<std::string> ops;
  for (const OpCase& row : op_table().cases()) ops.insert(row.op);
  for (const std::string& op : ops) {
    DYNAMIC_SECTION(op) {
      for (const OpCase& row : op_table().cases()) {
        if (row.op != op) continue;
        DYNAMIC_SECTION(row.label) { check(row); }
      }
    }
  }
}

std::vector<Tensor> inputs_of(const OpCase& row, DType type, bool with_history = false) {
  std::vector<Tensor> inputs;
  for (std::size_t i = 0; i < row.inputs.size(); ++i) {
    Tensor x = converted(make_input(row.inputs[i], int(i)), type);
    inputs.push_back(with_history && row.inputs[i].differentiable ? clone(x).set_requires_grad() : x);
  }
  return inputs;
}

std::vector<OpArgument> arguments_of(const std::vector<Tensor>& inputs) {
  std::vector<OpArgument> arguments;
  for (const Tensor& x : inputs) arguments.push_back({x.shape(), to_doubles(x)});
  return arguments;
}

double largest_magnitude(const Doubles& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::abs(v));
  return largest;
}

// A NaN or an infinity where the other has a number counts as an infinite error.
double largest_error(const Tensor& y, const Doubles& expected) {
  REQUIRE(y.numel() == std::int64_t(expected.size()));
  return test::largest_difference(y, from_values(y.shape(), expected));
}

// The result and the gradients of all inputs, for a cotangent of ones, one after the other.
std::vector<Tensor> run_both_ways(const OpCase& row, std::vector<Tensor> inputs) {
  Tensor y = row.run(inputs);
  backward(y, full(y.shape(), 1, y.dtype()));
  std::vector<Tensor> results{y.detached()};
  for (const Tensor& x : inputs)
    if (x.requires_grad()) results.push_back(x.grad());
  return results;
}

// The same values with gaps between the elements.
Tensor with_gaps(const Tensor& x) {
  Shape wide = x.shape();
  if (x.rank() == 0)
    wide.push_back(3);
  else
    wide[x.rank() - 1] = 2 * wide.back() + 1;
  Tensor storage = full(wide, 77, x.dtype());
  Tensor view = x.rank() == 0 ? storage.sliced(0, 1, 2).reshaped({})
                              : storage.sliced(-1, 1, 1 + 2 * x.shape().back(), 2);
  copy_(view, x);
  return view;
}

TEST_CASE("op table: every room has rows", "[ops]") {
  REQUIRE(op_table().cases().size() > 50);
  std::set<std::pair<std::string, std::string>> titles;
  for (const OpCase& row : op_table().cases()) {
    CAPTURE(row.op, row.label);
    CHECK(titles.emplace(row.op, row.label).second);
  }
  for (const OpTiming& timing : op_table().timings()) {
    CAPTURE(timing.op, timing.label);
    CHECK(timing.forward_flops + timing.forward_bytes > 0);
  }
}

TEST_CASE("op table: values in float64", "[ops]") {
  for_each_row([](const OpCase& row) {
    const auto inputs = inputs_of(row, DType::float64);
    const Tensor y = row.run(inputs);
    const Doubles expected = row.reference(arguments_of(inputs));
    CHECK(largest_error(y, expected) <=
          1e-14 * double(row.reduction + 4) * std::max(1.0, largest_magnitude(expected)));
  });
}

TEST_CASE("op table: values in float32", "[ops]") {
  for_each_row([](const OpCase& row) {
    const auto inputs = inputs_of(row, DType::float32);
    const Tensor y = row.run(inputs);
    const Doubles expected = row.reference(arguments_of(inputs));
    // A few roundings of the result, and one for each of the root of the terms that it sums.
    const double bound =
        0x1p-24 * (6 + 2 * std::sqrt(double(row.reduction))) * std::max(1.0, largest_magnitude(expected));
    CHECK(largest_error(y, expected) <= bound);
  });
}

TEST_CASE("op table: low precision within twice the rounding of the exact result", "[ops]") {
  for_each_row([](const OpCase& row) {
    if (!row.low_precision) return;
    for (const DType type : {DType::bfloat16, DType::float16}) {
      INFO(to_string(type));
      const auto inputs = inputs_of(row, type);
      const Tensor y = row.run(inputs);
      const Doubles exact = row.reference(arguments_of(inputs));
      REQUIRE(y.dtype() == type);
      const double plain = largest_error(converted(from_values(y.shape(), exact), type), exact);
      const double half_step = largest_magnitude(exact) * (type == DType::bfloat16 ? 0x1p-9 : 0x1p-12);
      CHECK(largest_error(y, exact) <= 2 * std::max(plain, half_step));
    }
  });
}

TEST_CASE("op table: gradients against central differences", "[ops]") {
  for_each_row([](const OpCase& row) {
    const auto fn = [&](const std::vector<Tensor>& in) { return std::vector{row.run(in)}; };
    const GradientCheck check = check_gradients(fn, inputs_of(row, DType::float64, true));
    CAPTURE(check.input, check.element, check.analytic, check.numeric);
    CHECK(check.largest_error <= 1e-6);
  });
}

TEST_CASE("op table: strided inputs give the same bits", "[ops]") {
  for_each_row([](const OpCase& row) {
    const auto dense = inputs_of(row, DType::float32);
    std::vector<Tensor> plain, gaps;
    for (std::size_t i = 0; i < dense.size(); ++i) {
      plain.push_back(clone(dense[i]).set_requires_grad(row.inputs[i].differentiable));
      gaps.push_back(with_gaps(dense[i]).set_requires_grad(row.inputs[i].differentiable));
    }
    const auto a = run_both_ways(row, plain), b = run_both_ways(row, gaps);
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(test::same_bits(a[i], b[i]));
  });
}

TEST_CASE("op table: meta gives shapes and types", "[ops]") {
  for_each_row([](const OpCase& row) {
    std::vector<Tensor> inputs;
    for (const OpInput& input : row.inputs) {
      inputs.push_back(empty(input.shape, DType::float32, kMeta));
      if (input.differentiable) inputs.back().set_requires_grad();
    }
    const Tensor expected = row.run(inputs_of(row, DType::float32));
    const std::int64_t before = device_allocator(kCpu).statistics().allocations;
    const Tensor y = row.run(inputs);
    CHECK(y.device() == kMeta);
    CHECK(y.shape() == expected.shape());
    CHECK(y.dtype() == expected.dtype());
    backward(y, empty_like(y));
    for (const Tensor& x : inputs)
      if (x.requires_grad()) CHECK(x.grad().shape() == x.shape());
    CHECK(device_allocator(kCpu).statistics().allocations == before);
  });
}

TEST_CASE("op table: repeated runs give the same bits and leave no memory", "[ops]") {
  for_each_row([](const OpCase& row) {
    const std::int64_t before = device_allocator(kCpu).statistics().live;
    {
      const auto a = run_both_ways(row, inputs_of(row, DType::float32, true));
      const auto b = run_both_ways(row, inputs_of(row, DType::float32, true));
      for (std::size_t i = 0; i < a.size(); ++i) CHECK(test::same_bits(a[i], b[i]));
    }
    CHECK(device_allocator(kCpu).statistics().live == before);
  });
}

}  // namespace
}  // namespace uls::kernels
