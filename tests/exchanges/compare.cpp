// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/compare.h"

#include <algorithm>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::exchanges {

namespace {

using Relation = Statement::Relation;
using Values = std::vector<QByteArray>;

QByteArray differ(const QByteArray &expected, const QByteArray &got)
{
    return "  expected  " + expected + "\n  got       " + got + "\n";
}

QByteArray asText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().toUtf8();
    const QByteArray list = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

/// The member of a JSON body that "body.a.0.b" names; nothing if there is none.
Values jsonAt(const QByteArray &subject, const QByteArray &body)
{
    const QJsonDocument document = QJsonDocument::fromJson(body);
    QJsonValue value = document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
    QByteArrayList path = subject.split('.');
    path.removeFirst(); // "body"
    for (const QByteArray &step : path) {
        bool isIndex = false;
        const int index = step.toInt(&isIndex);
        value = isIndex && value.isArray() ? value.toArray().at(index)
                                           : value.toObject().value(QString::fromUtf8(step));
    }
    return value.isUndefined() ? Values() : Values{asText(value)};
}

Values valuesOf(const QByteArray &subject, const Message &message, const QByteArray &body)
{
    if (subject == "body")
        return {body};
    if (subject.startsWith("body."))
        return jsonAt(subject, body);
    Values values;
    for (const auto &[name, value] : message.fields) {
        if (name.toLower() == subject)
            values.push_back(value);
    }
    return values;
}

bool holds(const Statement &statement, const QByteArray &value, const Names &names)
{
    switch (statement.relation) {
    case Relation::Is:
        return value == statement.text.bytes(names);
    case Relation::Has:
        return value.contains(statement.text.bytes(names));
    case Relation::Matches:
        return statement.pattern.match(QString::fromUtf8(value)).hasMatch();
    case Relation::IsAbsent:
        return false;
    }
    return false;
}

QByteArray inWords(const Statement &statement, const Names &names)
{
    switch (statement.relation) {
    case Relation::Is:
        return statement.subject + ": " + written(statement.text.bytes(names));
    case Relation::Has:
        return statement.subject + " has " + written(statement.text.bytes(names));
    case Relation::Matches:
        return statement.subject + " ~ " + statement.pattern.pattern().toUtf8();
    case Relation::IsAbsent:
        return "no " + statement.subject;
    }
    return {};
}

/// All statements about one subject: of a field that is named the values are exactly those named, in order.
/// Of a body several things may be said.
QByteArray differenceIn(const QByteArray &subject, const std::vector<const Statement *> &statements,
                        const Values &values, const Names &names)
{
    const bool isBody = subject == "body";
    for (std::size_t at = 0; at < statements.size(); ++at) {
        const Statement &statement = *statements[at];
        const QByteArray line = "  line " + QByteArray::number(statement.line) + '\n';
        const std::size_t which = isBody ? 0 : at;
        if (statement.relation == Relation::IsAbsent) {
            if (!values.empty())
                return line + differ(inWords(statement, names), subject + ": " + written(values.front()));
        } else if (which >= values.size()) {
            return line + differ(inWords(statement, names), "no " + subject);
        } else if (!holds(statement, values[which], names)) {
            return line + differ(inWords(statement, names), subject + ": " + written(values[which]));
        }
    }
    if (!isBody && values.size() > statements.size() && statements.front()->relation != Relation::IsAbsent)
        return differ("no further " + subject, subject + ": " + written(values[statements.size()]));
    return {};
}

QByteArray differenceOfBodies(const QByteArray &expected, const QByteArray &got)
{
    if (expected == got)
        return {};
    constexpr qsizetype Shown = 200;
    constexpr qsizetype Before = 40;
    const auto [at, other] = std::mismatch(expected.begin(), expected.end(), got.begin(), got.end());
    const qsizetype same = at - expected.begin();
    const qsizetype from = std::max<qsizetype>(0, same - Before);
    const auto excerpt = [&](const QByteArray &body) {
        return (from > 0 ? "…" : "") +
               written(QByteArrayView(body).sliced(std::min(from, body.size())), Shown);
    };
    return "  the body differs from byte " + QByteArray::number(same) + " on; " +
           QByteArray::number(expected.size()) + " bytes are expected, " + QByteArray::number(got.size()) +
           " came\n" + differ(excerpt(expected), excerpt(got));
}

bool saysSomethingOfBody(const Expectation &expected)
{
    return std::any_of(expected.statements.begin(), expected.statements.end(), [](const Statement &each) {
        return each.subject == "body" || each.subject.startsWith("body.");
    });
}

/// What is to stand in the body's place; nothing if statements speak of it.
std::optional<QByteArray> wholeBody(const Expectation &expected, const Names &names)
{
    if (saysSomethingOfBody(expected))
        return {};
    return expected.body ? expected.body->bytes(names) : QByteArray();
}

/// What came of the body as far as this step has it.
QByteArray bodyFor(const Expectation &expected, const Message &message, qsizetype from, const Names &names)
{
    const auto whole = wholeBody(expected, names);
    return expected.ending == Ending::More && whole ? message.body.mid(from, whole->size())
                                                    : message.body.mid(from);
}

QByteArray whatStands(const Message &message)
{
    if (message.hasHead())
        return written(message.start);
    return message.isCut ? "the end of the connection" : "nothing";
}

} // namespace

QByteArray difference(const Expectation &expected, const Message &message, qsizetype from, const Names &names)
{
    if (const QByteArray start = expected.start.bytes(names); !start.isEmpty() && message.start != start)
        return differ(written(start), whatStands(message));
    const QByteArray body = bodyFor(expected, message, from, names);
    std::map<QByteArray, std::vector<const Statement *>> bySubject;
    for (const Statement &statement : expected.statements)
        bySubject[statement.subject].push_back(&statement);
    for (const auto &[subject, statements] : bySubject) {
        const QByteArray wrong = differenceIn(subject, statements, valuesOf(subject, message, body), names);
        if (!wrong.isEmpty())
            return wrong;
    }
    if (const auto whole = wholeBody(expected, names)) {
        if (const QByteArray wrong = differenceOfBodies(*whole, body); !wrong.isEmpty())
            return wrong;
    }
    switch (expected.ending) {
    case Ending::Whole:
    case Ending::Closed:
        return message.isWhole ? QByteArray()
                               : differ("the whole message", message.isCut ? "a cut one" : "a part of it");
    case Ending::Cut:
        return message.isCut ? QByteArray() : differ("(cut)", message.isWhole ? "a whole message" : "no end");
    case Ending::More:
        break;
    }
    return {};
}

bool isHopeless(const Expectation &expected, const Message &message, qsizetype from, const Names &names)
{
    if (!message.hasHead())
        return false;
    if (const QByteArray start = expected.start.bytes(names); !start.isEmpty() && message.start != start)
        return true;
    const auto whole = wholeBody(expected, names);
    if (!whole)
        return false;
    const QByteArray came = bodyFor(expected, message, from, names);
    return !whole->startsWith(came);
}

QByteArray written(const Message &message)
{
    if (!message.hasHead())
        return "    nothing\n";
    QByteArray text = "    " + written(message.start) + '\n';
    for (const auto &[name, value] : message.fields)
        text += "    " + written(name) + ": " + written(value) + '\n';
    if (!message.body.isEmpty())
        text += "\n    " + written(message.body) + '\n';
    if (!message.isOver())
        text += "    (more)\n";
    return text + (message.isCut ? "    (cut)\n" : "");
}

} // namespace weir::exchanges
