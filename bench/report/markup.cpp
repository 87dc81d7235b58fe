// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/markup.h"
#include <array>
#include <cstdint>
#include <QString>

namespace weir::report {

std::string escaped(std::string_view text)
{
    QString clean = QString::fromUtf8(text.data(), qsizetype(text.size()));
    for (QChar &character : clean) {
        const char16_t unit = character.unicode();
        const bool isControl =
            (unit < 0x20 && unit != u'\n' && unit != u'\t') || (unit >= 0x7F && unit < 0xA0);
        if (isControl || unit >= 0xFFFE)
            character = QChar::ReplacementCharacter;
    }
    return clean.toHtmlEscaped().toStdString();
}

std::string svgNumber(double value)
{
    const QByteArray number = QByteArray::number(value, 'f', 1);
    return number.endsWith(".0") ? number.chopped(2).toStdString() : number.toStdString();
}

int lookOf(std::string_view arm)
{
    constexpr std::array<std::string_view, 5> Known{"weir", "direct", "nginx", "haproxy", "caddy"};
    for (std::size_t index = 0; index < Known.size(); ++index) {
        if (Known[index] == arm)
            return int(index);
    }
    if (arm == "simdjson")
        return 0;
    if (arm == "qjsondocument")
        return 1;
    std::uint32_t sum = 0; // the same name looks the same in every report
    for (const char byte : arm)
        sum = sum * 31 + std::uint8_t(byte);
    return int(Known.size() + sum % (ArmLooks - Known.size()));
}

} // namespace weir::report
