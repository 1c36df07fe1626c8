// SPDX-License-Identifier: Apache-2.0
#include "train/log/metrics_log.h"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/io/atomic_file.h"
#include "core/io/text_file.h"

namespace uls {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string path_of(const std::string& folder) { return folder + "/metrics.jsonl"; }

// Calls use(line) for each that has its end, and lets go of the rest.
template <typename Use>
void for_each_line(const std::string& path, const std::string& text, Use use) {
  std::int64_t number = 0;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    use(std::string_view(text).substr(begin, end - begin), fmt::format("{}:{}", path, ++number));
}

// The lines until `step`. A log is no reason to stop a run: a damaged one is put aside.
std::string lines_until(const std::string& path, std::int64_t step) {
  if (!std::filesystem::exists(path)) {
    log_warning("{}: gone; a new log begins after step {}", path, step);
    return "";
  }
  const std::string all = read_text_file(path);
  std::string kept;
  bool damaged = false;
  for_each_line(path, all, [&](std::string_view text, const std::string& where) {
    try {
      const Json line = Json::parse(text, where);
      if (line.at("step").as_int64() <= step) kept += line.dump() + "\n";
    } catch (const Error& error) {
      log_warning("{}; this line is left out, the log as it was is in {}.damaged", error.what(), path);
      damaged = true;
    }
  });
  if (damaged) write_atomically(path + ".damaged", all);
  return kept;
}

// Drops the lines after `step`.
std::string shortened(const std::string& folder, std::int64_t step) {
  const std::string path = path_of(folder);
  write_atomically(path, step > 0 ? lines_until(path, step) : "");
  return path;
}

}  // namespace

Json scalar_json(double value) { return std::isfinite(value) ? Json(value) : Json(fmt::format("{}", value)); }

double scalar_of(const Json& json) {
  if (json.is_number()) return json.as_double();
  const std::string& word = json.as_string();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (word == "inf") return kInfinity;
  return word == "-inf" ? -kInfinity : std::numeric_limits<double>::quiet_NaN();
}

MetricsLog::MetricsLog(const std::string& folder, std::int64_t step)
    : path_(shortened(folder, step)),
      lines_(path_, std::ios::app | std::ios::binary),
      events_(folder, seconds_now(), "unilseg") {
  ULS_CHECK(lines_, "{}: cannot be opened for writing", path_);
}

void MetricsLog::add(const std::string& kind, std::int64_t step, const Scalars& scalars) {
  Json line = Json::object({{"kind", kind}, {"step", step}});
  const double now = seconds_now();
  for (const auto& [name, value] : scalars) {
    line.set(name, scalar_json(value));
    events_.add(kind + "/" + name, step, value, now);
  }
  lines_ << line.dump() << "\n" << std::flush;
  ULS_CHECK(lines_, "{}: cannot be written in full; is the disk full?", path_);
  events_.flush();
}

std::vector<Json> read_metrics(const std::string& folder) {
  const std::string path = path_of(folder);
  std::vector<Json> lines;
  for_each_line(path, read_text_file(path), [&](std::string_view text, const std::string& where) {
    lines.push_back(Json::parse(text, where));
  });
  return lines;
}

}  // namespace uls
