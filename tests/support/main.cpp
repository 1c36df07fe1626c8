// SPDX-License-Identifier: Apache-2.0
// The main of every test program: fills the kernel slots, runs Catch2, and ends with a line that scripts/test
// adds up.
#define CATCH_CONFIG_RUNNER
#include "tests/support/support.h"

#include <catch2/catch.hpp>

#include <cstdio>

#include "core/base/log.h"
#include "kernels/common/rooms.h"

namespace uls::test {
namespace {

struct Counts {
  int passed = 0, failed = 0, skipped = 0;
} counts;
bool skipping = false;

// Counts test cases. One that was skipped is neither passed nor failed; one without an assertion has failed.
class Counter : public Catch::TestEventListenerBase {
 public:
  using TestEventListenerBase::TestEventListenerBase;

  void testCaseStarting(const Catch::TestCaseInfo&) override { skipping = false; }
  void testCaseEnded(const Catch::TestCaseStats& stats) override {
    const auto& assertions = stats.totals.assertions;
    if (assertions.failed)
      ++counts.failed;
    else if (skipping)
      ++counts.skipped;
    else if (assertions.passed)
      ++counts.passed;
    else {
      ++counts.failed;
      std::printf("[fail] %s: asserts nothing\n", stats.testInfo.name.c_str());
    }
  }
};
CATCH_REGISTER_LISTENER(Counter)

}  // namespace

bool skip_or_fail(const char* need, const std::string& reason) {
  const std::string name = Catch::getResultCapture().getCurrentTestName();
  const std::string required = std::getenv("ULS_REQUIRE") ? std::getenv("ULS_REQUIRE") : "";
  if (("," + required + ",").find("," + std::string(need) + ",") != std::string::npos)
    FAIL(name << " needs '" << need << "', which ULS_REQUIRE asks for: " << reason);
  std::printf("[skip] %s: %s\n", name.c_str(), reason.c_str());
  skipping = true;
  return true;
}

}  // namespace uls::test

int main(int argc, char** argv) {
  uls::set_log_level(uls::LogLevel::warning);  // the results are to be found among what is printed
  uls::kernels::bind_kernels();
  const int result = Catch::Session().run(argc, argv);
  const auto& counts = uls::test::counts;
  std::printf("%d passed, %d failed, %d skipped\n", counts.passed, counts.failed, counts.skipped);
  return result ? result : counts.failed != 0;
}
