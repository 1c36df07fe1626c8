// SPDX-License-Identifier: Apache-2.0
// `unilseg eval` and `unilseg predict` as users meet them.
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/json/json.h"
#include "tests/eval/eval_fixture.h"
#include "tests/support/process.h"

using namespace uls;
using namespace uls::test;

namespace {

ProcessResult unilseg(std::vector<std::string> words) {
  words.insert(words.begin(), ULS_PROGRAM);
  return run_process(words);
}

// One line on stderr alone.
void require_refused(const std::vector<std::string>& words, int code, const std::string& part) {
  const ProcessResult result = unilseg(words);
  INFO(result.err);
  CHECK(result.code == code);
  CHECK(std::ranges::count(result.err, '\n') == 1);
  CHECK_THAT(result.err, Catch::Contains(part));
}

struct Files {
  Files() {
    write_eval_set(folder / "set");
    write_smallest_checkpoint(folder / "c");
  }
  Folder folder;
};

TEST_CASE("eval: a table, scores and a row for each sentence") {
  const Files files;
  const std::string out = files.folder / "out.json";
  const ProcessResult result =
      unilseg({"eval", "--checkpoint", files.folder / "c", "--data", files.folder / "set", "--split", "val",
               "--label-maps", "--json", out});
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK_THAT(result.out, Catch::Contains("| referring       | all                |         5 |") &&
                             Catch::Contains("salient: MAE ") && Catch::Contains("semantic: label maps: "));
  const Json json = read_json_file(out);
  CHECK(json.at("split").as_string() == "val");
  CHECK(json.at("scores").at("referring").at("expressions").as_int64() == 5);
  CHECK(json.at("scores").at("referring").at("kinds").at("position").at("expressions").as_int64() == 1);
  CHECK(json.at("scores").at("semantic").find("label_map"));
  CHECK(json.at("scores").at("salient").find("saliency"));
  CHECK(std::ranges::count(get(out + ".samples.jsonl"), '\n') == 8);

  const ProcessResult control =
      unilseg({"eval", "--checkpoint", files.folder / "c", "--data", files.folder / "set", "--task",
               "salient", "--task", "referring", "--shuffle", "--json", out});
  REQUIRE(control.code == 0);
  CHECK(read_json_file(out).at("sentences").as_string() == "shuffled");
  CHECK(read_json_file(out).at("scores").size() == 2);
}

TEST_CASE("eval: a benchmark's split and task, with what others published") {
  const Files files;
  const std::string benchmark = files.folder / "benchmark.yaml";
  put(benchmark, std::string("set: Tiny\nsplit: val\nmethods: [Other R50]\npublished: [61.5]\n"
                             "metrics: [mean_iou]\ncaveat: of another kind\n"));
  const std::vector<std::string> words{
      "eval", "--benchmark", benchmark, "--checkpoint", files.folder / "c", "--data", files.folder / "set"};
  const ProcessResult result = unilseg(words);
  INFO(result.err);
  REQUIRE(result.code == 0);
  CHECK_THAT(result.out,
             Catch::Contains("| referring       | all                |         5 |") &&
                 Catch::Contains("| Other R50                |     61.50 | mean_iou    |\n| this model ") &&
                 Catch::EndsWith(" | mean_iou    |\nof another kind\n"));
  CHECK(result.out.find("semantic") == std::string::npos);
  std::vector<std::string> twice = words;
  twice.insert(twice.end(), {"--split", "train"});
  require_refused(twice, 2, "--benchmark says what to score");
  put(benchmark, std::string("published: [1, 2]\nmethods: [a]\nmetrics: [unknown]\n"));
  require_refused(words, 2, "got 1 methods, 2 published, 1 metrics");
}

TEST_CASE("eval: what cannot be done is one line") {
  const Files files;
  const std::string set = files.folder / "set", checkpoint = files.folder / "c";
  require_refused({"eval", "--checkpoint", files.folder / "none", "--data", set}, 2,
                  "checkpoint: nothing there; got '");
  require_refused({"eval", "--checkpoint", checkpoint, "--data", files.folder / "none"}, 3, "no data set");
  require_refused({"eval", "--checkpoint", checkpoint, "--data", set, "--task", "refering"}, 2, "referring");
  put(files.folder / "cut.safetensors", get(files.folder / "c/model.safetensors").substr(0, 5000));
  require_refused({"eval", "--checkpoint", files.folder / "cut.safetensors", "--data", set}, 3,
                  "cut.safetensors");
  require_refused({"eval", "--checkpoint", checkpoint, "--data", set, "--split", "test"}, 2,
                  "evaluate: no such split of " + set + "; got 'test'");
}

TEST_CASE("predict: a mask, a label map, overlays, and a folder") {
  const Files files;
  const std::string set = files.folder / "set", mask = files.folder / "mask.png",
                    overlay = files.folder / "overlay.png";
  std::vector<std::string> words{
      "predict",   "--checkpoint", files.folder / "c", "--image", set + "/a.png", "--mask", mask,
      "--overlay", overlay,        "--threshold",      "0",       "--text",       "a cat"};
  const ProcessResult one = unilseg(words);
  INFO(one.err);
  REQUIRE(one.code == 0);
  CHECK(one.out == set + "/a.png: 'a cat': 24 pixels, 100.0 %\n");
  CHECK(read_grey(mask).pixels == std::vector<std::uint8_t>(24, 255));
  CHECK(read_image(overlay).width == 6);

  words.insert(words.end(), {"--text", "the sky"});
  REQUIRE(unilseg(words).code == 0);
  for (const std::uint16_t label : read_label_png(mask).labels) CHECK((label == 1 || label == 2));

  const std::string folder = files.folder / "masks";
  REQUIRE(unilseg({"predict", "--checkpoint", files.folder / "c", "--image", set, "--text", "a", "--mask",
                   folder})
              .code == 0);
  for (const char* name : {"a", "b", "c"}) CHECK(read_label_png(folder + "/" + name + ".png").width == 6);
}

TEST_CASE("predict: what cannot be done is one line") {
  const Files files;
  const std::string checkpoint = files.folder / "c", image = files.folder / "set/a.png";
  require_refused({"predict", "--checkpoint", files.folder / "none", "--image", image, "--text", "a"}, 2,
                  "checkpoint: nothing there; got '");
  require_refused({"predict", "--checkpoint", checkpoint, "--image", checkpoint, "--text", "a"}, 2,
                  "predict: no picture; got the folder '");
  put(files.folder / "broken.png", "no picture at all");
  for (const char* name : {"broken.png", "missing.png"})
    require_refused({"predict", "--checkpoint", checkpoint, "--image", files.folder / name, "--text", "a"}, 3,
                    name);
}

}  // namespace
