// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/common/op_table.h"
#include "kernels/loss/mask_loss/mask_loss.h"

namespace uls::kernels {
namespace {

// bce, dice and focal of the maps of one layer, from their definitions. Inputs 3 and 4, where they are
// there, are the weights of elements and samples.
std::vector<double> losses_of(const std::vector<OpArgument>& in, std::int64_t layer, double alpha,
                              double gamma) {
  const Shape &query = in[0].shape, &pixel = in[1].shape;
  const std::int64_t samples = query[1], queries = query[2], channels = query[3],
                     points = pixel[1] * pixel[2];
  double bce = 0, dice = 0, focal = 0, elements = 0;
  for (std::int64_t b = 0; b < samples; ++b) {
    const double v = in.size() > 4 ? in[4].values[std::size_t(b)] : 1;
    for (std::int64_t q = 0; q < queries; ++q) {
      double both = 0, predicted = 0, wanted = 0;
      for (std::int64_t point = 0; point < points; ++point) {
        double logit = 0;
        for (std::int64_t c = 0; c < channels; ++c)
          logit += in[0].values[std::size_t(((layer * samples + b) * queries + q) * channels + c)] *
                   in[1].values[std::size_t((b * points + point) * channels + c)];
        const std::size_t place = std::size_t((b * queries + q) * points + point);
        const double p = 1 / (1 + std::exp(-logit)), t = in[2].values[place],
                     w = in.size() > 3 ? in[3].values[place] : 1;
        const double cost = -t * std::log(p) - (1 - t) * std::log(1 - p);
        bce += v * w * cost;
        focal +=
            v * w * (alpha * t + (1 - alpha) * (1 - t)) * std::pow(p * (1 - t) + (1 - p) * t, gamma) * cost;
        both += w * p * t;
        predicted += w * p;
        wanted += w * t;
        elements += w;
      }
      dice += v * (1 - (2 * both + 1) / (predicted + wanted + 1));
    }
  }
  const double maps = double(samples * queries);
  if (elements == 0 && maps * double(points) > 0) elements = 1;
  return {bce / elements, dice / maps, focal / elements};
}

// `weights`: none, those of elements, or those and the samples'.
void add_case(OpTable& table, const std::string& label, const Shape& query, const Shape& pixel,
              const MaskLossOptions& options, double low = 0, double high = 1,
              const std::vector<OpInput>& weights = {}) {
  const Shape target{query[1], query[2], pixel[1], pixel[2]};
  std::vector<OpInput> inputs{{query}, {pixel, -2, 2}, {target, low, high, false}};
  inputs.insert(inputs.end(), weights.begin(), weights.end());
  table.add(OpCase{"mask_loss", label, inputs,
                   [=](const std::vector<Tensor>& in) {
                     return mask_loss(in[0], in[1], in[2], options,
                                      {in.size() > 3 ? in[3] : Tensor(), in.size() > 4 ? in[4] : Tensor()})
                         .total;
                   },
                   [=](const std::vector<OpArgument>& in) {
                     const double shares[] = {options.bce, options.dice, options.focal};
                     double total = 0;
                     for (std::int64_t layer = 0; layer < in[0].shape[0]; ++layer) {
                       const auto losses = losses_of(in, layer, options.alpha, options.gamma);
                       for (std::size_t k = 0; k < 3; ++k)
                         if (shares[k] > 0) total += options.layer_weight(layer) * shares[k] * losses[k];
                     }
                     return Doubles{total};
                   },
                   query[0] * count_elements(target) * query[3]});
}

void add_timing(OpTable& table, std::int64_t batch) {
  const Shape query{6, batch, 1, 256}, pixel{batch, 120, 120, 256}, target{batch, 1, 120, 120};
  const double queries = double(count_elements(query)), pixels = double(count_elements(pixel)),
               wanted = double(count_elements(target)), product = 2 * 6 * pixels,
               bytes = (queries + pixels + wanted) * sizeof(float);
  table.add(OpTiming{"mask_loss",
                     "6 layers, " + std::to_string(batch) + "x120x120x256",
                     {{query}, {pixel}, {target, 0, 1, false}},
                     [](const std::vector<Tensor>& in) { return mask_loss(in[0], in[1], in[2]).total; },
                     product,
                     3 * product,
                     bytes,
                     bytes + (queries + pixels) * sizeof(float)});
}

}  // namespace

void mask_loss_cases(OpTable& table) {
  const MaskLossOptions all{.bce = 2, .dice = 0.5, .focal = 3, .layer_weights = {1, 0.5}};
  add_case(table, "all losses, 2 queries", {2, 3, 2, 5}, {3, 4, 5, 5}, all);
  add_case(table, "several tiles, whole vectors", {1, 1, 1, 32}, {1, 10, 14, 32}, {});
  add_case(table, "7 rows, 17 channels", {7, 2, 1, 17}, {2, 3, 7, 17}, {});
  add_case(table, "bce", {2, 2, 1, 4}, {2, 3, 3, 4}, {.dice = 0});
  add_case(table, "dice", {2, 2, 1, 4}, {2, 3, 3, 4}, {.bce = 0});
  add_case(table, "focal", {2, 2, 1, 4}, {2, 3, 3, 4},
           {.bce = 0, .dice = 0, .focal = 1, .alpha = 0.6, .gamma = 1.5});
  add_case(table, "one pixel", {1, 1, 1, 1}, {1, 1, 1, 1}, {});
  add_case(table, "empty masks", {2, 2, 1, 6}, {2, 5, 7, 6}, all, 0, 0);
  add_case(table, "full masks", {2, 2, 1, 6}, {2, 5, 7, 6}, all, 1, 1);
  add_case(table, "no samples", {2, 0, 1, 4}, {0, 2, 2, 4}, all);
  add_case(table, "no pixels", {2, 2, 1, 4}, {2, 0, 3, 4}, {.bce = 0});
  const auto element = [](const Shape& shape, double low, double high) {
    return OpInput{shape, low, high, false};
  };
  // Half of the weights are 0, the others 1.
  const OpInput ignored{{3, 2, 4, 5}, 0, 1, false, [](double x) { return x < 0.5 ? 0.0 : 1.0; }};
  add_case(table, "ignored elements", {2, 3, 2, 5}, {3, 4, 5, 5}, all, 0, 1, {ignored});
  add_case(table, "weights of elements and samples", {2, 3, 2, 5}, {3, 4, 5, 5}, all, 0, 1,
           {element({3, 2, 4, 5}, 0, 1), element({3}, 0, 2)});
  add_case(table, "weights over several tiles", {1, 2, 1, 6}, {2, 10, 14, 6}, {}, 0, 1,
           {element({2, 1, 10, 14}, 0, 1), element({2}, 0.5, 2)});
  add_case(table, "everything ignored", {2, 2, 1, 6}, {2, 5, 7, 6}, all, 0, 1, {element({2, 1, 5, 7}, 0, 0)});
  for (const std::int64_t batch : {2, 8}) add_timing(table, batch);
}

}  // namespace uls::kernels
