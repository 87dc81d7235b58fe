// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/key_test.h"

#include "engine/authorities.h"
#include "engine/lanes.h"
#include "llm/provider.h"
#include <utility>

namespace weir::engine {

namespace {

constexpr std::string_view AnthropicVersion = "2023-06-01";

/// What a status that is not one of success says of the key.
std::string complaint(int status)
{
    const std::string number = "status " + std::to_string(status);
    if (status == 401 || status == 403)
        return "the provider refuses the key (" + number + ")";
    if (status == 404 || status == 405)
        return "this does not tell: the provider has no list of models to ask for (" + number + ")";
    return "this does not tell: the provider answers with " + number;
}

} // namespace

KeyTest::KeyTest(std::shared_ptr<const config::Config> config, const config::Provider &provider,
                 std::shared_ptr<const base::Secret> secret, std::chrono::milliseconds wait, QObject *parent)
    : QObject(parent), m_config(std::move(config)), m_provider(provider), m_deadline(this)
{
    m_deadline.setSingleShot(true);
    connect(&m_deadline, &QTimer::timeout, this, [this, wait] {
        finish(false, "the provider does not answer within " + std::to_string(wait.count()) + " ms");
    });
    m_deadline.start(wait);
    // Queued: the answer never comes before this object is known.
    QMetaObject::invokeMethod(
        this,
        [this, secret] {
            if (!m_isOver)
                start(*secret);
        },
        Qt::QueuedConnection);
}

KeyTest::~KeyTest()
{
    if (m_call)
        m_call->cancel();
}

void KeyTest::start(const base::Secret &secret)
{
    const bool isOpenAi = !m_provider.openaiBase.empty();
    const llm::Dialect dialect = isOpenAi ? llm::Dialect::OpenAi : llm::Dialect::Anthropic;
    const auto base = llm::parseBaseUrl(isOpenAi ? m_provider.openaiBase : m_provider.anthropicBase);
    auto authorities = readAuthorities(m_provider);
    if (!base || !authorities) {
        finish(false, base::describe(base ? authorities.error() : base.error()));
        return;
    }
    m_request.method = "GET";
    m_request.target = llm::upstreamTarget(dialect, *base, "/models");
    if (dialect == llm::Dialect::Anthropic)
        m_request.headers.add("anthropic-version", AnthropicVersion);
    m_request.headers.add("User-Agent", "weir");
    llm::authorise(m_request.headers, llm::AuthMode::Stored);
    llm::addSecret(m_request.headers, dialect, secret.reveal());

    upstream::PoolOptions options;
    options.lanesMin = options.lanesMax = options.queueMax = 1;
    const upstream::Origin origin{base->tls, base->host, base->port, std::move(*authorities)};
    const std::string &name = m_provider.name;
    m_pool = std::make_unique<upstream::Pool>(name, origin, laneKinds(m_config, m_clock)(name, origin),
                                              options, m_clock);
    const auto call = m_pool->submit(m_request, *this);
    if (call)
        m_call = *call;
    else
        finish(false, base::describe(call.error()));
}

void KeyTest::onHead(http::ResponseHead head, std::string_view)
{
    if (head.status >= 200 && head.status < 300)
        finish(true, "the provider takes the key");
    else
        finish(false, complaint(head.status));
}

void KeyTest::onFailed(base::Error error, upstream::Processed)
{
    m_call = nullptr;
    finish(false, base::describe(error));
}

void KeyTest::finish(bool works, const std::string &reason)
{
    m_deadline.stop();
    if (upstream::Call *call = std::exchange(m_call, nullptr))
        call->cancel();
    if (!std::exchange(m_isOver, true))
        Q_EMIT finished(works, reason);
}

} // namespace weir::engine
