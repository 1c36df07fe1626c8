// SPDX-License-Identifier: Apache-2.0
// Runs a program and keeps what it says, for tests of the program itself.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace uls::test {

struct ProcessResult {
  int code;  ///< exit code; 128 + signal where one ended it
  std::string out, err;
};

class Captured;

/// A program that runs beside the test: words[0] (searched in PATH) with the other words. Its input is empty;
/// its environment is ours without the ULS_ variables, plus `environment` ("ULS_THREADS=2"). Fails the test
/// where it cannot be started.
class Process {
 public:
  explicit Process(const std::vector<std::string>& words, const std::vector<std::string>& environment = {});
  /// Kills it where nobody waited for it.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool has_ended();
  void send(int signal) const;
  ProcessResult wait();

 private:
  int child_ = -1, status_ = 0;
  bool ended_ = false;
  std::unique_ptr<Captured> out_, err_;
};

/// The same, to its end.
ProcessResult run_process(const std::vector<std::string>& words,
                          const std::vector<std::string>& environment = {});

/// The same, killed (SIGKILL) after so many seconds, if it has not ended by then; returns when it is gone,
/// with its locks. (`timeout -s KILL` returns earlier: the blow meets timeout itself, too.)
ProcessResult run_and_kill(double seconds, const std::vector<std::string>& words,
                           const std::vector<std::string>& environment = {});

/// The first of ULS_PEER's Python and python3 that has this module; "" where neither has.
std::string python_with(const std::string& module);
/// What it prints of a script whose sys.argv[1] is the argument; another exit code than 0 fails the test.
std::string run_python(const std::string& program, const std::string& script, const std::string& argument);

/// True where ULS_PEER names a Python that has these modules ("numpy, PIL").
bool has_peer(const std::string& modules = "torch");

}  // namespace uls::test
