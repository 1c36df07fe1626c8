// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <map>

#include "tests/core/io_fixture.h"
#include "tests/support/support.h"
#include "train/log/event_file.h"
#include "train/log/interval.h"
#include "train/log/metrics_log.h"

namespace uls {
namespace {

using test::Folder;
using test::get;
using test::put;

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

TEST_CASE("event file: the bytes that TensorBoard's own writer makes") {
  const Folder folder;
  {
    EventFile events(folder.path(), 1.5, "test");
    events.add("train/loss", 300, 0.25, 2.25);
    events.flush();
  }
  REQUIRE(folder.names() == std::vector<std::string>{"events.out.tfevents.2.test"});
  CHECK(hex(get(folder / "events.out.tfevents.2.test")) ==
        "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c2100000000000000017b"
        "ecf609"
        "000000000000024010ac022a130a110a0a747261696e2f6c6f7373150000803e82f084b5");
}

TEST_CASE("metrics log: lines come back, and numbers that JSON lacks as text") {
  const Folder folder;
  {
    MetricsLog log(folder.path(), 0);
    log.add("train", 1, {{"loss", 0.5}, {"lr", 1e-3}});
    log.add("eval", 2, {{"iou", std::nan("")}, {"loss", std::numeric_limits<double>::infinity()}});
  }
  const std::vector<Json> lines = read_metrics(folder.path());
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].dump() == R"({"kind":"train","step":1,"loss":0.5,"lr":0.001})");
  CHECK(lines[1].at("iou").as_string() == "nan");
  CHECK(lines[1].at("loss").as_string() == "inf");
}

TEST_CASE("metrics log: a run that resumes drops what came after its checkpoint, and a cut line") {
  const Folder folder;
  {
    MetricsLog log(folder.path(), 0);
    for (std::int64_t step = 1; step <= 4; ++step) log.add("train", step, {{"loss", double(step)}});
  }
  put(folder / "metrics.jsonl", get(folder / "metrics.jsonl") + R"({"kind":"train","st)");
  {
    MetricsLog log(folder.path(), 2);
    log.add("train", 3, {{"loss", 30}});
  }
  const std::vector<Json> lines = read_metrics(folder.path());
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].at("loss").as_double() == 2);
  CHECK(lines[2].at("loss").as_double() == 30);
}

TEST_CASE("metrics log: a damaged line is left out, and the whole stays beside it") {
  const Folder folder;
  const std::string path = folder / "metrics.jsonl", text = R"({"kind":"train","step":1,"loss":1.5}
\0\0\0
{"kind":"train","step":2,"loss":1.25}
)";
  put(path, text);
  { MetricsLog log(folder.path(), 2); }
  const std::vector<Json> lines = read_metrics(folder.path());
  REQUIRE(lines.size() == 2);
  CHECK(lines[1].at("loss").as_double() == 1.25);
  CHECK(get(path + ".damaged") == text);
  test::fs::remove(path);
  { MetricsLog log(folder.path(), 2); }
  CHECK(get(path).empty());
}

TEST_CASE("metrics log: what cannot be read or written is told with its path") {
  const Folder folder;
  CHECK(test::error_of([&] { read_metrics(folder.path()); }) ==
        (folder / "metrics.jsonl") + ": cannot be opened for reading");
  put(folder / "metrics.jsonl", "no json\n");
  CHECK_THAT(test::error_of([&] { read_metrics(folder.path()); }),
             Catch::StartsWith((folder / "metrics.jsonl") + ":1:"));
  CHECK_THAT(test::error_of([&] { EventFile events(folder / "none", 0, "test"); }),
             Catch::EndsWith(": cannot be created"));
}

TEST_CASE("interval: a skipped step counts, and leaves the means alone") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<BatchItem> one(1);
  Interval interval;
  interval.add({.loss = 1, .gradient_norm = 4, .parts = {}, .sample_losses = {1}}, one, 0);
  interval.add({.loss = kNan, .gradient_norm = kNan, .parts = {}, .sample_losses = {kNan}, .skipped = true},
               one, 0);
  interval.add({.loss = 2, .gradient_norm = 2, .parts = {}, .sample_losses = {2}}, one, 0);
  Interval again;
  again.restore(interval.state());
  for (const Interval& it : {interval, again}) {
    std::map<std::string, double> values;
    for (const auto& [name, value] : it.scalars()) values[name] = value;
    CHECK(values.at("loss") == 1.5);
    CHECK(values.at("grad_norm") == 3);
    CHECK(values.at("skipped") == 1);
    CHECK(values.at("loss/referring") == 1.5);
    CHECK(it.steps() == 3);
  }
}

}  // namespace
}  // namespace uls
