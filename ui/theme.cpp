// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme.h"

#include <QApplication>
#include <QStyleFactory>

namespace weir::ui {

namespace {

Theme *g_instance = nullptr;

QPalette lightPalette()
{
    QPalette palette(QColor(0xF4, 0xF5, 0xF7), QColor(0xF4, 0xF5, 0xF7));
    palette.setColor(QPalette::WindowText, QColor(0x1E, 0x22, 0x26));
    palette.setColor(QPalette::Base, Qt::white);
    palette.setColor(QPalette::AlternateBase, QColor(0xF8, 0xF9, 0xFA));
    palette.setColor(QPalette::Text, QColor(0x1E, 0x22, 0x26));
    palette.setColor(QPalette::ButtonText, QColor(0x1E, 0x22, 0x26));
    palette.setColor(QPalette::Button, QColor(0xEC, 0xEE, 0xF0));
    palette.setColor(QPalette::ToolTipBase, Qt::white);
    palette.setColor(QPalette::ToolTipText, QColor(0x1E, 0x22, 0x26));
    palette.setColor(QPalette::PlaceholderText, QColor(0x6B, 0x72, 0x78));
    palette.setColor(QPalette::Highlight, QColor(0x00, 0x72, 0xB2));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Link, QColor(0x00, 0x72, 0xB2));
    palette.setColor(QPalette::Mid, QColor(0xD5, 0xD9, 0xDD));
    return palette;
}

QPalette darkPalette()
{
    QPalette palette(QColor(0x25, 0x29, 0x2D), QColor(0x25, 0x29, 0x2D));
    palette.setColor(QPalette::WindowText, QColor(0xE4, 0xE7, 0xEA));
    palette.setColor(QPalette::Base, QColor(0x1B, 0x1E, 0x20));
    palette.setColor(QPalette::AlternateBase, QColor(0x20, 0x24, 0x27));
    palette.setColor(QPalette::Text, QColor(0xE4, 0xE7, 0xEA));
    palette.setColor(QPalette::ButtonText, QColor(0xE4, 0xE7, 0xEA));
    palette.setColor(QPalette::Button, QColor(0x32, 0x37, 0x3C));
    palette.setColor(QPalette::ToolTipBase, QColor(0x32, 0x37, 0x3C));
    palette.setColor(QPalette::ToolTipText, QColor(0xE4, 0xE7, 0xEA));
    palette.setColor(QPalette::PlaceholderText, QColor(0x8A, 0x92, 0x99));
    palette.setColor(QPalette::Highlight, QColor(0x2F, 0x7F, 0xBF));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Link, QColor(0x6C, 0xB6, 0xF5));
    palette.setColor(QPalette::Mid, QColor(0x3D, 0x43, 0x49));
    return palette;
}

void dimDisabled(QPalette &palette)
{
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, palette.color(QPalette::PlaceholderText));
}

} // namespace

Theme::Theme(QObject *parent) : QObject(parent), m_systemPalette(QApplication::palette())
{
    g_instance = this;
}

Theme &Theme::instance()
{
    Q_ASSERT(g_instance);
    return *g_instance;
}

bool Theme::systemIsDark() const
{
    // Qt 6.4 has no colorScheme(); what the desktop's platform theme made of the palette tells.
    return m_systemPalette.color(QPalette::Window).lightness() <
           m_systemPalette.color(QPalette::WindowText).lightness();
}

void Theme::setChoice(Choice choice)
{
    m_choice = choice;
    m_dark = choice == Choice::Dark || (choice == Choice::System && systemIsDark());
    // Fusion draws the same everywhere and follows a palette in full, which native styles do not.
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    QPalette palette = m_dark ? darkPalette() : lightPalette();
    dimDisabled(palette);
    QApplication::setPalette(palette);
    Q_EMIT changed();
}

QColor Theme::color(Tone tone) const
{
    switch (tone) {
    case Tone::P50:
        return m_dark ? QColor(0x6C, 0xB6, 0xF5) : QColor(0x00, 0x72, 0xB2);
    case Tone::P95:
        return m_dark ? QColor(0xF2, 0xB1, 0x34) : QColor(0xB3, 0x5C, 0x00);
    case Tone::P99:
        return m_dark ? QColor(0xE8, 0x8F, 0xC2) : QColor(0x8E, 0x3B, 0x76);
    case Tone::Ok:
        return m_dark ? QColor(0x4C, 0xC9, 0xA0) : QColor(0x00, 0x79, 0x5A);
    case Tone::Error:
        return m_dark ? QColor(0xFF, 0x8A, 0x80) : QColor(0xB3, 0x26, 0x1E);
    case Tone::Neutral:
        return m_dark ? QColor(0xA9, 0xB0, 0xB6) : QColor(0x5F, 0x63, 0x68);
    case Tone::Grid:
        return m_dark ? QColor(0x33, 0x38, 0x3D) : QColor(0xE6, 0xE8, 0xEB);
    }
    return {};
}

} // namespace weir::ui
