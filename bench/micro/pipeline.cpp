// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/pipeline.h"

#include "engine/room_options.h"
#include "micro/bodies.h"
#include "micro/builtin_config.h"
#include "micro/cases.h"
#include "micro/null_lane.h"
#include "pipeline/steps.h"
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

/// Models that clients ask for and that something else is sent for; BodyModel is not among them.
void setRules(config::Config &config)
{
    config.aliases = {
        {"gpt-5*", "glm-4.6", ""}, {"claude-opus-*", "glm-4.6", ""}, {"fast", "glm-4.5-air", ""}};
}

/// The same, and one for BodyModel.
void setMatchingRules(config::Config &config)
{
    setRules(config);
    config.aliases.push_back({"claude-sonnet-*", "glm-4.6", ""});
}

void nothing(config::Config &) {}

Request chat()
{
    return {parsedHead(claudeCodeHead(Kilobyte)), {chatRequest(Kilobyte)}};
}

Request plain(const char *target)
{
    return {parsedHead("GET " + std::string(target) + " HTTP/1.1\r\nHost: 127.0.0.1:8484\r\n\r\n"), {}};
}

Request models()
{
    return {parsedHead("GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1:8484\r\nx-api-key: k\r\n\r\n"), {}};
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

/// Changes the default configuration.
using Change = void (*)(config::Config &);

pipeline::Options options(Change change)
{
    config::Config config = defaults();
    change(config);
    return engine::pipelineOptions(config, {});
}

/// Everything of an engine between the client's connection and the lane.
struct Proxy
{
    explicit Proxy(NullAnswer answer, Change change = nothing)
        : upstream(std::move(answer))
        , pools(
              engine::poolOptions(defaults()),
              [this](const std::string &, const upstream::Origin &) { return upstream.laneKind(); }, clock)
        , pipeline(options(change), pools, recorder, clock)
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
              Change change = nothing)
{
    Proxy proxy(std::move(answer), change);
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

/// What one step costs on the head of a request that it lets pass, in the order of makeSteps().
void stepOnHead(benchmark::State &state, std::size_t number)
{
    const pipeline::Options configured = options(nothing);
    const auto steps = pipeline::makeSteps(configured);
    // One that waits for its body still has its head.
    Proxy proxy(json(), setRules);
    NullReply reply;
    server::Intake *intake = proxy.begin(claudeCode(48 * Kilobyte).head, reply);
    if (!intake || number >= steps.size()) {
        state.SkipWithError("there is no such step, or the request was refused");
        return;
    }
    auto &exchange = static_cast<pipeline::Exchange &>(*intake);
    pipeline::Accounts &accounts = proxy.pipeline.accounts();
    accounts.settle(exchange.claim, 0);
    for (auto _ : state) {
        benchmark::DoNotOptimize(steps[number]->onHead(exchange));
        accounts.settle(exchange.claim, 0); // what the step that lets it in wants to find; else nothing
    }
    if (reply.ended)
        state.SkipWithError("the step has refused the request");
    else
        exchange.abandon({base::Errc::ClientGone, {}});
    QCoreApplication::sendPostedEvents();
}

} // namespace

void addPipelineCases(Cases &cases)
{
    const auto add = [&cases](std::string name, const std::function<void(benchmark::State &)> &work) {
        cases.push_back({"pipeline", std::move(name), work});
    };
    add("an exchange of 1 KB, JSON reply, profiling off", [](benchmark::State &state) {
        exchange(state, chat(), json(), 200,
                 [](config::Config &config) { config.profiling.enabled = false; });
    });
    add("an exchange of 48 KB, stream of 17 events",
        [](benchmark::State &state) { exchange(state, claudeCode(48 * Kilobyte), stream(), 200); });
    add("an exchange of 400 KB, stream of 17 events",
        [](benchmark::State &state) { exchange(state, claudeCode(400 * Kilobyte), stream(), 200); });
    add("one more chunk of a stream", streamedChunk);
    for (const std::size_t kilobytes : {1, 48, 400}) {
        const std::string size = " of " + std::to_string(kilobytes) + " KB, JSON reply, ";
        const auto request = [kilobytes] {
            return kilobytes == 1 ? chat() : claudeCode(kilobytes * Kilobyte);
        };
        add("an exchange" + size + "no rules",
            [request](benchmark::State &state) { exchange(state, request(), json(), 200); });
        add("an exchange" + size + "no rule matches",
            [request](benchmark::State &state) { exchange(state, request(), json(), 200, setRules); });
        add("an exchange" + size + "an alias", [request](benchmark::State &state) {
            exchange(state, request(), json(), 200, setMatchingRules);
        });
    }
    add("GET /v1/models, no rules", [](benchmark::State &state) { exchange(state, models(), json(), 200); });
    add("GET /v1/models, rules for other endpoints",
        [](benchmark::State &state) { exchange(state, models(), json(), 200, setRules); });
    for (std::size_t number = 0;
         const char *name : {"guard", "route", "auth", "local", "rank", "inspect", "transform", "limit"}) {
        add("step on the head: " + std::string(name),
            [number](benchmark::State &state) { stepOnHead(state, number); });
        ++number;
    }
    add("GET /health", [](benchmark::State &state) { exchange(state, plain("/health"), json(), 200); });
    add("refuse a request without a credential",
        [](benchmark::State &state) { exchange(state, plain("/v1/models"), json(), 401); });
}

} // namespace weir::micro
