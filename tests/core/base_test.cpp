// SPDX-License-Identifier: Apache-2.0
// Errors, text, the log, devices and kernel slots.
#include <execinfo.h>
#include <stdio.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <limits>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/base/op_scope.h"
#include "core/base/strings.h"
#include "core/device/kernel_slot.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using test::error_of;

std::string bug_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Bug& bug) {
    return bug.what();
  }
  return "";
}

// Calls from main down to the caller.
[[gnu::noinline]] int count_frames() {
  void* frames[64];
  return backtrace(frames, 64) - 1;
}

TEST_CASE("base: checks raise Error with the formatted text, and only where they fail", "[base]") {
  const int heads = 3;
  CHECK(error_of([&] { ULS_CHECK(heads == 4, "attention: wrong heads; got {}; expected {}", heads, 4); }) ==
        "attention: wrong heads; got 3; expected 4");
  CHECK(error_of([&] { ULS_CHECK(heads == 3, "never"); }) == "");
  CHECK(error_of([] { fail("op: {}", "text"); }) == "op: text");
  int calls = 0;
  const auto count = [&] { return ++calls; };
  ULS_CHECK(true, "{}", count());
  CHECK(calls == 0);
  const auto raise_data_error = [] { throw DataError("data: broken"); };
  CHECK(error_of(raise_data_error) == "data: broken");
}

TEST_CASE("base: a Bug names the condition, the place and the stack", "[base]") {
  const int sum = 5, line = __LINE__ + 4;
  int depth = 0;
  const std::string text = bug_of([&] {
    depth = count_frames();
    ULS_ASSERT(sum == 4, "sum is {}", sum);
  });
  const std::string head =
      fmt::format("bug: sum is 5 [sum == 4 does not hold] ({}:{}); please report it\n  at ", __FILE__, line);
  CHECK(text.substr(0, head.size()) == head);
  CHECK(bug_of([&] { ULS_ASSERT(sum == 5, "never"); }) == "");
  // Not an Error: what a user did wrong and what we did wrong are told apart by type.
  CHECK_FALSE(std::is_base_of_v<Error, Bug>);

  // The stack starts at the failure: nothing between it and main is left out.
  int frames = 0;
  for (auto at = text.find("\n  at "); at != std::string::npos; at = text.find("\n  at ", at + 1)) ++frames;
  CHECK(frames >= depth);
}

TEST_CASE("base: join, distances and nearest names", "[base]") {
  CHECK(join({}, ", ") == "");
  CHECK(join({"a"}, ", ") == "a");
  CHECK(join({"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join({"", "b", ""}, "-") == "-b-");

  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("ab", "ba") == 1);
  CHECK(edit_distance("same", "same") == 0);
  for (const auto& [a, b] : {std::pair("batch_size", "batchsize"), std::pair("lr", "learning_rate")})
    CHECK(edit_distance(a, b) == edit_distance(b, a));

  const std::vector<std::string> names{"learning_rate", "batch_size", "epochs", "seed"};
  CHECK(nearest_name("batchsize", names) == "batch_size");
  CHECK(nearest_name("sede", names) == "seed");
  CHECK(nearest_name("lerning_rat", names) == "learning_rate");
  CHECK(nearest_name("backbone", names) == "");
  CHECK(nearest_name("x", {}) == "");
  CHECK(nearest_name("cat", {"bat", "rat"}) == "bat");
  CHECK(did_you_mean("epoch", names) == " (did you mean 'epochs'?)");
  CHECK(did_you_mean("backbone", names) == "");
}

TEST_CASE("base: bytes as text and back", "[base]") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KiB");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(std::int64_t(3) << 29) == "1.5 GiB");
  CHECK(format_bytes(std::int64_t(1) << 46) == "64.0 TiB");
  CHECK(format_bytes(std::numeric_limits<std::int64_t>::max()) == "8192.0 PiB");

  CHECK(parse_bytes("4096") == 4096);
  CHECK(parse_bytes("0B") == 0);
  CHECK(parse_bytes("512MiB") == 512ll << 20);
  CHECK(parse_bytes("7TiB") == 7ll << 40);
  CHECK(parse_bytes("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* wrong :
       {"", "MiB", "-1", "1.5GiB", "4GB", "4 GiB", "4gib", "8388608TiB", "9223372036854775808"})
    CHECK(error_of([&] { parse_bytes(wrong); }) ==
          fmt::format(
              "size: not a number of bytes; got '{}'; expected bytes, or a whole number with a unit such as "
              "512MiB or 4GiB",
              wrong));
}

// What `action` writes to stderr.
std::string logged(const std::function<void()>& action) {
  std::FILE* const file = std::tmpfile();
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  action();
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::rewind(file);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

TEST_CASE("base: the log passes what is at the threshold or above it", "[base]") {
  const std::vector<std::string> words{"debug", "info", "warning", "error", "off"};
  const auto all = [] {
    log_debug("d {}", 1);
    log_info("i {}", 2);
    log_warning("w {}", 3);
    log_error("e {}", 4);
  };
  const std::vector<std::string> lines{"unilseg: debug: d 1\n", "unilseg: i 2\n", "unilseg: warning: w 3\n",
                                       "unilseg: error: e 4\n"};
  for (std::size_t level = 0; level < words.size(); ++level) {
    INFO(words[level]);
    set_log_level(parse_log_level(words[level]));
    CHECK(logged(all) == join({lines.begin() + std::ptrdiff_t(level), lines.end()}, ""));
  }
  set_log_level(LogLevel::info);
  CHECK(log_enabled(LogLevel::info));
  CHECK_FALSE(log_enabled(LogLevel::debug));
  CHECK(error_of([] { parse_log_level("Info"); }) ==
        "log level: unknown word; got 'Info'; expected debug, info, warning, error or off");
}

TEST_CASE("base: the outermost op scope counts", "[base]") {
  CHECK(OpScope::current() == nullptr);
  {
    const OpScope outer("mlp");
    {
      const OpScope inner("linear");
      CHECK(std::string(OpScope::current()) == "mlp");
    }
    CHECK(std::string(OpScope::current()) == "mlp");
  }
  CHECK(OpScope::current() == nullptr);
}

TEST_CASE("base: devices as words", "[base]") {
  for (const char* word : {"cpu", "meta", "cuda:0", "cuda:7"}) CHECK(to_string(parse_device(word)) == word);
  CHECK(parse_device("cuda") == Device{DeviceType::cuda, 0});
  for (const char* wrong : {"", "CPU", "cuda:", "cuda:-1", "cuda:1x", "cuda:99999999999", "gpu"})
    CHECK(error_of([&] { parse_device(wrong); }) ==
          fmt::format("device: unknown word; got '{}'; expected cpu, meta, cuda or cuda:N", wrong));
}

TEST_CASE("base: a kernel slot runs the device's function", "[base]") {
  KernelSlot<void(int& sum, int value)> slot("add_up");
  CHECK_FALSE(slot.bound(DeviceType::cpu));
  int sum = 0;
  CHECK(error_of([&] { slot(kCpu, sum, 1); }) ==
        "add_up: this build has no CPU kernel; got a tensor on cpu; expected a call of uls::bind_kernels() "
        "at the "
        "start of main");
  slot.bind(DeviceType::cpu, [](int& total, int value) { total += value; });
  slot(kCpu, sum, 4);
  slot(kMeta, sum, 8);  // computes nothing
  CHECK(sum == 4);
  CHECK(error_of([&] {
          slot({DeviceType::cuda, 1}, sum, 1);
        }) ==
        "add_up: this build has no CUDA kernel; got a tensor on cuda:1; expected a tensor on the cpu, or a "
        "build "
        "with CUDA");
}

}  // namespace
}  // namespace uls
