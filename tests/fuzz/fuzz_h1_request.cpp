// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes, however they are cut, give the same requests and the same error; what is accepted keeps to the
// promises of RequestHead, and means the same when it is written down plainly and read again.
#include "http/limits.h"
#include "http/request_parser.h"
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace weir;
using http::RequestHead;
using http::RequestParser;

namespace {

/// Small, so that short inputs reach it.
constexpr std::int64_t BodyMax = 64;
/// Up to this size each single cut is tried, beyond it some: the work grows with the square.
constexpr std::size_t EveryCutMax = 96;
constexpr int SomeCuts = 8;

struct Message
{
    RequestHead head;
    std::string body;
    bool isWhole = false;
};

struct Outcome
{
    std::vector<Message> messages;
    base::Errc error = base::Errc::None;
};

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

class Collector final : public RequestParser::Events
{
public:
    void onHead(RequestHead head) override
    {
        require(outcome.messages.empty() || outcome.messages.back().isWhole, "one message after the other");
        outcome.messages.push_back({std::move(head), {}, false});
    }
    void onBody(std::string_view bytes) override
    {
        require(!outcome.messages.empty() && !outcome.messages.back().isWhole, "no body outside a message");
        outcome.messages.back().body += bytes;
    }
    void onEnd() override
    {
        require(!outcome.messages.empty() && !outcome.messages.back().isWhole, "a message ends once");
        outcome.messages.back().isWhole = true;
    }

    Outcome outcome;
};

/// Feeds as a connection does. Each piece is copied to memory of its own size: a read beyond its end, or of
/// a piece that has been given back, is seen by AddressSanitizer.
Outcome parse(const std::vector<std::string_view> &pieces)
{
    Collector collector;
    RequestParser parser(collector, BodyMax);
    for (const std::string_view piece : pieces) {
        const std::vector<char> copy(piece.begin(), piece.end());
        std::string_view data(copy.data(), copy.size());
        while (!data.empty()) {
            const auto used = parser.feed(data);
            if (!used) {
                collector.outcome.error = used.error().code;
                require(!used.error().detail.empty() || used.error().code == base::Errc::ExpectationFailed,
                        "an error tells its reason");
                require(!parser.feed(data), "nothing follows an error");
                return std::move(collector.outcome);
            }
            require(*used <= data.size(), "no more is used than was given");
            require(*used > 0 || parser.isComplete(), "each feed gets on");
            data.remove_prefix(*used);
            if (parser.isComplete())
                parser.next();
        }
    }
    return std::move(collector.outcome);
}

bool isSameHead(const RequestHead &left, const RequestHead &right)
{
    if (left.method != right.method || left.target != right.target ||
        left.contentLength != right.contentLength || left.chunked != right.chunked ||
        left.expectsContinue != right.expectsContinue || left.keepAlive != right.keepAlive ||
        left.minorVersion != right.minorVersion || left.headers.size() != right.headers.size())
        return false;
    for (std::size_t index = 0; index < left.headers.size(); ++index) {
        const auto a = left.headers.at(index);
        const auto b = right.headers.at(index);
        if (a.name != b.name || a.value != b.value)
            return false;
    }
    return true;
}

void requireSame(const Outcome &whole, const Outcome &cut)
{
    require(whole.error == cut.error, "the same error however cut");
    require(whole.messages.size() == cut.messages.size(), "as many requests however cut");
    for (std::size_t index = 0; index < whole.messages.size(); ++index) {
        const Message &a = whole.messages[index];
        const Message &b = cut.messages[index];
        require(isSameHead(a.head, b.head), "the same head however cut");
        require(a.isWhole == b.isWhole, "the same end however cut");
        // Before an error a piece of the body may have been passed on or not.
        const std::size_t common = std::min(a.body.size(), b.body.size());
        const bool mayDiffer = whole.error != base::Errc::None && !a.isWhole;
        require(mayDiffer || a.body.size() == b.body.size(), "as much body however cut");
        require(a.body.compare(0, common, b.body, 0, common) == 0, "the same body however cut");
    }
}

void requireSameHoweverCut(std::string_view data, const Outcome &whole)
{
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < data.size(); ++at)
        single.push_back(data.substr(at, 1));
    requireSame(whole, parse(single));
    if (data.size() <= EveryCutMax) {
        for (std::size_t at = 1; at < data.size(); ++at)
            requireSame(whole, parse({data.substr(0, at), data.substr(at)}));
        return;
    }
    std::uint64_t random = 0xcbf29ce484222325; // FNV-1a of the input: the same input, the same cuts
    for (const char byte : data)
        random = (random ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    for (int count = 0; count < SomeCuts; ++count) {
        random = random * 6364136223846793005 + 1442695040888963407;
        const std::size_t first = std::size_t(random >> 33) % data.size();
        random = random * 6364136223846793005 + 1442695040888963407;
        const std::size_t second = first + std::size_t(random >> 33) % (data.size() - first);
        requireSame(whole,
                    parse({data.substr(0, first), data.substr(first, second - first), data.substr(second)}));
    }
}

void requirePromises(const Message &message)
{
    const RequestHead &head = message.head;
    require(http::isValidFieldName(head.method), "the method is a token");
    require(head.method != "CONNECT", "no CONNECT");
    require(head.target.starts_with('/') || (head.target == "*" && head.method == "OPTIONS"), "origin-form");
    require(head.target.size() <= http::RequestLineMax, "the request line is bounded");
    require(std::all_of(head.target.begin(), head.target.end(),
                        [](char byte) { return byte > 0x20 && byte < 0x7F && byte != '#' && byte != '\\'; }),
            "the target holds what a target may");
    require(head.minorVersion == 0 || head.minorVersion == 1, "HTTP/1.0 or HTTP/1.1");
    const std::size_t hosts = head.headers.count("host");
    require(hosts == 1 || (hosts == 0 && head.minorVersion == 0), "one Host");
    require(head.headers.size() <= http::FieldCountMax, "the fields are bounded");
    for (const auto field : head.headers) {
        require(http::isValidFieldName(field.name), "a field's name is a token");
        require(http::isValidFieldValue(field.value), "a field's value starts no line");
    }
    const std::size_t lengths = head.headers.count("content-length");
    const std::size_t codings = head.headers.count("transfer-encoding");
    require(lengths + codings <= 1, "one framing");
    require(head.contentLength.has_value() == (lengths == 1), "the length is that of the field");
    require(head.chunked == (codings == 1), "chunked is what the field says");
    require(!head.chunked || head.minorVersion == 1, "no chunks in HTTP/1.0");
    require(!head.keepAlive || !head.headers.listContains("connection", "close"), "close means close");
    require(std::int64_t(message.body.size()) <= BodyMax, "the body is bounded");
    if (message.isWhole && !head.chunked)
        require(std::int64_t(message.body.size()) == head.contentLength.value_or(0),
                "the body is as announced");
}

/// The request in the plainest spelling. Never longer than it came, so no limit is met only the second time.
std::string writtenPlainly(const Message &message)
{
    const RequestHead &head = message.head;
    std::string text =
        head.method + ' ' + head.target + " HTTP/1." + std::to_string(head.minorVersion) + "\r\n";
    for (const auto field : head.headers)
        text.append(field.name).append(":").append(field.value).append("\r\n");
    text += "\r\n";
    if (!head.chunked)
        return text + message.body;
    if (!message.body.empty()) {
        char size[16];
        const auto end = std::to_chars(size, size + sizeof size, message.body.size(), 16).ptr;
        text.append(size, end).append("\r\n").append(message.body).append("\r\n");
    }
    return text + "0\r\n\r\n";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    const std::string_view data(reinterpret_cast<const char *>(bytes), size);
    const Outcome whole = parse({data});
    requireSameHoweverCut(data, whole);
    for (const Message &message : whole.messages) {
        requirePromises(message);
        if (!message.isWhole)
            continue;
        const std::string plain = writtenPlainly(message);
        const Outcome again = parse({plain});
        require(again.error == base::Errc::None && again.messages.size() == 1 && again.messages[0].isWhole,
                "what was accepted is accepted again");
        require(isSameHead(again.messages[0].head, message.head) && again.messages[0].body == message.body,
                "what was accepted means the same again");
    }
    return 0;
}
