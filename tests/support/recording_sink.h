// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/call.h"
#include <functional>
#include <QByteArray>
#include <QString>
#include <vector>

namespace weir::test {

/// Writes down what a call tells, in order, and does on each occasion what a test wants.
class RecordingSink final : public upstream::CallSink
{
public:
    QByteArray order; ///< one letter each: Lane, connecTing, Connected, Sent, Wanted, Head, Data, End, Failed
    http::ResponseHead head;
    QByteArray protocol;
    QByteArray body;
    qsizetype bodySize = 0;
    base::Error error;
    upstream::Processed processed = upstream::Processed::Maybe;
    bool keepsBody = true;
    bool reused = false;
    std::function<void()> onHeadDo;
    std::function<void()> onChunkDo;
    std::function<void()> onSentDo;
    std::function<void()> onOverDo;
    std::function<void()> onWantedDo;

    qsizetype ends() const { return order.count('E') + order.count('F'); }
    bool isOver() const { return ends() > 0; }
    bool hasFailed() const { return order.contains('F'); }

    void onLane(bool isReused) override
    {
        order += 'L';
        reused = isReused;
    }
    void onConnecting() override { order += 'T'; }
    void onConnected() override { order += 'C'; }
    void onSent() override
    {
        order += 'S';
        act(onSentDo);
    }
    void onBodyWanted() override
    {
        order += 'W';
        act(onWantedDo);
    }
    void onHead(http::ResponseHead came, std::string_view by) override
    {
        order += 'H';
        head = std::move(came);
        protocol = QByteArray(by.data(), qsizetype(by.size()));
        act(onHeadDo);
    }
    void onChunk(QByteArray bytes) override
    {
        if (!order.endsWith('D'))
            order += 'D';
        bodySize += bytes.size();
        if (keepsBody)
            body += bytes;
        act(onChunkDo);
    }
    void onEnd() override
    {
        order += 'E';
        act(onOverDo);
    }
    void onFailed(base::Error why, upstream::Processed how) override
    {
        order += 'F';
        error = std::move(why);
        processed = how;
        act(onOverDo);
    }

private:
    /// A copy: what is done may change what is to be done.
    static void act(std::function<void()> action)
    {
        if (action)
            action();
    }
};

} // namespace weir::test
