// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "data/tools/commands.h"
#include "data/tools/in_order.h"
#include "data/tools/set_copy.h"
#include "data/tools/subset.h"

namespace uls {
namespace {

struct SubsetOptions {
  std::string dir{}, out{};
  double fraction = 0;
  std::int64_t seed = 0;
};

void write_subset(const SubsetOptions& options) {
  const Subset subset(options.fraction, options.seed);
  const auto dataset = Dataset::open(options.dir);
  std::vector<std::int64_t> chosen;
  in_order(
      "data subset: choosing", 0, dataset->size(), 4096,
      [&](std::int64_t index) { return std::int32_t(subset.contains(dataset->sample(index))); },
      [&](std::int64_t index, std::int32_t is_in) {
        if (is_in) chosen.push_back(index);
      });
  ULS_CHECK(!chosen.empty(),
            "data subset: nothing is chosen; got fraction {} of {} samples; expected a larger one",
            options.fraction, dataset->size());
  Manifest manifest = dataset->manifest();
  manifest.name = fmt::format("{}-{:g}", manifest.name, 100 * options.fraction);
  manifest.source += fmt::format("{}{:g} % chosen with seed {}", manifest.source.empty() ? "" : "; ",
                                 100 * options.fraction, options.seed);
  const SetCopy copy({dataset.get()}, options.out);
  manifest.images = copy.images();
  DatasetWriter writer(options.out, manifest);
  in_order(
      "data subset", writer.done(), std::int64_t(chosen.size()), 64,
      [&](std::int64_t i) { return copy.read(0, chosen[std::size_t(i)]); },
      [&](std::int64_t, const SetCopy::Content& content) { SetCopy::write(content, writer); });
  writer.finish();
  print("{}: {} of {} samples\n", options.out, chosen.size(), dataset->size());
}

}  // namespace

Command data_subset_command() {
  return {"subset",
          "a reproducible fraction of a set; a smaller one is part of a larger one of the same seed",
          [](Options& options) {
            const auto chosen = std::make_shared<SubsetOptions>();
            options.positional("DIR", chosen->dir, "a set of the unified format");
            options.option("out", chosen->out, "DIR", "the new set's folder; started again, it goes on",
                           Need::required);
            options.option("fraction", chosen->fraction, "F", "share of the samples, above 0 and up to 1",
                           Need::required);
            options.option("seed", chosen->seed, "S", "another seed chooses other samples");
            return [chosen] { write_subset(*chosen); };
          }};
}

}  // namespace uls
