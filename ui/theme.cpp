// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme.h"

#include <QApplication>
#include <QStyleFactory>

namespace weir::ui {

namespace {

Theme *g_instance = nullptr;

/// What a palette is made of.
struct Shades
{
    QRgb window;
    QRgb base;
    QRgb alternate;
    QRgb button;
    QRgb toolTip;
    QRgb edge;
    QRgb text;
    QRgb quietText;
    QRgb highlight;
    QRgb link;
};

constexpr Shades Light{0xFFF4F5F7, 0xFFFFFFFF, 0xFFF8F9FA, 0xFFECEEF0, 0xFFFFFFFF,
                       0xFFD5D9DD, 0xFF1E2226, 0xFF6B7278, 0xFF0072B2, 0xFF0072B2};
constexpr Shades Dark{0xFF25292D, 0xFF1B1E20, 0xFF202427, 0xFF32373C, 0xFF32373C,
                      0xFF3D4349, 0xFFE4E7EA, 0xFF8A9299, 0xFF2F7FBF, 0xFF6CB6F5};

QPalette makePalette(const Shades &shades)
{
    QPalette palette{QColor(shades.button), QColor(shades.window)};
    palette.setColor(QPalette::Base, shades.base);
    palette.setColor(QPalette::AlternateBase, shades.alternate);
    palette.setColor(QPalette::ToolTipBase, shades.toolTip);
    palette.setColor(QPalette::Mid, shades.edge);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::ToolTipText})
        palette.setColor(role, shades.text);
    palette.setColor(QPalette::PlaceholderText, shades.quietText);
    palette.setColor(QPalette::Highlight, shades.highlight);
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::Link, shades.link);
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
    QPalette palette = makePalette(m_dark ? Dark : Light);
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
