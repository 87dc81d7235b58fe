// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/key_import.h"

#include <algorithm>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <set>

namespace weir::store {

using base::Errc;
using base::Result;

namespace {

constexpr std::size_t KeyBytesMin = 4; // shorter is no key, even of somebody who has made one up
constexpr std::size_t KeyBytesMax = 4096;
constexpr std::size_t LabelBytesMax = 400;
constexpr std::size_t ModelBytesMax = 1024;
constexpr std::size_t WindowsMax = 1000;
/// Of a key of unknown make: a quarter of it at most, so what is shown is of no use.
constexpr std::size_t PrefixMax = 8;

int lineAt(const QByteArray &json, qsizetype offset)
{
    return 1 +
           int(std::count(json.begin(), json.begin() + std::clamp<qsizetype>(offset, 0, json.size()), '\n'));
}

/// The line on which element `index` of the member "keys" of the whole object begins. The text is valid JSON,
/// so counting brackets outside of strings is enough.
int lineOfElement(const QByteArray &json, int index)
{
    int depth = 0;
    bool inKeys = false;
    qsizetype stringBegin = 0;
    QByteArray name; // the last string directly in the object
    for (qsizetype at = 0; at < json.size(); ++at) {
        const char c = json[at];
        if (c == '"') {
            stringBegin = at + 1;
            while (++at < json.size() && json[at] != '"')
                at += json[at] == '\\';
            if (depth == 1)
                name = json.mid(stringBegin, at - stringBegin);
        } else if (c == '{' || c == '[') {
            if (depth == 2 && inKeys && index-- == 0)
                return lineAt(json, at);
            if (depth == 1)
                inKeys = c == '[' && name == "keys";
            ++depth;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return lineAt(json, json.size());
}

/// Reads one entry; the first thing that is wrong is kept as the reason.
class EntryReader
{
public:
    explicit EntryReader(const QJsonObject &object) : m_object(object) {}

    std::string text(const char *name)
    {
        const QJsonValue value = m_object.value(QLatin1String(name));
        if (value.isUndefined() || value.isNull())
            return {};
        if (!value.isString())
            return fail(name, "is not a text"), std::string();
        return value.toString().toStdString();
    }

    std::optional<std::int64_t> count(const char *name)
    {
        const QJsonValue value = m_object.value(QLatin1String(name));
        if (value.isUndefined() || value.isNull())
            return std::nullopt;
        const std::int64_t number = value.toInteger(-1);
        if (!value.isDouble() || number < 0 || number > keys::RollingWindow::AmountMax)
            return fail(name, "is not a whole number from 0 on"), std::nullopt;
        return number;
    }

    std::optional<base::WallMs> date(const char *name)
    {
        const std::string value = text(name);
        if (value.empty())
            return std::nullopt;
        const QDateTime time = QDateTime::fromString(QString::fromStdString(value), Qt::ISODateWithMs);
        if (!time.isValid())
            return fail(name, "is not a date like 2026-12-31T00:00:00Z"), std::nullopt;
        return time.toMSecsSinceEpoch();
    }

    QJsonArray list(const char *name)
    {
        const QJsonValue value = m_object.value(QLatin1String(name));
        if (!value.isUndefined() && !value.isNull() && !value.isArray())
            fail(name, "is not a list");
        return value.toArray();
    }

    void fail(const char *name, const char *what)
    {
        if (m_reason.empty())
            m_reason = std::string("\"") + name + "\" " + what;
    }
    const std::string &reason() const { return m_reason; }

private:
    const QJsonObject m_object;
    std::string m_reason;
};

bool isOneLine(std::string_view text, std::size_t bytesMax)
{
    return text.size() <= bytesMax && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
           });
}

std::vector<keys::Spent> readWindows(EntryReader &entry)
{
    std::vector<keys::Spent> spent;
    const QJsonArray windows = entry.list("usage_windows");
    if (std::size_t(windows.size()) > WindowsMax)
        entry.fail("usage_windows", "has more than 1000 entries");
    for (const QJsonValue &value : windows) {
        EntryReader window(value.toObject());
        const auto begin = window.date("window_start");
        const auto used = window.count("tokens_used");
        if (!value.isObject() || !begin || !used) {
            entry.fail("usage_windows", "has an entry without a valid \"window_start\" or \"tokens_used\"");
            break;
        }
        // Counted at its beginning, as the ancestor did: there, all of it leaves five hours later.
        spent.push_back({*begin, *used});
    }
    return spent;
}

ImportedKey readEntry(EntryReader &entry)
{
    ImportedKey imported;
    const base::Secret secret(entry.text("key"));
    const std::string_view text = secret.reveal();
    const bool isPrintable =
        std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (text.size() < KeyBytesMin || text.size() > KeyBytesMax || !isPrintable)
        entry.fail("key",
                   "is missing, too short (4 characters are the least), too long or holds characters that "
                   "no key has");
    keys::AccessKey &key = imported.key;
    key.hash = keys::hashOf(text);
    key.prefix = text.substr(0, std::min(PrefixMax, text.size() / 4));
    key.label = entry.text("name");
    key.model = entry.text("model");
    if (!isOneLine(key.label, LabelBytesMax))
        entry.fail("name", "is too long, or holds control characters");
    if (!isOneLine(key.model, ModelBytesMax))
        entry.fail("model", "is too long, or holds control characters");
    key.limits.tokensPerWindow = entry.count("token_limit_per_5h");
    key.limits.window = std::chrono::hours(5);
    key.expiresAt = entry.date("expiry_date");
    key.createdAt = entry.date("created_at").value_or(0);
    key.lastUsedAt = entry.date("last_used");
    imported.tokensBefore = entry.count("total_lifetime_tokens").value_or(0);
    imported.spent = readWindows(entry);
    return imported;
}

} // namespace

Result<std::vector<ImportedKey>> readKeyFile(const QByteArray &json)
{
    const auto invalid = [](int line, const std::string &reason) {
        return base::unexpected(Errc::ImportInvalid, "line " + std::to_string(line) + ": " + reason);
    };
    if (json.size() > ImportBytesMax)
        return invalid(1, "the file is larger than 16 MiB");
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError)
        return invalid(lineAt(json, error.offset), error.errorString().toStdString());
    const QJsonValue list = document.object().value(QLatin1String("keys"));
    if (!list.isArray())
        return invalid(1, "there is no list \"keys\"");

    std::vector<ImportedKey> keys;
    std::set<keys::KeyHash> seen;
    const QJsonArray entries = list.toArray();
    for (int index = 0; index < int(entries.size()); ++index) {
        // Only objects and lists are found again; anything else is named by its number.
        if (!entries[index].isObject())
            return invalid(lineAt(json, 0), "entry " + std::to_string(index + 1) + " is not an object");
        EntryReader entry(entries[index].toObject());
        ImportedKey imported = readEntry(entry);
        if (entry.reason().empty() && !seen.insert(imported.key.hash).second)
            entry.fail("key", "is there twice");
        if (!entry.reason().empty())
            return invalid(lineOfElement(json, index), entry.reason());
        keys.push_back(std::move(imported));
    }
    return keys;
}

} // namespace weir::store
