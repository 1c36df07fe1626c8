// SPDX-License-Identifier: Apache-2.0
#include "models/weights.h"

#include <catch2/catch.hpp>

#include "core/tensor/primitives.h"
#include "models/swin/swin.h"
#include "tests/support/support.h"

namespace uls {
namespace {

const SwinConfig kTiny{.embed_dim = 4, .depths = {1, 1}, .num_heads = {1, 2}, .window_size = 2};
const std::string kTable = "layers.0.blocks.0.attn.relative_position_bias_table";

TEST_CASE("weights: state_dict and load_weights are inverse, kernels in PyTorch's layout") {
  Parameters from({.seed = 1}), to({.seed = 2});
  build_model<Swin>(from, kTiny);
  build_model<Swin>(to, kTiny);
  const NamedTensors state = state_dict(from);
  CHECK(state.at("patch_embed.proj.weight").shape() == Shape{4, 3, 4, 4});
  const LoadReport report = load_weights(to, state);
  CHECK(report.is_complete());
  CHECK(report.loaded == std::int64_t(from.all().size()));
  for (std::size_t i = 0; i < from.slabs().size(); ++i)
    CHECK(test::same_bits(from.slabs()[i].values, to.slabs()[i].values));
}

TEST_CASE("weights: what does not fit is listed by name") {
  Parameters parameters({});
  build_model<Swin>(parameters, kTiny);
  NamedTensors state = state_dict(parameters);
  state.erase("norm0.bias");
  state["norm0.weight"] = zeros({5});
  state["head.weight"] = zeros({3, 4});
  state["layers.0.blocks.0.attn.relative_position_index"] = zeros({4, 4}, DType::int64);
  const LoadReport report = load_weights(parameters, state);
  CHECK(report.missing == std::vector<std::string>{"norm0.bias"});
  CHECK(report.unexpected == std::vector<std::string>{"head.weight"});
  CHECK(report.passengers.size() == 1);
  CHECK(state_dict(parameters, report.passengers).contains("layers.0.blocks.0.attn.relative_position_index"));
  REQUIRE(report.misfits.size() == 1);
  CHECK(report.text() == fmt::format("weights: {} tensors loaded, 1 that nothing uses left aside\n"
                                     "  missing     norm0.bias\n"
                                     "  unexpected  head.weight\n"
                                     "  mis-shaped  norm0.weight: [5] in the file, [4] in the model",
                                     report.loaded));
  CHECK(test::error_of([&] {
          require_complete(report, "x.pth");
        }).starts_with("weights: x.pth does not fit the model; got weights: "));
}

TEST_CASE("weights: the prefix of data parallel training goes") {
  const Tensor x = zeros({1});
  const NamedTensors plain = with_plain_names({{"module.a.weight", x}, {"module.b", x}});
  CHECK(plain.contains("a.weight"));
  CHECK(plain.contains("b"));
  CHECK(with_plain_names({{"module.a", x}, {"b", x}}).contains("module.a"));
  CHECK_FALSE(with_plain_names({{"input_resolution", x}, {"b", x}}).contains("input_resolution"));
}

TEST_CASE("weights: bias tables of another window are resized only if asked") {
  SwinConfig wide = kTiny;
  wide.window_size = 3;
  Parameters small({}), large({});
  build_model<Swin>(small, kTiny);
  build_model<Swin>(large, wide);
  // A plane stays a plane: entry (i, j) of the 3 x 3 table is i + 10 j.
  Tensor table = small.at(kTable).value.detached();
  for (std::int64_t i = 0; i < 9; ++i) table.data<float>()[i] = float(i / 3 + 10 * (i % 3));
  NamedTensors state = state_dict(small);
  state["layers.0.blocks.0.attn.relative_position_index"] = zeros({4, 4}, DType::int64);
  CHECK(load_weights(large, state).misfits.size() == 2);
  const LoadReport report = load_weights(large, state, {.resize_bias_tables = true});
  CHECK(report.passengers.empty());  // the index of the small window
  CHECK(report.is_complete());
  CHECK(report.resized.size() == 2);
  const std::vector<double> resized = to_doubles(large.at(kTable).value);
  for (std::size_t i = 0; i < 25; ++i)
    CHECK(resized[i] == Approx(0.5 * double(i / 5) + 5 * double(i % 5)).margin(1e-5));
}

}  // namespace
}  // namespace uls
