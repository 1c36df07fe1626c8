// SPDX-License-Identifier: Apache-2.0
#include "models/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace uls {
namespace {

using Row = std::pair<std::string, Profile::Entry>;

std::vector<Row> sorted(const std::map<std::string, Profile::Entry>& operations) {
  std::vector<Row> rows(operations.begin(), operations.end());
  std::ranges::stable_sort(rows,
                           [](const Row& a, const Row& b) { return a.second.seconds > b.second.seconds; });
  return rows;
}

}  // namespace

void Profile::begin_phase(const std::string& phase) {
  finish();
  phases_.push_back({.name = phase, .operations = {}});
  watch_ = {};
}

void Profile::finish() {
  if (phases_.empty() || phases_.back().seconds > 0) return;
  phases_.back().seconds = watch_.seconds();
}

void Profile::ran(const char* slot, const char* op, double seconds, double flops) {
  if (phases_.empty()) return;
  const std::string name = !op || std::string(op) == slot ? slot : fmt::format("{} ({})", op, slot);
  Entry& entry = phases_.back().operations[name];
  ++entry.calls;
  entry.seconds += seconds;
  entry.flops += flops;
}

double Profile::flops() const {
  double sum = 0;
  for (const Phase& phase : phases_)
    for (const auto& [name, entry] : phase.operations) sum += entry.flops;
  return sum;
}

std::string Profile::text() const {
  std::string text;
  for (const Phase& phase : phases_) {
    text += fmt::format("{:<44} {:>6} {:>10} {:>6} {:>9}\n", phase.name, "calls", "ms", "%", "GFLOP/s");
    double seconds = 0;
    for (const auto& [name, entry] : sorted(phase.operations)) {
      seconds += entry.seconds;
      text += fmt::format("  {:<42} {:>6} {:>10.2f} {:>6.1f} {:>9}\n", name, entry.calls, entry.seconds * 1e3,
                          100 * entry.seconds / phase.seconds,
                          entry.flops > 0 ? fmt::format("{:.1f}", entry.flops / entry.seconds * 1e-9) : "");
    }
    text += fmt::format("  {:<42} {:>6} {:>10.2f} {:>6.1f}\n", "between kernels", "",
                        (phase.seconds - seconds) * 1e3, 100 * (phase.seconds - seconds) / phase.seconds);
    text += fmt::format("  {:<42} {:>6} {:>10.2f}\n", "all", "", phase.seconds * 1e3);
  }
  return text;
}

Json Profile::to_json() const {
  Json phases = Json::array();
  for (const Phase& phase : phases_) {
    Json rows = Json::array();
    for (const auto& [name, entry] : sorted(phase.operations))
      rows.push_back(Json::object(
          {{"operation", name}, {"calls", entry.calls}, {"seconds", entry.seconds}, {"flops", entry.flops}}));
    phases.push_back(Json::object({{"phase", phase.name}, {"seconds", phase.seconds}, {"operations", rows}}));
  }
  return phases;
}

}  // namespace uls
