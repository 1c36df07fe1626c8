// SPDX-License-Identifier: Apache-2.0
// Runs that score themselves.
#include "train/evaluation/run_evaluation.h"

#include <catch2/catch.hpp>

#include "eval/model_file.h"
#include "eval/run_folder.h"
#include "tests/train/tiny_runs.h"
#include "train/report/report.h"
#include "train/trainer.h"

namespace uls {
namespace {

using test::require_same;
using test::Runs;

std::vector<Json> lines_of(const std::string& run, const std::string& kind) {
  std::vector<Json> lines;
  for (const Json& line : read_metrics(run))
    if (line.at("kind").as_string() == kind) lines.push_back(line);
  return lines;
}

// The log without what the clock gave.
std::vector<std::string> repeatable(const std::string& run) {
  std::vector<std::string> lines;
  for (const Json& line : read_metrics(run)) {
    Json rest = Json::object();
    for (const JsonMember& member : line.members())
      if (!member.key.starts_with("time/") && member.key != "samples_per_second" && member.key != "seconds" &&
          member.key != "memory_mib")
        rest.set(member.key, member.value);
    lines.push_back(rest.dump());
  }
  return lines;
}

std::vector<std::string> evaluating(const Runs& runs, std::vector<std::string> more = {}) {
  more.insert(more.end(), {"eval.every=3", "eval.sets=[" + (runs / "scenes") + " split=val]", "log_every=5",
                           "eval.max_targets=6", "eval.metric=loss", "ema=0.5"});
  return more;
}

TEST_CASE("evaluation: changes nothing in training, and goes on after a kill as if there had been none") {
  const Runs runs;
  CHECK(Trainer(runs.config("plain", {"ema=0.5", "log_every=5"})).run());
  CHECK(Trainer(runs.config("whole", evaluating(runs))).run());
  const auto at = [&](const std::string& run, std::int64_t step) {
    return read_checkpoint(runs / run + "/checkpoints/" + checkpoint_name(step));
  };
  {
    Checkpoint plain = at("plain", 12), whole = at("whole", 12);
    plain.state.set("scores", Json());
    whole.state.set("scores", Json());
    require_same(plain, whole);
  }
  REQUIRE(lines_of(runs / "whole", "eval").size() == 4);  // 3, 6, 9, 12
  const auto best = [&](const std::string& run) {
    return test::fs::path(best_checkpoint(runs / run + "/checkpoints")).filename().string();
  };
  const auto cut = [&](const std::string& name, std::int64_t from) {
    test::fs::copy(runs / "whole", runs / name, test::fs::copy_options::recursive);
    for (const std::string& later : checkpoint_names(runs / name + "/checkpoints"))
      if (later > checkpoint_name(from)) test::fs::remove_all(runs / name + "/checkpoints/" + later);
    const std::int64_t best_then = at(name, from).state.at("scores").at("best_step").as_int64();
    write_json_file(runs / name + "/checkpoints/best.json",
                    Json::object({{"checkpoint", checkpoint_name(best_then)}}));
    return best_then;
  };
  CHECK(cut("after_best", 4) == 3);
  // Killed between the checkpoint and its mark.
  REQUIRE(cut("at_best", 6) == 6);
  test::fs::remove(runs / "at_best/checkpoints/best.json");
  for (const std::string name : {"after_best", "at_best"}) {
    INFO(name);
    CHECK(Trainer(runs.config(name, evaluating(runs))).run());
    require_same(at(name, 12), at("whole", 12));
    CHECK(repeatable(runs / name) == repeatable(runs / "whole"));
    CHECK(best(name) == best("whole"));
  }
}

TEST_CASE("evaluation: scores are those of the saved checkpoint") {
  const Runs runs;
  const std::string scenes = runs / "scenes";
  const TrainConfig config =
      runs.config("run", {"steps=4", "eval.every=4", "eval.sets=[" + scenes + " split=val]",
                          "eval.max_targets=0", "eval.metric=mean_iou"});
  CHECK(Trainer(config).run());
  const Json line = lines_of(runs / "run", "eval").at(0);
  const LoadedModel loaded = load_model(runs / "run");
  const EvalResult expected =
      evaluate(*Dataset::open(scenes), {.split = "val"},
               Predictor(*loaded.model, loaded.transform, loaded.word_len, config.data.batch));
  const double tasks = double(expected.tasks.size());
  REQUIRE(tasks > 1);
  double overall = 0, mean = 0, loss = 0;
  for (const TaskScores& task : expected.tasks) {
    const std::string name = to_string(task.task);
    INFO(name);
    CHECK(line.at("iou/" + name).as_double() == task.all.masks.overall_iou);
    CHECK(line.at("mean_iou/" + name).as_double() == task.all.masks.mean_iou);
    overall += task.all.masks.overall_iou / tasks;
    mean += task.all.masks.mean_iou / tasks;
    loss += line.at("loss/" + name).as_double() / tasks;
  }
  CHECK(line.at("iou").as_double() == Approx(overall).epsilon(1e-12));
  CHECK(line.at("mean_iou").as_double() == Approx(mean).epsilon(1e-12));
  CHECK(line.at("loss").as_double() == Approx(loss).epsilon(1e-12));

  const Json samples = read_json_file(runs / "run/samples.json");
  CHECK(samples.at("step").as_int64() == 4);
  for (const char* list : {"worst", "best"}) CHECK(samples.at(list).size() == 3);  // pictures of the split
  CHECK(report_page(runs / "run").find(samples.at("best")[0].at("prediction").as_string()) !=
        std::string::npos);
}

TEST_CASE("evaluation: a run ends early where nothing gets better, and stays ended") {
  const Runs runs;
  const std::vector<std::string> hopeless{
      "optimizer.lr=10",    "optimizer.max_norm=0",
      "steps=40",           "schedule.warm_up=0",
      "eval.every=1",       "eval.sets=[" + (runs / "scenes") + " split=val]",
      "eval.max_targets=2", "eval.metric=loss",
      "eval.patience=2",    "keep=1"};
  std::int64_t ended = 0;
  {
    Trainer trainer(runs.config("run", hopeless));
    CHECK(trainer.run());
    ended = trainer.step();
  }
  REQUIRE(ended < 40);
  const std::vector<Json> lines = lines_of(runs / "run", "eval");
  REQUIRE(std::int64_t(lines.size()) == ended);
  const auto loss_at = [&](std::int64_t step) { return lines[std::size_t(step - 1)].at("loss").as_double(); };
  for (std::int64_t step = 1; step <= ended; ++step) CHECK(loss_at(step) >= loss_at(ended - 2));
  const std::string folder = runs / "run/checkpoints";
  CHECK(best_checkpoint(folder) == folder + "/" + checkpoint_name(ended - 2));
  CHECK(checkpoint_names(folder) ==
        std::vector<std::string>{checkpoint_name(ended - 2), checkpoint_name(ended)});
  Trainer again(runs.config("run", hopeless));
  CHECK(again.run());
  CHECK(again.step() == ended);
}

TEST_CASE("evaluation: what cannot be evaluated is told before training") {
  const Runs runs;
  const auto error = [&](std::vector<std::string> overrides) {
    overrides.push_back("eval.every=2");
    return test::error_of([&] { Trainer(runs.config("run", overrides)); });
  };
  const std::string scenes = runs / "scenes";
  CHECK_THAT(error({}), Catch::StartsWith("eval.sets: nothing to evaluate on; got an empty list"));
  CHECK_THAT(error({"eval.sets=[" + scenes + " split=val weight=2]"}),
             Catch::Contains("weight and cap mean nothing here"));
  CHECK_THAT(error({"eval.sets=[" + scenes + " split=test]"}), Catch::Contains("no such split"));
  CHECK_THAT(error({"eval.sets=[" + scenes + " tasks=part]", "eval.metric=iou/referring"}),
             Catch::Contains("got 'iou/referring'; expected one of part"));
  CHECK_THAT(error({"eval.sets=[" + scenes + "]", "eval.metric=iou/referrin"}),
             Catch::Contains("did you mean 'iou/referring'?"));
}

}  // namespace
}  // namespace uls
