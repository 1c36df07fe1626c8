// SPDX-License-Identifier: Apache-2.0
// The command line: what a command accepts, and the loop around commands that turns failures into exit codes.
// The library behind it is included by cli.cpp alone.
//
//   Command train_command() {
//     return {"train", "trains a model", [](Options& options) {
//       auto config = std::make_shared<std::string>();
//       options.option("config", *config, "F", "the config file", Need::required);
//       return [config] { train(*config); };
//     }};
//   }
//
// Exit codes: 0 success; 1 a bug, or an output that cannot be written; 2 a user's error; 3 bad data or a
// difference found (DataError).
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace uls {

enum class Need { optional, required };

/// What one command accepts. Options are long ("--steps 3" or "--steps=3"), given at most once; each target
/// holds the default and must live as long as the command's function. Help texts are plain phrases; a
/// default that is neither 0 nor empty is shown behind them.
class Options {
 public:
  Options();
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  void flag(const std::string& name, bool& target, const std::string& help);
  void option(const std::string& name, std::string& target, const std::string& value_name,
              const std::string& help, Need need = Need::optional);
  void option(const std::string& name, std::int64_t& target, const std::string& value_name,
              const std::string& help, Need need = Need::optional);
  void option(const std::string& name, double& target, const std::string& value_name, const std::string& help,
              Need need = Need::optional);
  /// May be given several times; every value is kept.
  void option(const std::string& name, std::vector<std::string>& target, const std::string& value_name,
              const std::string& help, Need need = Need::optional);

  /// A word without dashes, in the order of declaration.
  void positional(const std::string& value_name, std::string& target, const std::string& help,
                  Need need = Need::required);
  /// All further words; declared last.
  void rest(const std::string& value_name, std::vector<std::string>& target, const std::string& help,
            Need need = Need::optional);

 private:
  friend class Program;
  struct State;
  std::unique_ptr<State> state_;
};

/// A command, or a group of them (children, and no declare).
struct Command {
  std::string name;
  std::string summary;
  /// Declares the options and returns the function that runs the command once they have been read.
  std::function<std::function<void()>(Options&)> declare{};
  std::vector<Command> children{};
};

struct ProgramInfo {
  std::string name;
  std::string summary;
  std::string version;              ///< what --version prints after the name
  std::function<void()> prepare{};  ///< runs before a command, not before help
};

/// Runs the command that argv names and returns the exit code. Errors go to stderr as "name: error: ...".
int run_program(const ProgramInfo& program, const std::vector<Command>& commands, int argc,
                const char* const* argv);

/// Writes results to stdout. Where that fails the command ends: quietly if the reader has gone (`| head`).
void print_text(const std::string& text);

template <typename... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  print_text(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace uls
