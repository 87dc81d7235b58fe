// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/step_words.h"

#include <algorithm>
#include <array>
#include <nghttp2/nghttp2.h>

namespace weir::exchanges {

namespace {

constexpr const char *NothingReaches = "nothing reaches the upstream";

struct Verb
{
    const char *words;
    Act act;
    bool isOfClient;
    bool isOfUpstream;
    bool hasBlock;
};
/// Longer ones first where one begins like another.
constexpr std::array Verbs{
    Verb{"sends raw", Act::SendRaw, true, true, true},
    Verb{"sends more", Act::SendMore, true, true, true},
    Verb{"sends trailers", Act::SendTrailers, false, true, true},
    Verb{"sends", Act::Send, true, true, true},
    Verb{"gets more", Act::GetMore, true, true, true},
    Verb{"gets", Act::Get, true, true, true},
    Verb{"closes", Act::Close, true, true, false},
    Verb{"resets", Act::Reset, true, true, false},
    Verb{"goes away", Act::GoAway, false, true, false},
    Verb{"is cancelled", Act::BeCancelled, false, true, false},
};

bool isOf(const Verb &verb, bool isClient)
{
    return isClient ? verb.isOfClient : verb.isOfUpstream;
}

QByteArray verbsOf(bool isClient)
{
    QByteArrayList all;
    for (const Verb &verb : Verbs) {
        if (isOf(verb, isClient))
            all += verb.words;
    }
    return all.join(", ");
}

/// An error code of HTTP/2 by its name (RFC 9113 §7), or as a number.
std::optional<std::uint32_t> codeOf(const QByteArray &word)
{
    constexpr std::uint32_t KnownMax = NGHTTP2_HTTP_1_1_REQUIRED;
    for (std::uint32_t code = 0; code <= KnownMax; ++code) {
        if (word == nghttp2_http2_strerror(code))
            return code;
    }
    bool isNumber = false;
    const std::uint32_t code = word.toUInt(&isNumber);
    return isNumber ? std::optional(code) : std::nullopt;
}

/// What follows a verb: "CODE" of a reset stream, "CODE last N" of GOAWAY.
QByteArray readCode(Step &step, const QByteArray &rest)
{
    QByteArrayList words = rest.isEmpty() ? QByteArrayList() : rest.split(' ');
    const bool mayHaveCode = step.who != TheClient && (step.act == Act::Reset || step.act == Act::GoAway);
    if (mayHaveCode && !words.isEmpty()) {
        step.code = codeOf(words.takeFirst());
        if (!step.code)
            return "a code of HTTP/2 is expected, like CANCEL or NO_ERROR, or its number";
    }
    if (step.act == Act::GoAway) {
        bool isNumber = false;
        if (words.size() == 2 && words.front() == "last")
            step.last = words.back().toInt(&isNumber);
        if (!step.code || !isNumber || *step.last < 0)
            return "'goes away CODE last N' is expected: N requests of this connection were processed";
        return {};
    }
    return words.isEmpty() ? QByteArray() : "'" + words.join(' ') + "' is too much";
}

} // namespace

QByteArray StepWords::read(const QByteArray &words, const std::vector<QByteArray> &upstreams)
{
    if (words == NothingReaches) {
        step.act = Act::GetNothing;
        return {};
    }
    QByteArrayList rest = words.split(' ');
    const QByteArray actor = rest.takeFirst();
    const bool isClient = actor == "client";
    const auto upstream = std::find(upstreams.begin(), upstreams.end(), actor);
    if (!isClient && upstream == upstreams.end()) {
        QByteArrayList known(upstreams.begin(), upstreams.end());
        return "'" + actor + "' is unknown: a step begins with client, " + known.join(", ") + ", or is '" +
               NothingReaches + "'; before the first there may be on:, settings:, upstreams:, key:";
    }
    step.who = isClient ? TheClient : int(upstream - upstreams.begin());

    bool isNumber = false;
    const int number = rest.isEmpty() ? 0 : rest.front().toInt(&isNumber);
    if (isNumber) {
        if (number < 1)
            return "numbers begin with 1";
        step.number = number;
        rest.removeFirst();
    }
    const QByteArray said = rest.join(' ');
    for (const Verb &verb : Verbs) {
        const QByteArray form(verb.words);
        if (!isOf(verb, isClient) || (said != form && !said.startsWith(form + ' ')))
            continue;
        step.act = verb.act;
        hasBlock = verb.hasBlock;
        return readCode(step, said.mid(form.size() + 1));
    }
    return "'" + said + "' is nothing that " + actor + " can do: " + verbsOf(isClient);
}

} // namespace weir::exchanges
