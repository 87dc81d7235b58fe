// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/value.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// One value of a file. Its key is "section.key", "provider.NAME.key" within the [[provider]] of that name,
/// or "alias.N.key" ("price.N.key") within the N-th [[alias]] ([[price]]) that has what makes it one, counted
/// from 1.
struct FileEntry
{
    std::uint32_t line = 0;
    std::string key;
    Value value;
};

/// A table at the top of a file, with settings in it or without.
struct FileTable
{
    std::uint32_t line = 0;
    std::string name;
};

/// Why a part of a file could not be read.
struct FileProblem
{
    std::uint32_t line = 0;
    std::string what;
};

/// A file taken apart, in the order of its lines. What its keys and values mean is not looked at, but for the
/// names of providers and whether an entry has what makes it one.
struct FileContents
{
    std::vector<FileEntry> entries;
    std::vector<FileTable> tables; ///< but for those that may be there several times
    std::vector<FileProblem> problems;
    bool isToml = true; ///< false: the text is broken and nothing of it was read
};

FileContents readToml(std::string_view text);

} // namespace weir::config
