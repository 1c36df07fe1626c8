// SPDX-License-Identifier: Apache-2.0
// The logger: lines on stderr, "unilseg: warning: text". Results go to stdout and never through here.
#pragma once

#include <fmt/core.h>

#include <string>

namespace uls {

enum class LogLevel { debug, info, warning, error, off };

/// "debug", "info", "warning", "error" or "off"; any other word raises Error.
LogLevel parse_log_level(const std::string& word);

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

namespace detail {
void log_line(LogLevel level, const std::string& text);
}

template <typename... Args>
void log_message(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) detail::log_line(level, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::debug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::info, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::warning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::error, format, std::forward<Args>(args)...);
}

}  // namespace uls
