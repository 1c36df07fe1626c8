// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>

#include "core/config/settings.h"

namespace uls::test {

// A file without a name: unlike a pipe it never fills up.
class Captured {
 public:
  Captured() : file_(std::tmpfile(), &std::fclose) { REQUIRE(file_); }
  int descriptor() const { return fileno(file_.get()); }
  std::string text() {
    std::string text;
    std::rewind(file_.get());
    for (int c; (c = std::fgetc(file_.get())) != EOF;) text += char(c);
    return text;
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

Process::Process(const std::vector<std::string>& words, const std::vector<std::string>& environment)
    : out_(std::make_unique<Captured>()), err_(std::make_unique<Captured>()) {
  std::vector<std::string> arguments = words, variables = environment;
  for (char** entry = environ; *entry; ++entry)
    if (!std::string(*entry).starts_with("ULS_")) variables.push_back(*entry);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out_->descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err_->descriptor(), STDERR_FILENO);
  const int problem = posix_spawnp(&child_, words.at(0).c_str(), &actions, nullptr,
                                   pointers(arguments).data(), pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  INFO(words[0] << ": " << std::strerror(problem));
  REQUIRE(problem == 0);
}

Process::~Process() {
  if (ended_) return;
  send(SIGKILL);
  waitpid(child_, &status_, 0);
}

bool Process::has_ended() {
  if (!ended_) ended_ = waitpid(child_, &status_, WNOHANG) == child_;
  return ended_;
}

void Process::send(int signal) const { kill(child_, signal); }

ProcessResult Process::wait() {
  if (!ended_) REQUIRE(waitpid(child_, &status_, 0) == child_);
  ended_ = true;
  return {WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_), out_->text(), err_->text()};
}

ProcessResult run_process(const std::vector<std::string>& words,
                          const std::vector<std::string>& environment) {
  return Process(words, environment).wait();
}

ProcessResult run_and_kill(double seconds, const std::vector<std::string>& words,
                           const std::vector<std::string>& environment) {
  Process process(words, environment);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  if (!process.has_ended()) process.send(SIGKILL);
  return process.wait();
}

std::string python_with(const std::string& module) {
  std::vector<std::string> candidates{"python3"};
  if (!settings().peer.empty()) candidates.insert(candidates.begin(), settings().peer);
  for (const std::string& candidate : candidates)
    if (run_process({"sh", "-c", "command -v '" + candidate + "'"}).code == 0 &&
        run_process({candidate, "-c", "import " + module}).code == 0)
      return candidate;
  return "";
}

std::string run_python(const std::string& program, const std::string& script, const std::string& argument) {
  const ProcessResult result = run_process({program, "-c", script, argument});
  INFO(result.err);
  CHECK(result.code == 0);
  return result.out;
}

bool has_peer(const std::string& modules) {
  return !settings().peer.empty() && run_process({settings().peer, "-c", "import " + modules}).code == 0;
}

}  // namespace uls::test
