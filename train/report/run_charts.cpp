// SPDX-License-Identifier: Apache-2.0
#include "train/report/run_charts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "train/log/metrics_log.h"

namespace uls {
namespace {

struct Place {
  std::string_view kind, value;   // "train" and "loss": of "loss" and "loss/referring" too
  std::string_view title, curve;  // `curve` names the value itself
  bool logarithmic = false, from_zero = false;
  std::string_view unit = "";
};

// Shown where there are some.
constexpr std::string_view kSkipped = "Steps without an update";

constexpr std::array<Place, 12> kPlaces{
    {{"train", "loss", "Loss of training", "all"},
     {"eval", "loss", "Loss of evaluations", "mean of the tasks"},
     {"eval", "iou", "Overall IoU", "mean of the tasks", false, true},
     {"eval", "mean_iou", "Mean IoU", "mean of the tasks", false, true},
     {"eval", "set_iou", "Overall IoU of each set", "", false, true},
     {"train", "lr", "Learning rate", "head"},
     {"train", "grad_norm", "Gradient norm", "all, before clipping", true},
     {"train", "samples_per_second", "Throughput", "samples a second", false, true},
     {"train", "time", "Time of a step", "", false, true, " s"},
     {"train", "memory_mib", "Memory at the peak", "reserved", false, true, " MiB"},
     {"train", "skipped", kSkipped, "gradients not finite", false, true},
     {"eval", "seconds", "Time of an evaluation", "whole", false, true, " s"}}};

bool has_any(const RunChart& chart) {
  return std::ranges::any_of(chart.curves, [](const Curve& curve) {
    return std::ranges::any_of(curve.points, [](const auto& point) { return point.second != 0; });
  });
}

class Charts {
 public:
  void add(const std::vector<Json>& lines, bool dashed) {
    for (const Json& line : lines)
      for (const JsonMember& member : line.members())
        if (member.key != "kind" && member.key != "step")
          curve(line.at("kind").as_string(), member.key, dashed)
              .points.emplace_back(line.at("step").as_double(), scalar_of(member.value));
  }

  std::vector<RunChart> in_order() && {
    std::ranges::stable_sort(charts_, {}, &Placed::rank);
    std::vector<RunChart> charts;
    for (Placed& placed : charts_)
      if (placed.chart.options.title != kSkipped || has_any(placed.chart))
        charts.push_back(std::move(placed.chart));
    return charts;
  }

 private:
  struct Placed {
    std::size_t rank = 0;
    RunChart chart{};
  };

  Curve& curve(const std::string& kind, const std::string& key, bool dashed) {
    const std::size_t slash = key.find('/');
    const std::string value = key.substr(0, slash);
    const auto place =
        std::ranges::find_if(kPlaces, [&](const Place& p) { return p.kind == kind && p.value == value; });
    const bool known = place != kPlaces.end();
    std::vector<Curve>& curves =
        known ? chart(std::size_t(place - kPlaces.begin()), {.title = std::string(place->title),
                                                             .logarithmic = place->logarithmic,
                                                             .from_zero = place->from_zero,
                                                             .unit = std::string(place->unit)})
              : chart(kPlaces.size(), {.title = kind + " " + value});
    std::string name = known ? std::string(place->curve) : key;
    if (known && slash != std::string::npos) name = key.substr(slash + 1);
    const auto same =
        std::ranges::find_if(curves, [&](const Curve& c) { return c.name == name && c.dashed == dashed; });
    if (same != curves.end()) return *same;
    return curves.emplace_back(Curve{.name = name, .points = {}, .dashed = dashed});
  }

  std::vector<Curve>& chart(std::size_t rank, const ChartOptions& options) {
    const auto same = std::ranges::find_if(
        charts_, [&](const Placed& p) { return p.chart.options.title == options.title; });
    if (same != charts_.end()) return same->chart.curves;
    return charts_.emplace_back(Placed{rank, {options, {}}}).chart.curves;
  }

  std::vector<Placed> charts_{};
};

}  // namespace

std::vector<RunChart> run_charts(const std::vector<std::vector<Json>>& runs) {
  Charts charts;
  for (std::size_t i = 0; i < runs.size(); ++i) charts.add(runs[i], i > 0);
  return std::move(charts).in_order();
}

}  // namespace uls
