// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/caller_id.h"

#include <QByteArray>
#include <QCryptographicHash>

namespace weir::pipeline {

namespace {

constexpr std::size_t BlockSize = 64; // of BLAKE2s
constexpr char Zeros[BlockSize] = {};

QByteArrayView view(std::string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

} // namespace

std::string callerId(std::string_view key, std::string_view provider, std::string_view credential)
{
    Q_ASSERT(!key.empty() && key.size() <= BlockSize);
    QCryptographicHash hash(QCryptographicHash::Blake2s_256);
    hash.addData(view(key));
    hash.addData(view({Zeros, BlockSize - key.size()}));
    hash.addData(view(provider));
    hash.addData(view({Zeros, 1})); // neither holds one, so no two pairs are the same text
    hash.addData(view(credential));
    return hash.result().left(qsizetype(CallerIdSize / 2)).toHex().toStdString();
}

} // namespace weir::pipeline
