// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "llm/dialect.h"
#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// What Weir answers by itself.
enum class LocalPage : std::uint8_t
{
    None,
    Health, ///< GET /health
    Stats,  ///< GET /stats: what an access key has used, for its owner
    Usage,  ///< GET /stats/all: usage of all callers, for the admin
    Admin,  ///< /admin/…: access keys and providers' secrets, for the admin
    Hello,  ///< HEAD /api/hello: Claude Code asks this before it sends anything
    Front,  ///< GET /: what this is; tools ask it to see whether somebody is there
};

/// The page served at `path`, LocalPage::None if there is none.
LocalPage localPage(std::string_view path);
/// True if `method` may be used on `page`.
bool allowsMethod(LocalPage page, std::string_view method);
/// Which may, for the 405: "GET and HEAD are".
std::string_view allowedMethods(LocalPage page);

/// One sentence that lists what can be called, for the 404 of an unknown path.
std::string_view servedPaths();

} // namespace weir::pipeline
