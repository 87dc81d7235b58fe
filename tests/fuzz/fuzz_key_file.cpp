// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever file is given for the ancestor's keys: it is refused with line and reason, or gives keys that keep
// to their bounds; no key's text is told.
#include "store/key_import.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

using namespace weir;

namespace {

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

void requireSense(const store::ImportedKey &imported)
{
    const auto isCount = [](std::int64_t count) {
        return count >= 0 && count <= keys::RollingWindow::AmountMax;
    };
    require(imported.key.prefix.size() <= 8, "a prefix shows little of a key");
    require(isCount(imported.tokensBefore) && isCount(imported.key.limits.tokensPerWindow.value_or(0)),
            "counts within their bounds");
    for (const keys::Spent &spent : imported.spent)
        require(isCount(spent.amount), "amounts within their bounds");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const QByteArray json(reinterpret_cast<const char *>(bytes), qsizetype(size));
    const auto keys = store::readKeyFile(json);
    if (!keys) {
        const base::Error &error = keys.error();
        require(error.code == base::Errc::ImportInvalid, "one kind of error");
        int line = 0;
        require(std::sscanf(error.detail.c_str(), "line %d: ", &line) == 1, "an error names its line");
        require(line >= 1 && line <= json.count('\n') + 1, "the line is one of the file");
        return 0;
    }
    std::set<keys::KeyHash> hashes;
    for (const store::ImportedKey &imported : *keys) {
        requireSense(imported);
        require(hashes.insert(imported.key.hash).second, "no key twice");
    }
    // A line more before it changes nothing.
    const auto again = store::readKeyFile('\n' + json);
    require(again && again->size() == keys->size(), "the same keys again");
    return 0;
}
