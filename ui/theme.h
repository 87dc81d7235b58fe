// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QObject>
#include <QPalette>

namespace weir::ui {

/// What a colour says; every meaning is told by a shape or a word as well.
enum class Tone
{
    P50,
    P95,
    P99,
    Ok,
    Error,
    Neutral,
    Grid
};

/// Light and dark: the palette of the widgets and the colours of charts and states, contrast-checked for
/// both. One per process, on the GUI thread.
class Theme : public QObject
{
    Q_OBJECT
public:
    enum class Choice
    {
        System,
        Light,
        Dark
    };
    Q_ENUM(Choice)

    explicit Theme(QObject *parent = nullptr);

    static Theme &instance();

    Choice choice() const { return m_choice; }
    /// Applies palette and style to the application.
    void setChoice(Choice choice);
    bool isDark() const { return m_dark; }
    QColor color(Tone tone) const;

Q_SIGNALS:
    void changed();

private:
    bool systemIsDark() const;

    const QPalette m_systemPalette;
    Choice m_choice = Choice::System;
    bool m_dark = false;
};

} // namespace weir::ui
