// SPDX-License-Identifier: Apache-2.0
#include "data/browse/browse_command.h"

#include <memory>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/io/atomic_file.h"
#include "data/browse/browse_page.h"

namespace uls {
namespace {

struct Arguments {
  std::string path{}, out{};
  std::int64_t seed = 0;
  BrowseOptions browse{};
};

void run(Arguments arguments) {
  ULS_CHECK(arguments.seed >= 0, "browse: --seed: wrong value; got {}; expected 0 or more", arguments.seed);
  arguments.browse.seed = std::uint64_t(arguments.seed);
  const auto set = Dataset::open(arguments.path);
  const std::string page = browse_page(*set, arguments.browse);
  write_atomically(arguments.out, page);
  print("{}: {}\n", arguments.out, format_bytes(std::int64_t(page.size())));
}

}  // namespace

Command data_browse_command() {
  return {"browse", "a page of HTML that shows samples with their masks", [](Options& options) {
            const auto arguments = std::make_shared<Arguments>();
            options.positional("DIR", arguments->path, "a set of the unified format");
            options.option("out", arguments->out, "PAGE.html", "the page; it needs no other file",
                           Need::required);
            options.option("count", arguments->browse.count, "N", "samples, drawn at random");
            options.option("task", arguments->browse.task, "T", "targets of this task alone");
            options.option("seed", arguments->seed, "S", "another seed draws other samples");
            return [arguments] { run(*arguments); };
          }};
}

}  // namespace uls
