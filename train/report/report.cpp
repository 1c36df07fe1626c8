// SPDX-License-Identifier: Apache-2.0
#include "train/report/report.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/io/text_file.h"
#include "core/json/json.h"
#include "train/log/metrics_log.h"
#include "train/report/line_chart.h"
#include "train/report/run_charts.h"
#include "train/report/samples_html.h"

namespace uls {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStyle = R"(
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #f6f7f8; max-width: 1080px;
       margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; margin: 0 0 1rem }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem }
h3 { font-size: .95rem; margin: 1rem 0 .4rem; color: #555 }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem }
.tiles div { flex: 1; min-width: 120px; font-size: .8rem; color: #666 }
.tiles b { display: block; font-size: 1.35rem; color: #111; font-variant-numeric: tabular-nums }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(440px, 1fr)); gap: 1rem }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: .8rem }
figure, pre, .card, .tiles div { background: #fff; border: 1px solid #e2e4e7; border-radius: 8px; margin: 0;
                                 padding: .7rem .9rem }
figcaption { font-weight: 600; font-size: .9rem }
svg { width: 100%; height: auto; display: block }
svg line { stroke: #eee }
svg path { fill: none; stroke-width: 1.6 }
svg text { font-size: 10px; fill: #777 }
svg .x { text-anchor: middle }
svg .y { text-anchor: end }
.legend { font-size: .8rem; margin: 0 }
.legend span { margin-right: .9rem; white-space: nowrap }
.legend i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .3em }
.card p { margin: 0 0 .4rem; line-height: 1.3 }
.card small { color: #777; overflow-wrap: anywhere }
.iou { display: inline-block; background: #333; color: #fff; border-radius: 4px; padding: 0 .4em;
       margin-right: .3em; font-size: .85rem; font-variant-numeric: tabular-nums }
.pictures { display: flex; gap: .4rem }
.pictures div { flex: 1; min-width: 0; text-align: center; font-size: .7rem; color: #888 }
.pictures img { width: 100%; display: block; border-radius: 3px; image-rendering: auto }
table { border-collapse: collapse; background: #fff }
td, th { border: 1px solid #e2e4e7; padding: .2rem .7rem; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums }
pre { overflow-x: auto; font-size: 12px }
)";

std::string config_of(const std::string& folder) {
  const std::string path = folder + "/config.yaml";
  ULS_CHECK(fs::exists(path), "report: {} cannot be opened; expected the folder of a run", path);
  return read_text_file(path);
}

struct Run {
  std::string name, config;
  std::vector<Json> lines;

  explicit Run(const std::string& folder)
      : name(fs::path(folder).lexically_normal().filename().string()),
        config(config_of(folder)),
        lines(read_metrics(folder)) {
    if (name.empty()) name = fs::path(folder).lexically_normal().parent_path().filename().string();
  }
};

std::string charts_html(const std::vector<const Run*>& runs) {
  std::vector<std::vector<Json>> lines;
  for (const Run* run : runs) lines.push_back(run->lines);
  std::string html = "<div class=\"charts\">\n";
  for (const RunChart& chart : run_charts(lines)) html += line_chart(chart.curves, chart.options);
  return html + "</div>\n";
}

// What one asks first.
std::string tiles_html(const Run& run) {
  std::string html;
  const auto tile = [&](const std::string& value, const char* meaning) {
    html += fmt::format("<div><b>{}</b>{}</div>", escape_html(value), meaning);
  };
  const auto last = [&](const char* kind, const char* key) {
    double value = std::numeric_limits<double>::quiet_NaN();
    for (const Json& line : run.lines)
      if (line.at("kind").as_string() == kind && line.find(key)) value = scalar_of(line.at(key));
    return value;
  };
  if (!run.lines.empty()) tile(fmt::format("{}", run.lines.back().at("step").as_int64()), "steps");
  for (const auto& [kind, key, format, meaning] :
       {std::tuple("train", "loss", "{:.4f}", "loss"),
        {"eval", "iou", "{:.3f}", "overall IoU, mean of tasks"},
        {"train", "samples_per_second", "{:.1f}", "samples a second"},
        {"train", "memory_mib", "{:.0f}", "MiB at the peak"}})
    if (const double value = last(kind, key); !std::isnan(value))
      tile(fmt::format(fmt::runtime(format), value), meaning);
  return "<div class=\"tiles\">" + html + "</div>\n";
}

// What evaluations gave in the end and at their best.
struct Score {
  double last = std::numeric_limits<double>::quiet_NaN(), best = last;
  std::int64_t best_step = 0;

  void add(std::int64_t step, double value, bool lower_is_better) {
    last = value;
    if (!std::isnan(best) && !(lower_is_better ? value < best : value > best)) return;
    best = value;
    best_step = step;
  }
};

constexpr const char* kMeanRow = "mean of the tasks";

// A row for each task, a column for each kind of score.
std::string scores_html(const Run& run) {
  std::map<std::string, std::map<std::string, Score>> rows;
  std::vector<std::string> columns;
  for (const Json& line : run.lines)
    if (line.at("kind").as_string() == "eval")
      for (const JsonMember& member : line.members()) {
        if (member.key == "kind" || member.key == "step" || member.key == "seconds") continue;
        const std::size_t slash = member.key.find('/');
        const std::string column = member.key.substr(0, slash),
                          row = slash == std::string::npos ? kMeanRow : member.key.substr(slash + 1);
        if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
        rows[row][column].add(line.at("step").as_int64(), scalar_of(member.value), column == "loss");
      }
  if (rows.empty()) return "<p>Not evaluated yet.</p>\n";
  std::string html = "<table>\n<tr><th></th>";
  for (const std::string& column : columns)
    html += fmt::format("<th>{}</th><th>best</th><th>at step</th>", escape_html(column));
  for (const auto& [row, scores] : rows) {
    html += fmt::format("</tr>\n<tr><td>{}</td>", escape_html(row));
    for (const std::string& column : columns) {
      const auto score = scores.find(column);
      html += score == scores.end() ? "<td></td><td></td><td></td>"
                                    : fmt::format(
                                          "<td class=\"n\"><b>{:.4f}</b></td><td class=\"n\">{:.4f}</td>"
                                          "<td class=\"n\">{}</td>",
                                          score->second.last, score->second.best, score->second.best_step);
    }
  }
  return html + "</tr></table>\n";
}

std::string scores_html(const std::vector<const Run*>& runs) {
  std::string html;
  for (const Run* run : runs)
    html += (runs.size() > 1 ? fmt::format("<h3>{}</h3>\n", escape_html(run->name)) : "") + scores_html(*run);
  return html;
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
  std::vector<const Run*> runs{&run};
  std::string title = escape_html(run.name), differences;
  std::optional<Run> other;
  if (!other_folder.empty()) {
    other.emplace(other_folder);
    runs.push_back(&*other);
    title += " beside " + escape_html(other->name) + " (dashed)";
    differences = differences_html(run, *other);
  }
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{0}</title>"
      "<style>{1}</style></head>\n<body><h1>{0}</h1>\n{2}<h2>Scores</h2>\n{3}<h2>Curves</h2>\n{4}{5}{6}"
      "<h2>Configuration</h2>\n<pre>{7}</pre>\n</body></html>\n",
      title, kStyle, tiles_html(run), scores_html(runs), charts_html(runs), samples_html(folder), differences,
      escape_html(run.config));
}

}  // namespace uls
