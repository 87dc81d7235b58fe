// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/call.h"
#include <QByteArray>

namespace weir::test {

/// Remembers what it was told, in order.
class FakeSink final : public upstream::CallSink
{
public:
    void onLane(bool reused) override { log += reused ? "lane(reused) " : "lane "; }
    void onConnecting() override { log += "connecting "; }
    void onConnected() override { log += "connected "; }
    void onConnectionAwaited(const upstream::ConnectTimes &times) override
    {
        log += "awaited ";
        awaited = times;
    }
    void onSent() override { log += "sent "; }
    void onBodyWanted() override { log += "more "; }
    void onHead(http::ResponseHead, std::string_view) override { log += "head "; }
    void onChunk(QByteArray bytes) override { log += "chunk(" + bytes + ") "; }
    void onEnd() override { log += "end "; }
    void onFailed(base::Error failure, upstream::Processed howFar) override
    {
        log += "failed ";
        error = failure;
        processed = howFar;
    }
    bool hasFailed() const { return log.contains("failed"); }

    QByteArray log;
    base::Error error;
    upstream::Processed processed = upstream::Processed::Maybe;
    upstream::ConnectTimes awaited;
};

} // namespace weir::test
