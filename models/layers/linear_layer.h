// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "kernels/linear/linear/linear.h"
#include "models/parameters.h"

namespace uls {

/// torch.nn.Linear: y = x weight^T + bias. x: [..., in], y: [..., out].
class Linear {
 public:
  struct Options {
    bool has_bias = true;
    std::optional<InitialValues> weight{}, bias{};  // torch's defaults where left out
  };

  Linear(const ModelBuilder& b, std::int64_t in, std::int64_t out) : Linear(b, in, out, Options{}) {}
  Linear(const ModelBuilder& b, std::int64_t in, std::int64_t out, const Options& options);

  Tensor operator()(const Tensor& x) const { return linear(x, weight, bias); }

  Tensor weight, bias;  // [out, in]; [out] or undefined
};

}  // namespace uls
