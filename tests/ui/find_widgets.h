// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>
#include <QPushButton>
#include <QTableView>

/// Finds what a person would find by reading.
namespace weir::test {

inline QPushButton *button(const QWidget &in, const char *text)
{
    for (QPushButton *each : in.findChildren<QPushButton *>()) {
        if (each->text() == QString::fromUtf8(text))
            return each;
    }
    return nullptr;
}

inline QTableView *table(const QWidget &in, const char *name)
{
    for (QTableView *each : in.findChildren<QTableView *>()) {
        if (each->accessibleName() == QLatin1String(name))
            return each;
    }
    return nullptr;
}

/// What stands in place of a table; "" if the table is seen.
inline QString hint(const QWidget &in, const char *name)
{
    const auto *label = in.findChild<QLabel *>(QLatin1String(name));
    return label && label->isVisible() ? label->text() : QString();
}

inline QString trouble(const QWidget &in)
{
    const auto *label = in.findChild<QLabel *>(QStringLiteral("trouble"));
    return label && label->isVisible() ? label->text() : QString();
}

} // namespace weir::test
