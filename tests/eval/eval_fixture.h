// SPDX-License-Identifier: Apache-2.0
// What tests of evaluation share: a small set whose scores can be counted by hand, and a model small enough
// to be saved.
#pragma once

#include <string>

#include "core/io/safetensors.h"
#include "data/format/dataset_writer.h"
#include "data/format/image.h"
#include "models/unilseg/unilseg.h"
#include "models/weights.h"
#include "tests/core/io_fixture.h"

namespace uls::test {

/// Every sample: 4 x 6 pixels; region 0 is the columns 0 and 1 (8 pixels), region 1 the columns 3 to 5 (12).
///   val   a: referring "left" or "left part" (attribute) -> 0, "right" (position) -> 1, salient "it" -> 0,
///            semantic "all cat" -> 0 and "all dog" -> 1
///   val   b: referring "left" (attribute) -> 0, its column 0 ignored; "nothing" -> none
///   train c: referring "left" -> 0
/// The semantic class list: cat (1), dog (3), fox (4); ignore 255, background 0.
inline void write_eval_set(const std::string& path) {
  DatasetWriter writer(
      path, {.name = "small",
             .source = "made by a test",
             .licence = "none",
             .class_lists = {
                 {Task::semantic,
                  {.names = {"cat", "dog", "fox"}, .values = {1, 3, 4}, .ignore = 255, .background = 0}}}});
  const auto add = [&](const std::string& id, const std::string& split, std::vector<Target> targets,
                       std::optional<Rle> ignore = {}) {
    Sample sample{.id = id, .image = id + ".png", .height = 4, .width = 6, .split = split};
    sample.regions = {{.mask = box_mask({0, 0, 2, 4}, 4, 6)}, {.mask = box_mask({3, 0, 3, 4}, 4, 6)}};
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i].id = id + "/" + std::to_string(i);
    sample.targets = std::move(targets);
    sample.ignore = std::move(ignore);
    writer.add_file(sample.image, encode_png({4, 6, 3, std::vector<std::uint8_t>(72, std::uint8_t(id[0]))}));
    writer.add(sample);
  };
  const auto semantic = [](const char* text, std::int32_t number) {
    return Target{.texts = {text},
                  .regions = {number},
                  .task = Task::semantic,
                  .granularity = Granularity::coarse,
                  .category = number};
  };
  const Target left{.texts = {"left"}, .regions = {0}, .kind = "attribute"};
  add("a", "val",
      {{.texts = {"left", "left part"}, .regions = {0}, .kind = "attribute"},
       {.texts = {"right"}, .regions = {1}, .kind = "position"},
       {.texts = {"it", "the thing"}, .regions = {0}, .task = Task::salient},
       semantic("all cat", 0),
       semantic("all dog", 1)});
  add("b", "val", {left, {.texts = {"nothing"}}}, box_mask({0, 0, 1, 4}, 4, 6));
  add("c", "train", {left});
  writer.finish();
}

/// A model of a few thousand parameters, and CLIP's whole vocabulary.
inline UniLSegConfig smallest_config() {
  UniLSegConfig config;
  config.swin = {.embed_dim = 4, .depths = {1, 1, 1, 1}, .num_heads = {1, 1, 2, 4}, .window_size = 2};
  config.text.text_width = config.text.text_embed = config.text_in = config.pixel_decoder_conv = 8;
  config.text.text_heads = config.text.text_layers = 1;
  config.pixel_decoder_in = {4, 8, 16, 32};
  config.fusion_dim = config.visual_in = 32;
  config.pixel_decoder_mask = config.d_model = 8;
  config.pixel_ffn = config.query_ffn = 8;
  config.num_dec = config.nhead = 1;
  return config;
}

/// Such a model as training leaves it: FOLDER/model.safetensors, for pictures of 32 pixels, texts of 9
/// tokens.
inline void write_smallest_checkpoint(const std::string& folder) {
  Parameters parameters({.seed = 3});
  build_model<UniLSeg>(parameters, smallest_config());
  const Json transform = Json::object({{"preset", "plain"}, {"size", 32}});
  const Json config = Json::object({{"model", unilseg_table().to_json(smallest_config())},
                                    {"data", Json::object({{"word_len", 9}, {"transform", transform}})}});
  fs::create_directories(folder);
  const NamedTensors weights = state_dict(parameters);
  write_safetensors(folder + "/model.safetensors", {weights.begin(), weights.end()},
                    {{"config", config.dump()}});
}

}  // namespace uls::test
