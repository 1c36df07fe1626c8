// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "data/tools/commands.h"
#include "data/tools/in_order.h"
#include "data/tools/set_copy.h"
#include "data/tools/subset.h"

namespace uls {
namespace {

struct SubsetOptions {
  std::string dir{}, out{};
  std::vector<std::string> classes{};
  double fraction = 1, held_out = 0;
  std::int64_t seed = 0;
};

// The manifest with what was done to the set.
Manifest renamed(Manifest manifest, const SubsetOptions& options) {
  const auto note = [&](const std::string& text) {
    manifest.source += (manifest.source.empty() ? "" : "; ") + text;
  };
  const bool otherwise_changed = options.held_out || !options.classes.empty();
  if (!otherwise_changed || options.fraction < 1) {
    manifest.name = fmt::format("{}-{:g}", manifest.name, 100 * options.fraction);
    note(fmt::format("{:g} % chosen with seed {}", 100 * options.fraction, options.seed));
  }
  if (options.held_out)
    note(fmt::format("{:g} % held out as val with seed {}", 100 * options.held_out, options.seed));
  if (!options.classes.empty()) note("classes " + join(options.classes, ", "));
  return manifest;
}

void write_subset(const SubsetOptions& options) {
  const Subset subset(options.fraction, options.seed);
  const auto dataset = Dataset::open(options.dir);
  const std::optional<HeldOut> held_out =
      options.held_out ? std::optional(HeldOut(*dataset, options.held_out, options.seed)) : std::nullopt;
  const std::optional<ClassChoice> classes =
      options.classes.empty() ? std::nullopt
                              : std::optional(ClassChoice(dataset->manifest(), options.classes));
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
  Manifest manifest = renamed(dataset->manifest(), options);
  const SetCopy copy({dataset.get()}, options.out);
  manifest.images = copy.images();
  DatasetWriter writer(options.out, manifest);
  in_order(
      "data subset", writer.done(), std::int64_t(chosen.size()), 64,
      [&](std::int64_t i) {
        SetCopy::Content content = copy.read(0, chosen[std::size_t(i)]);
        if (classes) classes->keep(content.sample);
        if (held_out) content.sample.split = held_out->split_of(content.sample);
        return content;
      },
      [&](std::int64_t, const SetCopy::Content& content) { SetCopy::write(content, writer); });
  writer.finish();
  print("{}: {} of {} samples\n", options.out, chosen.size(), dataset->size());
}

}  // namespace

Command data_subset_command() {
  return {
      "subset",
      "a reproducible fraction of a set, of some classes, with samples held out; a smaller fraction is part "
      "of a larger one of the same seed",
      [](Options& options) {
        const auto chosen = std::make_shared<SubsetOptions>();
        options.positional("DIR", chosen->dir, "a set of the unified format");
        options.option("out", chosen->out, "DIR", "the new set's folder; started again, it goes on",
                       Need::required);
        options.option("fraction", chosen->fraction, "F", "share of the samples, above 0 and up to 1 (1)");
        options.option("held-out", chosen->held_out, "F",
                       "share of the samples that become the split val, and the others train");
        options.option("class", chosen->classes, "NAME", "keeps the targets of this class alone; several");
        options.option("seed", chosen->seed, "S", "another seed chooses other samples");
        return [chosen] { write_subset(*chosen); };
      }};
}

}  // namespace uls
