// SPDX-License-Identifier: Apache-2.0
#include "train/report/line_chart.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/strings.h"

namespace uls {
namespace {

constexpr double kWidth = 460, kHeight = 250, kLeft = 54, kRight = 12, kTop = 10, kBottom = 28;
// Distinguishable with any colour vision (Okabe, Ito 2008).
constexpr std::array<const char*, 7> kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                              "#e69f00", "#56b4e9", "#666666"};

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Where a value lies between `from` and `to`.
  double place(double value, double from, double to) const {
    return from + (to - from) * (high > low ? (value - low) / (high - low) : 0.5);
  }
};

struct Axes {
  Range x{}, y{};
  bool logarithmic = false;

  double vertical(double value) const { return logarithmic ? std::log10(value) : value; }
  double across(double value) const { return x.place(value, kLeft, kWidth - kRight); }
  double up(double value) const { return y.place(vertical(value), kHeight - kBottom, kTop); }
  bool shows(const std::pair<double, double>& point) const {
    return std::isfinite(point.first) && std::isfinite(vertical(point.second));
  }
};

Axes axes_of(const std::vector<Curve>& curves, const ChartOptions& options) {
  Axes axes{.logarithmic = options.logarithmic};
  for (const Curve& curve : curves)
    for (const auto& point : curve.points)
      if (axes.shows(point)) {
        axes.x.add(point.first);
        axes.y.add(axes.vertical(point.second));
      }
  if (options.from_zero) axes.y.add(0);
  if (axes.y.low == axes.y.high) axes.y.add(axes.y.low + 1);  // a flat line lies on the lower edge
  return axes;
}

std::string number(double value) {
  const double size = std::abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return fmt::format("{:.0e}", value);
  return size >= 1000 ? fmt::format("{:g}k", value / 1000)
                      : fmt::format("{:g}", std::round(value * 1e6) / 1e6);
}

std::string grid(const Axes& axes, const std::string& unit) {
  std::string svg;
  for (const double tick : axis_ticks(axes.x.low, axes.x.high, 6))
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" class=\"x\">{}</text>", axes.across(tick), kHeight - 8,
                       number(tick));
  for (const double tick : axis_ticks(axes.y.low, axes.y.high, 5)) {
    const double y = axes.y.place(tick, kHeight - kBottom, kTop);
    svg +=
        fmt::format("<line x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", kLeft, kWidth - kRight, y, y);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" class=\"y\">{}{}</text>", kLeft - 6, y + 4,
                       number(axes.logarithmic ? std::pow(10, tick) : tick), escape_html(unit));
  }
  return svg;
}

// "M x y L x y ...", with a new start behind each gap.
std::string path(const Axes& axes, const Curve& curve) {
  std::string text;
  bool connected = false;
  for (const auto& point : curve.points) {
    if (axes.shows(point))
      text += fmt::format("{}{:.1f} {:.1f}", connected ? "L" : "M", axes.across(point.first),
                          axes.up(point.second));
    connected = axes.shows(point);
  }
  return text;
}

}  // namespace

std::vector<double> axis_ticks(double low, double high, int count) {
  if (!(high > low)) return {low, low + 1};
  const double rough = (high - low) / count, power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  std::vector<double> ticks;
  // A hair's breadth, so that rounding does not drop the ends; + 0.0 makes 0 of -0, which would be shown as
  // such.
  for (double i = std::ceil(low / step - 1e-9) + 0.0; i * step <= high + step * 1e-9; ++i)
    ticks.push_back(i * step);
  if (ticks.size() < 2) return {low, high};
  return ticks;
}

std::string line_chart(const std::vector<Curve>& curves, const ChartOptions& options) {
  const Axes axes = axes_of(curves, options);
  if (!(axes.x.low <= axes.x.high)) return "";
  std::string lines, legend;
  std::vector<std::string> names;  // one colour a name: both runs of a comparison share it
  for (const Curve& curve : curves) {
    const std::string drawn = path(axes, curve);
    if (drawn.empty()) continue;
    auto known = std::ranges::find(names, curve.name);
    if (known == names.end()) {
      names.push_back(curve.name);
      known = names.end() - 1;
      legend += fmt::format("<span><i style=\"background:{}\"></i>{}</span>",
                            kColours[(names.size() - 1) % kColours.size()], escape_html(curve.name));
    }
    lines += fmt::format("<path d=\"{}\" stroke=\"{}\"{}/>", drawn,
                         kColours[std::size_t(known - names.begin()) % kColours.size()],
                         curve.dashed ? " stroke-dasharray=\"4 3\" opacity=\"0.7\"" : "");
  }
  return fmt::format(
      "<figure><figcaption>{}</figcaption><svg viewBox=\"0 0 {} {}\" role=\"img\">{}{}</svg>"
      "<div class=\"legend\">{}</div></figure>\n",
      escape_html(options.title), kWidth, kHeight, grid(axes, options.unit), lines, legend);
}

}  // namespace uls
