// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/proxy.h"

#include "config/config_source.h"
#include "config/toml_file.h"
#include "exchanges/wait.h"
#include <algorithm>
#include <QJsonDocument>
#include <QJsonObject>

namespace weir::exchanges {

namespace {

constexpr const char *ProviderKeyVariable = "WEIR_EXCHANGES_PROVIDER_KEY";

/// Gives what the document's own settings leave open, and what they may not decide.
class Defaults
{
public:
    explicit Defaults(config::Sources &sources)
        : m_sources(sources), m_written(config::readToml(*sources.fileText).entries)
    {
    }

    void force(const std::string &key, const std::string &text)
    {
        m_sources.assignments.push_back({"the runner's " + key, key, text});
    }
    void offer(const std::string &key, const std::string &text)
    {
        if (!valueOf(key))
            force(key, text);
    }
    const config::Value *valueOf(const std::string &key) const
    {
        const auto found = std::find_if(m_written.begin(), m_written.end(),
                                        [&](const config::FileEntry &entry) { return entry.key == key; });
        return found == m_written.end() ? nullptr : &found->value;
    }

private:
    config::Sources &m_sources;
    const std::vector<config::FileEntry> m_written;
};

QByteArray inWords(const config::Problem &problem)
{
    return QByteArray::fromStdString(problem.where + ": " + problem.what + '\n');
}

} // namespace

Proxy::Proxy(const Document &document, const QByteArray &path, Transport transport, const Names &names,
             const QByteArray &certificate, QByteArray &problem)
{
    qputenv(ProviderKeyVariable, ProviderKey); // no other thread reads it yet
    if (!m_certificate.open() || m_certificate.write(certificate) < 0 || !m_certificate.flush())
        problem = "the certificate cannot be written";
    const auto config = configure(document, path, transport, names, problem);
    if (!config)
        return;
    m_host.start(config);
    const bool isOver = waitUntil([this] { return m_host.state() != engine::EngineHost::State::Starting; });
    if (!isOver || m_host.state() != engine::EngineHost::State::Running)
        problem =
            "Weir does not start: " + QByteArray::fromStdString(base::describe(m_host.lastError())) + '\n';
}

std::shared_ptr<const config::Config> Proxy::configure(const Document &document, const QByteArray &path,
                                                       Transport transport, const Names &names,
                                                       QByteArray &problem)
{
    config::Sources sources;
    sources.fileName = path.toStdString();
    // As many lines before as in the document, so that messages name its lines.
    sources.fileText = QByteArray(std::max(0, document.settingsLine - 1), '\n').toStdString() +
                       document.settings.bytes(names).toStdString();
    Defaults defaults(sources);
    defaults.force("listen.port", "0");
    defaults.offer("store.enabled", document.keys.empty() ? "false" : "true");
    defaults.offer("route.anthropic", document.upstreams.front().toStdString());
    defaults.offer("route.openai", document.upstreams.front().toStdString());
    const bool isQnam = transport == Transport::QnamH1 || transport == Transport::QnamH2;
    for (const QByteArray &upstream : document.upstreams) {
        const std::string provider = "provider." + upstream.toStdString() + '.';
        const std::string url = names.at(upstream + " url").toStdString();
        defaults.force(provider + "transport", isQnam ? "qnam" : "direct");
        defaults.offer(provider + "anthropic_base", url);
        defaults.offer(provider + "openai_base", url + "/v1");
        const config::Value *auth = defaults.valueOf(provider + "auth");
        if (auth && *auth == config::Value(std::string("stored")))
            defaults.offer(provider + "key_env", ProviderKeyVariable);
        if (isHttp2(transport))
            defaults.force(provider + "ca_file", m_certificate.fileName().toStdString());
    }

    config::Loaded loaded = config::load(sources);
    for (const config::Problem &wrong : loaded.problems)
        problem += inWords(wrong);
    for (const config::Problem &wrong : loaded.notices) // a document has no reason for these
        problem += inWords(wrong);
    return problem.isEmpty() ? std::make_shared<const config::Config>(std::move(*loaded.config)) : nullptr;
}

QByteArray Proxy::makeKey(const Key &key, std::size_t number, QByteArray &problem)
{
    QJsonObject fields = QJsonDocument::fromJson(key.json).object();
    if (!fields.contains(QLatin1String("label")))
        fields[QLatin1String("label")] = QStringLiteral("key %1").arg(number);
    pipeline::Question question;
    question.method = "POST";
    question.target = "/admin/keys";
    question.body = QJsonDocument(fields).toJson(QJsonDocument::Compact);

    std::optional<pipeline::Answer> answer;
    QObject context;
    quint64 asked = 0;
    QObject::connect(&m_host, &engine::EngineHost::answered, &context,
                     [&](quint64 id, const pipeline::Answer &said) {
                         if (id == asked)
                             answer = said;
                     });
    asked = m_host.ask(question);
    if (!waitUntil([&] { return answer.has_value(); }))
        problem = "the access key is not made";
    else if (!*answer)
        problem = QByteArray::fromStdString(base::describe(answer->error()));
    else
        return QJsonDocument::fromJson(**answer).object()[QLatin1String("secret")].toString().toLatin1();
    return {};
}

} // namespace weir::exchanges
