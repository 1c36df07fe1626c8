// SPDX-License-Identifier: Apache-2.0
#include "kernels/attention/window_attention/window_attention.h"

#include <catch2/catch.hpp>

#include <map>

#include "core/autograd/autograd.h"
#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/common/fused.h"
#include "kernels/common/op_table.h"
#include "kernels/linear/linear/linear.h"
#include "kernels/norm/layer_norm/layer_norm.h"
#include "kernels/pointwise/pointwise.h"
#include "kernels/primitives/pad/pad.h"
#include "kernels/primitives/views/views.h"
#include "kernels/spatial/conv2d/conv2d.h"
#include "kernels/spatial/patch_merging/patch_merging.h"
#include "tests/support/golden.h"
#include "tests/support/support.h"

namespace uls {
namespace {

// The parameters of a case, by name.
class Parameters {
 public:
  explicit Parameters(const test::GoldenCase& golden) : golden_(golden) {}

  const Tensor& operator()(const std::string& name) {
    Tensor& tensor = taken_[name];
    if (!tensor) tensor = golden_.get("param." + name).set_requires_grad();
    return tensor;
  }
  Tensor linear(const Tensor& x, const std::string& name, bool with_bias = true) {
    return uls::linear(x, (*this)(name + ".weight"), with_bias ? (*this)(name + ".bias") : Tensor());
  }
  Tensor norm(const Tensor& x, const std::string& name) {
    return layer_norm(x, (*this)(name + ".weight"), (*this)(name + ".bias"));
  }
  void compare_gradients(std::int64_t reduction) const {
    for (const auto& [name, tensor] : taken_) golden_.compare("grad.param." + name, tensor.grad(), reduction);
  }

 private:
  const test::GoldenCase& golden_;
  std::map<std::string, Tensor> taken_;
};

// Windows one by one; where no mask is given also as maps of one window each.
void replay_attention(const test::GoldenCase& golden) {
  const std::int64_t heads = golden.op().at("heads").as_int64(), side = golden.op().at("window").as_int64();
  const Tensor mask = golden.has("in.mask") ? golden.get("in.mask") : Tensor();
  for (const bool fused : {false, true}) {
    if (fused && mask) continue;
    Parameters p(golden);
    Tensor x = golden.get("in.x").set_requires_grad();
    const std::int64_t channels = x.size(2);
    const Tensor qkv = p.linear(x, "qkv"), &table = p("relative_position_bias_table");
    const Tensor y = fused ? reshape(window_attention(reshape(qkv, {x.size(0), side, side, 3 * channels}), {},
                                                      table, {.heads = heads, .window = side}),
                                     x.shape())
                           : window_attention_with_mask(qkv, table, mask, heads);
    const Tensor out = p.linear(y, "proj");
    golden.compare("out.y", out, channels);
    backward(out, golden.get("cot.y"));
    golden.compare("grad.in.x", x.grad(), 3 * channels);
    p.compare_gradients(x.size(0) * x.size(1));
  }
}

// Blocks of Swin, and the patch merging behind them.
void replay_layer(const test::GoldenCase& golden) {
  const Json& op = golden.op();
  const std::int64_t height = op.at("h").as_int64(), width = op.at("w").as_int64();
  for (const bool fused : {true, false}) {
    const kernels::FusedScope scope(fused);
    Parameters p(golden);
    Tensor in = golden.get("in.x").set_requires_grad();
    const std::int64_t batch = in.size(0), channels = in.size(2);
    Tensor x = reshape(in, {batch, height, width, channels});
    for (std::int64_t i = 0; i < op.at("depth").as_int64(); ++i) {
      const std::string block = "blocks." + std::to_string(i) + ".";
      const WindowAttentionOptions options{.heads = op.at("heads").as_int64(),
                                           .window = op.at("window").as_int64(),
                                           .shift = op.at("shift").items()[std::size_t(i)].as_int64()};
      const Tensor qkv = p.linear(p.norm(x, block + "norm1"), block + "attn.qkv");
      const Tensor y = window_attention(qkv, p(block + "attn.qkv.bias"),
                                        p(block + "attn.relative_position_bias_table"), options);
      x = x + p.linear(y, block + "attn.proj");
      const Tensor hidden = gelu(p.linear(p.norm(x, block + "norm2"), block + "mlp.fc1"));
      x = x + p.linear(hidden, block + "mlp.fc2");
    }
    const Tensor merged = p.norm(patch_merging(x), "downsample.norm");
    const Tensor y = reshape(x, in.shape());
    const Tensor down = reshape(p.linear(merged, "downsample.reduction", false), {batch, -1, 2 * channels});
    golden.compare("out.y", y, 4 * channels);
    golden.compare("out.down", down, 4 * channels);
    backward({y, down}, {golden.get("cot.y"), golden.get("cot.down")});
    golden.compare("grad.in.x", in.grad(), 4 * channels);
    p.compare_gradients(batch * height * width);
  }
}

void replay_patch_embedding(const test::GoldenCase& golden) {
  const std::int64_t patch = golden.op().at("patch").as_int64();
  Parameters p(golden);
  Tensor in = golden.get("in.x").set_requires_grad();
  const Tensor image = permute(in, {0, 2, 3, 1});
  const auto missing = [&](int dim) { return (patch - image.size(dim) % patch) % patch; };
  const Tensor padded = pad(image, {0, 0, 0, 0}, {0, missing(1), missing(2), 0});
  const Tensor patches =
      conv2d(padded, permute(p("proj.weight"), {0, 2, 3, 1}), p("proj.bias"), {.stride = patch});
  const Tensor y = permute(p.norm(patches, "norm"), {0, 3, 1, 2});
  golden.compare("out.y", y, 3 * patch * patch);
  backward(y, golden.get("cot.y"));
  golden.compare("grad.in.x", in.grad(), y.size(1));
  p.compare_gradients(patches.numel() / y.size(1));
}

TEST_CASE("window_attention: golden", "[golden]") {
  ULS_REPLAY_GOLDEN("op_window", [](const test::GoldenCase& golden) {
    if (golden.op().find("patch"))
      replay_patch_embedding(golden);
    else if (golden.op().find("depth"))
      replay_layer(golden);
    else
      replay_attention(golden);
  });
}

// The result and the gradients of qkv, its bias and the table, for inputs that are the same on every call.
std::vector<Tensor> both_ways(bool fused, const Shape& map, const WindowAttentionOptions& options,
                              bool with_bias = true) {
  const kernels::FusedScope scope(fused);
  const std::int64_t channels = 3 * map[3], offsets = 2 * options.window - 1;
  std::vector<Tensor> in;
  for (const Shape& shape :
       {Shape{map[0], map[1], map[2], channels}, Shape{offsets * offsets, options.heads}, Shape{channels}}) {
    in.push_back(clone(kernels::make_input({shape, -2, 2}, int(in.size()))));
    in.back().set_requires_grad();
  }
  const Tensor y = window_attention(in[0], with_bias ? in[2] : Tensor(), in[1], options);
  backward(y, kernels::make_input({y.shape()}, 3));
  std::vector<Tensor> results{y.detached(), in[0].grad(), in[1].grad()};
  if (with_bias) results.push_back(in[2].grad());
  return results;
}

TEST_CASE("window_attention: the kernel and its twin agree") {
  struct Row {
    Shape map;
    WindowAttentionOptions options;
  };
  for (const Row& row :
       {Row{{2, 4, 6, 4}, {.heads = 2, .window = 2}},
        Row{{1, 5, 5, 6}, {.heads = 3, .window = 2, .shift = 1}},
        Row{{2, 18, 21, 2}, {.window = 4, .shift = 2}},  // several tasks of windows
        Row{{1, 11, 9, 10}, {.heads = 2, .window = 5, .shift = 3}},
        Row{{1, 16, 23, 66}, {.heads = 2, .window = 7, .shift = 3}},  // more than a sliver of channels
        Row{{2, 14, 7, 32}, {.window = 7}}, Row{{1, 3, 4, 32}, {.window = 7, .shift = 6}},
        Row{{1, 13, 24, 6}, {.heads = 2, .window = 12, .shift = 6}},  // several blocks of queries
        Row{{1, 12, 20, 17}, {.window = 12}}})
    for (const bool with_bias : {true, false}) {
      INFO(to_string(row.map) << " window " << row.options.window << " shift " << row.options.shift);
      const auto fused = both_ways(true, row.map, row.options, with_bias),
                 plain = both_ways(false, row.map, row.options, with_bias);
      for (std::size_t i = 0; i < fused.size(); ++i)
        CHECK(test::largest_difference(fused[i], plain[i]) < 1e-11);
    }
}

TEST_CASE("window_attention: an empty map gives gradients of zero") {
  const auto results = both_ways(true, {0, 5, 5, 4}, {.heads = 2, .window = 3, .shift = 1});
  CHECK(results[0].shape() == Shape{0, 5, 5, 4});
  CHECK(test::same_bits(results[2], zeros({25, 2}, DType::float64)));
  CHECK(test::same_bits(results[3], zeros({12}, DType::float64)));
}

TEST_CASE("window_attention: gradients are taken where they are asked for") {
  const WindowAttentionOptions options{.heads = 2, .window = 3, .shift = 1};
  const auto all = both_ways(true, {2, 5, 4, 4}, options);
  const std::vector<Shape> shapes{{2, 5, 4, 12}, {25, 2}, {12}};
  for (std::size_t asked = 0; asked < 3; ++asked) {
    std::vector<Tensor> in;
    for (const Shape& shape : shapes)
      in.push_back(clone(kernels::make_input({shape, -2, 2}, int(in.size()))));
    in[asked].set_requires_grad();
    backward(window_attention(in[0], in[2], in[1], options), kernels::make_input({{2, 5, 4, 4}}, 3));
    CHECK(test::same_bits(in[asked].grad(), all[asked + 1]));
  }
}

TEST_CASE("window_attention: keeps the result and one number for each query, no scores") {
  const Tensor qkv = zeros({1, 28, 28, 3 * 64}), table = zeros({169, 2}).set_requires_grad();
  CachingAllocator& allocator = device_allocator(kCpu);
  const std::int64_t before = allocator.statistics().live_requested;
  const Tensor y = window_attention(qkv, {}, table, {.heads = 2, .window = 7, .shift = 3});
  const std::int64_t result = y.numel() * 4, log_sums = 16 * 2 * 49 * 4;
  CHECK(allocator.statistics().live_requested - before == result + log_sums);
}

TEST_CASE("window_attention: what does not fit is named") {
  const Tensor qkv = zeros({1, 4, 4, 12}), table = zeros({9, 2});
  const WindowAttentionOptions options{.heads = 2, .window = 2};
  CHECK(test::error_of([&] {
          window_attention(zeros({4, 4, 12}), {}, table, options);
        }) == "window_attention: qkv is no map; got float32 [4, 4, 12] on cpu; expected [B, H, W, 3C]");
  CHECK(test::error_of([&] { window_attention(qkv, {}, table, {.heads = 5, .window = 2}); }) ==
        "window_attention: channels do not split into q, k and v of all heads; got 12 channels and 5 heads; "
        "expected a multiple of 15");
  CHECK(test::error_of([&] { window_attention(qkv, {}, table, {.heads = 2, .window = 0}); }) ==
        "window_attention: no window; got a side of 0; expected at least 1");
  CHECK(test::error_of([&] { window_attention(qkv, {}, table, {.heads = 2, .window = 2, .shift = 2}); }) ==
        "window_attention: shift is outside of the window; got 2; expected one in [0, 2)");
  CHECK(test::error_of([&] {
          window_attention(qkv, {}, zeros({4, 2}), options);
        }) == "window_attention: bias_table has the wrong shape; got [4, 2]; expected [9, 2]");
  CHECK(test::error_of([&] { window_attention(qkv, zeros({4}), table, options); }) ==
        "window_attention: qkv_bias has the wrong shape; got [4]; expected [12]");
  CHECK(test::error_of([&] { window_attention_with_mask(qkv, table, {}, 2); }) ==
        "window_attention: qkv holds no windows; got float32 [1, 4, 4, 12] on cpu; expected [windows, K K, "
        "3C]");
  CHECK(test::error_of([&] {
          window_attention_with_mask(zeros({3, 5, 12}), table, {}, 2);
        }) == "window_attention: windows are not square; got 5 tokens; expected K K of them");
  CHECK(test::error_of([&] {
          window_attention_with_mask(zeros({3, 4, 12}), table, zeros({2, 4, 4}), 2);
        }) ==
        "window_attention: mask does not fit the windows; got float32 [2, 4, 4] on cpu for 3 windows; "
        "expected [nW, K K, K K] with nW windows an image");
}

}  // namespace
}  // namespace uls
