// SPDX-License-Identifier: Apache-2.0
#include "data/convert/convert.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/log.h"
#include "core/base/parallel.h"
#include "core/io/at_place.h"
#include "data/format/dataset_writer.h"

namespace uls {
namespace {

using Clock = std::chrono::steady_clock;

// Samples [first, first + results.size()), or why one has none.
struct Result {
  std::optional<Sample> sample{};
  std::string problem{};
};

std::vector<Result> read_block(const Source& source, std::int64_t first, std::int64_t count) {
  std::vector<Result> results(static_cast<std::size_t>(count));
  parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      Result& result = results[std::size_t(i)];
      try {
        result.sample = source.sample(first + i);
      } catch (const Error& error) {
        result.problem = fmt::format("sample {}: {}", first + i, error.what());
        return;  // later samples of this piece would not be written
      }
    }
  });
  return results;
}

}  // namespace

void convert(const Source& source, const std::string& out) {
  constexpr std::int64_t kBlock = 16;  // samples a thread: few enough to hold, enough to share out
  DatasetWriter writer(out, source.manifest());
  const std::int64_t size = source.size();
  if (writer.done() > 0) log_info("{}: goes on at sample {} of {}", out, writer.done(), size);
  auto told = Clock::now();
  while (writer.done() < size) {
    const std::int64_t first = writer.done();
    for (Result& result : read_block(source, first, std::min(kBlock * num_threads(), size - first))) {
      if (!result.sample) throw DataError(result.problem);
      writer.add(*result.sample);
      result.sample.reset();
    }
    if (Clock::now() - told < std::chrono::seconds(2)) continue;
    told = Clock::now();
    log_info("{} of {} samples", writer.done(), size);
  }
  writer.finish();
}

}  // namespace uls
