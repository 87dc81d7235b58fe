// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/access_key.h"

#include <algorithm>
#include <QCryptographicHash>
#include <QRandomGenerator>

namespace weir::keys {

namespace {

constexpr std::size_t RandomWords = 8; // of 32 bits
/// Characters behind the beginning by which a key is recognised; 30 of its 256 bits.
constexpr std::size_t ShownCharacters = 5;

bool isBase64Url(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '_';
}

} // namespace

bool findsAccessKey(std::string_view text)
{
    while (text.size() >= KeyBeginning.size() + KeyTextSize) {
        const std::size_t found = text.find(KeyBeginning);
        if (found == std::string_view::npos)
            return false;
        text.remove_prefix(found + KeyBeginning.size());
        if (text.size() >= KeyTextSize &&
            std::all_of(text.begin(), text.begin() + std::ptrdiff_t(KeyTextSize), isBase64Url))
            return true;
    }
    return false;
}

KeyHash hashOf(std::string_view accessKey)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(QByteArrayView(accessKey.data(), qsizetype(accessKey.size())));
    const QByteArray bytes = hash.result();
    KeyHash result;
    Q_ASSERT(std::size_t(bytes.size()) == result.size());
    std::copy(bytes.begin(), bytes.end(), result.begin());
    return result;
}

NewAccessKey makeAccessKey()
{
    std::array<quint32, RandomWords> random;
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    const QByteArray bytes(reinterpret_cast<const char *>(random.data()), sizeof random);
    std::string text(KeyBeginning);
    text += bytes.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals).toStdString();

    NewAccessKey made;
    made.key.prefix = text.substr(0, KeyBeginning.size() + ShownCharacters);
    made.key.hash = hashOf(text);
    made.secret = base::Secret(std::move(text));
    return made;
}

} // namespace weir::keys
