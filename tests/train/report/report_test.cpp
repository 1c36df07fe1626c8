// SPDX-License-Identifier: Apache-2.0
#include "train/report/report.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

#include "tests/core/io_fixture.h"
#include "tests/support/support.h"
#include "train/log/metrics_log.h"
#include "train/report/line_chart.h"
#include "train/report/run_charts.h"
#include "train/report/samples_html.h"

namespace uls {
namespace {

using test::Folder;
using test::put;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

void make_run(const std::string& folder, const std::string& config, double offset) {
  test::fs::create_directories(folder);
  put(folder + "/config.yaml", config);
  MetricsLog log(folder, 0);
  for (std::int64_t step = 1; step <= 3; ++step)
    log.add("train", step, {{"loss", offset + 1.0 / double(step)}, {"lr", 1e-3}});
  log.add("eval", 3, {{"iou/referring", 0.25 + offset}, {"iou/part", std::nan("")}});
}

TEST_CASE("report: ticks are round and cover the range") {
  CHECK(axis_ticks(0, 10, 5) == std::vector<double>{0, 2, 4, 6, 8, 10});
  CHECK(axis_ticks(0.03, 0.98, 5) == std::vector<double>{0.2, 0.4, 0.6000000000000001, 0.8});
  CHECK(axis_ticks(5, 5, 5) == std::vector<double>{5, 6});
}

TEST_CASE("report: a curve breaks where a value is not finite, and text is escaped") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg =
      line_chart({{.name = "a<b", .points = {{0, 1}, {1, 2}, {2, nan}, {3, 4}, {4, 5}}}}, {.title = "x & y"});
  CHECK(count(svg, "M") == 2);
  CHECK(count(svg, "a&lt;b") == 1);
  CHECK(count(svg, "x &amp; y") == 1);
  CHECK(line_chart({{.name = "none", .points = {{0, nan}}}}, {.title = "t"}).empty());
}

TEST_CASE("report: the page of a run, and of two") {
  const Folder folder;
  make_run(folder / "one", "lr: 0.1\nsteps: 3\n", 0);
  make_run(folder / "two", "lr: 0.2\nsteps: 3\n", 0.5);
  const std::string one = report_page(folder / "one");
  CHECK(count(one, "<figure>") == 3);  // loss, iou, lr
  CHECK(one.find("<figcaption>Loss") < one.find("<figcaption>Overall IoU"));
  CHECK(one.find("<figcaption>Overall IoU") < one.find("<figcaption>Learning rate"));
  CHECK(one.find("0.2500") != std::string::npos);
  CHECK(one.find("http") == std::string::npos);
  const std::string both = report_page(folder / "one", folder / "two");
  CHECK(both.find("0.7500") != std::string::npos);
  CHECK(count(both, "stroke-dasharray") == 3);
  CHECK(both.find("- lr: 0.1\n+ lr: 0.2\n") != std::string::npos);
  CHECK(both.find("- steps") == std::string::npos);
}

TEST_CASE("report: values that belong together share a chart, unknown ones have their own") {
  const Folder folder;
  MetricsLog log(folder.path(), 0);
  log.add("train", 1, {{"loss", 2}, {"grad_norm", 3}, {"grad_norm/text", 1}, {"new", 7}, {"new/a", 8}});
  log.add("eval", 1, {{"loss", 4}, {"loss/part", 5}});
  const std::vector<RunChart> charts = run_charts({read_metrics(folder.path())});
  REQUIRE(charts.size() == 4);
  const auto names = [&](std::size_t chart) {
    std::vector<std::string> all;
    for (const Curve& curve : charts[chart].curves) all.push_back(curve.name);
    return all;
  };
  CHECK(names(0) == std::vector<std::string>{"all"});
  CHECK(names(1) == std::vector<std::string>{"mean of the tasks", "part"});
  CHECK(charts[1].curves[1].points == std::vector<std::pair<double, double>>{{1, 5}});
  CHECK(charts[2].options.title == "Gradient norm");
  CHECK(charts[2].options.logarithmic);
  CHECK(names(2) == std::vector<std::string>{"all, before clipping", "text"});
  CHECK(charts[3].options.title == "train new");
  CHECK(names(3) == std::vector<std::string>{"new", "new/a"});
}

TEST_CASE("report: samples are shown escaped, and nothing but data is a picture") {
  const Folder folder;
  CHECK(samples_html(folder.path()).empty());
  const auto write = [&](const std::string& picture) {
    const Json sample = Json::object({{"set", "a<b"},
                                      {"sample", "x&y"},
                                      {"task", "part"},
                                      {"kind", "size"},
                                      {"text", "<script>\"the\" cat"},
                                      {"iou", 0.625},
                                      {"picture", picture},
                                      {"truth", "data:image/png;base64,AAAA"},
                                      {"prediction", "data:image/png;base64,BBBB"}});
    write_json_file(folder / "samples.json",
                    Json::object({{"step", 40}, {"worst", Json::array({sample})}, {"best", Json::array()}}));
  };
  write("data:image/png;base64,CCCC");
  const std::string html = samples_html(folder.path());
  CHECK(count(html, "<img") == 3);
  CHECK(html.find("&lt;script&gt;&quot;the&quot; cat") != std::string::npos);
  CHECK(html.find("x&amp;y of a&lt;b") != std::string::npos);
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find("after step 40") != std::string::npos);
  CHECK(html.find("0.62") != std::string::npos);
  write("https://example.org/a.png");
  CHECK_THAT(test::error_of([&] { samples_html(folder.path()); }), Catch::Contains("expected a data URL"));
}

TEST_CASE("report: a folder without a run is told") {
  const Folder folder;
  CHECK(test::error_of([&] { report_page(folder / "none"); }) ==
        "report: " + (folder / "none/config.yaml") + " cannot be opened; expected the folder of a run");
}

}  // namespace
}  // namespace uls
