// SPDX-License-Identifier: Apache-2.0
#include "core/base/status_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>

#include "core/base/log.h"

namespace uls {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr const char* kErase = "\r\x1b[K";

std::mutex mutex;
std::string shown;
Clock::time_point last;

// One write, so that lines of several threads or ranks do not mix.
void write(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

std::size_t columns() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

bool StatusLine::is_shown() { return log_enabled(LogLevel::info) && isatty(STDERR_FILENO) == 1; }

void StatusLine::show(const std::string& text) {
  const auto now = Clock::now();
  const std::lock_guard lock(mutex);
  if (now - last < kPause || !is_shown()) return;
  last = now;
  shown = text.substr(0, columns() - 1);
  write(kErase + shown);
}

StatusLine::~StatusLine() {
  const std::lock_guard lock(mutex);
  if (shown.empty()) return;
  shown.clear();
  last = {};
  write(kErase);
}

namespace detail {

void write_above_status(const std::string& line) {
  const std::lock_guard lock(mutex);
  write(shown.empty() ? line : kErase + line + shown);
}

}  // namespace detail
}  // namespace uls
