// SPDX-License-Identifier: Apache-2.0
#include "core/config_command.h"

#include "core/base/error.h"
#include "core/base/strings.h"

namespace uls {
namespace {

void explain(const std::vector<const Schema*>& tables, const std::string& key) {
  std::string text;
  std::vector<std::string> names;
  for (const Schema* table : tables) {
    const std::string body = key.empty() ? join(table->help_lines(), "\n") + "\n" : table->explain(key);
    if (!body.empty()) text += fmt::format("{}[{}]\n{}", text.empty() ? "" : "\n", table->name(), body);
    for (const auto& field : table->fields()) {
      names.push_back(field.name);
      if (!field.variable.empty()) names.push_back(field.variable);
    }
  }
  if (text.empty())
    fail("config explain: unknown key '{}'{}; `config explain` lists all", key, did_you_mean(key, names));
  print_text(text);
}

}  // namespace

Command config_command(std::vector<const Schema*> tables) {
  Command explain_command{
      "explain", "type, default, range and meaning of a key; without KEY: all keys",
      [tables = std::move(tables)](Options& options) {
        auto key = std::make_shared<std::string>();
        options.positional("KEY", *key, "a key such as threads, a section, or a variable such as ULS_THREADS",
                           Need::optional);
        return [tables, key] { explain(tables, *key); };
      }};
  return {.name = "config",
          .summary = "what the keys of a config mean",
          .children = {std::move(explain_command)}};
}

}  // namespace uls
