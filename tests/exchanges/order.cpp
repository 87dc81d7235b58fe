// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/order.h"

#include <algorithm>

namespace weir::exchanges {

namespace {

constexpr int FinalStatusMin = 200;

/// What has happened to a message of one direction.
enum class Stage : std::uint8_t
{
    None,
    Open, ///< it has ended with (more)
    Whole
};

Stage stageAfter(bool isWhole)
{
    return isWhole ? Stage::Whole : Stage::Open;
}

/// A client's connection, or a request that an upstream has got.
struct Side
{
    Stage sent = Stage::None;
    Stage got = Stage::None;
    int endedIn = 0; ///< line; 0 = it goes on
};

class Order
{
public:
    explicit Order(Document &document) : m_document(document), m_requests(document.upstreams.size()) {}

    std::optional<Problem> check(int lastLine)
    {
        bool isNothingSaid = false;
        for (Step &step : m_document.steps) {
            isNothingSaid = isNothingSaid || step.act == Act::GetNothing;
            if (const QByteArray wrong = check(step); !wrong.isEmpty())
                return Problem{step.line, wrong};
        }
        const bool isSomethingGot = std::any_of(m_requests.begin(), m_requests.end(),
                                                [](const auto &requests) { return !requests.empty(); });
        if (m_clients.empty())
            return Problem{lastLine, "no client sends anything"};
        if (!isSomethingGot && !isNothingSaid)
            return Problem{lastLine, "say what the upstream gets, or that 'nothing reaches the upstream'"};
        return {};
    }

private:
    QByteArray check(Step &step)
    {
        if (step.act == Act::GetNothing)
            return {};
        const bool isClient = step.who == TheClient;
        const bool isNew =
            isClient ? step.act == Act::Send || step.act == Act::SendRaw : step.act == Act::Get;
        std::vector<Side> &sides = isClient ? m_clients : m_requests[std::size_t(step.who)];
        const int count = int(sides.size());
        if (step.number == 0)
            step.number = isClient ? 1 : isNew ? count + 1 : count;
        if (isNew && step.number == count + 1)
            sides.emplace_back();
        if (step.number < 1 || step.number > int(sides.size())) {
            return isClient ? "no connection with this number has sent anything; the next new one is " +
                                  QByteArray::number(count + 1)
                            : "this upstream has got " + QByteArray::number(count) + " requests so far";
        }
        if (!isClient && isNew && step.number != count + 1)
            return "the next request that this upstream gets is " + QByteArray::number(count + 1);
        Side &side = sides[std::size_t(step.number) - 1];
        if (side.endedIn != 0)
            return "this has ended in line " + QByteArray::number(side.endedIn) +
                   (isClient ? "; a new connection has the next number" : "");
        return apply(step, side);
    }

    static QByteArray apply(const Step &step, Side &side)
    {
        const bool isClient = step.who == TheClient;
        switch (step.act) {
        case Act::Send:
            if (side.sent == Stage::Open)
                return "what was sent before ends with (more): 'sends more' goes on with it";
            if (!isClient && side.sent == Stage::Whole)
                return "this request has been answered";
            if (isClient || step.sending.status >= FinalStatusMin)
                side.sent = stageAfter(step.sending.isWhole);
            return {};
        case Act::SendMore:
        case Act::SendTrailers:
            if (side.sent != Stage::Open)
                return "nothing was sent before that ends with (more)";
            side.sent = stageAfter(step.sending.isWhole);
            return {};
        case Act::SendRaw:
            side.sent = Stage::None; // nobody knows
            return {};
        case Act::Get:
            if (side.got == Stage::Open)
                return "what was got before ends with (more): 'gets more' goes on with it";
            return get(step, side);
        case Act::GetMore:
            if (side.got != Stage::Open)
                return "nothing was got before that ends with (more)";
            return get(step, side);
        case Act::Close:
        case Act::Reset:
        case Act::BeCancelled:
            side.endedIn = step.line;
            return {};
        case Act::GoAway:
        case Act::GetNothing:
            return {};
        }
        return {};
    }

    static QByteArray get(const Step &step, Side &side)
    {
        const Ending ending = step.expectation.ending;
        side.got = stageAfter(ending != Ending::More);
        if (ending == Ending::Cut || ending == Ending::Closed)
            side.endedIn = step.line;
        return {};
    }

    Document &m_document;
    std::vector<Side> m_clients;
    std::vector<std::vector<Side>> m_requests; // of each upstream
};

bool isHttp1Only(const Step &step)
{
    return step.who != TheClient && step.act == Act::SendRaw;
}

bool isHttp2Only(const Step &step)
{
    return step.act == Act::GoAway || (step.act == Act::Reset && step.code);
}

} // namespace

std::optional<Problem> putInOrder(Document &document, int lastLine)
{
    return Order(document).check(lastLine);
}

std::optional<Problem> chooseTransports(Document &document, int line)
{
    const std::vector<Step> &steps = document.steps;
    const auto http1 = std::find_if(steps.begin(), steps.end(), isHttp1Only);
    const auto http2 = std::find_if(steps.begin(), steps.end(), isHttp2Only);
    if (http1 != steps.end() && http2 != steps.end())
        return Problem{std::max(http1->line, http2->line),
                       "'" + http1->words + "' is of HTTP/1.1, '" + http2->words + "' of HTTP/2"};
    const auto canShow = [&](Transport transport) {
        return isHttp2(transport) ? http1 == steps.end() : http2 == steps.end();
    };
    if (line != 0) {
        for (const Transport named : document.transports) {
            if (!canShow(named))
                return Problem{line, "'" + (isHttp2(named) ? *http1 : *http2).words + "' in line " +
                                         QByteArray::number((isHttp2(named) ? *http1 : *http2).line) +
                                         " cannot be over " + name(named)};
        }
        return {};
    }
    const bool isAnyReached = std::any_of(steps.begin(), steps.end(), [](const Step &step) {
        return step.who != TheClient && step.act == Act::Get;
    });
    // Where no upstream is reached it makes no difference which way that would have been.
    if (!isAnyReached)
        document.transports = {Transport::H1};
    else
        std::copy_if(AllTransports.begin(), AllTransports.end(), std::back_inserter(document.transports),
                     canShow);
    return {};
}

} // namespace weir::exchanges
