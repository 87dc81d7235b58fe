// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "config/config.h"
#include "pipeline/flight.h"
#include <array>

namespace weir::test {

struct LaneKind
{
    const char *name;
    config::Transport transport;
    bool tls; // with HTTP/2
};

inline constexpr std::array Kinds{
    LaneKind{"direct h2", config::Transport::Direct, true},
    LaneKind{"direct h1", config::Transport::Direct, false},
    LaneKind{"qnam h2", config::Transport::Qnam, true},
    LaneKind{"qnam h1", config::Transport::Qnam, false},
};

/// A fault and what a client gets over each kind: "cut" is a reply that breaks off visibly after its head, a
/// number the status of a whole reply, "/" means either (what Qt tells first depends on its timing), "" means
/// that the protocol has no such fault or another test has it.
struct FaultRow
{
    const char *fault;
    bool streams;
    std::array<const char *, Kinds.size()> expected;
    int tries = 1;     // over direct HTTP/2, where the lane proves that nothing was processed
    int qnamTries = 1; // over Qt's
};

inline constexpr bool Stream = true;
inline constexpr bool Json = false;
inline constexpr int Tries = 1 + pipeline::Flight::RetriesMax;

inline constexpr FaultRow FaultRows[] = {
    // Who closes, resets or falls silent; nothing proves that the request was not worked on.
    {"close-before", Json, {"502", "502", "502", "502"}},
    {"close-after-head", Stream, {"cut", "cut", "cut", "cut"}},
    {"close-mid-stream", Stream, {"cut", "cut", "cut", "cut"}},
    {"close-mid-stream", Json, {"cut", "cut", "cut", "cut"}},
    {"reset-before", Json, {"502", "502", "502", "502"}},
    {"reset-after-head", Json, {"cut", "cut", "cut", "cut"}},
    {"reset-mid-stream", Stream, {"cut", "cut", "cut", "cut"}},
    {"silent", Json, {"504", "504", "504", "504"}},
    {"silent-after-head", Json, {"cut", "cut", "cut", "cut"}},
    {"silent-mid-stream", Stream, {"cut", "cut", "cut", "cut"}},
    {"no-done", Stream, {"200", "200", "200", "200"}},
    {"goaway-mid", Stream, {"cut", "cut", "cut", "cut"}},
    {"goaway-graceful", Stream, {"200", "200", "", "200"}}, // Qt: tst_qnam
    // Proven not to have been processed, which Qt tells of a regular GOAWAY only.
    {"rst-refused", Json, {"502", "502", "502", "502"}, Tries},
    {"goaway-refused", Json, {"502", "502", "502", "502"}, Tries, Tries},
    {"goaway-calm", Json, {"503", "502", "502", "502"}, Tries},
    // Heads
    {"garbage-status", Json, {"502", "502", "502", "502"}},
    {"status-000", Json, {"502", "502", "502", "502"}},
    {"status-99999", Json, {"502", "502", "502", "502"}},
    {"no-status", Json, {"502", "", "502", ""}},
    {"http09", Json, {"", "502", "", "502"}},
    {"interim-100", Stream, {"200", "200", "200", "200"}},
    {"interim-103", Stream, {"200", "200", "200", "502"}}, // Qt takes it for the reply
    {"switching-101", Json, {"502", "502", "502", "502"}},
    {"s204-body", Json, {"204", "204", "204", "204"}}, // the body reaches nobody
    {"s304-body", Json, {"304", "304", "304", "304"}},
    {"bad-header", Json, {"502", "502", "502", "200"}}, // Qt ends lines at LF, as RFC 9112 §2.2 allows …
    {"header-bare-lf", Json, {"502", "502", "502", "200"}},
    {"header-bare-cr", Json, {"502", "502", "502", "502"}},
    {"header-nul", Json, {"502", "502", "200", "502"}}, // … makes a comma of the NUL …
    {"obs-fold", Json, {"502", "502", "502", "200"}},   // … and a space of the fold
    {"uppercase-header", Json, {"502", "", "200", ""}},
    {"connection-header", Json, {"502", "", "200", ""}},
    {"huge-header", Json, {"502", "502", "502", "502/504"}},
    {"many-headers", Json, {"502", "502", "", "502/504"}}, // Qt takes seconds over HTTP/2
    // How long the body is
    {"truncated-length", Json, {"cut", "cut", "cut", "cut"}},
    {"length-too-short", Json, {"cut", "200", "cut", "200"}}, // the surplus reaches nobody
    {"length-twice", Json, {"502", "502", "200", "502"}},
    {"length-negative", Json, {"502", "502", "502", "502"}},
    {"length-and-chunked", Json, {"", "502", "", "502"}},
    {"te-unknown", Stream, {"", "502", "", "502"}},
    {"bad-chunk", Stream, {"", "cut", "", "cut"}},
    {"chunk-overflow", Stream, {"", "cut", "", "cut"}},
    {"chunk-negative", Stream, {"", "cut", "", "cut"}},
    {"truncated-chunked", Stream, {"", "cut", "", "cut"}},
    {"no-last-chunk", Stream, {"cut", "cut", "cut", "cut"}},
    {"no-last-chunk", Json, {"cut", "cut", "cut", "cut"}},
    {"tail-response", Json, {"", "200", "", "200"}},
    {"tail-response", Stream, {"", "200", "", "200"}},
    {"data-before-headers", Json, {"502", "", "502/cut", ""}},
    // Valid, but not meant for a client, or not as it seems
    {"redirect", Json, {"502", "502", "502", "502"}},
    {"redirect-301", Json, {"502", "502", "502", "502"}},
    {"redirect-399", Json, {"502", "502", "502", "502"}},
    {"auth-401", Json, {"401", "401", "401", "401"}},
    {"auth-407", Json, {"407", "407", "407", "407"}},
    {"error-401", Json, {"401", "401", "401", "401"}},
    {"error-529", Json, {"529", "529", "529", "529"}},
    {"html-502", Json, {"502", "502", "502", "502"}},
    {"gzip-truncated", Json, {"200", "200", "200", "200"}}, // passed as it came: the client unpacks it
    {"gzip-lie", Json, {"200", "200", "200", "200"}},
    {"gzip-bomb", Json, {"200", "200", "200", "200"}},
    // Floods: of Qt's nobody learns until it has taken in too much, or the deadline ends them
    {"interim-flood", Json, {"502", "502", "502", "502"}},
    {"endless-headers", Json, {"502", "502", "502/504", "502/504"}},
    {"continuation-flood", Json, {"502", "", "502/504", ""}},
    {"empty-continuations", Json, {"502", "", "502/504", ""}},
    {"empty-data-flood", Json, {"cut", "", "502", ""}},
    {"ping-flood", Json, {"502", "", "502/504", ""}},
    {"settings-flood", Json, {"502", "", "502/504", ""}},
};

} // namespace weir::test
