// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace uls {

/// The line at the foot of a terminal that progress writes over; log lines go above it. There is one, whose
/// text is the last one shown. Does nothing where stderr is no terminal or lines of info are held back.
class StatusLine {
 public:
  StatusLine() = default;
  /// Takes the text away.
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;

  /// Whether show() does anything.
  static bool is_shown();
  /// Shows the text, cut to the terminal's width; one that comes within a tenth of a second is passed over.
  void show(const std::string& text);
};

namespace detail {
/// Writes a whole line to stderr, above the status line if there is one.
void write_above_status(const std::string& line);
}  // namespace detail

}  // namespace uls
