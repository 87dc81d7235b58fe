// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/provider.h"
#include "llm/reply_meter.h"
#include "llm/request_probe.h"
#include "llm/sse_scanner.h"
#include "llm/usage_reader.h"
#include "micro/bodies.h"
#include "micro/cases.h"

namespace weir::micro {

namespace {

std::string_view view(const QByteArray &bytes)
{
    return {bytes.constData(), std::size_t(bytes.size())};
}

void probe(benchmark::State &state, const QByteArray &body)
{
    for (auto _ : state) {
        const llm::RequestFacts facts = llm::probeRequest(body);
        if (facts.model != BodyModel) {
            state.SkipWithError("the model was not found");
            return;
        }
    }
    state.SetBytesProcessed(state.iterations() * body.size());
}

http::ResponseHead headOf(const char *contentType)
{
    http::ResponseHead head;
    head.headers.add("content-type", contentType);
    return head;
}

/// The event of a fixture that holds `mark`.
QByteArray eventWith(const char *fixtureName, const char *mark)
{
    for (const QByteArray &event : fixtureEvents(fixtureName)) {
        if (event.contains(mark))
            return event;
    }
    return {};
}

/// One piece of a running stream, again and again: what a chunk costs in the middle of a reply.
void meterChunk(benchmark::State &state, llm::Api api, const QByteArray &event)
{
    llm::ReplyMeter meter(api, headOf("text/event-stream"));
    for (auto _ : state)
        meter.feed(view(event));
    if (event.isEmpty() || !meter.hasSeenContent())
        state.SkipWithError("no content was seen");
}

void meterReply(benchmark::State &state, llm::Api api, const char *contentType,
                const std::vector<QByteArray> &chunks)
{
    const http::ResponseHead head = headOf(contentType);
    for (auto _ : state) {
        llm::ReplyMeter meter(api, head);
        for (const QByteArray &chunk : chunks)
            meter.feed(view(chunk));
        meter.finish();
        if (!meter.usage().known || meter.completeness() != llm::Completeness::Complete) {
            state.SkipWithError("the usage was not found");
            return;
        }
    }
}

class EventCounter final : public llm::SseScanner::Events
{
public:
    void onEvent(std::string_view, std::string_view data, std::size_t) override
    {
        benchmark::DoNotOptimize(data.data());
        ++count;
    }
    std::int64_t count = 0;
};

/// `pieces` hold one event together.
void scanEvent(benchmark::State &state, const std::vector<QByteArray> &pieces)
{
    EventCounter counter;
    llm::SseScanner scanner(counter, llm::ReplyMeter::JsonBytesMax);
    for (auto _ : state) {
        for (const QByteArray &piece : pieces)
            scanner.feed(view(piece));
    }
    if (counter.count != state.iterations())
        state.SkipWithError("not one event in each round");
}

void readUsage(benchmark::State &state, llm::Api api, const char *fixtureName)
{
    const QByteArray json = fixture(fixtureName);
    for (auto _ : state) {
        llm::ReplyFacts facts;
        if (!llm::readReply(api, view(json), facts) || !facts.usage.known) {
            state.SkipWithError("the usage was not found");
            return;
        }
    }
}

void authorise(benchmark::State &state)
{
    const http::Headers headers = parsedHead(claudeCodeHead(1)).headers;
    std::vector<http::Headers> copies;
    inBatches(
        state, 64, [&](int count) { copies.assign(std::size_t(count), headers); },
        [&](int number) { llm::authorise(copies[std::size_t(number)], llm::AuthMode::PassThrough); });
    if (!copies.empty() && (copies[0].contains("host") || !copies[0].contains("authorization")))
        state.SkipWithError("the wrong fields are left");
}

} // namespace

void addLlmCases(Cases &cases)
{
    using llm::Api;
    const auto add = [&cases](std::string name, std::function<void(benchmark::State &)> work) {
        cases.push_back({"llm", std::move(name), std::move(work)});
    };
    static constexpr const char *MessagesStream = "anthropic/messages_thinking_and_tool.sse";
    static constexpr const char *ChatStream = "openai/chat_with_usage.sse";
    add("probe a request of 1 KB", [](benchmark::State &state) { probe(state, chatRequest(Kilobyte)); });
    add("probe a request of 48 KB",
        [](benchmark::State &state) { probe(state, claudeCodeRequest(48 * Kilobyte)); });
    add("probe a request of 400 KB",
        [](benchmark::State &state) { probe(state, claudeCodeRequest(400 * Kilobyte)); });
    add("authorise a request's 21 fields", authorise);
    add("scan an event",
        [](benchmark::State &state) { scanEvent(state, {eventWith(MessagesStream, "thinking_delta")}); });
    add("scan an event cut in two", [](benchmark::State &state) {
        const QByteArray event = eventWith(MessagesStream, "thinking_delta");
        scanEvent(state, cut(event, event.size() / 2 + 1));
    });
    add("meter a chunk of Messages", [](benchmark::State &state) {
        meterChunk(state, Api::Messages, eventWith(MessagesStream, "thinking_delta"));
    });
    add("meter a chunk of ChatCompletions", [](benchmark::State &state) {
        meterChunk(state, Api::ChatCompletions, eventWith(ChatStream, "\"content\":\"Gr"));
    });
    add("meter a stream of Messages, 17 events", [](benchmark::State &state) {
        meterReply(state, Api::Messages, "text/event-stream", fixtureEvents(MessagesStream));
    });
    add("meter a JSON reply of Messages", [](benchmark::State &state) {
        meterReply(state, Api::Messages, "application/json", {fixture("anthropic/messages.json")});
    });
    add("read the usage of Messages",
        [](benchmark::State &state) { readUsage(state, Api::Messages, "anthropic/messages.json"); });
    add("read the usage of ChatCompletions",
        [](benchmark::State &state) { readUsage(state, Api::ChatCompletions, "openai/chat.json"); });
    add("read the usage of Responses",
        [](benchmark::State &state) { readUsage(state, Api::Responses, "openai/responses.json"); });
}

} // namespace weir::micro
