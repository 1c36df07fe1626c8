// SPDX-License-Identifier: Apache-2.0
#include "data/convert/text_templates.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/config/config_node.h"

namespace uls {
namespace {

constexpr std::string_view kName = "{}", kObject = "{object}";

std::string filled(std::string_view text, std::string_view name, std::string_view object) {
  std::string result;
  while (!text.empty()) {
    if (text.starts_with(kName)) {
      result += name;
      text.remove_prefix(kName.size());
    } else if (text.starts_with(kObject)) {
      result += object;
      text.remove_prefix(kObject.size());
    } else {
      result += text[0];
      text.remove_prefix(1);
    }
  }
  return result;
}

void check(const char* field, const std::vector<std::string>& templates, bool names, bool objects) {
  ULS_CHECK(!templates.empty(), "templates: {}: no template; expected at least one", field);
  for (const std::string& text : templates) {
    ULS_CHECK(text.find_first_not_of(" \t") != std::string::npos,
              "templates: {}: an empty text; expected a sentence", field);
    ULS_CHECK((text.find(kName) != std::string::npos) == names,
              "templates: {}: wrong text; got '{}'; {} {{}}", field, text,
              names ? "expected one with" : "there is no name for");
    ULS_CHECK(objects || text.find(kObject) == std::string::npos,
              "templates: {}: wrong text; got '{}'; expected {{object}} for parts alone", field, text);
    ULS_CHECK(filled(text, "", "").find_first_of("{}") == std::string::npos,
              "templates: {}: unknown braces; got '{}'; expected {{}} or {{object}}", field, text);
  }
}

bool names_object(const std::string& text) { return text.find(kObject) != std::string::npos; }

}  // namespace

const FieldTable<TextTemplates>& text_templates_table() {
  static const FieldTable<TextTemplates> table = [] {
    FieldTable<TextTemplates> made("templates");
    made.add("semantic", &TextTemplates::semantic, "sentences for every pixel of a class; {} is its name");
    made.add("open_vocabulary", &TextTemplates::open_vocabulary, "the same for open-vocabulary sets");
    made.add("part", &TextTemplates::part, "sentences for a part {}, or for the part of an {object}");
    made.add("salient", &TextTemplates::salient, "sentences for the salient object");
    return made;
  }();
  return table;
}

TextTemplates read_text_templates(const std::string& path) {
  TextTemplates templates;
  if (!path.empty()) text_templates_table().load(templates, read_yaml(path));
  check("semantic", templates.semantic, true, false);
  check("open_vocabulary", templates.open_vocabulary, true, false);
  check("part", templates.part, true, true);
  check("salient", templates.salient, false, false);
  ULS_CHECK(
      std::ranges::all_of(templates.part, names_object) || !parts_name_object(templates),
      "templates: part: only some name the object; expected all or none, since they stand for one mask");
  return templates;
}

bool parts_name_object(const TextTemplates& templates) {
  return std::ranges::any_of(templates.part, names_object);
}

std::vector<std::string> fill_templates(const std::vector<std::string>& templates, const std::string& name,
                                        const std::string& object) {
  std::vector<std::string> texts;
  for (const std::string& text : templates) texts.push_back(filled(text, name, object));
  return texts;
}

}  // namespace uls
