// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/result.h"
#include "simulator/simulator.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::simulator {

struct Fault;
struct Script;

/// Largest values that a model name may ask for.
inline constexpr std::int64_t DelayMsMax = 3'600'000;
inline constexpr std::int64_t ChunksMax = 10'000;
inline constexpr std::int64_t TextBytesMax = 64LL * 1024 * 1024;

/// How one request is to be answered.
struct Behaviour
{
    int firstByteMs = 0;
    int gapMs = 0;
    int chunkCount = 0;
    bool isStamped = false;                ///< content events tell when they were sent (stamp.h)
    std::optional<std::int64_t> textBytes; ///< length of the text; absent = the usual sentence
    int errorStatus = 0;                   ///< 0 = answers well
    bool echoesKey = false;                ///< the error quotes the credential
    std::string retryAfter;                ///< value of the field; "" = as usual
    const Fault *fault = nullptr;          ///< null = none
    std::int64_t faultNumber = 0;          ///< at the end of its name
};

/// What the options say, changed by a model named `sim-…`: parts joined by '+', each as in the README. Any
/// other model answers well. An error names the part that is not understood.
base::Result<Behaviour> behaviourFor(std::string_view model, const Options &options);

/// Applies the fault, if there is one. An error tells that the protocol has no such fault.
base::Result<void> breakScript(const Behaviour &behaviour, bool http2, Script &script);

} // namespace weir::simulator
