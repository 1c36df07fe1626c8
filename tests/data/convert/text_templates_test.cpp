// SPDX-License-Identifier: Apache-2.0
#include "data/convert/text_templates.h"

#include <catch2/catch.hpp>

#include "tests/data/convert/convert_fixture.h"
#include "tests/support/support.h"

namespace uls {
namespace {

using namespace test;
using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

std::string refusal(const std::string& yaml) {
  const Folder folder;
  put(folder / "t.yaml", yaml);
  return error_of([&] { read_text_templates(folder / "t.yaml"); });
}

}  // namespace

TEST_CASE("text templates: the authors' sentences, and a config's") {
  const TextTemplates standard = read_text_templates("");
  CHECK(fill_templates(standard.semantic, "pillow") == Texts{"all pillow"});
  CHECK(fill_templates(standard.part, "head", "impala") == Texts{"head"});
  CHECK(fill_templates(standard.salient, "") == Texts{"the most salient object"});
  CHECK(!parts_name_object(standard));

  const Folder folder;
  put(folder / "t.yaml",
      "semantic: ['all {}', 'every {} in the picture']\npart: ['{object} {}', 'the {} of the {object}']\n");
  const TextTemplates own = read_text_templates(folder / "t.yaml");
  CHECK(fill_templates(own.semantic, "{odd}") == Texts{"all {odd}", "every {odd} in the picture"});
  CHECK(fill_templates(own.part, "leg", "dog") == Texts{"dog leg", "the leg of the dog"});
  CHECK(own.open_vocabulary == Texts{"all {}"});
  CHECK(parts_name_object(own));
}

TEST_CASE("text templates: what cannot be") {
  CHECK_THAT(refusal("semantc: ['all {}']\n"), Contains("t.yaml:1") && Contains("semantic"));
  CHECK_THAT(refusal("semantic: []\n"), Contains("semantic: no template"));
  CHECK_THAT(refusal("semantic: ['all']\n"),
             Contains("semantic: wrong text; got 'all'; expected one with {}"));
  CHECK_THAT(refusal("salient: ['the {}']\n"), Contains("salient: wrong text"));
  CHECK_THAT(refusal("semantic: ['{} of {object}']\n"), Contains("expected {object} for parts alone"));
  CHECK_THAT(refusal("part: ['{} {x}']\n"), Contains("unknown braces"));
  CHECK_THAT(refusal("part: ['{}', '{} of {object}']\n"), Contains("only some name the object"));
}

}  // namespace uls
