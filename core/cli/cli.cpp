// SPDX-License-Identifier: Apache-2.0
#include "core/cli/cli.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "core/base/error.h"
#include "core/base/strings.h"
#include "core/config/text_value.h"

namespace uls {
namespace {

constexpr std::size_t kColumns = 100;

struct OutputFailure {
  int reason;
};

// "  left   right", with the right column wrapped at words.
std::string table_line(const std::string& left, std::size_t width, const std::string& right) {
  std::string out, line = fmt::format("  {:{}}  ", left, width);
  const std::string margin(line.size() < kColumns / 2 ? line.size() : 6, ' ');
  for (std::size_t start = 0; start < right.size();) {
    const auto blank = std::min(right.find(' ', start), right.size());
    if (line.size() + (blank - start) > kColumns && line.size() > margin.size()) {
      out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
      line = margin;
    }
    line += right.substr(start, blank - start) + " ";
    start = blank + 1;
  }
  return out + line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string table(const std::string& title, const std::vector<std::pair<std::string, std::string>>& rows) {
  if (rows.empty()) return "";
  std::size_t width = 0;
  for (const auto& [left, right] : rows) width = std::max(width, left.size());
  std::string out = "\n" + title + ":\n";
  for (const auto& [left, right] : rows) out += table_line(left, width, right);
  return out;
}

void check_value(const std::string& name, const std::string& text) {
  ULS_CHECK(!text.starts_with("--"), "{}: no value; got the next option '{}'", name, text);
}

// A file must not land on a closed standard stream: results would be printed into it.
void occupy_standard_streams() {
  int file = 0;
  do file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  while (file >= 0 && file <= STDERR_FILENO);
  if (file >= 0) close(file);
}

}  // namespace

struct Options::State {
  struct Entry {
    std::string name;  // "--json" or "KEY"
    std::string value_name;
    std::string help;
    bool required;
    CLI::Option* option;
  };

  CLI::App app;
  bool help = false;
  std::vector<Entry> named, words;

  State() {
    app.set_help_flag("");
    app.allow_extras();
    app.add_flag("--help", help);
  }

  // Values are taken as texts, and read by our own functions, which say what they expected.
  void add(const std::string& name, const std::string& value_name, std::string help_text,
           const std::string& standard, Need need, const std::function<void(const std::string&)>& take) {
    if (!standard.empty()) help_text += " (default " + standard + ")";
    auto* option = app.add_option_function<std::string>("--" + name, [take, name](const std::string& text) {
      check_value("--" + name, text);
      take(text);
    });
    option->type_name(value_name);
    named.push_back({"--" + name, value_name, std::move(help_text), need == Need::required, option});
  }

  std::vector<std::string> option_names() const {
    std::vector<std::string> names{"--help"};
    for (const auto& entry : named) names.push_back(entry.name);
    return names;
  }

  std::string usage(const std::string& path) const {
    std::string line = "usage: " + path;
    for (const auto& entry : named)
      if (entry.required) line += " " + entry.name + " " + entry.value_name;
    for (const auto& entry : words) line += entry.required ? " " + entry.name : " [" + entry.name + "]";
    return line + " [options]\n";
  }

  std::string page(const std::string& path, const std::string& summary) const {
    std::vector<std::pair<std::string, std::string>> word_rows, rows;
    for (const auto& entry : words) word_rows.emplace_back(entry.name, entry.help);
    for (const auto& entry : named)
      rows.emplace_back(entry.name + (entry.value_name.empty() ? "" : " " + entry.value_name), entry.help);
    rows.emplace_back("--help", "this page");
    return usage(path) + "\n" + summary + "\n" + table("words", word_rows) + table("options", rows);
  }

  // Reads the words; those that nothing takes and those that are missing raise Error.
  void read(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // the library pops them from the back
    try {
      app.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      fail("{}", error.what());
    }
    if (help) return;
    const auto left = app.remaining();
    for (const auto& word : left)
      if (word.starts_with('-')) {
        const std::string name = word.substr(0, word.find('='));
        fail("unknown option '{}'{}", name, did_you_mean(name, option_names()));
      }
    if (!left.empty()) fail("unexpected word '{}'", left.front());
    for (const auto* entries : {&named, &words})
      for (const auto& entry : *entries)
        ULS_CHECK(!entry.required || entry.option->count() > 0, "missing {}{}{} ({})", entry.name,
                  entry.value_name.empty() ? "" : " ", entry.value_name, entry.help);
  }
};

Options::Options() : state_(std::make_unique<State>()) {}
Options::~Options() = default;

void Options::flag(const std::string& name, bool& target, const std::string& help) {
  auto* option = state_->app.add_flag("--" + name, target);
  state_->named.push_back({"--" + name, "", help, false, option});
}

void Options::option(const std::string& name, std::string& target, const std::string& value_name,
                     const std::string& help, Need need) {
  state_->add(name, value_name, help, target, need, [&target](const std::string& text) { target = text; });
}

void Options::option(const std::string& name, std::int64_t& target, const std::string& value_name,
                     const std::string& help, Need need) {
  state_->add(name, value_name, help, target == 0 ? "" : fmt::format("{}", target), need,
              [&target, name](const std::string& text) {
                const auto value = parse_whole_number(text);
                ULS_CHECK(value, "--{}: wrong value; got '{}'; expected a whole number", name, text);
                target = *value;
              });
}

void Options::option(const std::string& name, double& target, const std::string& value_name,
                     const std::string& help, Need need) {
  state_->add(name, value_name, help, target == 0 ? "" : fmt::format("{}", target), need,
              [&target, name](const std::string& text) {
                const auto value = parse_number(text);
                ULS_CHECK(value, "--{}: wrong value; got '{}'; expected a number", name, text);
                target = *value;
              });
}

void Options::option(const std::string& name, std::vector<std::string>& target, const std::string& value_name,
                     const std::string& help, Need need) {
  auto* option = state_->app.add_option_function<std::vector<std::string>>(
      "--" + name, [&target, name](const std::vector<std::string>& texts) {
        for (const auto& text : texts) check_value("--" + name, text);
        target = texts;
      });
  option->allow_extra_args(false)->type_name(value_name);
  state_->named.push_back(
      {"--" + name, value_name, help + "; may be repeated", need == Need::required, option});
}

void Options::positional(const std::string& value_name, std::string& target, const std::string& help,
                         Need need) {
  auto* option = state_->app.add_option(fmt::format("word{}", state_->words.size()), target);
  state_->words.push_back({value_name, "", help, need == Need::required, option});
}

void Options::rest(const std::string& value_name, std::vector<std::string>& target, const std::string& help,
                   Need need) {
  auto* option = state_->app.add_option("rest", target);
  state_->words.push_back({value_name + " ...", "", help, need == Need::required, option});
}

// One run: finds the command, reads its options, runs it.
class Program {
 public:
  Program(const ProgramInfo& info, const std::vector<Command>& commands, std::vector<std::string> arguments)
      : info_(info), root_{info.name, info.summary, {}, commands}, arguments_(std::move(arguments)) {}

  int run() {
    const Command* command = &root_;
    std::string path = info_.name;
    auto next = arguments_.begin();
    while (!command->declare) {
      if (next == arguments_.end() || *next == "--help") {
        print_text(group_page(*command, path));
        return next == arguments_.end() ? 2 : 0;
      }
      if (command == &root_ && *next == "--version") {
        print("{} {}\n", info_.name, info_.version);
        return 0;
      }
      command = &child(*command, *next++);
      path += " " + command->name;
    }
    Options options;
    const auto function = command->declare(options);
    options.state_->read({next, arguments_.end()});
    if (options.state_->help) {
      print_text(options.state_->page(path, command->summary));
      return 0;
    }
    if (info_.prepare) info_.prepare();
    function();
    return 0;
  }

 private:
  const Command& child(const Command& group, const std::string& word) const {
    std::vector<std::string> names;
    for (const auto& command : group.children) {
      if (command.name == word) return command;
      names.push_back(command.name);
    }
    if (word.starts_with('-')) {
      const std::vector<std::string> known{"--help", "--version"};
      fail("unknown option '{}'{}", word, did_you_mean(word, known));
    }
    const auto hint = did_you_mean(word, names);
    fail("unknown command '{}'{}", word, hint.empty() ? "; expected " + join(names, ", ") : hint);
  }

  std::string group_page(const Command& group, const std::string& path) const {
    std::vector<std::pair<std::string, std::string>> commands, options{{"--help", "this page"}};
    for (const auto& command : group.children) commands.emplace_back(command.name, command.summary);
    if (&group == &root_) options.emplace_back("--version", "the version and how it was built");
    return fmt::format("usage: {} COMMAND [options]\n\n{}\n{}{}\n{} COMMAND --help tells more.\n", path,
                       group.summary, table("commands", commands), table("options", options), path);
  }

  const ProgramInfo& info_;
  const Command root_;
  const std::vector<std::string> arguments_;
};

int run_program(const ProgramInfo& program, const std::vector<Command>& commands, int argc,
                const char* const* argv) {
  // A reader that goes away is an error of the write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  occupy_standard_streams();
  const auto report = [&](const char* text, int code) {
    std::fprintf(stderr, "%s: error: %s\n", program.name.c_str(), text);
    return code;
  };
  try {
    const int code = Program(program, commands, {argv + std::min(argc, 1), argv + argc}).run();
    print_text("");
    return code;
  } catch (const OutputFailure& failure) {
    if (failure.reason == EPIPE) return 0;
    return report(fmt::format("the output cannot be written: {}", std::strerror(failure.reason)).c_str(), 1);
  } catch (const DataError& error) {
    return report(error.what(), 3);
  } catch (const Error& error) {
    return report(error.what(), 2);
  } catch (const std::exception& error) {
    return report(error.what(), 1);
  }
}

void print_text(const std::string& text) {
  // Flushed each time: a failed write must end the command, and results must not lag behind the log.
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    throw OutputFailure{errno};
}

}  // namespace uls
