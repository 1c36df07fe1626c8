// SPDX-License-Identifier: Apache-2.0
// Runs of a tiny model on generated scenes, of about a second each.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "data/scenes/scene_set.h"
#include "tests/core/io_fixture.h"
#include "tests/support/support.h"
#include "train/checkpoint/checkpoint.h"
#include "train/config/train_config.h"
#include "train/log/metrics_log.h"

namespace uls::test {

inline constexpr const char* kTiny = R"(
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
    write_scenes({.scene = {.level = SceneLevel::easy, .seed = 1}, .train = 12, .val = 3},
                 folder_ / "scenes");
    put(folder_ / "tiny.yaml", std::string(kTiny));
  }

  TrainConfig config(const std::string& run, const std::vector<std::string>& overrides = {}) const {
    return read_train_config(folder_ / "tiny.yaml", assignments(run, overrides));
  }
  /// The command line of the same run.
  std::vector<std::string> words(const std::string& run,
                                 const std::vector<std::string>& overrides = {}) const {
    std::vector<std::string> words{ULS_PROGRAM, "train", "--config", folder_ / "tiny.yaml"};
    for (const std::string& assignment : assignments(run, overrides)) words.push_back(assignment);
    return words;
  }
  std::string operator/(const std::string& name) const { return folder_ / name; }

 private:
  std::vector<std::string> assignments(const std::string& run, const std::vector<std::string>& more) const {
    std::vector<std::string> all{"run=" + (folder_ / run), "data.sets=[" + (folder_ / "scenes") + "]"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Folder folder_;
};

inline std::vector<double> losses(const std::string& run) {
  std::vector<double> values;
  for (const Json& line : read_metrics(run)) values.push_back(line.at("loss").as_double());
  return values;
}

inline void require_same(const Checkpoint& a, const Checkpoint& b) {
  REQUIRE(a.step == b.step);
  REQUIRE(a.state == b.state);
  for (const auto& [ours, theirs] : {std::pair(a.weights, b.weights), std::pair(a.training, b.training)}) {
    REQUIRE(ours.size() == theirs.size());
    for (const auto& [name, x] : ours) {
      INFO(name);
      REQUIRE(same_bits(x, theirs.at(name)));
    }
  }
}

}  // namespace uls::test
