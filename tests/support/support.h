// SPDX-License-Identifier: Apache-2.0
// What all tests share: skipping by name, fixtures, comparisons.
#pragma once

#include <string>
#include <vector>

#include "core/tensor/same_bits.h"
#include "core/tensor/tensor.h"

/// Ends the test case as skipped, with a line that says why; a failure where ULS_REQUIRE lists `need`
/// ("shared", "gpu" or "peer").
#define ULS_SKIP(need, reason) \
  if (::uls::test::skip_or_fail(need, reason)) return

namespace uls::test {

bool skip_or_fail(const char* need, const std::string& reason);

/// The folder with golden cases: ULS_GOLDEN (scripts/test --golden), else tests/fixtures.
std::string golden_folder();
/// FOLDER/STEM of the case in golden_folder(); of the one in shared/fixtures where tests/fixtures, which
/// holds a selection, lacks it; "" where there is none.
std::string golden_path(const std::string& stem);
/// Where golden_path() looks, for messages.
std::string golden_places();
/// The stems that `pattern` fits ("*" at its end: any), in all those places.
std::vector<std::string> golden_stems(const std::string& pattern);

/// The message of the Error that fn() raises; "" where it raises none.
template <typename Fn>
std::string error_of(Fn&& fn);

/// float32 tensor with the given values.
Tensor tensor(const Shape& shape, const std::vector<float>& values);
/// float64 tensor with the given values that requires grad.
Tensor parameter(const Shape& shape, const std::vector<double>& values);

/// Largest |a_i - b_i|; infinity where the shapes differ or either has a NaN that the other lacks.
double largest_difference(const Tensor& a, const Tensor& b);

using uls::same_bits;

template <typename Fn>
std::string error_of(Fn&& fn) {
  try {
    fn();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

}  // namespace uls::test
