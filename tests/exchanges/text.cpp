// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/text.h"

#include <algorithm>
#include <QRegularExpression>
#include <utility>

namespace weir::exchanges {

namespace {

constexpr int HexBase = 16;

/// The byte that an escape stands for and how long it is written; length 0 for none.
struct Escape
{
    char byte = 0;
    qsizetype length = 0;
};

Escape escapeAt(QByteArrayView text)
{
    constexpr qsizetype Short = 2;
    constexpr qsizetype Long = 4;
    switch (text.size() < Short ? '\0' : text[1]) {
    case 'r':
        return {'\r', Short};
    case 'n':
        return {'\n', Short};
    case 't':
        return {'\t', Short};
    case '\\':
        return {'\\', Short};
    case 'x': {
        bool isNumber = false;
        const QByteArray digits = text.sliced(Short, std::min(Long, text.size()) - Short).toByteArray();
        const int value = digits.toInt(&isNumber, HexBase);
        return isNumber && digits.size() == 2 ? Escape{char(value), Long} : Escape{};
    }
    default:
        return {};
    }
}

/// What stands between braces at the beginning of `text`, if it is a repetition or a name: JSON is neither.
QRegularExpressionMatch bracesAt(QByteArrayView text)
{
    static const QRegularExpression braces(
        QStringLiteral(R"(\A\{(?:(?<count>\d+) \* (?<what>[^{}]+)|(?<name>[a-z][a-z0-9_ -]*))\})"),
        QRegularExpression::DotMatchesEverythingOption);
    constexpr qsizetype Longest = 200;
    return braces.match(QString::fromLatin1(text.first(std::min(Longest, text.size())).toByteArray()));
}

} // namespace

Text Text::readNames(QByteArrayView written)
{
    Text text;
    QByteArray plain;
    for (qsizetype at = 0; at < written.size();) {
        const auto braces = written[at] == '{' ? bracesAt(written.sliced(at)) : QRegularExpressionMatch();
        if (const QString name = braces.captured(QStringLiteral("name")); !name.isEmpty()) {
            text.add(std::exchange(plain, {}));
            text.addName(name.toLatin1());
            at += braces.capturedLength();
        } else {
            plain += written[at++];
        }
    }
    text.add(std::move(plain));
    return text;
}

Text Text::read(QByteArrayView written, QByteArray &problem)
{
    Text text;
    QByteArray plain;
    for (qsizetype at = 0; at < written.size();) {
        if (written[at] == '\\') {
            const Escape escape = escapeAt(written.sliced(at));
            if (escape.length == 0) {
                problem = "'" +
                          written.sliced(at, std::min<qsizetype>(2, written.size() - at)).toByteArray() +
                          R"(' is no escape: there are \r \n \t \xHH, and \\ for a backslash)";
                return {};
            }
            plain += escape.byte;
            at += escape.length;
            continue;
        }
        const auto braces = written[at] == '{' ? bracesAt(written.sliced(at)) : QRegularExpressionMatch();
        if (!braces.hasMatch()) {
            plain += written[at++];
            continue;
        }
        at += braces.capturedLength();
        if (const QString name = braces.captured(QStringLiteral("name")); !name.isEmpty()) {
            text.add(std::exchange(plain, {}));
            text.addName(name.toLatin1());
            continue;
        }
        const qsizetype count = braces.captured(QStringLiteral("count")).toLongLong();
        const Text what = read(braces.captured(QStringLiteral("what")).toLatin1(), problem);
        if (!problem.isEmpty())
            return {};
        const QByteArray once = what.bytes({});
        if (count > RepeatedMax / std::max<qsizetype>(1, once.size())) {
            problem = "a repetition makes " + QByteArray::number(RepeatedMax) + " bytes at most";
            return {};
        }
        plain += once.repeated(count);
    }
    text.add(std::move(plain));
    return text;
}

void Text::add(QByteArray bytes)
{
    if (!bytes.isEmpty())
        m_parts.push_back({false, std::move(bytes)});
}

void Text::addName(QByteArray name)
{
    m_parts.push_back({true, std::move(name)});
}

QByteArray Text::bytes(const Names &names) const
{
    QByteArray all;
    for (const Part &part : m_parts)
        all += part.isName ? names.at(part.bytes) : part.bytes;
    return all;
}

std::vector<QByteArray> Text::namesUsed() const
{
    std::vector<QByteArray> used;
    for (const Part &part : m_parts) {
        if (part.isName)
            used.push_back(part.bytes);
    }
    return used;
}

QByteArray written(QByteArrayView bytes, qsizetype most)
{
    constexpr unsigned char FirstPrintable = 0x20;
    constexpr unsigned char Delete = 0x7F;
    QByteArray text;
    for (const char byte : bytes.first(std::min(most, bytes.size()))) {
        const auto value = static_cast<unsigned char>(byte);
        if (byte == '\r')
            text += "\\r";
        else if (byte == '\n')
            text += "\\n";
        else if (byte == '\t')
            text += "\\t";
        else if (byte == '\\')
            text += "\\\\";
        else if (value < FirstPrintable || value == Delete)
            text += "\\x" + QByteArray(1, byte).toHex();
        else
            text += byte;
    }
    if (bytes.size() > most)
        text += " … (" + QByteArray::number(bytes.size()) + " bytes)";
    return text;
}

} // namespace weir::exchanges
