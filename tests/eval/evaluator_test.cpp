// SPDX-License-Identifier: Apache-2.0
// Scores of a set that can be counted by hand, of a function that stands for the model.
#include "eval/evaluator.h"

#include <catch2/catch.hpp>

#include <limits>
#include <sstream>

#include "eval/eval_report.h"
#include "tests/eval/eval_fixture.h"
#include "tests/support/support.h"

using namespace uls;
using namespace uls::test;

namespace {

// Paints the columns 0 to 2 for whatever speaks of the left, a cat or "it", the columns 3 to 5 for the right
// and the dog, else nothing.
std::vector<std::vector<float>> halves(const Image& image, const std::vector<std::string>& texts) {
  std::vector<std::vector<float>> maps;
  for (const std::string& text : texts) {
    const bool left = text.starts_with("left") || text == "all cat" || text == "it";
    const bool right = text == "right" || text == "all dog";
    for (std::vector<float>& map = maps.emplace_back();
         std::int64_t(map.size()) < image.height * image.width;)
      map.push_back((std::int64_t(map.size()) % image.width < 3 ? left : right) ? 0.9f : 0.1f);
  }
  return maps;
}

struct SmallSet {
  SmallSet() { write_eval_set(folder / "set"); }
  std::unique_ptr<Dataset> open() const { return Dataset::open(folder / "set"); }
  Folder folder;
};

const TaskScores& of_task(const EvalResult& result, Task task) {
  for (const TaskScores& scores : result.tasks)
    if (scores.task == task) return scores;
  FAIL("no scores of " << to_string(task));
  return result.tasks[0];
}

TEST_CASE("evaluate: shows each sentence with the masks that were counted") {
  const SmallSet set;
  std::vector<MaskCounts> counted;
  std::vector<std::string> asked;
  std::size_t ignoring = 0;
  const EvalResult result =
      evaluate(*set.open(),
               {.split = "val",
                .show =
                    [&](const EvalView& view) {
                      counted.push_back(count_masks({view.prediction.begin(), view.prediction.end()},
                                                    {view.truth.begin(), view.truth.end()}));
                      asked.push_back(view.row.asked);
                      ignoring += view.ignored.size() == 24;
                      CHECK(view.image.pixels[0] == std::uint8_t(view.row.sample[0]));
                    }},
               halves);
  REQUIRE(counted.size() == result.rows.size());
  for (std::size_t i = 0; i < counted.size(); ++i) {
    CHECK(asked[i] == result.rows[i].asked);
    CHECK(counted[i].intersection == result.rows[i].counts.intersection);
    CHECK(counted[i].either == result.rows[i].counts.either);
  }
  CHECK(ignoring == 2);  // both sentences of b
}

TEST_CASE("evaluate: counts at the images' size, per task and kind") {
  const SmallSet set;
  const EvalResult result = evaluate(*set.open(), {.split = "val"}, halves);
  REQUIRE(result.rows.size() == 8);
  const TaskScores& referring = of_task(result, Task::referring);
  // a: left 8 of 12, twice; right 12 of 12. b: left without column 0: 4 of 8; nothing: 0 of 0.
  CHECK(referring.all.masks.expressions == 5);
  CHECK(referring.all.masks.overall_iou == Approx((8.0 + 8 + 12 + 4) / (12 + 12 + 12 + 8)));
  CHECK(referring.all.masks.mean_iou == Approx((8.0 / 12 * 2 + 1 + 0.5 + 0) / 5));
  CHECK(referring.all.masks.above[0] == Approx(3.0 / 5));
  CHECK(referring.kinds.size() == 2);
  CHECK(referring.kinds.at("attribute").masks.overall_iou == Approx((8.0 + 8 + 4) / (12 + 12 + 8)));
  CHECK(referring.kinds.at("position").masks.overall_iou == 1);
  // "left" of a and b together, "left part", "right"; "nothing" has no pixel.
  CHECK(referring.all.mean_iou_of_sentences == Approx((12.0 / 20 + 8.0 / 12 + 1) / 3));
  REQUIRE(referring.generalized);
  CHECK(referring.generalized->n_accuracy == 1);

  const TaskScores& semantic = of_task(result, Task::semantic);
  CHECK(semantic.classes.size() == 2);
  CHECK(semantic.classes.at("cat").masks.overall_iou == Approx(8.0 / 12));
  CHECK(semantic.classes.at("dog").masks.overall_iou == 1);
  CHECK_FALSE(semantic.label_map);

  // Columns 0 and 1 are right, column 2 is not: stretched to 0 and 1, a sixth of the pixels is wrong.
  const TaskScores& salient = of_task(result, Task::salient);
  REQUIRE(salient.saliency);
  CHECK(salient.all.masks.expressions == 1);
  CHECK(salient.saliency->mae == Approx(4.0 / 24));
}

TEST_CASE("evaluate: label maps, with the background behind the classes") {
  const SmallSet set;
  const EvalResult result =
      evaluate(*set.open(), {.split = "val", .tasks = {Task::semantic}, .label_maps = true}, halves);
  REQUIRE(result.tasks.size() == 1);
  REQUIRE(result.tasks[0].label_map);
  const LabelMapScores& scores = *result.tasks[0].label_map;
  REQUIRE(scores.iou.size() == 4);
  CHECK(scores.iou[0] == Approx(8.0 / 12));
  CHECK(scores.iou[1] == 1);
  CHECK(std::isnan(scores.iou[2]));
  CHECK(scores.iou[3] == 0);  // column 2
  CHECK(scores.pixel_accuracy == Approx(20.0 / 24));
}

TEST_CASE("evaluate: split, tasks and the number of targets") {
  const SmallSet set;
  const auto open = set.open();
  CHECK(evaluate(*open, {}, halves).rows.size() == 9);
  CHECK(evaluate(*open, {.split = "train"}, halves).rows.size() == 1);
  CHECK(evaluate(*open, {.tasks = {Task::salient, Task::semantic}}, halves).rows.size() == 3);
  const EvalResult few = evaluate(*open, {.tasks = {Task::referring}, .max_targets = 2}, halves);
  REQUIRE(few.rows.size() == 3);  // of five targets the first, with two texts, and the third
  CHECK(few.rows[0].target == "a/0");
  CHECK(few.rows[2].target == "b/0");
  CHECK(error_of([&] { evaluate(*open, {.split = "vla"}, halves); }) ==
        "evaluate: no such split of " + open->path() +
            "; got 'vla' (did you mean 'val'?); expected one of val, train");
  CHECK_THAT(error_of([&] { evaluate(*open, {.tasks = {Task::part}}, halves); }),
             Catch::StartsWith("evaluate: nothing to score in "));
  CHECK_THAT(error_of([&] { evaluate(*open, {.shuffle = true, .label_maps = true}, halves); }),
             Catch::StartsWith("evaluate: label maps of shuffled sentences"));
}

TEST_CASE("evaluate: shuffled sentences are the task's own, each of another place") {
  const SmallSet set;
  const auto open = set.open();
  const EvalResult plain = evaluate(*open, {.tasks = {Task::referring}}, halves);
  const EvalRequest shuffled{.tasks = {Task::referring}, .shuffle = true, .seed = 5};
  const EvalResult control = evaluate(*open, shuffled, halves);
  REQUIRE(control.rows.size() == plain.rows.size());
  std::vector<std::string> texts, asked;
  for (std::size_t i = 0; i < plain.rows.size(); ++i) {
    CHECK(control.rows[i].text == plain.rows[i].asked);
    texts.push_back(control.rows[i].text);
    asked.push_back(control.rows[i].asked);
  }
  CHECK(texts != asked);
  for (const char* unique : {"left part", "right", "nothing"})
    for (std::size_t i = 0; i < texts.size(); ++i) CHECK_FALSE((texts[i] == unique && asked[i] == unique));
  std::ranges::sort(texts);
  std::ranges::sort(asked);
  CHECK(texts == asked);
  CHECK(to_json(evaluate(*open, shuffled, halves)) == to_json(control));
  CHECK(control.tasks[0].all.masks.overall_iou < plain.tasks[0].all.masks.overall_iou);
}

TEST_CASE("evaluate: a row in JSON") {
  const SmallSet set;
  const EvalResult result = evaluate(*set.open(), {.split = "val"}, halves);
  CHECK(
      to_json(result.rows[2]).dump() ==
      "{\"sample\":\"a\",\"target\":\"a/1\",\"task\":\"referring\",\"text\":\"right\",\"kind\":\"position\","
      "\"iou\":1.0,\"intersection\":12,\"union\":12}");
  CHECK_THAT(report_text(result), Catch::Contains("| semantic        | class dog          |         1 |"));

  const std::vector<ConstantRow> constants{
      {.task = Task::semantic, .group = "class dog", .intersection = 1, .united = 4},
      {.task = Task::semantic, .group = "by class", .intersection = 1, .united = 8}};
  std::istringstream lines(report_text(result, constants));
  std::size_t width = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| task")) width = line.size();
    if (line.starts_with("| semantic") || line.starts_with("| referring")) CHECK(line.size() == width);
    if (line.starts_with("| semantic        | class dog")) CHECK_THAT(line, Catch::EndsWith("0.250 |"));
    if (line.starts_with("| referring")) CHECK_THAT(line, Catch::EndsWith("- |"));
  }
  CHECK_THAT(report_text(result, constants),
             Catch::Contains("semantic: constant masks, one for each class: overall IoU 0.125\n"));
}

}  // namespace
