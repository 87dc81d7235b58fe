#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that the house keeps to its map: who includes whom, and the shape of each file.

The map is core/CMakeLists.txt (its weir_room lines); what lies above the rooms is in OUTSIDE below. Prints one
"file:line: what" per violation and ends with 1 if there is any. Run without arguments it first tests itself on a
small house with planted violations, so that a rule that no longer finds anything is itself found.

    check_rooms.py              self-test, then the house
    check_rooms.py --self-test  self-test only
    check_rooms.py FOLDER       another house
"""
import pathlib
import re
import sys
import tempfile

FILE_LINES_MAX = 400
HEADER_LINES_MAX = 150

# Rooms and single headers that each folder outside core/ may include. A trailing slash means the whole room.
OUTSIDE = {
    # The hatch and the values that come through it; of llm only what a record holds.
    "ui": ["ui/", "engine/", "metrics/", "profiling/", "config/", "base/", "llm/usage.h", "llm/provider.h"],
    "app": ["app/", "ui/", "engine/", "config/", "simulator/", "base/", "llm/providers.h"],
    "bench": ["bench/", "load/", "report/", "subjects/", "commands/", "simulator/", "engine/", "config/", "metrics/",
              "http/", "llm/", "base/",
              # micro/ measures every room.
              "micro/", "keys/", "pipeline/", "upstream/", "profiling/", "loop/"],
}
# The libraries of bench/ and what each links besides base: a unit test of one may include those.
BENCH = {"load": [], "report": [], "subjects": [], "commands": ["load", "subjects", "report"],
         "micro": ["report", "http", "llm", "profiling", "config", "metrics", "upstream", "pipeline"]}
# Of this room only these headers are seen by that one.
NARROWED = {("pipeline", "server"): {"server/handler.h"}}
# Folders searched for source files, and the names that count as such.
ROOTS = ["core", "ui", "app", "bench", "tests", "cmake"]
SKIPPED = {"build", "node_modules", "fixtures", "__pycache__"}
SOURCE = re.compile(r".*\.(cpp|h|c|py|sh|cmake|mjs|js|ts)$|CMakeLists\.txt$")

SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
ROOM = re.compile(r"^\s*weir_room\(([^)]*)\)")
CHARTS = re.compile(r"^(QtCharts(/|$)|QChart|QLegend|QPolarChart|Q\w+Series$|Q\w+Axis$)")
WIDGETS = re.compile(r"^(QtWidgets|QtGui|QApplication|QWidget|QMainWindow|QSystemTrayIcon|QIcon|QGuiApplication)")
CLOCK = re.compile(r"_clock::now\(|QElapsedTimer|QDateTime::current|\bclock_gettime\b|\bgettimeofday\b")


class Map:
    """The rooms in the order of their lines, each with the rooms it names."""

    def __init__(self, root):
        self.uses = {}
        self.problems = []
        path = root / "core/CMakeLists.txt"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = ROOM.match(line)
            if match:
                self._add(path.relative_to(root), number, match.group(1).split())
        folders = {entry.name for entry in (root / "core").iterdir() if entry.is_dir()}
        for folder in sorted(folders - set(self.uses)):
            self.problems.append((path.relative_to(root), 1, f"core/{folder} has no weir_room line"))

    def _add(self, path, number, words):
        name, rest = words[0], words[1:]
        uses = rest[rest.index("USES") + 1:] if "USES" in rest else []
        uses = uses[:uses.index("LINKS")] if "LINKS" in uses else uses
        for used in uses:
            if used not in self.uses:
                self.problems.append((path, number, f"room '{name}' uses '{used}', which is not declared above it"))
        self.uses[name] = uses

    def reachable(self, name):
        """The room, those it uses, and theirs: what linking it brings."""
        found = [name]
        for room in found:
            found += [used for used in self.uses.get(room, []) if used not in found]
        return set(found)


def headless_files(root):
    """Files of app/ that are linked into a program without a window."""
    path = root / "app/CMakeLists.txt"
    if not path.exists():
        return set()
    targets = re.findall(r"add_(?:library|executable)\((?:weir_app|weir-headless)\s([^)]*)\)", path.read_text(encoding="utf-8"))
    return {f"app/{word}" for words in targets for word in words.split()}


class Checker:
    def __init__(self, root):
        self.root = root
        self.map = Map(root)
        self.headless = headless_files(root)
        self.problems = list(self.map.problems)
        self.files = 0

    def run(self):
        for top in ROOTS:
            for path in sorted((self.root / top).rglob("*")):
                relative = path.relative_to(self.root)
                if path.is_file() and SOURCE.match(path.name) and not SKIPPED & set(relative.parts):
                    self.files += 1
                    self.check_file(relative, path.read_text(encoding="utf-8").split("\n"))
        for name in ["CMakeLists.txt"]:
            if (self.root / name).exists():
                self.files += 1
                self.check_file(pathlib.Path(name), (self.root / name).read_text(encoding="utf-8").split("\n"))
        return self.problems

    def blame(self, path, line, what):
        self.problems.append((path, line, what))

    def check_file(self, path, lines):
        if lines and lines[-1] == "":
            lines = lines[:-1]
        self.check_shape(path, lines)
        if path.suffix not in (".h", ".cpp"):
            return
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match and match.group(1):
                self.check_quoted(path, number, match.group(1))
            elif match:
                self.check_system(path, number, match.group(2))
            elif path.parts[0] == "core" and path.as_posix() != "core/base/clock.h" and CLOCK.search(line):
                self.blame(path, number, "reads a clock; time comes from base::Clock")

    def check_shape(self, path, lines):
        first = 1 if lines and lines[0].startswith("#!") else 0
        if len(lines) <= first or SPDX not in lines[first]:
            self.blame(path, first + 1, f"the first line is not '{SPDX}'")
        if path.suffix == ".h" and "#pragma once" not in lines:
            self.blame(path, 1, "header without #pragma once")
        is_header = path.suffix == ".h"
        most = HEADER_LINES_MAX if is_header else FILE_LINES_MAX
        if len(lines) > most:
            self.blame(path, most + 1, f"{'header' if is_header else 'file'} has {len(lines)} lines, {most} is the most")
        if path.parts[0] == "core" and len(path.parts) > 2 and path.suffix in (".h", ".cpp"):
            room = path.parts[1]
            if not re.search(rf"\bnamespace weir::{room}\b|\busing namespace weir::{room}\b", "\n".join(lines)):
                self.blame(path, 1, f"nothing here is in namespace weir::{room}")

    def check_quoted(self, path, number, target):
        if target.endswith(".moc"):
            return
        room = target.split("/")[0]
        if "/" not in target:
            # Folders outside core/ and ui/ are no rooms: a neighbour may be called by its plain name there.
            if path.parts[0] not in ("bench", "tests") or not (self.root / path.parent / target).exists():
                self.blame(path, number, f'"{target}" is included without its room')
        elif path.parts[0] == "core":
            self.check_between_rooms(path, number, path.parts[1], room, target)
        elif path.parts[0] in OUTSIDE:
            self.check_from_outside(path, number, room, target)
        elif path.parts[:2] == ("tests", "unit") and len(path.parts) > 3:
            allowed = self.map.reachable(path.parts[2]) | {"support", "unit"}
            if path.parts[2] in BENCH:
                allowed |= {"base", *BENCH[path.parts[2]]}
            if room not in allowed:
                self.blame(path, number, f"a unit test of '{path.parts[2]}' may not include '{target}'")

    def check_between_rooms(self, path, number, own, room, target):
        if own not in self.map.uses:
            return  # already told: the folder has no line
        if room != own and room not in self.map.uses[own]:
            known = "is not named on its weir_room line" if room in self.map.uses else "is no room"
            self.blame(path, number, f"'{own}' may not include '{target}': '{room}' {known}")
        elif target not in NARROWED.get((own, room), {target}):
            allowed = ", ".join(sorted(NARROWED[(own, room)]))
            self.blame(path, number, f"of '{room}' the room '{own}' may include only {allowed}, not '{target}'")

    def check_from_outside(self, path, number, room, target):
        top = path.parts[0]
        if target not in OUTSIDE[top] and room + "/" not in OUTSIDE[top]:
            self.blame(path, number, f"{top}/ may not include '{target}'")
        elif room == "ui" and path.as_posix() in self.headless:
            self.blame(path, number, f"the headless program may not include '{target}'")

    def check_system(self, path, number, target):
        if CHARTS.match(target) and path.parts[:2] != ("ui", "charts"):
            self.blame(path, number, f"only ui/charts may include Qt Charts, here <{target}>")
        in_core = path.parts[0] == "core"
        if WIDGETS.match(target) and (in_core or path.as_posix() in self.headless):
            self.blame(path, number, f"no window belongs here, but <{target}> is included")


def report(problems):
    for path, line, what in problems:
        print(f"{path}:{line}: {what}")


# ── self-test

GOOD_HOUSE = {
    "core/CMakeLists.txt": f"# {SPDX}\nweir_room(base)\nweir_room(http USES base LINKS llhttp)\n"
                           "weir_room(server USES base http)\nweir_room(pipeline USES base http server)\n",
    "core/base/clock.h": "#pragma once\nnamespace weir::base {\nsteady_clock::now();\n}\n",
    "core/http/head.h": '#pragma once\n#include "base/clock.h"\nnamespace weir::http {\n}\n',
    "core/server/handler.h": '#pragma once\n#include "http/head.h"\n#include <QTimer>\nnamespace weir::server {\n}\n',
    "core/pipeline/walk.cpp": '#include "pipeline/walk.h"\n#include "server/handler.h"\nnamespace weir::pipeline {\n}\n',
    "app/CMakeLists.txt": f"# {SPDX}\nadd_library(weir_app STATIC command_line.cpp)\n"
                          "add_executable(weir-headless headless_main.cpp)\n",
    "app/headless_main.cpp": '#include "engine/engine_host.h"\n#include "llm/providers.h"\n',
    "app/main.cpp": '#include "ui/main_window.h"\n#include <QApplication>\n',
    "ui/charts/plot.cpp": "#include <QLineSeries>\n#include <QtCharts/QChartView>\n",
    "ui/page.cpp": '#include "ui/page.h"\n#include "metrics/snapshot.h"\n',
    "bench/load.cpp": '#include "load.h"\n#include "simulator/simulator.h"\n',
    "bench/load.h": "#pragma once\n",
    "tests/unit/http/tst_head.cpp": '#include "http/head.h"\n#include "base/clock.h"\n#include "tst_head.moc"\n',
    "tests/unit/commands/tst_all.cpp": '#include "commands/all.h"\n#include "report/json.h"\n#include "base/result.h"\n',
    "tests/lint/run.py": "pass\n",
}

# File, what it holds, and "line: part of the message" of the one violation in it.
PLANTED = [
    ("core/base/up.cpp", '\n#include "http/head.h"\nnamespace weir::base {\n}', "3: 'base' may not include"),
    ("core/http/up.cpp", '#include "server/handler.h"\nnamespace weir::http {\n}', "2: 'http' may not include"),
    ("core/http/stray.cpp", '#include "utils/x.h"\nnamespace weir::http {\n}', "2: 'http' may not include"),
    ("core/http/plain.cpp", '#include "head.h"\nnamespace weir::http {\n}', "2: \"head.h\" is included without"),
    ("core/http/spaced.cpp", '  #  include  "server/a.h"\nnamespace weir::http {\n}', "2: 'http' may not include"),
    ("core/http/window.cpp", "#include <QWidget>\nnamespace weir::http {\n}", "2: no window belongs here"),
    ("core/http/time.cpp", "namespace weir::http {\nauto t = steady_clock::now();\n}", "3: reads a clock"),
    ("core/http/foreign.cpp", "namespace weir::llm {\n}", "1: nothing here is in namespace weir::http"),
    ("core/pipeline/wide.cpp", '#include "server/listener.h"\nnamespace weir::pipeline {\n}',
     "2: of 'server' the room 'pipeline' may include only server/handler.h"),
    ("core/attic/box.h", "#pragma once\nnamespace weir::attic {\n}", "1: core/attic has no weir_room line"),
    ("core/http/twice.h", "namespace weir::http {\n}", "1: header without #pragma once"),
    ("core/http/long.h", "#pragma once\nnamespace weir::http {\n}" + "\n" * 149, "151: header has 152 lines"),
    ("core/http/long.cpp", "namespace weir::http {\n}" + "\n" * 400, "401: file has 402 lines"),
    ("ui/deep.cpp", '#include "server/handler.h"', "2: ui/ may not include 'server/handler.h'"),
    ("ui/token.cpp", '#include "llm/reply_meter.h"', "2: ui/ may not include 'llm/reply_meter.h'"),
    ("ui/pages/chart.cpp", "#include <QChartView>", "2: only ui/charts may include Qt Charts"),
    ("app/reach.cpp", '#include "upstream/pool.h"', "2: app/ may not include 'upstream/pool.h'"),
    ("app/command_line.cpp", '#include "ui/main_window.h"', "2: the headless program may not include"),
    ("bench/reach.cpp", '#include "ui/format.h"', "2: bench/ may not include 'ui/format.h'"),
    ("tests/unit/http/tst_up.cpp", '#include "server/handler.h"', "2: a unit test of 'http' may not include"),
    ("tests/unit/report/tst_up.cpp", '#include "load/run.h"', "2: a unit test of 'report' may not include"),
]
UNLICENSED = [("ui/free.cpp", "int x;\n"), ("ui/free.h", "#pragma once\n"), ("tests/lint/free.py", "#!/bin/sh\n"),
              ("core/http/empty.cpp", "")]


def write_house(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        comment = "#" if name.endswith((".py", ".txt")) else "//"
        path.write_text(text if SPDX in text else f"{comment} {SPDX}\n{text}", encoding="utf-8")


def told(root):
    return [f"{path}:{line}: {what}" for path, line, what in Checker(root).run()]


def self_test():
    """Returns the rules that do not work, as sentences."""
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        write_house(root, GOOD_HOUSE)
        failures += [f"found in a good house: {line}" for line in told(root)]
        for name, text, expected in PLANTED:
            write_house(root, {name: text})
            found = told(root)
            place = "core/CMakeLists.txt" if name.startswith("core/attic") else name
            if len(found) != 1 or not found[0].startswith(f"{place}:{expected}"):
                failures.append(f"{name}: expected '{expected}', found {found}")
            (root / name).unlink()
            if name.startswith("core/attic"):
                (root / name).parent.rmdir()
        for name, text in UNLICENSED:
            (root / name).write_text(text, encoding="utf-8")
            if not any("the first line is not" in line for line in told(root)):
                failures.append(f"{name}: a missing SPDX line was not found")
            (root / name).unlink()
        write_house(root, {"core/CMakeLists.txt": f"# {SPDX}\nweir_room(base USES http)\nweir_room(http)\n"
                                                  "weir_room(server USES http)\nweir_room(pipeline USES server)\n"})
        if not any(line.startswith("core/CMakeLists.txt:2: room 'base' uses 'http'") for line in told(root)):
            failures.append("a room that uses one below it was not found")
    return failures


def main(arguments):
    failures = self_test()
    for failure in failures:
        print(f"self-test: {failure}")
    if failures:
        return 1
    print(f"self-test: {len(PLANTED) + len(UNLICENSED) + 1} planted violations found")
    if arguments == ["--self-test"]:
        return 0
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    checker = Checker(root)
    problems = checker.run()
    report(problems)
    print(f"{checker.files} files checked against {len(checker.map.uses)} rooms, {len(problems)} violations")
    return 1 if problems or checker.files == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
