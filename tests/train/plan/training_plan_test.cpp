// SPDX-License-Identifier: Apache-2.0
// Plans beside what the allocator saw.
#include "train/plan/training_plan.h"

#include <catch2/catch.hpp>

#include "core/memory/device_memory.h"
#include "core/tensor/primitives.h"
#include "kernels/primitives/random/random.h"
#include "tests/support/support.h"
#include "train/plan/fit_batch.h"

namespace uls {
namespace {

TrainConfig small_config(const std::vector<std::string>& overrides = {}) {
  TrainConfig config = read_train_config(ULS_SOURCE_DIR "/configs/demo.yaml", {"steps=3000", "data.batch=4"});
  for (const std::string& assignment : overrides) train_table().set(config, assignment);
  return config;
}

TrainingBatch batch_of(const TrainConfig& config) {
  const std::int64_t b = config.data.batch, side = config.data.transform.size;
  TrainingBatch batch{.image = empty({b, side, side, 3}),
                      .ids = full({b, config.data.word_len}, 2, DType::int64),
                      .target = full({b, 1, side / 4, side / 4}, 1)};
  fill_normal_(batch.image, 0, 1, {.key = {1, 0}});
  return batch;
}

// Bytes beyond what was live before, at the peak of two steps: the second has all that lasts.
std::int64_t measured_bytes(const TrainConfig& config) {
  CachingAllocator& allocator = device_allocator(kCpu);
  const std::int64_t before = allocator.statistics().live;
  Parameters parameters({.seed = 1});
  const UniLSeg model = build_model<UniLSeg>(parameters, config.model);
  TrainingStep step(model, parameters, config.step_options());
  std::vector<TrainingBatch> batches;
  for (std::int64_t i = 0; i < config.accumulate; ++i) batches.push_back(batch_of(config));
  step.run(batches, 0);
  allocator.reset_peak();
  step.run(batches, 1);
  return allocator.statistics().peak_live - before;
}

TEST_CASE("plan: memory is what a step takes, within a tenth") {
  const auto overrides = GENERATE(values<std::vector<std::string>>({
      {},
      {"recompute=true"},
      {"accumulate=3", "ema=0.9"},
      {"optimizer.kind=sgd", "optimizer.momentum=0", "data.batch=2"},
  }));
  TrainConfig config = small_config(overrides);
  config.data.prefetch = 0;  // no loader here
  const PlannedMemory memory = plan_training(config, 1).memory;
  const std::int64_t measured = measured_bytes(config);
  INFO("planned " << memory.total() << ", measured " << measured << "; weights " << memory.weights
                  << ", optimizer " << memory.optimizer << ", average " << memory.average << ", gradients "
                  << memory.gradients << ", activations " << memory.activations << ", batches "
                  << memory.batches);
  CHECK(double(memory.total()) == Approx(double(measured)).epsilon(0.1));
}

TEST_CASE("plan: owners, arithmetic and epochs follow the config, and planning takes no memory") {
  CachingAllocator& allocator = device_allocator(kCpu);
  allocator.reset_peak();
  const MemoryStatistics before = allocator.statistics();
  const std::int64_t meta = meta_bytes().live;
  const TrainingPlan plain = plan_training(small_config(), 100),
                     recompute = plan_training(small_config({"recompute=true"}), 100),
                     twice = plan_training(small_config({"accumulate=2", "ema=0.5"}), 100),
                     sgd = plan_training(small_config({"optimizer.kind=sgd"}), 100);
  CHECK(allocator.statistics().peak_live - before.live < 64 << 10);  // tables of positions
  CHECK(meta_bytes().live == meta);

  const std::int64_t values = 4 * (plain.backbone + plain.head);
  CHECK(plain.memory.weights >= values);
  CHECK(plain.memory.weights < values + (values >> 3));
  CHECK(plain.memory.optimizer == 2 * values);
  CHECK(sgd.memory.optimizer == values);
  CHECK(plain.memory.average == 0);
  CHECK(twice.memory.average == values);
  CHECK(plain.memory.gradients <= values);
  CHECK(twice.memory.gradients == values);
  CHECK(recompute.memory.activations < plain.memory.activations);
  CHECK(recompute.backward_flops > plain.backward_flops);
  CHECK(recompute.forward_flops == plain.forward_flops);
  CHECK(twice.flops() == 2 * plain.flops());
  CHECK(twice.samples == 8);

  const std::string text = plan_text(plain, 1 << 30, 1e9);
  CHECK_THAT(text, Catch::Contains("of 1.0 GiB at hand") &&
                       Catch::Contains("3000 of 4 samples: 12000 samples, 120.00 epochs of 100\n"));
  CHECK(to_json(plain).at("memory").at("total").as_int64() == plain.memory.total());
  CHECK(measured_flop_rate() > 0);
}

TEST_CASE("plan: the released model's parameters and rates") {
  const TrainConfig config = small_config();
  TrainConfig full = config;
  full.model = {};
  full.data.word_len = 17;
  full.data.batch = 2;
  full.data.transform.size = 480;
  const TrainingPlan plan = plan_training(full, 1);
  CHECK(plan.backbone + plan.head == 197125432);
  // Swin-B and CLIP's text tower, but for its 77 positions.
  CHECK(plan.backbone == 86745016 + 63428096 - 77 * 512);
}

TEST_CASE("fit-batch: the largest batch that fits keeps the samples of a step") {
  // 12 samples, large enough for activations to be most of the memory.
  const TrainConfig config = small_config({"accumulate=3", "data.transform.size=256"});
  const std::vector<BatchFit> all = batch_fits(config, std::int64_t(1) << 40);
  REQUIRE(all.size() == 10);  // 2, 3, 4, 6, 12
  for (const BatchFit& fit : all) {
    CHECK(fit.batch * fit.accumulate == 12);
    CHECK(fit.fits);
  }
  CHECK(suggested_fit(all)->batch == 12);
  CHECK_FALSE(suggested_fit(all)->recompute);

  // Memory for six with recomputation, but for no more.
  const BatchFit& six = all[7];
  REQUIRE((six.batch == 6 && six.recompute && six.bytes < all[6].bytes && six.bytes < all[9].bytes));
  const std::vector<BatchFit> some = batch_fits(config, six.bytes);
  CHECK(suggested_fit(some)->batch == 6);
  CHECK(suggested_fit(some)->recompute);
  CHECK_THAT(fits_text(some, six.bytes),
             Catch::Contains("at hand: data.batch=6 accumulate=2 recompute=true\n"));

  const std::vector<BatchFit> none = batch_fits(config, 1000);
  CHECK_FALSE(suggested_fit(none));
  CHECK_THAT(test::error_of([&] { fits_text(none, 1000); }),
             Catch::StartsWith("fit-batch: no batch fits; got 1000 B at hand; expected "));
}

}  // namespace
}  // namespace uls
