// SPDX-License-Identifier: Apache-2.0
#include "models/swin/swin.h"

#include "core/autograd/checkpoint.h"
#include "core/random/random_state.h"
#include "kernels/attention/window_attention/window_attention.h"
#include "kernels/primitives/pad/pad.h"
#include "kernels/spatial/patch_merging/patch_merging.h"

namespace uls {

const FieldTable<SwinConfig>& swin_table() {
  static const FieldTable<SwinConfig> table = [] {
    FieldTable<SwinConfig> t("swin");
    t.add("embed_dim", &SwinConfig::embed_dim, "channels of the first stage; doubled by each further one")
        .range(1, 65536);
    t.add("depths", &SwinConfig::depths, "blocks of each stage").range(1, 1000);
    t.add("num_heads", &SwinConfig::num_heads, "attention heads of each stage").range(1, 4096);
    t.add("window_size", &SwinConfig::window_size, "side of a window, in tokens").range(1, 64);
    t.add("patch_size", &SwinConfig::patch_size, "side of a patch, in pixels").range(1, 64);
    t.add("mlp_ratio", &SwinConfig::mlp_ratio, "hidden width of a block's MLP over its width")
        .range(0.01, 64);
    t.add("drop_path_rate", &SwinConfig::drop_path_rate, "stochastic depth of the last block; grows from 0")
        .range(0, 0.99);
    return t;
  }();
  return table;
}

void check(const SwinConfig& config) {
  ULS_CHECK(!config.depths.empty() && config.depths.size() == config.num_heads.size(),
            "swin: depths and num_heads differ in length; got {} and {}; expected one of each for a stage",
            config.depths.size(), config.num_heads.size());
  for (std::size_t i = 0; i < config.depths.size(); ++i)
    ULS_CHECK((config.embed_dim << i) % config.num_heads[i] == 0,
              "swin: channels of stage {} do not split into heads; got {} and {}; expected a multiple", i,
              config.embed_dim << i, config.num_heads[i]);
}

SwinBlock::SwinBlock(const ModelBuilder& b, std::int64_t channels, const Options& options)
    : path_(b.path()),
      options_(options),
      norm1_(b / "norm1", channels, options.eps),
      norm2_(b / "norm2", channels, options.eps),
      qkv_(b / "attn" / "qkv", channels, 3 * channels),
      proj_(b / "attn" / "proj", channels, channels),
      bias_table_((b / "attn")
                      .parameter("relative_position_bias_table",
                                 {(2 * options.window - 1) * (2 * options.window - 1), options.heads},
                                 InitialValues::truncated_normal(0.02))),
      mlp_({b / "mlp" / "fc1", channels, options.hidden}, {b / "mlp" / "fc2", options.hidden, channels},
           Activation::gelu) {}

void SwinBlock::operator()(ResidualStream& stream, const Pass& pass) const {
  const ModuleScope scope(path_);
  const Tensor qkv = qkv_(stream.next(norm1_, pass));
  stream.branch =
      proj_(window_attention(qkv, qkv_.bias, bias_table_,
                             {.heads = options_.heads, .window = options_.window, .shift = options_.shift}));
  stream.drop_path = options_.drop_path;
  stream.branch = mlp_(stream.next(norm2_, pass), pass);
}

namespace {

// drop_path of block `index` of `count`: torch.linspace(0, rate, count).
double drop_path_of(std::int64_t index, std::int64_t count, double rate) {
  return count > 1 ? rate * double(index) / double(count - 1) : 0;
}

}  // namespace

Swin::Swin(const ModelBuilder& b, const SwinConfig& config)
    : config_(config),
      patches_(b / "patch_embed" / "proj", 3, config.embed_dim,
               {.kernel = config.patch_size, .stride = config.patch_size}),
      patch_norm_(b / "patch_embed" / "norm", config.embed_dim, config.layer_norm_eps) {
  check(config);
  std::int64_t blocks = 0, block = 0;
  for (const std::int64_t depth : config.depths) blocks += depth;
  for (std::size_t i = 0; i < config.depths.size(); ++i) {
    const ModelBuilder in_stage = b / "layers" / std::int64_t(i);
    const std::int64_t channels = config.embed_dim << i;
    Stage stage{.blocks = {},
                .norm = LayerNorm(b / ("norm" + std::to_string(i)), channels, config.layer_norm_eps),
                .merging = {}};
    for (std::int64_t j = 0; j < config.depths[i]; ++j, ++block)
      stage.blocks.emplace_back(
          in_stage / "blocks" / j, channels,
          SwinBlock::Options{.heads = config.num_heads[i],
                             .window = config.window_size,
                             .shift = j % 2 ? config.window_size / 2 : 0,
                             .hidden = std::int64_t(double(channels) * config.mlp_ratio),
                             .drop_path = drop_path_of(block, blocks, config.drop_path_rate),
                             .eps = config.layer_norm_eps});
    if (i + 1 < config.depths.size()) {
      const ModelBuilder in = in_stage / "downsample";
      stage.merging =
          Merging{.norm = LayerNorm(in / "norm", 4 * channels, config.layer_norm_eps),
                  .reduction = Linear(in / "reduction", 4 * channels, 2 * channels, {.has_bias = false})};
    }
    stages_.push_back(std::move(stage));
  }
}

void Swin::run_blocks(const Stage& stage, ResidualStream& stream, const Pass& pass) const {
  for (const SwinBlock& block : stage.blocks) {
    if (!pass.recompute) {
      block(stream, pass);
      continue;
    }
    // The pending branch's drop-path is the block's before: it goes along by value.
    const double pending = stream.drop_path;
    const auto run = [&block, pass, pending](const std::vector<Tensor>& in) {
      ResidualStream inner{.x = in[0], .branch = in.size() > 1 ? in[1] : Tensor(), .drop_path = pending};
      block(inner, pass);
      return std::vector<Tensor>{inner.x, inner.branch};
    };
    std::vector<Tensor> inputs{stream.x};
    if (stream.branch) inputs.push_back(stream.branch);
    std::vector<Tensor> out = checkpoint(run, inputs);
    stream = {.x = std::move(out[0]), .branch = std::move(out[1]), .drop_path = block.drop_path()};
  }
}

std::vector<Tensor> Swin::operator()(const Tensor& image, const Pass& pass) const {
  const std::int64_t patch = config_.patch_size;
  const auto missing = [patch](std::int64_t size) { return (patch - size % patch) % patch; };
  ResidualStream stream;
  stream.x =
      patch_norm_(patches_(pad(image, {0, 0, 0, 0}, {0, missing(image.size(1)), missing(image.size(2)), 0})));
  std::vector<Tensor> maps;
  for (const Stage& stage : stages_) {
    run_blocks(stage, stream, pass);
    maps.push_back(stream.next(stage.norm, pass));
    if (stage.merging) stream.x = stage.merging->reduction(stage.merging->norm(patch_merging(stream.x)));
  }
  return maps;
}

}  // namespace uls
