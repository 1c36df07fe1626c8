// SPDX-License-Identifier: Apache-2.0
// A run on scenes as its configuration tells it, beside PyTorch.
#include <catch2/catch.hpp>

#include "core/cli/build_facts.h"
#include "data/scenes/scene_set.h"
#include "tests/support/support.h"
#include "tests/train/peer_training.h"
#include "train/config/train_config.h"

namespace uls {
namespace {

constexpr const char* kRun = R"(
steps: 200
model: {embed_dim: 8, depths: [1, 1, 1, 1], num_heads: [1, 1, 2, 2], window_size: 4, text_width: 16,
        text_heads: 2, text_layers: 1, text_embed: 16, pixel_decoder_in: [8, 16, 32, 64],
        pixel_decoder_conv: 16, pixel_decoder_mask: 8, pixel_ffn: 16, fusion_dim: 64, visual_in: 64,
        text_in: 16, d_model: 8, query_ffn: 16, num_dec: 2, nhead: 2, word_len: 12, dropout: 0,
        drop_path_rate: 0}
data: {batch: 4, word_len: 12, threads: 1, transform: {preset: plain, size: 64}}
optimizer: {lr: 1e-3, backbone_factor: 1, weight_decay: 0.01, max_norm: 1}
schedule: {kind: cosine, warm_up: 20}
)";

// The batches of all steps, one after the other; images as PyTorch has them.
NamedTensors batches_of(const TrainConfig& config, std::vector<TrainingBatch>& batches) {
  Loader loader(parse_loader_sets(config.data.sets), config.data, Loader::Mode::train);
  const std::int64_t steps = config.steps, b = config.data.batch, side = config.data.transform.size;
  Tensor image = empty({steps, b, 3, side, side}),
         ids = empty({steps, b, config.data.word_len}, DType::int64),
         target = empty({steps, b, 1, side / 4, side / 4});
  std::vector<double> rates;
  for (std::int64_t i = 0; i < steps; ++i) {
    const LoadedBatch batch = *loader.next();
    const auto keep = [i](const Tensor& all, const Tensor& one) {
      Tensor place = all.sliced(0, i, i + 1).reshaped(one.shape());
      copy_(place, one);
    };
    keep(image, batch.image.permuted({0, 3, 1, 2}));
    keep(ids, batch.ids);
    keep(target, batch.target);
    batches.push_back({.image = converted(batch.image, DType::float64),
                       .ids = batch.ids,
                       .target = converted(batch.target, DType::float64)});
    rates.push_back(config.schedule.factor(i, steps));
  }
  return {{"in.image", image},
          {"in.words", ids},
          {"in.target", target},
          {"in.rate", from_values({steps}, rates)}};
}

// What the peer builds the model from.
Json peer_config(const UniLSegConfig& config) {
  const Json all = unilseg_table().to_json(config);
  Json sizes = Json::object();
  for (const JsonMember& member : all.members())
    if (member.key != "dropout" && member.key != "drop_path_rate") sizes.set(member.key, member.value);
  return Json::object({{"config", sizes},
                       {"weights", "weights.safetensors"},
                       {"dropout", config.dropout},
                       {"drop_path", config.swin.drop_path_rate},
                       {"train", true}});
}

TEST_CASE("training: 200 steps on scenes in float64 are those of PyTorch", "[peer]") {
  if (build_facts().sanitizer != "none") ULS_SKIP("time", "too slow under a sanitizer");
  if (!test::has_peer()) ULS_SKIP("peer", "no Python with PyTorch in ULS_PEER");
  const test::Folder folder;
  write_scenes({.scene = {.level = SceneLevel::easy, .seed = 1}, .train = 60}, folder / "scenes");
  test::put(folder / "run.yaml", std::string(kRun));
  const TrainConfig config =
      read_train_config(folder / "run.yaml", {"data.sets=[" + (folder / "scenes") + "]"});

  Parameters parameters({.dtype = DType::float64, .seed = std::uint64_t(config.seed)});
  const auto model = build_model<UniLSeg>(parameters, config.model);
  TrainingStep step(model, parameters, config.step_options());
  NamedTensors weights = state_dict(parameters);
  weights["backbone.logit_scale"] = full({}, 1, DType::float64);  // the peer's model has it too
  write_safetensors(folder / "weights.safetensors", {weights.begin(), weights.end()});
  std::vector<TrainingBatch> batches;
  const NamedTensors inputs = batches_of(config, batches);
  write_safetensors(folder / "case.safetensors", {inputs.begin(), inputs.end()});
  write_json_file(folder / "case.json", peer_config(config.model));
  test::check_peer_training(folder / "case", config.steps, parameters, [&](std::int64_t i) {
    return step.run({batches[std::size_t(i)]}, i, config.schedule.factor(i, config.steps));
  });
}

}  // namespace
}  // namespace uls
