// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/spatial/resize_bilinear/resize_bilinear.h"

namespace uls::kernels {
namespace {

// Linear interpolation as a sum over all pixels, each weighted by a hat of width 1 around it.
double hat(std::int64_t index, std::int64_t out, std::int64_t i, std::int64_t in, bool align_corners) {
  const double place = align_corners ? (out > 1 ? double(index) / double(out - 1) * double(in - 1) : 0)
                                     : (double(index) + 0.5) / double(out) * double(in) - 0.5;
  return std::max(0.0, 1 - std::abs(std::clamp(place, 0.0, double(in - 1)) - double(i)));
}

Doubles reference(const std::vector<OpArgument>& in, std::int64_t height, std::int64_t width,
                  bool align_corners) {
  const Shape& x = in[0].shape;
  Doubles y;
  for (std::int64_t b = 0; b < x[0]; ++b)
    for (std::int64_t r = 0; r < height; ++r)
      for (std::int64_t s = 0; s < width; ++s)
        for (std::int64_t c = 0; c < x[3]; ++c) {
          double sum = in.size() > 1 ? in[1].values[y.size()] : 0;
          for (std::int64_t h = 0; h < x[1]; ++h)
            for (std::int64_t w = 0; w < x[2]; ++w)
              sum += hat(r, height, h, x[1], align_corners) * hat(s, width, w, x[2], align_corners) *
                     in[0].values[std::size_t(((b * x[1] + h) * x[2] + w) * x[3] + c)];
          y.push_back(sum);
        }
  return y;
}

std::function<Tensor(const std::vector<Tensor>&)> run(std::int64_t height, std::int64_t width,
                                                      bool align_corners) {
  return [=](const std::vector<Tensor>& in) {
    return resize_bilinear(in[0], height, width, align_corners, in.size() > 1 ? in[1] : Tensor());
  };
}

std::vector<OpInput> inputs_of(const Shape& x, std::int64_t height, std::int64_t width, bool other) {
  std::vector<OpInput> inputs{{x}};
  if (other) inputs.push_back({{x[0], height, width, x[3]}});
  return inputs;
}

std::string size_of_image(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + "x" + std::to_string(width);
}

void add_rows(OpTable& table, const Shape& x, std::int64_t height, std::int64_t width, bool other = false) {
  for (const bool align_corners : {false, true})
    table.add(OpCase{
        "resize_bilinear",
        to_string(x) + " to " + size_of_image(height, width) + (align_corners ? " corners" : "") +
            (other ? " plus other" : ""),
        inputs_of(x, height, width, other), run(height, width, align_corners),
        [=](const std::vector<OpArgument>& in) { return reference(in, height, width, align_corners); }, 4});
}

void add_timing(OpTable& table, std::int64_t side, std::int64_t to, bool other) {
  const double channels = 512, in = double(side * side) * channels, out = double(to * to) * channels;
  const double taken = std::min(in, 4 * out);  // a small result leaves most of x unread
  table.add(
      OpTiming{"resize_bilinear",
               size_of_image(side, side) + "x512 to " + size_of_image(to, to) + (other ? " plus other" : ""),
               inputs_of({1, side, side, 512}, to, to, other), run(to, to, false), out * (other ? 8 : 7),
               out * 8, (taken + out * (other ? 2 : 1)) * sizeof(float), (in + out) * sizeof(float)});
}

}  // namespace

void resize_bilinear_cases(OpTable& table) {
  add_rows(table, {2, 3, 4, 3}, 5, 7);
  add_rows(table, {1, 3, 2, 5}, 6, 4, true);
  add_rows(table, {1, 8, 7, 2}, 3, 2);
  add_rows(table, {1, 5, 2, 1}, 2, 6, true);
  add_rows(table, {1, 3, 2, 3}, 3, 2);
  add_rows(table, {2, 1, 1, 3}, 3, 2);
  add_rows(table, {1, 4, 3, 2}, 1, 1);
  add_rows(table, {1, 2, 2, 19}, 3, 3);
  add_rows(table, {0, 2, 3, 4}, 3, 5);
  add_timing(table, 60, 120, false);
  add_timing(table, 60, 120, true);
  add_timing(table, 120, 15, false);
}

}  // namespace uls::kernels
