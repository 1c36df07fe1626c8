// SPDX-License-Identifier: Apache-2.0
// The page's frame: style, script, and how content gets into it unharmed.
#pragma once

#include <string>
#include <string_view>

#include "core/json/json.h"

namespace uls {

/// One line of JSON that may stand in a script element: no <, > or & of its own.
std::string script_json(const Json& json);
std::string data_url(std::string_view type, std::string_view bytes);

/// The whole page; its script shows `content`.
std::string page_html(std::string_view title, const Json& content);

/// CSS and script of the page.
extern const char* const kPageStyle;
extern const char* const kPageScript;

}  // namespace uls
