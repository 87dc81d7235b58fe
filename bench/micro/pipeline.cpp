// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/pipeline.h"

#include "engine/room_options.h"
#include "micro/bodies.h"
#include "micro/builtin_config.h"
#include "micro/cases.h"
#include "micro/null_lane.h"
#include <QCoreApplication>

namespace weir::micro {

namespace {

constexpr std::uint16_t Port = 8484;

/// The client's side, without a client.
class NullReply final : public server::Reply
{
public:
    void sendHead(http::ResponseHead head) override { status = head.status; }
    void sendChunk(QByteArray chunk) override { bytes += chunk.size(); }
    void end() override { ended = true; }
    void cut() override { wasCut = true; }
    void continueBody() override {}
    void pauseBody() override {}
    void resumeBody() override {}
    bool isFull() const override { return false; }

    int status = 0;
    std::int64_t bytes = 0;
    bool ended = false;
    bool wasCut = false;
};

/// A request as the connection hands it on.
struct Request
{
    http::RequestHead head;
    std::vector<QByteArray> pieces;
};

Request claudeCode(std::size_t size)
{
    constexpr auto SocketRead = qsizetype(16 * Kilobyte);
    return {parsedHead(claudeCodeHead(size)), cut(claudeCodeRequest(size), SocketRead)};
}

Request chat()
{
    return {parsedHead(claudeCodeHead(Kilobyte)), {chatRequest(Kilobyte)}};
}

Request plain(const char *target)
{
    return {parsedHead("GET " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1:8484\r\n\r\n"), {}};
}

NullAnswer json()
{
    NullAnswer answer;
    answer.head.headers.add("content-type", "application/json");
    answer.head.headers.add("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy");
    answer.chunks = {fixture("anthropic/messages.json")};
    answer.head.contentLength = answer.chunks[0].size();
    return answer;
}

NullAnswer stream()
{
    NullAnswer answer;
    answer.head.headers.add("content-type", "text/event-stream");
    answer.head.headers.add("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy");
    answer.chunks = fixtureEvents("anthropic/messages_thinking_and_tool.sse");
    return answer;
}

config::Config defaults()
{
    const config::Loaded loaded = config::load(builtInSources());
    Q_ASSERT(loaded.config);
    return *loaded.config;
}

/// Everything of an engine between the client's connection and the lane, with the default configuration.
struct Proxy
{
    explicit Proxy(NullAnswer answer, bool profiled = true)
        : upstream(std::move(answer))
        , pools(
              engine::poolOptions(defaults()),
              [this](const std::string &, const upstream::Origin &) { return upstream.laneKind(); }, clock)
        , pipeline(
              [profiled] {
                  config::Config config = defaults();
                  config.profiling.enabled = profiled;
                  return engine::pipelineOptions(config, {});
              }(),
              pools, recorder, clock)
    {
    }

    server::Intake *begin(http::RequestHead head, NullReply &reply)
    {
        const base::Instant now = clock.now();
        return pipeline.begin(std::move(head), {now, now, Port}, reply);
    }

    base::SystemClock clock;
    NullUpstream upstream;
    metrics::Recorder recorder{clock};
    upstream::PoolManager pools;
    pipeline::Pipeline pipeline;
};

/// From the complete head to the record, the turn of the event loop that clears up included.
void exchange(benchmark::State &state, const Request &request, NullAnswer answer, int status,
              bool profiled = true)
{
    Proxy proxy(std::move(answer), profiled);
    std::vector<http::RequestHead> heads;
    std::int64_t whole = 0;
    inBatches(
        state, 64,
        [&](int count) {
            heads.assign(std::size_t(count), request.head);
            proxy.recorder.takeBatch();
        },
        [&](int number) {
            NullReply reply;
            if (server::Intake *intake = proxy.begin(std::move(heads[std::size_t(number)]), reply)) {
                for (const QByteArray &piece : request.pieces)
                    intake->body(piece);
                intake->bodyEnd();
                proxy.upstream.answer();
            }
            QCoreApplication::sendPostedEvents();
            whole += reply.ended && reply.status == status;
        });
    if (whole != state.iterations() || proxy.pipeline.activeCount() != 0)
        state.SkipWithError("not every exchange ended as it should");
}

/// What one more piece of a streamed reply costs, in the middle of it.
void streamedChunk(benchmark::State &state)
{
    Proxy proxy(stream());
    NullReply reply;
    const Request request = chat();
    server::Intake *intake = proxy.begin(request.head, reply);
    if (!intake) {
        state.SkipWithError("the request was refused");
        return;
    }
    intake->body(request.pieces[0]);
    intake->bodyEnd();
    const QByteArray event = fixtureEvents("anthropic/messages_thinking_and_tool.sse")[3];
    for (auto _ : state)
        proxy.upstream.sendChunk(event);
    if (reply.bytes != state.iterations() * event.size())
        state.SkipWithError("not every chunk went through");
    intake->abandon({base::Errc::ClientGone, {}});
    QCoreApplication::sendPostedEvents();
}

} // namespace

void addPipelineCases(Cases &cases)
{
    const auto add = [&cases](std::string name, const std::function<void(benchmark::State &)> &work) {
        cases.push_back({"pipeline", std::move(name), work});
    };
    add("an exchange of 1 KB, JSON reply",
        [](benchmark::State &state) { exchange(state, chat(), json(), 200); });
    add("an exchange of 1 KB, JSON reply, profiling off",
        [](benchmark::State &state) { exchange(state, chat(), json(), 200, false); });
    add("an exchange of 48 KB, stream of 17 events",
        [](benchmark::State &state) { exchange(state, claudeCode(48 * Kilobyte), stream(), 200); });
    add("an exchange of 400 KB, stream of 17 events",
        [](benchmark::State &state) { exchange(state, claudeCode(400 * Kilobyte), stream(), 200); });
    add("one more chunk of a stream", streamedChunk);
    add("GET /health", [](benchmark::State &state) { exchange(state, plain("/health"), json(), 200); });
    add("refuse a request without a credential",
        [](benchmark::State &state) { exchange(state, plain("/v1/models"), json(), 401); });
}

} // namespace weir::micro
