// SPDX-License-Identifier: Apache-2.0
// The encodings have no inputs: the rows add them to one, as the model does.
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/spatial/position_encoding/position_encoding.h"

namespace uls::kernels {
namespace {

// Feature i of C, of position t of L.
double feature(double t, double size, std::int64_t i, std::int64_t channels) {
  const double angle = t / (size + 1e-6) * 2 * M_PI;
  return std::sin(angle * std::exp(-std::log(10000.0) * double(i - i % 2) / double(channels)) +
                  (i % 2 ? M_PI / 2 : 0));
}

Tensor run(const std::vector<Tensor>& in) {
  const Tensor& x = in[0];
  return x + (x.rank() == 2 ? position_encoding_1d(x.size(0), x.size(1), x.dtype(), x.device())
                            : position_encoding_2d(x.size(0), x.size(1), x.size(2), x.dtype(), x.device()));
}

Doubles reference(const std::vector<OpArgument>& in) {
  const Shape& shape = in[0].shape;
  const std::int64_t channels = shape.back(), half = channels / 2;
  Doubles y = in[0].values;
  for (std::size_t at = 0; at < y.size(); ++at) {
    const std::int64_t i = std::int64_t(at) % channels, point = std::int64_t(at) / channels;
    if (shape.size() == 2)
      y[at] += feature(double(point + 1), double(shape[0]), i, channels);
    else if (i < half)
      y[at] += feature(double(point / shape[1]) + 0.5, double(shape[0]), i, half);
    else
      y[at] += feature(double(point % shape[1]) + 0.5, double(shape[1]), i - half, half);
  }
  return y;
}

}  // namespace

void position_encoding_cases(OpTable& table) {
  for (const Shape& shape : {Shape{7, 12}, Shape{1, 1}, Shape{5, 9}, Shape{0, 4}, Shape{3, 5, 8},
                             Shape{1, 1, 2}, Shape{2, 3, 6}, Shape{2, 0, 4}, Shape{2, 3, 0}})
    table.add(OpCase{"position_encoding", to_string(shape), {{shape}}, run, reference});
}

}  // namespace uls::kernels
