// SPDX-License-Identifier: Apache-2.0
// What parameters hold before anything is loaded: the reference's initialisation.
#pragma once

#include <cstdint>
#include <string>

#include "core/tensor/tensor.h"

namespace uls {

struct InitialValues {
  enum class Kind { constant, uniform, normal, truncated_normal };
  Kind kind = Kind::constant;
  double value = 0;  // the constant; the bound of a uniform draw; the standard deviation of a normal one

  static InitialValues constant(double value) { return {Kind::constant, value}; }
  /// In [-bound, bound].
  static InitialValues uniform(double bound) { return {Kind::uniform, bound}; }
  static InitialValues normal(double deviation) { return {Kind::normal, deviation}; }
  /// Drawn again where it lies outside of two standard deviations.
  static InitialValues truncated_normal(double deviation) { return {Kind::truncated_normal, deviation}; }
  /// torch.nn.Linear's and Conv2d's: uniform with the bound 1 / sqrt(fan_in), for weights and biases.
  static InitialValues fan_in(std::int64_t fan_in);
  /// torch.nn.init.xavier_uniform_ (Glorot, Bengio 2010): the bound sqrt(6 / (fan_in + fan_out)).
  static InitialValues xavier(std::int64_t fan_in, std::int64_t fan_out);
};

/// Overwrites y, floating and contiguous. The draw depends on the seed and the parameter's name alone.
void set_initial_values(Tensor& y, const InitialValues& init, std::uint64_t seed, const std::string& name);

}  // namespace uls
