// SPDX-License-Identifier: Apache-2.0
#include "data/browse/browse_command.h"

#include <memory>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/config/inheritance.h"
#include "core/io/atomic_file.h"
#include "data/browse/browse_page.h"
#include "data/browse/mixture_page.h"

namespace uls {
namespace {

struct Arguments {
  std::string path{}, mixture{}, out{};
  std::int64_t seed = 0;
  bool augment = false;
  BrowseOptions browse{};
};

// The section `data` of a run's config; all of a file without one.
LoaderConfig read_mixture(const std::string& path) {
  const ConfigNode file = read_config(path);
  const ConfigNode* section = file.find("data");
  LoaderConfig config;
  loader_table().load(config, section ? *section : file);
  return config;
}

std::string page_of(Arguments& arguments) {
  if (!arguments.mixture.empty())
    return mixture_page(read_mixture(arguments.mixture), arguments.browse.count);
  arguments.browse.seed = std::uint64_t(arguments.seed);
  if (arguments.augment)
    arguments.browse.viewer = [seed = arguments.browse.seed](const Dataset& set, const Sample& sample) {
      return augmented_view(set, sample, seed);
    };
  return browse_page(*Dataset::open(arguments.path), arguments.browse);
}

void run(Arguments arguments) {
  ULS_CHECK(arguments.seed >= 0, "browse: --seed: wrong value; got {}; expected 0 or more", arguments.seed);
  ULS_CHECK(arguments.path.empty() != arguments.mixture.empty(),
            "browse: nothing to show, or two things; got DIR '{}' and --mixture '{}'; expected one of them",
            arguments.path, arguments.mixture);
  const std::string page = page_of(arguments);
  write_atomically(arguments.out, page);
  print("{}: {}\n", arguments.out, format_bytes(std::int64_t(page.size())));
}

}  // namespace

Command data_browse_command() {
  return {"browse", "a page of HTML that shows samples with their masks", [](Options& options) {
            const auto arguments = std::make_shared<Arguments>();
            options.positional("DIR", arguments->path, "a set of the unified format", Need::optional);
            options.option("mixture", arguments->mixture, "CONFIG",
                           "instead of DIR: what a run with this config is about to see");
            options.option("out", arguments->out, "PAGE.html", "the page; it needs no other file",
                           Need::required);
            options.option("count", arguments->browse.count, "N", "samples, drawn at random");
            options.option("task", arguments->browse.task, "T", "targets of this task alone");
            options.flag("augment", arguments->augment,
                         "one target of each sample, cut, mirrored and lit as in training");
            options.option("seed", arguments->seed, "S", "another seed draws other samples");
            return [arguments] { run(*arguments); };
          }};
}

}  // namespace uls
