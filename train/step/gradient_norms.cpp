// SPDX-License-Identifier: Apache-2.0
#include "train/step/gradient_norms.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/autograd/grad_mode.h"
#include "core/base/error.h"
#include "kernels/optim/clip/clip.h"

namespace uls {
namespace {

// By the beginning of a parameter's name (models/unilseg/unilseg.cpp).
constexpr std::array<std::pair<const char*, const char*>, 7> kBlocks{{{"backbone_visual.", "image"},
                                                                      {"backbone.", "text"},
                                                                      {"all_fusion_", "fusion"},
                                                                      {"fusion_proj.", "fusion"},
                                                                      {"fusion.", "fusion"},
                                                                      {"pixel_decoder.", "pixel_decoder"},
                                                                      {"query_decoder.", "query_decoder"}}};

std::string block_of(const std::string& name) {
  const auto found =
      std::ranges::find_if(kBlocks, [&](const auto& block) { return name.starts_with(block.first); });
  ULS_ASSERT(found != kBlocks.end(), "{} belongs to no block", name);
  return found->second;
}

}  // namespace

std::map<std::string, double> gradient_norms(const Parameters& parameters) {
  std::map<std::string, std::vector<Tensor>> gradients;
  for (const Parameter& p : parameters.all()) {
    std::vector<Tensor>& of_block = gradients[block_of(p.name)];
    if (const Tensor gradient = p.value.grad()) of_block.push_back(gradient);
  }
  const NoGrad no_grad;
  std::map<std::string, double> norms;
  for (const auto& [block, of_block] : gradients) {
    Tensor values = to_tensor(StepValues{});
    clip_(values, of_block);  // measures, and changes no gradient
    norms[block] = step_values(values).gradient_norm;
  }
  return norms;
}

}  // namespace uls
