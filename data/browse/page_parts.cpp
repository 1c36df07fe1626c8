// SPDX-License-Identifier: Apache-2.0
#include "data/browse/page_parts.h"

#include <fmt/core.h>

#include <cstdint>

#include "core/base/strings.h"

namespace uls {
namespace {

constexpr const char* kFrame = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<div class="title"><h1 id="name">{title}</h1><p id="source"></p></div>
<div id="counts" class="counts"></div>
</header>
<nav>
<input id="search" type="search" placeholder="Search sentences and ids" aria-label="Search" />
<div id="tasks" class="chips"></div>
<label>Split <select id="split"></select></label>
<label>Kind <select id="kind"></select></label>
<span id="shown" class="shown"></span>
</nav>
<details id="classes"><summary>Classes</summary><div></div></details>
<main id="cards"></main>
<p id="none" hidden="hidden">Nothing fits these filters.</p>
<noscript><p>The samples are drawn by a script in this page; allow it to run.</p></noscript>
<script id="content" type="application/json">{content}</script>
<script>{script}</script>
</body>
</html>
)";

}  // namespace

std::string script_json(const Json& json) {
  std::string escaped;
  for (const char c : json.dump()) {
    if (c == '<' || c == '>' || c == '&')
      escaped += fmt::format("\\u{:04x}", unsigned(c));
    else
      escaped += c;
  }
  return escaped;
}

std::string data_url(std::string_view type, std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string url = fmt::format("data:{};base64,", type);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (at + k < bytes.size() ? std::uint8_t(bytes[at + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      url += at + k <= bytes.size() ? kDigits[three >> (18 - 6 * k) & 63] : '=';
  }
  return url;
}

std::string page_html(std::string_view title, const Json& content) {
  return fmt::format(fmt::runtime(kFrame), fmt::arg("title", escape_html(title)),
                     fmt::arg("style", kPageStyle), fmt::arg("content", script_json(content)),
                     fmt::arg("script", kPageScript));
}

}  // namespace uls
