// SPDX-License-Identifier: Apache-2.0
// One side of scripts/peers/bench_loader.py: each line of standard input, "loader" or "ceiling", is answered
// by {"seconds": S, "samples": N} of one epoch. The ceiling is what the loader cannot beat: plain loops on as
// many threads that read and decode the same images and warp them and their masks, and do nothing else.
#include "data/loader/bench_loader_command.h"

#include <atomic>
#include <iostream>
#include <memory>
#include <thread>

#include "core/base/error.h"
#include "core/base/stopwatch.h"
#include "core/json/json.h"
#include "data/loader/loader.h"

namespace uls {
namespace {

struct BenchLoaderOptions {
  std::vector<std::string> sets, overrides;
};

// The parsed samples of the sets with one of their targets.
struct CeilingItem {
  const Dataset* data;
  Sample sample;
  std::size_t target;
};

std::vector<CeilingItem> ceiling_items(const std::vector<LoaderSet>& sets) {
  std::vector<CeilingItem> items;
  for (const LoaderPart& part : parts_of(sets, false).parts)
    for (std::int64_t i = 0; i < part.size(); ++i) {
      const TargetRef ref = part.data().target(part.item(i).target);
      items.push_back({&part.data(), part.data().sample(ref.sample), std::size_t(ref.target)});
    }
  return items;
}

void decode_and_warp(const CeilingItem& item, const Transform& transform, std::span<float> target) {
  const Fit fit = transform.fit(item.sample.height, item.sample.width);
  fit_image(item.data->image(item.sample), fit);
  grid_target(item.data->target_mask(item.sample, item.sample.targets[item.target]), fit, TargetKind::nearest,
              target);
}

std::int64_t run_ceiling(const std::vector<CeilingItem>& items, const Transform& transform,
                         std::int64_t threads) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    std::vector<float> target(std::size_t(transform.cells() * transform.cells()));
    for (std::size_t i; (i = next++) < items.size();) decode_and_warp(items[i], transform, target);
  };
  std::vector<std::thread> pool;
  for (std::int64_t i = 0; i < threads; ++i) pool.emplace_back(work);
  for (std::thread& thread : pool) thread.join();
  return std::int64_t(items.size());
}

// An epoch from its start to its end: nothing is ready before, nothing is left in work behind it.
std::int64_t run_loader(Loader& loader, const Json& start) {
  loader.restore(start);
  std::int64_t samples = 0;
  while (const auto batch = loader.next()) samples += batch->image.size(0);
  return samples;
}

void bench_loader(const BenchLoaderOptions& options) {
  LoaderConfig config{.threads = 2};
  for (const std::string& assignment : options.overrides) loader_table().set(config, assignment);
  const std::vector<LoaderSet> sets = parse_loader_sets(options.sets);
  Loader loader(sets, config, Loader::Mode::evaluate);
  const Json first = loader.state();
  ULS_CHECK(config.transform.preset == "cris" && loader.threads() >= 1,
            "bench-loader: the ceiling is that of preset cris on one thread or more; got {} and {}",
            config.transform.preset, loader.threads());
  const std::vector<CeilingItem> items = ceiling_items(sets);
  for (std::string line; std::getline(std::cin, line);) {
    ULS_CHECK(line == "loader" || line == "ceiling",
              "bench-loader: unknown line; got '{}'; expected loader or ceiling", line);
    const Stopwatch watch;
    const std::int64_t samples = line == "loader" ? run_loader(loader, first)
                                                  : run_ceiling(items, loader.transform(), loader.threads());
    const double seconds = watch.seconds();
    print("{}\n", Json::object({{"seconds", seconds}, {"samples", samples}}).dump());
  }
}

}  // namespace

Command bench_loader_command() {
  return {"bench-loader", "times the loader for scripts/peers/bench_loader.py", [](Options& options) {
            const auto bench = std::make_shared<BenchLoaderOptions>();
            options.option("set", bench->sets, "SET", "as in data.sets: DIR and words behind it",
                           Need::required);
            options.rest("KEY=VALUE", bench->overrides, "settings of data, e.g. batch=8 transform.size=480");
            return [bench] { bench_loader(*bench); };
          }};
}

}  // namespace uls
