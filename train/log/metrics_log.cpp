// SPDX-License-Identifier: Apache-2.0
#include "train/log/metrics_log.h"

#include <chrono>
#include <cmath>
#include <limits>
#include <sstream>

#include "core/base/error.h"
#include "core/io/atomic_file.h"

namespace uls {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string path_of(const std::string& folder) { return folder + "/metrics.jsonl"; }

// Drops the lines after `step`.
std::string shortened(const std::string& folder, std::int64_t step) {
  const std::string path = path_of(folder);
  std::string text;
  if (step > 0)
    for (const Json& line : read_metrics(folder))
      if (line.at("step").as_int64() <= step) text += line.dump() + "\n";
  write_atomically(path, text);
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
  std::ifstream file(path, std::ios::binary);
  ULS_CHECK(file, "{}: cannot be opened for reading", path);
  std::ostringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  std::vector<Json> lines;
  std::int64_t number = 0;
  for (std::size_t begin = 0, end; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(
        Json::parse(std::string_view(all).substr(begin, end - begin), fmt::format("{}:{}", path, ++number)));
  return lines;
}

}  // namespace uls
