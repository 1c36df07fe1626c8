// SPDX-License-Identifier: Apache-2.0
#include "core/base/log.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <string_view>

#include "core/base/error.h"

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
  // One write a line, so that lines of several threads or ranks do not mix.
  const std::string line = fmt::format("unilseg: {}{}\n", prefix, text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace detail
}  // namespace uls
