// SPDX-License-Identifier: Apache-2.0
// The two kinds of failure, and the checks that raise them.
//
// Error  a user's mistake or a broken input: one line, no stack, exit code 2.
//        Text: "op: what is wrong; got ...; expected ...".
// Bug    a broken invariant of ours: carries a stack.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

namespace uls {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Data that cannot be used or a difference that was found: exit code 3 where a command says so.
class DataError : public Error {
 public:
  using Error::Error;
};

class Bug : public std::logic_error {
 public:
  Bug(const std::string& message, const char* file, int line);
};

namespace detail {
[[noreturn]] void throw_error(std::string message);
[[noreturn]] void throw_bug(const char* expression, std::string message, const char* file, int line);
}  // namespace detail

/// Raises Error with the formatted message.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  detail::throw_error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace uls

/// Raises uls::Error unless `condition` holds; the rest is a format string with its arguments.
#define ULS_CHECK(condition, ...)                             \
  do {                                                        \
    if (!(condition)) [[unlikely]]                            \
      ::uls::detail::throw_error(::fmt::format(__VA_ARGS__)); \
  } while (false)

/// Raises uls::Bug unless `condition` holds; the rest is a format string with its arguments.
#define ULS_ASSERT(condition, ...)                                                          \
  do {                                                                                      \
    if (!(condition)) [[unlikely]]                                                          \
      ::uls::detail::throw_bug(#condition, ::fmt::format(__VA_ARGS__), __FILE__, __LINE__); \
  } while (false)
