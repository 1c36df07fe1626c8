// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/base/log.h"
#include "data/format/shard_writer.h"
#include "data/tools/commands.h"
#include "data/tools/image_ending.h"
#include "data/tools/in_order.h"
#include "data/tools/region_mask.h"

namespace uls {
namespace {

struct ShardOptions {
  std::string dir{}, out{};
  std::int64_t megabytes = 256;
};

struct Content {
  Sample sample{};
  std::string image{};
};

void shard_set(const ShardOptions& options) {
  ULS_CHECK(options.megabytes >= 1 && options.megabytes <= 1 << 20,
            "data shard: --size: wrong value; got {}; expected 1 to {}", options.megabytes, 1 << 20);
  const auto dataset = Dataset::open(options.dir);
  ShardWriter writer(options.out, dataset->manifest(), options.megabytes * 1'000'000);
  if (writer.done() > 0) log_info("{}: goes on behind {} samples", options.out, writer.done());
  in_order(
      "data shard", 0, dataset->size(), 64,
      [&](std::int64_t index) {
        Content content{with_runs(*dataset, dataset->sample(index))};
        if (index >= writer.done()) content.image = dataset->image_bytes(content.sample);
        return content;
      },
      [&](std::int64_t, const Content& content) {
        writer.add(content.sample, image_ending(content.sample), content.image);
      });
  writer.finish();
  print("{}: {} samples, {} targets\n", options.out, dataset->size(), dataset->target_count());
}

}  // namespace

Command data_shard_command() {
  return {"shard", "packs a set into tar files of images and JSON, with an index and checksums",
          [](Options& options) {
            const auto chosen = std::make_shared<ShardOptions>();
            options.positional("DIR", chosen->dir, "a set of the unified format");
            options.option("out", chosen->out, "DIR", "the new set's folder; started again, it goes on",
                           Need::required);
            options.option("size", chosen->megabytes, "MB", "most million bytes of a tar file");
            return [chosen] { shard_set(*chosen); };
          }};
}

}  // namespace uls
