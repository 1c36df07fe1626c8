// SPDX-License-Identifier: Apache-2.0
#include "models/layers/linear_layer.h"

namespace uls {

Linear::Linear(const ModelBuilder& b, std::int64_t in, std::int64_t out, const Options& options)
    : weight(b.parameter("weight", {out, in}, options.weight.value_or(InitialValues::fan_in(in)))) {
  if (options.has_bias) bias = b.parameter("bias", {out}, options.bias.value_or(InitialValues::fan_in(in)));
}

}  // namespace uls
