// SPDX-License-Identifier: Apache-2.0
#include "tests/support/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <cstdio>
#include <cstring>
#include <memory>

#include "core/config/settings.h"

namespace uls::test {
namespace {

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

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& words,
                          const std::vector<std::string>& environment) {
  std::vector<std::string> arguments = words, variables = environment;
  for (char** entry = environ; *entry; ++entry)
    if (!std::string(*entry).starts_with("ULS_")) variables.push_back(*entry);

  Captured out, err;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
  pid_t child = -1;
  const int problem = posix_spawnp(&child, words.at(0).c_str(), &actions, nullptr, pointers(arguments).data(),
                                   pointers(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  INFO(words[0] << ": " << std::strerror(problem));
  REQUIRE(problem == 0);

  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), out.text(), err.text()};
}

bool has_peer(const std::string& modules) {
  return !settings().peer.empty() && run_process({settings().peer, "-c", "import " + modules}).code == 0;
}

}  // namespace uls::test
