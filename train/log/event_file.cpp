// SPDX-License-Identifier: Apache-2.0
#include "train/log/event_file.h"

#include <cstring>

#include "core/base/error.h"
#include "core/io/crc32.h"

namespace uls {
namespace {

// Numbers of members in tensorboard/compat/proto/event.proto and summary.proto.
enum : std::uint64_t { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5 };
enum : std::uint64_t { kValue = 1, kTag = 1, kSimpleValue = 2 };
// How a member's content is encoded.
enum : std::uint64_t { kVarint = 0, kEightBytes = 1, kLengthDelimited = 2, kFourBytes = 5 };

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += char(value | 0x80);
  return text += char(value);
}

std::string member(std::uint64_t number, std::uint64_t encoding, const std::string& content) {
  const std::string head = varint(number << 3 | encoding);
  return encoding == kLengthDelimited ? head + varint(content.size()) + content : head + content;
}

// A member that is 0 is left out, as protobuf does.
std::string event(double seconds, std::int64_t step, std::uint64_t content_number,
                  const std::string& content) {
  return member(kWallTime, kEightBytes, bytes_of(seconds)) +
         (step ? member(kStep, kVarint, varint(std::uint64_t(step))) : "") +
         member(content_number, kLengthDelimited, content);
}

std::uint32_t masked_checksum(const std::string& text) {
  const std::uint32_t crc = crc32c(0, text.data(), std::int64_t(text.size()));
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

}  // namespace

EventFile::EventFile(const std::string& folder, double seconds, const std::string& name)
    : path_(fmt::format("{}/events.out.tfevents.{:.0f}.{}", folder, seconds, name)),
      file_(path_, std::ios::binary) {
  ULS_CHECK(file_, "{}: cannot be created", path_);
  write_record(event(seconds, 0, kFileVersion, "brain.Event:2"));
}

void EventFile::add(std::string_view tag, std::int64_t step, double value, double seconds) {
  const std::string scalar = member(kTag, kLengthDelimited, std::string(tag)) +
                             member(kSimpleValue, kFourBytes, bytes_of(float(value)));
  write_record(event(seconds, step, kSummary, member(kValue, kLengthDelimited, scalar)));
}

void EventFile::flush() {
  file_.flush();
  ULS_CHECK(file_, "{}: cannot be written in full; is the disk full?", path_);
}

void EventFile::write_record(const std::string& message) {
  const std::string length = bytes_of(std::uint64_t(message.size()));
  file_ << length << bytes_of(masked_checksum(length)) << message << bytes_of(masked_checksum(message));
}

}  // namespace uls
