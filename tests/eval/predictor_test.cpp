// SPDX-License-Identifier: Apache-2.0
// The way from weights and a picture to probabilities.
#include "eval/predictor.h"

#include <catch2/catch.hpp>

#include "core/base/golden_bound.h"
#include "core/config/config_node.h"
#include "core/tensor/primitives.h"
#include "data/text/clip_tokenizer.h"
#include "eval/model_file.h"
#include "eval/overlay.h"
#include "eval/run_folder.h"
#include "tests/eval/eval_fixture.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

Image striped(std::int64_t height, std::int64_t width) {
  Image image{height, width, 3, {}};
  for (std::int64_t i = 0; i < height * width * 3; ++i) image.pixels.push_back(std::uint8_t(i * 37 % 251));
  return image;
}

TEST_CASE("predict: golden weights give the golden maps, and masks through the same way back", "[golden]") {
  const std::string stem = golden_path("e2e_eval"), weights = golden_path("e2e_weights");
  if (stem.empty() || weights.empty()) ULS_SKIP("golden", "no e2e_eval in " + golden_places());
  const Json info = read_json_file(stem + ".json");
  Folder folder;
  const std::string config = folder / "model.json";
  write_json_file(config, info.at("config"));
  const LoadedModel loaded = load_model(weights + ".safetensors", config);
  CHECK(loaded.transform.preset == "cris");
  CHECK(loaded.transform.size == 480);

  const NamedTensors tensors = read_tensors(stem + ".safetensors");
  const Tensor golden = tensors.at("out.official");
  const Tensor image = contiguous(tensors.at("in.image").permuted({0, 2, 3, 1}));
  const Tensor logits = mask_logits(*loaded.model, image, tensors.at("in.words"));
  REQUIRE(logits.shape() == Shape{golden.size(0), golden.size(2), golden.size(3)});
  const double allowed = golden_bound(info.at("noise").at("out.official").as_double(),
                                      info.at("scale").at("out.official").as_double())
                             .allowed();
  CHECK(largest_difference(logits, golden.reshaped(logits.shape())) <= allowed);

  // The way back takes square maps: the golden ones' left part.
  const std::int64_t side = golden.size(2);
  const Fit fit{FitKind::letterbox, 40, 50, side * 4};
  const auto mask_of = [&](const Tensor& maps) {
    const Tensor square = contiguous(maps.sliced(0, 0, 1).sliced(2, 0, side));
    return probability_map({square.data<float>(), std::size_t(side * side)}, side, fit);
  };
  const std::vector<float> ours = mask_of(logits), theirs = mask_of(golden.reshaped(logits.shape()));
  for (std::size_t i = 0; i < ours.size(); ++i) CHECK(std::abs(ours[i] - theirs[i]) <= allowed);
  CHECK(threshold_mask(ours) == threshold_mask(theirs));
}

TEST_CASE("predict: texts of one picture, in one pass or several, are the model's maps taken back") {
  Folder folder;
  write_smallest_checkpoint(folder / "c");
  const LoadedModel loaded = load_model(folder / "c");
  CHECK(loaded.word_len == 9);
  const Image image = striped(21, 34);
  const std::vector<std::string> texts{"a cat", "the dog on the left", "sky"};
  const auto maps = Predictor(*loaded.model, loaded.transform, loaded.word_len)(image, texts);
  const auto singly = Predictor(*loaded.model, loaded.transform, loaded.word_len, 1)(image, texts);
  REQUIRE(maps.size() == 3);
  REQUIRE(singly.size() == 3);

  const Transform transform(loaded.transform);
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const Tensor pixels = empty({1, 32, 32, 3}), ids = empty({1, 9}, DType::int64);
    transform.apply(image, {pixels.data<float>(), 32 * 32 * 3});
    std::ranges::copy(ClipTokenizer::instance().encode_row(texts[t], 9), ids.data<std::int64_t>());
    const Tensor logits = mask_logits(*loaded.model, pixels, ids);
    const std::vector<float> expected = probability_map({logits.data<float>(), 64}, 8, transform.fit(21, 34));
    REQUIRE(maps[t].size() == 21 * 34);
    double gap = 0;
    for (std::size_t i = 0; i < expected.size(); ++i)
      gap = std::max(
          {gap, double(std::abs(maps[t][i] - expected[i])), double(std::abs(singly[t][i] - expected[i]))});
    CHECK(gap < 1e-5);
  }
  CHECK(maps[0] != maps[1]);
}

TEST_CASE("predict: the label of a pixel is the largest probability above the threshold") {
  CHECK(label_pixels({{0.2f, 0.5f, 0.4f, 0.9f}, {0.3f, 0.6f, 0.4f, 0.1f}}, 0.35f) ==
        std::vector<std::uint16_t>{0, 2, 1, 1});
  CHECK(label_pixels({{0.2f, 0.5f}, {0.3f, 0.1f}}, -1) == std::vector<std::uint16_t>{2, 1});
}

TEST_CASE("overlay: half the colour inside, all of it at the border, nothing elsewhere") {
  const Image image{3, 5, 3, std::vector<std::uint8_t>(45, 100)};
  const std::vector<std::uint16_t> labels{0, 1, 1, 1, 2, 0, 1, 1, 1, 2, 0, 1, 1, 1, 2};
  const Image shown = overlaid(image, labels);
  const auto pixel = [&](std::int64_t y, std::int64_t x) {
    return std::vector<int>(shown.row(y) + 3 * x, shown.row(y) + 3 * x + 3);
  };
  CHECK(pixel(1, 0) == std::vector<int>{100, 100, 100});
  CHECK(pixel(1, 1) == std::vector<int>{213, 94, 0});
  CHECK(pixel(1, 2) == std::vector<int>{156, 97, 50});
  CHECK(pixel(1, 4) == std::vector<int>{0, 114, 178});
  CHECK_THAT(error_of([&] { overlaid(image, std::vector<std::uint16_t>(4)); }),
             Catch::StartsWith("overlay: labels and picture do not fit; got 4 labels and 3x5x3"));
}

TEST_CASE("model file: a checkpoint's folder gives the averages of weights, its file the weights") {
  Folder folder;
  write_smallest_checkpoint(folder / "c");
  const LoadedModel plain = load_model(folder / "c");
  const Parameter& first = plain.parameters->all().front();
  const Tensor average = full(file_shape(first.value.shape(), first.layout), 7);
  write_safetensors(folder / "c/train.safetensors",
                    {{"average." + first.name, average}, {"mean." + first.name, zeros_like(average)}});
  const LoadedModel averaged = load_model(folder / "c"), file = load_model(folder / "c/model.safetensors");
  for (std::size_t i = 0; i < plain.parameters->all().size(); ++i) {
    const Tensor weight = plain.parameters->all()[i].value;
    CHECK(same_bits(file.parameters->all()[i].value, weight));
    CHECK(same_bits(averaged.parameters->all()[i].value, i == 0 ? full(weight.shape(), 7) : weight));
  }
}

TEST_CASE("model file: a folder, its file, and what is no model") {
  Folder folder;
  write_smallest_checkpoint(folder / "c");
  const LoadedModel a = load_model(folder / "c"), b = load_model(folder / "c/model.safetensors");
  CHECK(a.transform.preset == "plain");
  CHECK(a.transform.size == 32);
  CHECK(load_model(folder / "c", "", {"size=64"}).transform.size == 64);
  REQUIRE(a.parameters->slabs().size() == b.parameters->slabs().size());
  for (std::size_t i = 0; i < a.parameters->slabs().size(); ++i)
    CHECK(same_bits(a.parameters->slabs()[i].values, b.parameters->slabs()[i].values));

  CHECK_THAT(error_of([&] { load_model(folder / "none"); }),
             Catch::StartsWith("checkpoint: nothing there; got '"));
  fs::create_directories(folder / "empty");
  CHECK_THAT(error_of([&] { load_model(folder / "empty"); }),
             Catch::StartsWith("checkpoint: no checkpoint; got the folder '"));
  const std::string bare = folder / "bare.safetensors", odd = folder / "odd.safetensors";
  write_safetensors(bare, {{"a", zeros({1})}});
  CHECK_THAT(error_of([&] { load_model(bare); }),
             Catch::StartsWith("checkpoint: cannot tell which model this is; got 1 tensors"));
  write_safetensors(odd, {{"a", zeros({1})}}, {{"config", "{}"}});
  CHECK_THAT(error_of([&] { load_model(odd); }), Catch::Contains("missing key 'model'"));
  CHECK_THAT(error_of([&] { load_model(bare, "swin"); }),
             Catch::StartsWith("checkpoint: --model is not the whole model; got swin of 'swin'"));
}

TEST_CASE("model file: a run's folder stands for its best checkpoint, else for its newest") {
  Folder folder;
  const std::string run = folder / "run", checkpoints = run + "/checkpoints";
  fs::create_directories(checkpoints);
  CHECK_THAT(error_of([&] { load_model(run); }),
             Catch::StartsWith("checkpoint: no checkpoint; got the folder '"));
  for (const char* name : {"step-00000200", "step-00000300", "step-00000400.tmp-1", "step-00000500.damaged"})
    fs::create_directories(checkpoints + "/" + name);
  CHECK(chosen_checkpoint(run) == checkpoints + "/step-00000300");
  write_smallest_checkpoint(checkpoints + "/step-00000300");
  CHECK(load_model(run).word_len == 9);
  put(checkpoints + "/best.json", R"({"checkpoint": "step-00000200"})");
  CHECK(chosen_checkpoint(run) == checkpoints + "/step-00000200");
  CHECK_THAT(error_of([&] { load_model(run); }), Catch::Contains("step-00000200' without model.safetensors"));
  fs::remove_all(checkpoints + "/step-00000200");
  CHECK(chosen_checkpoint(run) == checkpoints + "/step-00000300");
}

TEST_CASE("model file: the released model is recognised by its shapes") {
  Parameters released({.device = kMeta}), smallest({.device = kMeta});
  build_model<UniLSeg>(released, UniLSegConfig{});
  build_model<UniLSeg>(smallest, smallest_config());
  NamedTensors weights = state_dict(released);
  CHECK(are_weights_of(weights, {}));
  CHECK_FALSE(are_weights_of(weights, smallest_config()));
  CHECK_FALSE(are_weights_of(state_dict(smallest), {}));
  weights.erase("query_decoder.query_transformer.decoder.norm.weight");
  CHECK_FALSE(are_weights_of(weights, {}));
}

}  // namespace
