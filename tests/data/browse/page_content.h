// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json/json.h"

namespace uls::test {

/// What a page's script is given to show.
inline Json page_content(const std::string& page) {
  const std::string begin = R"(<script id="content" type="application/json">)";
  const std::size_t from = page.find(begin) + begin.size();
  return Json::parse(page.substr(from, page.find("</script>", from) - from), "page");
}

}  // namespace uls::test
