// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "http/request_parser.h"
#include <algorithm>
#include <QByteArray>
#include <QtGlobal>
#include <string>
#include <vector>

// Feeds requests to the parser in every way in which they may arrive.
namespace weir::http {

/// What came of some bytes: all requests with their bodies, and the error that ended it.
struct Outcome
{
    std::vector<RequestHead> heads;
    std::vector<std::string> bodies;
    int ended = 0;
    base::Errc error = base::Errc::None;
    std::string detail;

    /// In a form that can be compared and read.
    QByteArray text() const
    {
        QByteArray out;
        for (std::size_t index = 0; index < heads.size(); ++index) {
            const RequestHead &head = heads[index];
            out += QByteArray::fromStdString(head.method + " " + head.target + " {");
            for (const auto field : head.headers)
                out +=
                    QByteArray::fromStdString(std::string(field.name) + "=" + std::string(field.value) + ";");
            out += head.keepAlive ? "} keep " : "} close ";
            out += "body=" + QByteArray::fromStdString(bodies[index]) + "\n";
        }
        return out + "ended=" + QByteArray::number(ended) +
               " error=" + QByteArray::fromStdString(std::string(base::identifier(error)));
    }
};

class Collector final : public RequestParser::Events
{
public:
    void onHead(RequestHead head) override
    {
        outcome.heads.push_back(std::move(head));
        outcome.bodies.emplace_back();
    }
    void onBody(std::string_view bytes) override { outcome.bodies.back() += bytes; }
    void onEnd() override { ++outcome.ended; }

    Outcome outcome;
};

inline constexpr std::int64_t BodyMax = 1000;

/// Feeds `pieces` as a connection does: until all is used, taking up the next message where one ends.
inline Outcome parse(const std::vector<QByteArray> &pieces)
{
    Collector collector;
    RequestParser parser(collector, BodyMax);
    for (const QByteArray &piece : pieces) {
        std::string_view data(piece.constData(), std::size_t(piece.size()));
        while (!data.empty()) {
            const auto used = parser.feed(data);
            if (!used) {
                collector.outcome.error = used.error().code;
                collector.outcome.detail = used.error().detail;
                return collector.outcome;
            }
            data.remove_prefix(*used);
            if (parser.isComplete())
                parser.next();
        }
    }
    return collector.outcome;
}

inline Outcome parseEachWay(const QByteArray &bytes)
{
    const Outcome whole = parse({bytes});
    std::vector<QByteArray> single;
    for (const char byte : bytes)
        single.push_back(QByteArray(1, byte));
    if (const Outcome each = parse(single); each.text() != whole.text())
        qFatal("byte by byte differs:\n%s\n%s", whole.text().constData(), each.text().constData());
    // Every cut of short inputs, some of long ones.
    const qsizetype step = std::max<qsizetype>(1, bytes.size() / 200);
    for (qsizetype at = 1; at < bytes.size(); at += step) {
        const Outcome cut = parse({bytes.left(at), bytes.mid(at)});
        if (cut.text() != whole.text())
            qFatal("cut at %d differs:\n%s\n%s", int(at), whole.text().constData(), cut.text().constData());
    }
    return whole;
}

inline const QByteArray Host = "Host: localhost\r\n";

inline QByteArray post(const QByteArray &headers, const QByteArray &body = {})
{
    return "POST /v1/messages HTTP/1.1\r\n" + Host + headers + "\r\n" + body;
}

inline QByteArray chunked(const QByteArray &body)
{
    return post("Transfer-Encoding: chunked\r\n", body);
}

} // namespace weir::http
