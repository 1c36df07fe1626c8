// SPDX-License-Identifier: Apache-2.0
#include "core/base/log.h"

#include <array>
#include <atomic>
#include <string_view>

#include "core/base/error.h"
#include "core/base/status_line.h"

namespace uls {
namespace {

constexpr std::array<std::string_view, 5> kNames{"debug", "info", "warning", "error", "off"};
std::atomic<LogLevel> threshold{LogLevel::info};

}  // namespace

LogLevel parse_log_level(const std::string& word) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == word) return static_cast<LogLevel>(i);
  fail("log level: unknown word; got '{}'; expected debug, info, warning, error or off", word);
}

void set_log_level(LogLevel level) { threshold = level; }
bool log_enabled(LogLevel level) { return level >= threshold.load(); }

namespace detail {

void log_line(LogLevel level, const std::string& text) {
  const auto prefix = level == LogLevel::info ? std::string() : fmt::format("{}: ", kNames[int(level)]);
  write_above_status(fmt::format("unilseg: {}{}\n", prefix, text));
}

}  // namespace detail
}  // namespace uls
