#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Writes html_entity_table.cpp, the named character references of HTML 5, from Python's own table. Run it again only
# where that table changes:
#
#   python3 data/text/generate_tables.py
import html.entities
from pathlib import Path

HEAD = '''// SPDX-License-Identifier: Apache-2.0
// Written by generate_tables.py; the form of its items is told in html_entities.h.
#include "data/text/html_entities.h"

namespace uls {

const std::string_view kHtmlEntityTable = R"('''
TAIL = ''')";

}  // namespace uls
'''
COLUMNS = 110


def main():
    names = html.entities.html5
    items = []
    for name in sorted(names):
        if not name.endswith(";"):
            # Names that old pages write without the semicolon: all of them have it too.
            assert names[name + ";"] == names[name], name
            continue
        mark = ":" if name[:-1] in names else "="
        items.append(name[:-1] + mark + ",".join(f"{ord(c):X}" for c in names[name]))
    lines = [""]
    for item in items:
        if len(lines[-1]) + 1 + len(item) > COLUMNS:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + item
    path = Path(__file__).with_name("html_entity_table.cpp")
    path.write_text(HEAD + "\n" + "\n".join(lines) + "\n" + TAIL)
    print(f"{path.name}: {len(items)} names in {len(lines)} lines")


main()
