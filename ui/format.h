// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "llm/usage.h"
#include <cstdint>
#include <optional>
#include <QDateTime>
#include <QString>

/// The only place where numbers become text. Digits follow the user's locale; "–" stands for what is not
/// known.
namespace weir::ui::format {

/// "–"
QString unknown();

/// Three significant digits with the unit that suits: "84 µs", "1.53 ms", "612 ms", "2.34 s", "1 min 12 s".
QString duration(base::Duration duration);
QString duration(std::optional<base::Duration> duration);
QString durationUs(std::optional<std::int64_t> micros);
/// For the ticks of an axis, without decimals that say nothing: "0", "100 ms", "1 s", "2.5 s".
QString tick(base::Duration duration);
/// The same of a number: "0", "0.5", "250", "20 k".
QString tick(double number);
/// The same for screen readers: "612 milliseconds".
QString spokenDuration(base::Duration duration);

/// "1,234"; from 10,000 on "12.3 k", "4.56 M".
QString count(std::uint64_t number);
/// "0.4", "12", "1,234": what a rate per second or minute needs.
QString rate(double perTime);
/// "512 B", "48.1 KB", "1.2 MB".
QString bytes(std::int64_t size);
/// "1.2 %"; "< 0.1 %" of what would round to nothing, "> 99.9 %" to all; "–" if there is no whole.
QString share(std::uint64_t part, std::uint64_t whole);
/// "1,204 / 980 / 85": input, cached, output.
QString tokens(const llm::TokenUsage &usage);
/// "42 tok/s"
QString tokenRate(std::int64_t tokens, base::Duration within);
/// "14:03:11" in local time.
QString timeOfDay(base::WallMs at);
QString isoTime(base::WallMs at);
/// "2026-11-24 14:03" in local time; "–" without one.
QString dateTime(const std::optional<QDateTime> &at);
/// "just now", "5 min ago", "3 h ago"; older than a day as dateTime(); "–" without one.
QString ago(const std::optional<QDateTime> &at, const QDateTime &now);
/// A length of time that was chosen, not measured: "5 h", "90 min", "2 d".
QString span(std::int64_t ms);

/// Millionths of a dollar: "$12.34", below a dollar "$0.0123", "$0.000012"; "nothing" if nothing was charged,
/// "–" if no price is known.
QString money(std::optional<std::int64_t> micros);
/// Reads "100000", "100,000", "100 k", "1.5M" as somebody types it; nothing if it is no whole number ≥ 0.
std::optional<std::int64_t> readCount(const QString &text);

} // namespace weir::ui::format
