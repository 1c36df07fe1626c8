// SPDX-License-Identifier: Apache-2.0
#include "core/base/status_line.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <cstdio>
#include <string>

#include "core/base/duration.h"
#include "core/base/log.h"
#include "tests/support/support.h"

namespace uls {
namespace {

bool has_terminals() {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  return master >= 0 && close(master) == 0;
}

// stderr is a terminal of 20 columns for a while.
class Terminal {
 public:
  Terminal() : master_(posix_openpt(O_RDWR | O_NOCTTY)), before_(dup(STDERR_FILENO)) {
    REQUIRE(master_ >= 0);
    REQUIRE(grantpt(master_) == 0);
    REQUIRE(unlockpt(master_) == 0);
    const int slave = open(ptsname(master_), O_RDWR | O_NOCTTY);
    REQUIRE(slave >= 0);
    const winsize size{.ws_row = 5, .ws_col = 20, .ws_xpixel = 0, .ws_ypixel = 0};
    REQUIRE(ioctl(slave, TIOCSWINSZ, &size) == 0);
    dup2(slave, STDERR_FILENO);
    close(slave);
  }
  ~Terminal() {
    restore();
    close(master_);
  }
  // Everything that was written; a terminal makes "\n" to "\r\n".
  std::string text() {
    std::string all(4096, '\0');
    std::fflush(stderr);
    const ssize_t count = read(master_, all.data(), all.size());
    restore();
    REQUIRE(count >= 0);
    return all.substr(0, std::size_t(count));
  }

 private:
  void restore() {
    if (before_ < 0) return;
    dup2(before_, STDERR_FILENO);
    close(before_);
    before_ = -1;
  }

  int master_, before_;
};

TEST_CASE("status line: written over, cut to the terminal, below the log, and gone in the end") {
  if (!has_terminals()) ULS_SKIP("terminal", "no pseudo-terminal can be opened here");
  std::string text;
  {
    Terminal terminal;
    set_log_level(LogLevel::info);
    CHECK(StatusLine::is_shown());
    {
      StatusLine status;
      status.show("step 1 of 2, and what does not fit");
      status.show("too soon");
      log_info("a line");
    }
    log_info("the end");
    text = terminal.text();
    set_log_level(LogLevel::warning);
  }
  CHECK(text ==
        "\r\x1b[Kstep 1 of 2, and wh"
        "\r\x1b[Kunilseg: a line\r\nstep 1 of 2, and wh"
        "\r\x1b[K"
        "unilseg: the end\r\n");
}

TEST_CASE("status line: nothing where lines of info are held back") {
  if (!has_terminals()) ULS_SKIP("terminal", "no pseudo-terminal can be opened here");
  std::string text;
  {
    Terminal terminal;
    set_log_level(LogLevel::warning);
    StatusLine status;
    status.show("a");
    log_warning("b");
    text = terminal.text();
  }
  CHECK(text == "unilseg: warning: b\r\n");
}

TEST_CASE("duration: two units that tell enough") {
  CHECK(format_seconds(4.52) == "4.5 s");
  CHECK(format_seconds(65) == "1 min 05 s");
  CHECK(format_seconds(2 * 3600 + 61) == "2 h 01 min");
  CHECK(format_seconds(86400 * 3 + 7300) == "3 d 2 h");
}

}  // namespace
}  // namespace uls
