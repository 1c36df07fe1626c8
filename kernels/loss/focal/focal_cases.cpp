// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/loss/focal/focal.h"
#include "kernels/loss/mask_rows.h"

namespace uls::kernels {
namespace {

void add_case(OpTable& table, const std::string& label, const Shape& shape, double low, double high,
              double alpha, double gamma) {
  table.add(OpCase{"focal",
                   label,
                   {{shape, -6, 6}, {shape, low, high, false}},
                   [=](const std::vector<Tensor>& in) { return focal(in[0], in[1], alpha, gamma); },
                   [=](const std::vector<OpArgument>& in) {
                     double sum = 0;
                     for (std::size_t i = 0; i < in[0].values.size(); ++i) {
                       const double p = 1 / (1 + std::exp(-in[0].values[i])), t = in[1].values[i];
                       const double cost = -t * std::log(p) - (1 - t) * std::log(1 - p);
                       const double sure = p * t + (1 - p) * (1 - t);
                       sum += (alpha * t + (1 - alpha) * (1 - t)) * std::pow(1 - sure, gamma) * cost;
                     }
                     return Doubles{sum / double(in[0].values.size())};
                   },
                   count_elements(shape)});
}

}  // namespace

void focal_cases(OpTable& table) {
  for (const Shape& shape : {Shape{2, 1, 5, 6}, Shape{}, Shape{1}, Shape{3, 67}, Shape{0, 4}})
    add_case(table, to_string(shape), shape, 0, 1, 0.25, 2);
  add_case(table, "empty mask [2, 35]", {2, 35}, 0, 0, 0.25, 2);
  add_case(table, "full mask [2, 35]", {2, 35}, 1, 1, 0.25, 2);
  add_case(table, "gamma 0 [2, 35]", {2, 35}, 0, 1, 0.5, 0);
  add_case(table, "gamma 0.5, full mask [2, 35]", {2, 35}, 1, 1, 1, 0.5);
  add_mask_timing(table, "focal", [](const std::vector<Tensor>& in) { return focal(in[0], in[1]); });
}

}  // namespace uls::kernels
