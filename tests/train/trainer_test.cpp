// SPDX-License-Identifier: Apache-2.0
// Whole runs of a tiny model on generated scenes.
#include "train/trainer.h"

#include <catch2/catch.hpp>

#include "data/scenes/scene_set.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"
#include "train/checkpoint/checkpoint.h"
#include "train/log/metrics_log.h"

namespace uls {
namespace {

using test::Folder;
using test::put;

constexpr const char* kTiny = R"(
steps: 12
log_every: 2
save_every: 4
keep: 10
model:
  embed_dim: 8
  depths: [1, 1, 1, 1]
  num_heads: [1, 1, 2, 2]
  window_size: 4
  vocab_size: 49408
  text_width: 16
  text_heads: 2
  text_layers: 1
  text_embed: 16
  pixel_decoder_in: [8, 16, 32, 64]
  pixel_decoder_conv: 16
  pixel_decoder_mask: 8
  pixel_ffn: 16
  fusion_dim: 64
  visual_in: 64
  text_in: 16
  d_model: 8
  query_ffn: 16
  num_dec: 2
  nhead: 2
  word_len: 12
data:
  batch: 4
  word_len: 12
  threads: 1
  transform: {preset: plain, size: 64}
optimizer: {lr: 1e-3, backbone_factor: 1, max_norm: 1}
schedule: {warm_up: 4}
)";

class Runs {
 public:
  Runs() {
    write_scenes({.scene = {.level = SceneLevel::easy, .seed = 1}, .train = 12}, folder_ / "scenes");
    put(folder_ / "tiny.yaml", std::string(kTiny));
  }

  TrainConfig config(const std::string& run, std::vector<std::string> overrides = {}) const {
    overrides.push_back("run=" + (folder_ / run));
    overrides.push_back("data.sets=[" + (folder_ / "scenes") + "]");
    return read_train_config(folder_ / "tiny.yaml", overrides);
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  Folder folder_;
};

std::vector<double> losses(const std::string& run) {
  std::vector<double> values;
  for (const Json& line : read_metrics(run)) values.push_back(line.at("loss").as_double());
  return values;
}

void require_same(const Checkpoint& a, const Checkpoint& b) {
  REQUIRE(a.step == b.step);
  REQUIRE(a.state == b.state);
  for (const auto& [ours, theirs] : {std::pair(a.weights, b.weights), std::pair(a.training, b.training)}) {
    REQUIRE(ours.size() == theirs.size());
    for (const auto& [name, x] : ours) {
      INFO(name);
      REQUIRE(test::same_bits(x, theirs.at(name)));
    }
  }
}

TEST_CASE("trainer: a run that goes on from a checkpoint ends as the uninterrupted one, bit for bit") {
  const auto overrides = GENERATE(values<std::vector<std::string>>(
      {{},
       {"optimizer.kind=adam", "accumulate=3", "ema=0.8", "data.batch=2"},
       {"optimizer.kind=sgd", "optimizer.lr=0.1", "optimizer.nesterov=true", "ema=0.9"}}));
  const Runs runs;
  {
    Trainer whole(runs.config("whole", overrides));
    CHECK(whole.step() == 0);
    CHECK(whole.run());
    CHECK(whole.step() == 12);
  }
  CHECK(losses(runs / "whole").size() == 6);
  const std::string last = "/checkpoints/step-00000012";
  for (const char* from : {"4", "8"}) {
    // What a kill after the checkpoint would have left.
    const std::string name = std::string("cut") + from;
    test::fs::copy(runs / "whole", runs / name, test::fs::copy_options::recursive);
    for (std::int64_t step = std::stoll(from) + 4; step <= 12; step += 4)
      test::fs::remove_all(runs / name + fmt::format("/checkpoints/step-{:08}", step));
    Trainer again(runs.config(name, overrides));
    CHECK(again.step() == std::stoll(from));
    CHECK(again.run());
    require_same(read_checkpoint(runs / name + last), read_checkpoint(runs / "whole" + last));
    CHECK(losses(runs / name) == losses(runs / "whole"));
  }
}

TEST_CASE("trainer: more steps may follow, another model or other data may not") {
  const Runs runs;
  CHECK(Trainer(runs.config("run", {"steps=4", "schedule.kind=constant"})).run());
  {
    Trainer longer(runs.config("run", {"steps=6", "schedule.kind=constant"}));
    CHECK(longer.step() == 4);
    CHECK(longer.run());
  }
  CHECK_THAT(test::error_of([&] { Trainer(runs.config("run", {"steps=6"})); }),
             Catch::Contains("was written with another configuration"));
  CHECK_THAT(test::error_of([&] {
               Trainer(runs.config("run", {"schedule.kind=constant", "model.query_ffn=24"}));
             }),
             Catch::Contains("was written with another configuration"));
}

TEST_CASE("trainer: init takes weights of a run, and of one tower by its prefix") {
  const Runs runs;
  CHECK(Trainer(runs.config("first", {"steps=4"})).run());
  const std::string weights = runs / "first/checkpoints/step-00000004/model.safetensors";
  CHECK(Trainer(runs.config("second", {"steps=1", "init=[" + weights + "]"})).step() == 0);
  CHECK_THAT(test::error_of([&] { Trainer(runs.config("third", {"init=[" + weights + "=backbone]"})); }),
             Catch::Contains("has nothing for the model"));
}

TEST_CASE("train config: sections that contradict each other are told with the file") {
  const Runs runs;
  const auto error = [&](const std::string& assignment) {
    return test::error_of([&] { runs.config("run", {assignment}); });
  };
  const std::string file = runs / "tiny.yaml";
  CHECK(error("data.word_len=17") ==
        file + ": data.word_len and model.word_len differ; got 17 and 12; expected one length");
  CHECK(error("optimizer.momentum=0") == "");
  CHECK(error("loss.layer_weights=[1]") ==
        file + ": loss.layer_weights: wrong number; got 1; expected model.num_dec = 2, or none");
  CHECK_THAT(error("optimizer.kind=adamm"), Catch::Contains("did you mean 'adamw'?"));
}

}  // namespace
}  // namespace uls
