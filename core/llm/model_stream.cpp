// SPDX-License-Identifier: GPL-3.0-or-later
#include "llm/model_stream.h"

#include "llm/body_bytes.h"
#include "llm/json_string.h"
#include <algorithm>
#include <utility>

namespace weir::llm {

namespace {

constexpr std::string_view ModelKey = "model";
/// With every byte written as \u00XX.
constexpr std::size_t ModelKeyTextMax = 6 * ModelKey.size();

QByteArray bytesOf(std::string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

} // namespace

void ModelStream::feed(const QByteArray &chunk)
{
    const std::string_view bytes = viewOf(chunk);
    m_keyBegin = 0;
    m_passed = 0;
    for (std::size_t at = 0; at < bytes.size() && m_readability == Readability::Readable;) {
        JsonScanner::Stop stop{};
        at += m_scanner.scan(bytes.substr(at), stop);
        // Before anything else, so that it makes no difference how the body is cut.
        if (m_holding && m_held.size() + at - m_passed > ModelTextMax)
            giveUp(Readability::NotInspected, m_nameAt);
        else
            onStop(stop, chunk, at);
    }
    if (m_inKey)
        appendToKey(bytes.substr(m_keyBegin));
    if (m_holding) {
        m_held.append(bytes.substr(m_passed));
        m_passed = bytes.size();
    }
    passUntil(chunk, bytes.size());
}

void ModelStream::finish()
{
    if (m_readability == Readability::Readable && !m_scanner.isWhole())
        giveUp(Readability::Invalid, m_scanner.offset());
}

void ModelStream::onStop(JsonScanner::Stop stop, const QByteArray &chunk, std::size_t at)
{
    switch (stop) {
    case JsonScanner::Stop::KeyBegins:
        m_hasMembers = true;
        m_inKey = true;
        m_keyBegin = at;
        m_key.clear();
        break;
    case JsonScanner::Stop::KeyEnds:
        appendToKey(viewOf(chunk).substr(m_keyBegin, at - 1 - m_keyBegin));
        m_inKey = false;
        m_isModel = m_key.size() <= ModelKeyTextMax && unescaped(m_key) == ModelKey;
        m_models += m_isModel ? 1 : 0;
        break;
    case JsonScanner::Stop::TextBegins:
        if (m_isModel)
            beginModel(chunk, at);
        break;
    case JsonScanner::Stop::TextEnds:
        if (m_holding)
            endModel(chunk, at);
        break;
    case JsonScanner::Stop::ObjectEnds:
        if (m_models == 0)
            closeObject(chunk, at);
        break;
    case JsonScanner::Stop::Fault:
        giveUp(Readability::Invalid, m_scanner.offset());
        break;
    case JsonScanner::Stop::TooDeep:
        giveUp(Readability::NotInspected, m_scanner.offset());
        break;
    case JsonScanner::Stop::OutOfBytes:
        break;
    }
}

void ModelStream::beginModel(const QByteArray &chunk, std::size_t at)
{
    passUntil(chunk, at - 1);
    m_nameAt = m_scanner.offset() - 1;
    m_holding = true;
}

void ModelStream::endModel(const QByteArray &chunk, std::size_t at)
{
    const std::string text = m_held + std::string(viewOf(chunk).substr(m_passed, at - m_passed));
    const std::string name = unescaped(std::string_view(text).substr(1, text.size() - 2));
    if (name.size() > ModelNameMax) {
        giveUp(Readability::NotInspected, m_nameAt);
        return;
    }
    if (const std::optional<std::string> other = m_output.onModel(name)) {
        m_held.clear();
        m_passed = at;
        m_output.onBytes(bytesOf(jsonString(*other)));
    }
    letGo();
}

void ModelStream::closeObject(const QByteArray &chunk, std::size_t at)
{
    const std::optional<std::string> model = m_output.onNoModel();
    if (!model)
        return;
    passUntil(chunk, at - 1);
    m_output.onBytes(bytesOf((m_hasMembers ? ",\"model\":" : "\"model\":") + jsonString(*model)));
}

/// Keeps one byte more than matters: enough to tell that the key is another.
void ModelStream::appendToKey(std::string_view bytes)
{
    m_key.append(bytes.substr(0, ModelKeyTextMax + 1 - std::min(m_key.size(), ModelKeyTextMax + 1)));
}

void ModelStream::passUntil(const QByteArray &chunk, std::size_t end)
{
    if (m_passed == 0 && end == std::size_t(chunk.size()) && end > 0)
        m_output.onBytes(chunk);
    else if (end > m_passed)
        m_output.onBytes(sliceOf(chunk, m_passed, end - m_passed));
    m_passed = end;
}

/// Sends what earlier chunks brought; what this one brought follows as usual.
void ModelStream::letGo()
{
    m_holding = false;
    if (!m_held.empty())
        m_output.onBytes(bytesOf(std::exchange(m_held, {})));
}

void ModelStream::giveUp(Readability why, std::size_t offset)
{
    m_readability = why;
    m_faultOffset = offset;
    letGo();
}

} // namespace weir::llm
