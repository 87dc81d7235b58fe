// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "llm/dialect.h"
#include "llm/usage.h"
#include "profiling/timeline.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::metrics {

/// How an exchange ended.
enum class Outcome : std::uint8_t
{
    Completed, ///< the upstream's reply reached the client whole, whatever its status
    Answered,  ///< Weir answered by itself: health, refusals
    Failed,    ///< the upstream could not be reached, timed out or broke the protocol before its head
    Truncated, ///< the reply broke off after its head
    Cancelled, ///< the client left first
    ToldError, ///< whole, and called a success, but what it told was an error of the provider
};
std::string_view name(Outcome outcome); ///< "completed", …

/// What remains of an exchange when it has ended. A value: crosses threads by copy. Holds no secret and no
/// body.
struct RequestRecord
{
    base::ExchangeId id{};
    base::WallMs startedAt = 0;
    std::string caller;     ///< who asked: a keyed hash, never the credential; "" if there was none
    std::int64_t keyId = 0; ///< the access key it came with; 0 = none
    std::string keyLabel;   ///< its name at that time
    std::string tool;       ///< "Claude Code", "Codex", … from the user agent; "" if unknown
    std::string method;     ///< "POST"
    std::string path;       ///< as the client sent it, without query
    std::string provider;   ///< "" if none was chosen
    int pool = -1;          ///< index in Snapshot::pools; -1 = none was asked
    std::optional<llm::Endpoint> endpoint;
    std::string modelRequested; ///< by the client; "" if unknown or none
    std::string modelSent;      ///< to the upstream, where a rule has changed it; "" = as requested
    std::string modelServed;    ///< as the reply names it; "" if unknown
    /// The provider's own code or type of an error, with its meaning where one is known: "1302: too many
    /// requests at the same time"; "" if it named none.
    std::string providerError;
    std::string endReason; ///< why generating ended, in the provider's word; "" if untold
    int status = 0;        ///< sent to the client; 0 if none was
    Outcome outcome = Outcome::Completed;
    base::Errc error = base::Errc::None;
    bool streamed = false;   ///< the reply was an event stream
    bool laneReused = false; ///< an open connection carried it
    int retries = 0;         ///< further tries, after proof that nothing had been processed
    std::string protocol;    ///< towards the upstream: "h2", "http/1.1", "" if never reached
    llm::TokenUsage usage;
    std::int64_t charged = 0; ///< tokens counted against limits; an estimate where the usage is not known
    std::optional<std::int64_t> costMicros; ///< of a US dollar; absent = no price is known, which is not 0
    std::int64_t requestBytes = 0;          ///< body
    std::int64_t replyBytes = 0;            ///< body
    base::Duration total{};                 ///< head complete → last byte handed to the client's socket
    std::optional<base::Duration>
        firstToken;       ///< head complete → first generated content (else first body byte)
    base::Duration own{}; ///< by how much Weir delayed the first token and the end; see Timeline::own()
    std::uint64_t pieceCount = 0; ///< in which the reply was passed on; 0 where nothing is profiled
    std::optional<base::Duration> pieceMedian; ///< from its coming until it was passed on, of these pieces
    base::Duration laneWait{}; ///< in the pool's queue, without the time of making a connection
    bool gotLane = false;
    profiling::Timeline timeline{false};

    bool isError() const
    {
        return outcome == Outcome::Failed || outcome == Outcome::Truncated || outcome == Outcome::ToldError ||
               status >= 400;
    }
    /// A provider was asked for something, or could not be reached: this is what counts as usage.
    bool hasAskedProvider() const { return gotLane || outcome == Outcome::Failed; }
    /// Weir has refused it by itself, and nobody was asked.
    bool isRefusal() const { return outcome == Outcome::Answered && error != base::Errc::None; }
    /// Forwarded to an upstream, so that its times say something about provider and proxy.
    bool isForwarded() const { return outcome != Outcome::Answered; }
};

using RecordBatch = std::vector<RequestRecord>;

} // namespace weir::metrics
