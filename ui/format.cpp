// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"

#include <array>
#include <cmath>
#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

namespace weir::ui::format {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("format", text);
}

constexpr qint64 SecondsPerDay = 86'400;

/// Three significant digits, but never a decimal that the size of the number makes meaningless.
QString threeDigits(double value)
{
    const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return QLocale().toString(value, 'f', decimals);
}

struct Unit
{
    double size;
    const char *text;
};

constexpr std::array CountUnits{Unit{1e9, "%1 G"}, Unit{1e6, "%1 M"}, Unit{1e3, "%1 k"}};

} // namespace

QString unknown()
{
    return QStringLiteral("–");
}

QString duration(base::Duration duration)
{
    const double micros = double(duration.count()) / 1e3;
    if (micros < 999.5)
        return tr("%1 µs").arg(QLocale().toString(std::round(micros), 'f', 0));
    const double millis = micros / 1e3;
    if (millis < 999.5)
        return tr("%1 ms").arg(threeDigits(millis));
    const double seconds = millis / 1e3;
    if (seconds < 99.95)
        return tr("%1 s").arg(threeDigits(seconds));
    const auto whole = std::int64_t(std::round(seconds));
    return tr("%1 min %2 s").arg(QLocale().toString(qlonglong(whole / 60))).arg(whole % 60);
}

QString duration(std::optional<base::Duration> value)
{
    return value ? duration(*value) : unknown();
}

QString durationUs(std::optional<std::int64_t> micros)
{
    return micros ? duration(base::Duration(std::chrono::microseconds(*micros))) : unknown();
}

QString tick(base::Duration duration)
{
    static constexpr std::array Units{Unit{1e9, "%1 s"}, Unit{1e6, "%1 ms"}, Unit{1e3, "%1 µs"}};
    for (const Unit &unit : Units) {
        if (double(duration.count()) >= unit.size)
            return tr(unit.text).arg(QLocale().toString(double(duration.count()) / unit.size, 'g', 3));
    }
    return QStringLiteral("0");
}

QString spokenDuration(base::Duration value)
{
    QString text = duration(value);
    text.replace(tr("%1 µs").mid(2), tr(" microseconds"));
    text.replace(tr("%1 ms").mid(2), tr(" milliseconds"));
    if (text.endsWith(tr("%1 s").mid(2)))
        text = text.chopped(tr("%1 s").size() - 2) + tr(" seconds");
    return text;
}

QString count(std::uint64_t number)
{
    if (number < 10'000)
        return QLocale().toString(qulonglong(number));
    for (const Unit &unit : CountUnits) {
        if (double(number) >= unit.size)
            return tr(unit.text).arg(threeDigits(double(number) / unit.size));
    }
    return QLocale().toString(qulonglong(number));
}

QString tick(double number)
{
    if (number >= 10'000) {
        for (const Unit &unit : CountUnits) {
            if (number >= unit.size)
                return tr(unit.text).arg(QLocale().toString(number / unit.size, 'g', 3));
        }
    }
    return QLocale().toString(number, 'g', 4);
}

QString rate(double perTime)
{
    if (perTime <= 0)
        return QStringLiteral("0");
    return QLocale().toString(perTime, 'f', perTime < 10 ? 1 : 0);
}

QString bytes(std::int64_t size)
{
    static constexpr std::array Units{Unit{1e9, "%1 GB"}, Unit{1e6, "%1 MB"}, Unit{1e3, "%1 KB"}};
    for (const Unit &unit : Units) {
        if (double(size) >= unit.size)
            return tr(unit.text).arg(threeDigits(double(size) / unit.size));
    }
    return tr("%1 B").arg(QLocale().toString(qlonglong(size)));
}

QString share(std::uint64_t part, std::uint64_t whole)
{
    if (whole == 0)
        return unknown();
    // Rounding must not turn some into none, nor most into all.
    constexpr double Least = 0.1;
    const double percent = 100.0 * double(part) / double(whole);
    if (part > 0 && percent < Least / 2)
        return tr("< %1 %").arg(QLocale().toString(Least, 'f', 1));
    if (part < whole && percent >= 100.0 - Least / 2)
        return tr("> %1 %").arg(QLocale().toString(100.0 - Least, 'f', 1));
    return tr("%1 %").arg(QLocale().toString(percent, 'f', 1));
}

QString tokens(const llm::TokenUsage &usage)
{
    if (!usage.known)
        return unknown();
    return QStringLiteral("%1 / %2 / %3")
        .arg(count(std::uint64_t(usage.input)), count(std::uint64_t(usage.cachedInput)),
             count(std::uint64_t(usage.output)));
}

QString tokenRate(std::int64_t tokens, base::Duration within)
{
    const double seconds = std::chrono::duration<double>(within).count();
    if (tokens <= 0 || seconds <= 0)
        return unknown();
    return tr("%1 tok/s").arg(QLocale().toString(double(tokens) / seconds, 'f', 0));
}

QString timeOfDay(base::WallMs at)
{
    return QDateTime::fromMSecsSinceEpoch(at).toString(QStringLiteral("HH:mm:ss"));
}

QString isoTime(base::WallMs at)
{
    return QDateTime::fromMSecsSinceEpoch(at, Qt::UTC).toString(Qt::ISODateWithMs);
}

QString dateTime(const std::optional<QDateTime> &at)
{
    return at ? at->toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm")) : unknown();
}

QString ago(const std::optional<QDateTime> &at, const QDateTime &now)
{
    if (!at)
        return unknown();
    const qint64 seconds = at->secsTo(now);
    if (seconds < 0 || seconds >= SecondsPerDay)
        return dateTime(at);
    if (seconds < 60)
        return tr("just now");
    if (seconds < 3600)
        return tr("%1 min ago").arg(seconds / 60);
    return tr("%1 h ago").arg(seconds / 3600);
}

QString span(std::int64_t ms)
{
    static constexpr std::array Units{Unit{86'400'000, "%1 d"}, Unit{3'600'000, "%1 h"},
                                      Unit{60'000, "%1 min"}, Unit{1000, "%1 s"}};
    for (const Unit &unit : Units) {
        // The largest that goes without a rest; one day is still 24 h.
        const auto size = std::int64_t(unit.size);
        if (ms >= size && ms % size == 0 && !(size == 86'400'000 && ms == size))
            return tr(unit.text).arg(QLocale().toString(qlonglong(ms / size)));
    }
    return duration(base::Duration(std::chrono::milliseconds(ms)));
}

QString money(std::optional<std::int64_t> micros)
{
    if (!micros)
        return unknown();
    if (*micros == 0)
        return tr("nothing");
    // At least two digits that say something; a millionth is the smallest amount there is.
    const std::int64_t size = std::abs(*micros);
    const int decimals = size >= 1'000'000 ? 2 : size >= 1'000 ? 4 : size >= 100 ? 5 : 6;
    return tr("$%1").arg(QLocale().toString(double(*micros) / 1e6, 'f', decimals));
}

std::optional<std::int64_t> readCount(const QString &text)
{
    constexpr double Most = 9e15; // beyond, a double no longer holds every whole number
    QString digits = text.simplified();
    digits.remove(QLatin1Char(' ')).remove(QChar(0x00A0)).remove(QChar(0x202F));
    double factor = 1;
    for (const auto &[letter, size] : {std::pair('k', 1e3), std::pair('m', 1e6), std::pair('g', 1e9)}) {
        if (digits.endsWith(QLatin1Char(letter), Qt::CaseInsensitive)) {
            factor = size;
            digits.chop(1);
            break;
        }
    }
    if (factor == 1) // whole numbers: marks between thousands say nothing
        digits.remove(QLatin1Char(',')).remove(QLatin1Char('.')).remove(QLatin1Char('\''));
    else
        digits.replace(QLatin1Char(','), QLatin1Char('.'));
    bool isNumber = false;
    const double value = QLocale::c().toDouble(digits, &isNumber) * factor;
    const bool isWhole =
        isNumber && value >= 0 && value <= Most && std::abs(value - std::round(value)) < 1e-6;
    return isWhole ? std::optional(std::int64_t(std::round(value))) : std::nullopt;
}

} // namespace weir::ui::format
