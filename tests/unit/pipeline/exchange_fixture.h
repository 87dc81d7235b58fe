// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "pipeline/pipeline.h"
#include "support/fake_lanes.h"
#include "support/manual_clock.h"
#include <QTest>

namespace weir::test {

/// What the client gets.
class Client final : public server::Reply
{
public:
    void sendHead(http::ResponseHead sent) override { head = std::move(sent); }
    void sendChunk(QByteArray bytes) override { body += bytes; }
    void end() override { ended = true; }
    void cut() override { wasCut = true; }
    void continueBody() override { ++continues; }
    void pauseBody() override { paused = true; }
    void resumeBody() override { paused = false; }
    bool isFull() const override { return false; }

    http::ResponseHead head;
    QByteArray body;
    bool ended = false;
    bool wasCut = false;
    bool paused = false;
    int continues = 0;
};

/// A provider that both plain paths lead to.
inline pipeline::Options oneProvider()
{
    pipeline::RoutedProvider routed;
    routed.provider.name = "sim";
    routed.provider.openAiBase = llm::BaseUrl{true, "api.example", 443, "/v1"};
    routed.provider.anthropicBase = llm::BaseUrl{true, "api.example", 443, ""};
    pipeline::Options options;
    options.routes = {{routed}, "sim", "sim"};
    options.bodyHold = 10;
    return options;
}

/// Two providers, and the rules that most rows are about.
inline pipeline::Options withRules()
{
    pipeline::Options options = oneProvider();
    pipeline::RoutedProvider other;
    other.provider.name = "other";
    other.provider.anthropicBase = llm::BaseUrl{true, "other.example", 443, "/api"};
    other.provider.auth = llm::AuthMode::None;
    options.routes.providers.push_back(other);
    options.models.aliases = {{"fast", "glm-4.6", ""}, {"claude-*", "glm-4.5", ""}, {"far", "near", "other"}};
    options.bodyHold = 1000;
    return options;
}

inline upstream::PoolOptions oneLane()
{
    upstream::PoolOptions options;
    options.lanesMin = options.lanesMax = 1;
    return options;
}

/// A pipeline over lanes that do what the test says, and the client's side of it.
struct ExchangeFixture
{
    explicit ExchangeFixture(pipeline::Options options = oneProvider(), bool needsBodySize = false)
        : pools(
              oneLane(),
              [this, needsBodySize](const std::string &, const upstream::Origin &) {
                  return lanes.kind(10, needsBodySize);
              },
              clock)
        , pipeline(std::move(options), pools, recorder, clock)
    {
    }
    ~ExchangeFixture() { settle(); }
    static void settle()
    {
        for (int turn = 0; turn < 4; ++turn)
            QCoreApplication::processEvents();
    }
    server::Intake *begin(Client &client, const std::string &path, std::optional<std::int64_t> size,
                          const std::string &priority = {})
    {
        http::RequestHead head;
        head.method = "POST";
        head.target = path;
        head.headers.add("Host", "127.0.0.1:8484");
        if (!credential.empty())
            head.headers.add("x-api-key", credential);
        if (!encoding.empty())
            head.headers.add("Content-Encoding", encoding);
        head.headers.add("Content-Type", "application/json");
        if (!priority.empty())
            head.headers.add("X-Weir-Priority", priority);
        head.contentLength = size;
        head.chunked = !size;
        return pipeline.begin(std::move(head), {clock.now(), clock.now(), 8484}, client);
    }
    /// Every lane that was opened stands.
    void connect()
    {
        for (FakeLane *lane : lanes.alive) {
            if (!lane->connected)
                lane->connectNow();
        }
        settle();
    }
    FakeCall &call() { return *lanes[0].calls.back(); }
    void answer()
    {
        call().sink.onHead({200, {}, 2}, "h2");
        call().sink.onChunk("{}");
        call().end();
        settle();
    }

    // Of the requests to come; "" = without.
    std::string credential = "k";
    std::string encoding;

    FakeLanes lanes;
    ManualClock clock;
    upstream::PoolManager pools;
    metrics::Recorder recorder{clock};
    pipeline::Pipeline pipeline;
};

} // namespace weir::test
