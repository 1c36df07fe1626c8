// SPDX-License-Identifier: Apache-2.0
#include "train/evaluation/task_losses.h"

#include <catch2/catch.hpp>

#include "core/autograd/grad_mode.h"
#include "core/tensor/primitives.h"
#include "data/loader/loader.h"
#include "eval/model_file.h"
#include "tests/eval/eval_fixture.h"

namespace uls {
namespace {

// The mean loss of a task's texts, from batches as the loader makes them for training.
double loss_of_loader(const LoadedModel& loaded, const std::string& set, const std::string& task,
                      const MaskLossOptions& options) {
  const LoaderConfig config{.batch = 3,
                            .word_len = loaded.word_len,
                            .threads = 0,
                            .sentences = task == "referring" ? "all" : "first",
                            .transform = loaded.transform};
  Loader loader(parse_loader_sets({set + " split=val tasks=" + task}), config, Loader::Mode::evaluate);
  const NoGrad no_grad;
  double sum = 0, texts = 0;
  while (const auto batch = loader.next()) {
    const UniLSeg::Output out = (*loaded.model)(batch->image, batch->ids, Pass{});
    for (const double loss : to_doubles(
             mask_loss(out.queries, out.pixels, batch->target, options, {batch->weight, {}}).samples)) {
      sum += loss;
      ++texts;
    }
  }
  return sum / texts;
}

TEST_CASE("task losses: those of the loader's batches, without ignored pixels, in passes of any size") {
  const test::Folder folder;
  test::write_eval_set(folder / "set");
  test::write_smallest_checkpoint(folder / "c");
  const LoadedModel loaded = load_model(folder / "c");
  const MaskLossOptions options{.bce = 2, .dice = 1, .focal = 0.5};
  for (const std::int64_t batch : {1, 2, 16}) {
    TaskLosses losses(options, loaded.transform);
    const Predictor predictor(*loaded.model, loaded.transform, loaded.word_len, batch,
                              [&](const UniLSeg::Output& out) { losses.add_pass(out); });
    evaluate(*Dataset::open(folder / "set"),
             {.split = "val", .show = [&](const EvalView& view) { losses.add_truth(view); }}, predictor);
    const std::map<Task, double> means = losses.means();
    REQUIRE(means.size() == 3);
    for (const auto& [task, loss] : means) {
      INFO(to_string(task));
      CHECK(loss == Approx(loss_of_loader(loaded, folder / "set", to_string(task), options)).epsilon(1e-5));
    }
  }
}

}  // namespace
}  // namespace uls
