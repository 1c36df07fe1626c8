// SPDX-License-Identifier: Apache-2.0
#include "train/report/report.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <sstream>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "train/log/metrics_log.h"
#include "train/report/line_chart.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStyle = R"(
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fafafa; max-width: 1040px;
       margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 1rem }
figure, pre { background: #fff; border: 1px solid #e4e4e4; border-radius: 6px; margin: 0; padding: .7rem }
figcaption { font-weight: 600; font-size: .9rem }
svg { width: 100%; height: auto; display: block }
svg line { stroke: #eee }
svg path { fill: none; stroke-width: 1.6 }
svg text { font-size: 10px; fill: #777 }
svg .x { text-anchor: middle }
svg .y { text-anchor: end }
.legend { font-size: .8rem }
.legend span { margin-right: .9rem }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .3em }
table { border-collapse: collapse; background: #fff }
td, th { border: 1px solid #e4e4e4; padding: .2rem .6rem; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums }
pre { overflow-x: auto; font-size: 12px }
)";

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  ULS_CHECK(file, "report: {} cannot be opened; expected the folder of a run", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

double value_of(const Json& number) {
  if (number.is_number()) return number.as_double();
  // "nan", "inf" and "-inf" leave a gap in the curve.
  return std::numeric_limits<double>::quiet_NaN();
}

// The curves of "loss", "loss/referring" ... belong together under "train loss".
using Charts = std::map<std::string, std::map<std::string, Curve>>;

struct Run {
  std::string name, config;
  std::vector<Json> lines;

  explicit Run(const std::string& folder)
      : name(fs::path(folder).lexically_normal().filename().string()),
        config(text_of(folder + "/config.yaml")),
        lines(read_metrics(folder)) {
    if (name.empty()) name = fs::path(folder).lexically_normal().parent_path().filename().string();
  }

  void add_to(Charts& charts, bool dashed) const {
    for (const Json& line : lines) {
      const std::string kind = line.at("kind").as_string();
      const double step = line.at("step").as_double();
      for (const JsonMember& member : line.members()) {
        if (member.key == "kind" || member.key == "step") continue;
        const std::string chart = kind + " " + member.key.substr(0, member.key.find('/'));
        Curve& curve = charts[chart][member.key + (dashed ? " (other)" : "")];
        curve.name = member.key;
        curve.dashed = dashed;
        curve.points.emplace_back(step, value_of(member.value));
      }
    }
  }
};

std::string charts_html(const Charts& charts) {
  std::string html = "<div class=\"charts\">\n";
  for (const auto& [title, named] : charts) {
    std::vector<Curve> curves;
    for (const auto& [key, curve] : named) curves.push_back(curve);
    html += line_chart(curves, {.title = title, .from_zero = title.starts_with("eval iou")});
  }
  return html + "</div>\n";
}

// The last value of everything that was evaluated.
std::string scores_html(const std::vector<const Run*>& runs) {
  std::map<std::string, std::vector<std::string>> rows;
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (const Json& line : runs[i]->lines)
      if (line.at("kind").as_string() == "eval")
        for (const JsonMember& member : line.members())
          if (member.key != "kind" && member.key != "step") {
            rows[member.key].resize(runs.size());
            rows[member.key][i] = member.value.is_number() ? fmt::format("{:.4f}", member.value.as_double())
                                                           : member.value.as_string();
          }
  if (rows.empty()) return "<p>Not evaluated yet.</p>\n";
  std::string html = "<table><tr><th>last evaluation</th>";
  for (const Run* run : runs) html += fmt::format("<th>{}</th>", escape_html(run->name));
  for (const auto& [key, values] : rows) {
    html += fmt::format("</tr>\n<tr><td>{}</td>", escape_html(key));
    for (const std::string& value : values)
      html += fmt::format("<td class=\"n\">{}</td>", escape_html(value));
  }
  return html + "</tr></table>\n";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Configs are written from one table, so their lines stand in one order.
std::string differences_html(const Run& run, const Run& other) {
  const std::vector<std::string> a = lines_of(run.config), b = lines_of(other.config);
  std::string text;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const std::string first = i < a.size() ? a[i] : "", second = i < b.size() ? b[i] : "";
    if (first != second) text += fmt::format("- {}\n+ {}\n", first, second);
  }
  return fmt::format("<h2>What differs</h2>\n<pre>{}</pre>\n", text.empty() ? "nothing" : escape_html(text));
}

}  // namespace

std::string report_page(const std::string& folder, const std::string& other_folder) {
  const Run run(folder);
  Charts charts;
  run.add_to(charts, false);
  std::vector<const Run*> runs{&run};
  std::string title = escape_html(run.name), differences;
  std::optional<Run> other;
  if (!other_folder.empty()) {
    other.emplace(other_folder);
    other->add_to(charts, true);
    runs.push_back(&*other);
    title += " beside " + escape_html(other->name) + " (dashed)";
    differences = differences_html(run, *other);
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta "
      "charset=\"utf-8\"><title>{0}</title><style>{1}</style></head>\n"
      "<body><h1>{0}</h1>\n<h2>Scores</h2>\n{2}<h2>Curves</h2>\n{3}{4}<h2>Configuration</h2>\n<pre>{5}</"
      "pre>\n"
      "</body></html>\n",
      title, kStyle, scores_html(runs), charts_html(charts), differences, escape_html(run.config));
}

}  // namespace uls
