// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever an upstream sends: however it is cut, it gives the same reply or the same error, and what is taken
// for a reply keeps to the promises of ResponseHead. The first byte's lowest bit says whether it answers
// HEAD.
#include "http/limits.h"
#include "http/response_parser.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

using namespace weir;
using http::ResponseHead;
using http::ResponseParser;

namespace {

/// Up to this size each single cut is tried, beyond it only every byte alone.
constexpr std::size_t EveryCutMax = 96;

void require(bool condition, const char *promise)
{
    if (condition)
        return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

class Outcome final : public ResponseParser::Events
{
public:
    void onHead(ResponseHead came) override
    {
        require(heads++ == 0, "one head");
        head = std::move(came);
    }
    void onBody(std::string_view bytes) override
    {
        require(heads == 1 && ends == 0, "the body lies between head and end");
        require(!bytes.empty(), "no empty piece");
        body += bytes;
    }
    void onEnd() override { require(heads == 1 && ends++ == 0, "one end, after the head"); }

    int heads = 0;
    int ends = 0;
    ResponseHead head;
    std::string body;
    base::Errc error = base::Errc::None;
    bool keepsAlive = false;
    std::size_t used = 0;
};

/// Each piece is copied to memory of its own size: a read beyond its end, or of a piece that has been given
/// back, is seen by AddressSanitizer.
Outcome parse(bool toHead, const std::vector<std::string_view> &pieces)
{
    Outcome outcome;
    ResponseParser parser(outcome);
    parser.expect(toHead);
    for (const std::string_view piece : pieces) {
        const std::vector<char> copy(piece.begin(), piece.end());
        const auto used = parser.feed({copy.data(), copy.size()});
        if (!used) {
            outcome.error = used.error().code;
            require(outcome.error == base::Errc::UpstreamProtocol, "a fault of the upstream");
            require(!used.error().detail.empty(), "an error tells its reason");
            require(!parser.feed("x"), "nothing follows an error");
            return outcome;
        }
        require(*used <= piece.size(), "no more is used than was given");
        require(*used == piece.size() || parser.isComplete(), "all is used until the end");
        outcome.used += *used;
    }
    const bool wasComplete = parser.isComplete();
    require(wasComplete == (outcome.ends == 1), "complete is what has ended");
    const auto finished = parser.finish();
    outcome.error = finished ? base::Errc::None : finished.error().code;
    outcome.keepsAlive = outcome.heads == 1 && parser.keepsAlive();
    require(finished.has_value() == (outcome.ends == 1), "a good end is told");
    require(wasComplete || !outcome.keepsAlive || !finished, "what the close ends keeps nothing alive");
    return outcome;
}

void requireSame(const Outcome &whole, const Outcome &cut)
{
    require(whole.error == cut.error, "the same error however cut");
    require(whole.heads == cut.heads && whole.ends == cut.ends, "the same end however cut");
    require(whole.head.status == cut.head.status && whole.head.contentLength == cut.head.contentLength &&
                whole.head.headers.size() == cut.head.headers.size(),
            "the same head however cut");
    for (std::size_t index = 0; index < whole.head.headers.size(); ++index) {
        const auto a = whole.head.headers.at(index);
        const auto b = cut.head.headers.at(index);
        require(a.name == b.name && a.value == b.value, "the same fields however cut");
    }
    const std::size_t common = std::min(whole.body.size(), cut.body.size());
    require(whole.body.compare(0, common, cut.body, 0, common) == 0, "the same body however cut");
    if (whole.error != base::Errc::None)
        return; // a piece of the body before the fault may have been passed on or not
    require(whole.body == cut.body && whole.used == cut.used, "as much body however cut");
    require(whole.keepsAlive == cut.keepsAlive, "the same connection however cut");
}

void requirePromises(bool toHead, const Outcome &outcome)
{
    const ResponseHead &head = outcome.head;
    require(head.status >= 200 && head.status <= 599, "a final status");
    require(head.headers.size() <= http::FieldCountMax, "the fields are bounded");
    for (const auto field : head.headers) {
        require(http::isValidFieldName(field.name), "a field's name is a token");
        require(http::isValidFieldValue(field.value), "a field's value starts no line");
    }
    for (const char *name : {"content-length", "transfer-encoding", "connection", "keep-alive", "upgrade"})
        require(!head.headers.contains(name), "nothing of the framing and of the hop is left");
    const bool hasNoBody = toHead || head.status == 204 || head.status == 304;
    require(!hasNoBody || outcome.body.empty(), "no body where there is none");
    if (head.contentLength && !hasNoBody) {
        const auto size = std::int64_t(outcome.body.size());
        require(size <= *head.contentLength, "no more than announced");
        require(outcome.ends == 0 || size == *head.contentLength, "as much as announced");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size)
{
    if (size == 0)
        return 0;
    const bool toHead = bytes[0] & 1;
    const std::string_view data(reinterpret_cast<const char *>(bytes) + 1, size - 1);
    const Outcome whole = parse(toHead, {data});
    if (whole.heads == 1)
        requirePromises(toHead, whole);
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < data.size(); ++at)
        single.push_back(data.substr(at, 1));
    requireSame(whole, parse(toHead, single));
    for (std::size_t at = 1; at < data.size() && data.size() <= EveryCutMax; ++at)
        requireSame(whole, parse(toHead, {data.substr(0, at), data.substr(at)}));
    return 0;
}
