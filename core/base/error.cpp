// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

#include <cxxabi.h>
#include <execinfo.h>

#include <cstdlib>
#include <memory>

namespace uls {
namespace {

// "binary(_ZN3uls...+0x12) [0x...]" with the symbol in the middle made readable.
std::string readable_frame(const char* symbol) {
  const std::string text(symbol);
  const auto open = text.find('('), plus = text.find('+', open);
  if (open == std::string::npos || plus == std::string::npos || plus == open + 1) return text;
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(
      abi::__cxa_demangle(text.substr(open + 1, plus - open - 1).c_str(), nullptr, nullptr, &status),
      &std::free);
  return status == 0 ? std::string(name.get()) : text;
}

// Not inlined, so that the first two frames are always ours and never the caller's.
[[gnu::noinline]] std::string stack_text() {
  void* frames[32];
  const int count = backtrace(frames, 32);
  const std::unique_ptr<char*, decltype(&std::free)> symbols(backtrace_symbols(frames, count), &std::free);
  std::string text;
  for (int i = 2; symbols && i < count; ++i) text += "\n  at " + readable_frame(symbols.get()[i]);
  return text;
}

}  // namespace

Bug::Bug(const std::string& message, const char* file, int line)
    : std::logic_error(
          fmt::format("bug: {} ({}:{}); please report it{}", message, file, line, stack_text())) {}

namespace detail {

void throw_error(std::string message) { throw Error(std::move(message)); }

void throw_bug(const char* expression, std::string message, const char* file, int line) {
  throw Bug(fmt::format("{} [{} does not hold]", message, expression), file, line);
}

}  // namespace detail
}  // namespace uls
