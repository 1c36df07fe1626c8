// SPDX-License-Identifier: Apache-2.0
// unilseg bench: medians, spread, FLOP/s and bytes/s of operations, forward and backward.
//
// scripts/bench uses --feed to time the same rows beside a peer: it names a row and a number of calls on each
// line of standard input and reads one line of JSON for it, so that the two sides can alternate.
#include "kernels/bench_command.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>

#include "core/base/parallel.h"
#include "core/base/statistics.h"
#include "core/base/strings.h"
#include "core/cli/build_facts.h"
#include "core/json/json.h"
#include "kernels/common/op_timer.h"
#include "kernels/common/rooms.h"

namespace uls {
namespace {

using kernels::OpTimer;
using kernels::OpTimes;
using kernels::OpTiming;

struct BenchOptions {
  std::vector<std::string> ops;
  std::int64_t repeats = 15;
  bool roofline = false, list = false, feed = false;
  std::string json;
};

std::vector<const OpTiming*> choose_rows(const std::vector<std::string>& ops) {
  std::vector<std::string> names;
  for (const OpTiming& row : kernels::op_table().timings())
    if (std::find(names.begin(), names.end(), row.op) == names.end()) names.push_back(row.op);
  for (const std::string& op : ops)
    ULS_CHECK(std::find(names.begin(), names.end(), op) != names.end(),
              "bench: no rows of this operation; got '{}'{}; expected {}", op, did_you_mean(op, names),
              join(names, ", "));
  std::vector<const OpTiming*> rows;
  for (const OpTiming& row : kernels::op_table().timings())
    if (ops.empty() || std::find(ops.begin(), ops.end(), row.op) != ops.end()) rows.push_back(&row);
  return rows;
}

// Enough calls for a sample that the clock resolves well.
int calls_a_sample(OpTimer& timer) {
  const OpTimes once = timer.measure(1);
  return int(std::clamp(5.0 / (once.forward + once.backward), 1.0, 200.0));
}

// One pass of a row: what was measured and what it means.
Json describe_pass(const char* pass, const std::vector<double>& samples, double flops, double bytes,
                   double copy_bandwidth) {
  const Spread ms = spread_of(samples);
  Json row = Json::object({{"pass", pass},
                           {"median_ms", ms.median},
                           {"low_ms", ms.low},
                           {"high_ms", ms.high},
                           {"min_ms", ms.least},
                           {"max_ms", ms.most},
                           {"samples", std::int64_t(samples.size())},
                           {"gflops", flops / ms.median * 1e-6},
                           {"gbytes", bytes / ms.median * 1e-6}});
  if (copy_bandwidth > 0) row.set("share_of_copy", bytes / (ms.median * 1e-3) / copy_bandwidth);
  return row;
}

void print_pass(const OpTiming& row, const Json& pass) {
  const auto number = [&](const char* key) { return pass.at(key).as_double(); };
  const Json* share = pass.find("share_of_copy");
  print("{:<12} {:<28} {:<8} {:>9.3f} {:>9.3f} {:>9.3f} {:>8.1f} {:>7.1f}{}\n", row.op, row.label,
        pass.at("pass").as_string(), number("median_ms"), number("low_ms"), number("high_ms"),
        number("gflops"), number("gbytes"),
        share ? fmt::format(" {:>6.0f} %", 100 * share->as_double()) : "");
}

void run_rows(const BenchOptions& options) {
  ULS_CHECK(options.repeats >= 1, "bench: too few samples; got {}; expected at least 1", options.repeats);
  const double copy_bandwidth = options.roofline ? kernels::measure_copy_bandwidth() : 0;
  if (options.roofline) print("copy: {:.1f} GB/s read and written\n", copy_bandwidth * 1e-9);
  print("{:<12} {:<28} {:<8} {:>9} {:>9} {:>9} {:>8} {:>7}{}\n", "op", "row", "pass", "median ms", "quartile",
        "quartile", "GFLOP/s", "GB/s", options.roofline ? "  of copy" : "");
  Json rows = Json::array();
  for (const OpTiming* row : choose_rows(options.ops)) {
    OpTimer timer(*row);
    const int calls = calls_a_sample(timer);
    std::vector<double> forward, backward;
    for (std::int64_t i = 0; i < options.repeats; ++i) {
      const OpTimes times = timer.measure(calls);
      forward.push_back(times.forward);
      backward.push_back(times.backward);
    }
    Json passes = Json::array(
        {describe_pass("forward", forward, row->forward_flops, row->forward_bytes, copy_bandwidth)});
    if (row->has_backward())
      passes.push_back(
          describe_pass("backward", backward, row->backward_flops, row->backward_bytes, copy_bandwidth));
    for (const Json& pass : passes.items()) print_pass(*row, pass);
    rows.push_back(Json::object({{"op", row->op}, {"row", row->label}, {"passes", passes}}));
  }
  if (!options.json.empty())
    write_json_file(options.json,
                    Json::object({{"program", version_line()}, {"threads", num_threads()}, {"rows", rows}}));
}

Json shape_json(const Shape& shape) {
  Json sizes = Json::array();
  for (const auto size : shape) sizes.push_back(size);
  return sizes;
}

void list_rows(const BenchOptions& options) {
  for (const OpTiming* row : choose_rows(options.ops)) {
    Json inputs = Json::array();
    for (const auto& input : row->inputs)
      inputs.push_back(Json::object({{"shape", shape_json(input.shape)},
                                     {"low", input.low},
                                     {"high", input.high},
                                     {"differentiable", input.differentiable}}));
    print("{}\n", Json::object({{"op", row->op},
                                {"row", row->label},
                                {"inputs", inputs},
                                {"forward_flops", row->forward_flops},
                                {"backward_flops", row->backward_flops},
                                {"forward_bytes", row->forward_bytes},
                                {"backward_bytes", row->backward_bytes}})
                      .dump());
  }
}

// Lines "NUMBER CALLS": the row's place in --list and how many calls to average; 0 calls only prepare the
// row.
void feed_rows(const BenchOptions& options) {
  const auto rows = choose_rows(options.ops);
  std::size_t prepared = rows.size();
  std::optional<OpTimer> timer;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::size_t number = 0;
    int calls = 0;
    ULS_CHECK(words >> number >> calls && number < rows.size() && calls >= 0,
              "bench: not a request; got '{}'; expected 'NUMBER CALLS' with a number below {}", line,
              rows.size());
    if (prepared != number) timer.emplace(*rows[number]);
    prepared = number;
    const OpTimes times = calls ? timer->measure(calls) : OpTimes{};
    print("{}\n", Json::object({{"forward_ms", times.forward}, {"backward_ms", times.backward}}).dump());
  }
}

}  // namespace

Command bench_command() {
  return {"bench", "times operations, forward and backward", [](Options& options) {
            const auto chosen = std::make_shared<BenchOptions>();
            options.option("repeats", chosen->repeats, "N", "samples a row");
            options.flag("roofline", chosen->roofline,
                         "measure a copy first and give each row's share of its speed");
            options.option("json", chosen->json, "FILE", "write the figures there too");
            options.flag("list", chosen->list, "list the rows as lines of JSON, and time nothing");
            options.flag("feed", chosen->feed, "time the rows that standard input names (for scripts/bench)");
            options.rest("OP", chosen->ops, "operations to time; all where none is given");
            return [chosen] {
              if (chosen->list)
                list_rows(*chosen);
              else if (chosen->feed)
                feed_rows(*chosen);
              else
                run_rows(*chosen);
            };
          }};
}

}  // namespace uls
