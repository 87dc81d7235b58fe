// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/message.h"
#include <string_view>

namespace weir::pipeline {

/// True for an Origin that no web site can have: of a program made of web technology (Electron, Tauri, a view
/// of an editor), which is as local as any other client.
bool isLocalProgram(std::string_view origin);

/// True for the question that a browser engine asks before a request to another origin (CORS): it carries no
/// credential, and nothing of it is for a provider.
bool isPreflight(const http::RequestHead &request);

/// Adds to a reply what lets a program of this origin read it, unless the upstream has. To a preflight the
/// answer, too.
void allowOrigin(http::Headers &reply, std::string_view origin, const http::RequestHead &request);

} // namespace weir::pipeline
