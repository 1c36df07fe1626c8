// SPDX-License-Identifier: Apache-2.0
#include "train/report/samples_html.h"

#include <filesystem>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/json/json.h"
#include "eval/overlay.h"

namespace uls {
namespace {

std::string picture_html(const Json& sample, const char* name, const char* caption) {
  const Json& url = sample.at(name);
  ULS_CHECK(url.as_string().starts_with("data:image/"), "{}: no picture; got another {}; expected a data URL",
            url.where(), name);
  return fmt::format("<div><img src=\"{}\" alt=\"{}\">{}</div>", escape_html(url.as_string()), caption,
                     caption);
}

std::string card_html(const Json& sample) {
  const std::string kind = sample.at("kind").as_string();
  return fmt::format(
      "<div class=\"card\"><p><b class=\"iou\">{:.2f}</b> {}</p><div class=\"pictures\">{}{}{}</div>"
      "<small>{}{} &middot; {} of {}</small></div>\n",
      sample.at("iou").as_double(), escape_html(sample.at("text").as_string()),
      picture_html(sample, "picture", "picture"), picture_html(sample, "truth", "truth"),
      picture_html(sample, "prediction", "prediction"), escape_html(sample.at("task").as_string()),
      escape_html(kind.empty() ? "" : ", " + kind), escape_html(sample.at("sample").as_string()),
      escape_html(sample.at("set").as_string()));
}

std::string legend_html(std::uint16_t label, const char* meaning) {
  const auto [red, green, blue] = label_colour(label);
  return fmt::format("<span><i style=\"background:rgb({},{},{})\"></i>{}</span>", red, green, blue, meaning);
}

}  // namespace

std::string samples_html(const std::string& run) {
  const std::string path = run + "/samples.json";
  if (!std::filesystem::exists(path)) return "";
  const Json samples = read_json_file(path);
  std::string html =
      fmt::format("<h2>What it sees after step {}</h2>\n<p class=\"legend\">IoU and sentence. {}{}{}</p>\n",
                  samples.at("step").as_int64(), legend_html(3, "right"), legend_html(1, "wrong"),
                  legend_html(2, "missed"));
  for (const auto& [list, title] : {std::pair("worst", "Worst"), std::pair("best", "Best")}) {
    html += fmt::format("<h3>{}</h3>\n<div class=\"cards\">\n", title);
    for (const Json& sample : samples.at(list).items()) html += card_html(sample);
    html += "</div>\n";
  }
  return html;
}

}  // namespace uls
