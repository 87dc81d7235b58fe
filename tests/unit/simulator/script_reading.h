// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/answerer.h"
#include <QByteArray>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>

// Makes requests and reads the scripts that answer them.
namespace weir::simulator {

inline constexpr base::WallMs Now = 1'700'000'000'000;

inline Request makeRequest(std::string method, std::string target, QByteArray body = {},
                           bool anthropic = false)
{
    Request request;
    request.head.method = std::move(method);
    request.head.target = std::move(target);
    if (anthropic)
        request.head.headers.add("anthropic-version", "2023-06-01");
    request.body = std::move(body);
    return request;
}

inline QByteArray bodyOf(const Script &script)
{
    QByteArray body;
    for (const Piece &piece : script.pieces)
        body += piece.bytes;
    return body;
}

inline QByteArray fieldOf(const Script &script, std::string_view name)
{
    const auto value = script.head.headers.find(name).value_or(std::string_view());
    return {value.data(), qsizetype(value.size())};
}

struct Event
{
    QByteArray type; // of `event:`
    QJsonObject data;
};

/// The JSON after each `data: `, every one checked to be an object; `[DONE]` becomes an empty one.
inline QList<Event> eventsOf(const Script &script)
{
    QList<Event> events;
    for (const Piece &piece : script.pieces) {
        Event event;
        const auto lines = piece.bytes.split('\n');
        for (const QByteArray &line : lines) {
            if (line.startsWith("event: "))
                event.type = line.mid(7);
            else if (line.startsWith("data: "))
                event.data = QJsonDocument::fromJson(line.mid(6)).object();
        }
        events.append(event);
    }
    return events;
}

inline QJsonValue at(QJsonValue value, const QByteArray &path)
{
    const auto keys = path.split('.');
    for (const QByteArray &key : keys) {
        bool isIndex = false;
        const int index = key.toInt(&isIndex);
        value = isIndex ? value.toArray().at(index) : value.toObject().value(QString::fromLatin1(key));
    }
    return value;
}

} // namespace weir::simulator
