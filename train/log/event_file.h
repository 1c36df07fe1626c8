// SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files: scalars that `tensorboard --logdir RUN` draws. A record is its length, the
// length's checksum, a protobuf message `Event`, and the message's checksum.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace uls {

class EventFile {
 public:
  /// Creates RUN/events.out.tfevents.<seconds>.<name>. Raises Error where the folder takes no files.
  EventFile(const std::string& folder, double seconds, const std::string& name);

  /// A scalar, e.g. "loss/referring". `seconds` since 1970.
  void add(std::string_view tag, std::int64_t step, double value, double seconds);
  /// Hands everything over to the system. Raises Error where the disk does not take it.
  void flush();

 private:
  void write_record(const std::string& message);

  std::string path_;
  std::ofstream file_;
};

}  // namespace uls
