// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/demo.h"

#include "simulator/simulator.h"
#include <array>
#include <cmath>
#include <optional>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QRandomGenerator>
#include <QTemporaryFile>
#include <QTimer>
#include <vector>

namespace weir::app {

namespace {

constexpr int InFlightMax = 12;
constexpr int PauseMinMs = 120;
constexpr int PauseMaxMs = 900;

/// One kind of request of the demo; `weight` of all weights is its share.
struct Kind
{
    const char *path;
    const char *model;
    bool stream;
    int weight;
};

constexpr std::array<Kind, 7> Kinds{{
    {"/v1/messages", "sim-chunks-30+gap-25", true, 8},
    {"/v1/messages", "sim-chunks-60+gap-12", true, 4},
    {"/v1/chat/completions", "sim-chunks-24+gap-20", true, 5},
    {"/v1/chat/completions", "sim-ok", false, 4},
    {"/v1/messages/count_tokens", "sim-ok", false, 6},
    {"/v1/embeddings", "sim-ok", false, 2},
    {"/v1/messages", "sim-error-429", true, 1},
}};

const Kind &drawKind()
{
    int total = 0;
    for (const Kind &kind : Kinds)
        total += kind.weight;
    int drawn = QRandomGenerator::global()->bounded(total);
    for (const Kind &kind : Kinds) {
        drawn -= kind.weight;
        if (drawn < 0)
            return kind;
    }
    return Kinds.front();
}

/// The kind's model with a thinking time that varies as real ones do: mostly short, now and then long.
QString modelOf(const Kind &kind)
{
    const double spread =
        QRandomGenerator::global()->generateDouble() * QRandomGenerator::global()->generateDouble();
    const int thinkingMs = int(120 * std::pow(12.0, spread));
    return QStringLiteral("%1+slow-first-byte-%2").arg(QLatin1String(kind.model)).arg(thinkingMs);
}

QByteArray bodyOf(const Kind &kind)
{
    const QString text = QStringLiteral("Explain in one paragraph what a weir does to a stream. ")
                             .repeated(QRandomGenerator::global()->bounded(1, 40));
    QJsonObject body{{QStringLiteral("model"), modelOf(kind)}};
    if (QByteArray(kind.path).endsWith("embeddings")) {
        body[QStringLiteral("input")] = text;
    } else {
        body[QStringLiteral("max_tokens")] = 512;
        body[QStringLiteral("messages")] = QJsonArray{
            QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}, {QStringLiteral("content"), text}}};
        if (kind.stream)
            body[QStringLiteral("stream")] = true;
        if (kind.stream && QByteArray(kind.path).endsWith("completions"))
            body[QStringLiteral("stream_options")] = QJsonObject{{QStringLiteral("include_usage"), true}};
    }
    return QJsonDocument(body).toJson(QJsonDocument::Compact);
}

config::Provider simulatedProvider(quint16 port, const QString &caFile)
{
    const std::string origin = "https://127.0.0.1:" + std::to_string(port);
    config::Provider provider;
    provider.name = "simulated";
    provider.openaiBase = origin + "/v1";
    provider.anthropicBase = origin;
    provider.auth = config::Auth::None;
    provider.caFile = caFile.toStdString();
    return provider;
}

} // namespace

struct Demo::Private
{
    QThread thread;
    simulator::Simulator *simulator = nullptr; // lives in `thread`, deleted as it ends
    QTemporaryFile certificate;
    QNetworkAccessManager client;
    QTimer timer;
    quint16 port = 0;
    int inFlight = 0;

    void sendOne();
};

Demo::Demo(QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    d->thread.setObjectName(QStringLiteral("simulator"));
    d->timer.setSingleShot(true);
    connect(&d->timer, &QTimer::timeout, this, [this] {
        d->sendOne();
        d->timer.start(QRandomGenerator::global()->bounded(PauseMinMs, PauseMaxMs));
    });
}

Demo::~Demo()
{
    d->thread.quit();
    d->thread.wait();
}

base::Result<config::Config> Demo::start(config::Config config, int listenPort)
{
    // Made and started in its own thread, so that it takes no time from the proxy that is being watched.
    QObject *starter = new QObject;
    starter->moveToThread(&d->thread);
    connect(&d->thread, &QThread::finished, starter, &QObject::deleteLater);
    d->thread.start();
    std::optional<base::Result<quint16>> port;
    QByteArray certificate;
    QMetaObject::invokeMethod(
        starter,
        [&] {
            simulator::Options options;
            options.tls = true;
            d->simulator = new simulator::Simulator(options, starter);
            port = d->simulator->listen();
            certificate = d->simulator->certificatePem();
        },
        Qt::BlockingQueuedConnection);
    if (!*port)
        return base::Unexpected{port->error()};
    if (!d->certificate.open() || d->certificate.write(certificate) != certificate.size() ||
        !d->certificate.flush())
        return base::unexpected(base::Errc::FileUnreadable, d->certificate.errorString().toStdString());

    // Neither by its name nor through an alias does anything lead to a real provider.
    config.providers = {simulatedProvider(**port, d->certificate.fileName())};
    config.route.anthropic = config.route.openai = config.providers.front().name;
    config.aliases.clear();
    config.defaultModel.clear();
    config.store.enabled = false; // what is made up does not belong among the user's own usage
    config.listen.port = listenPort;
    return config;
}

void Demo::startTraffic(quint16 port)
{
    d->port = port;
    d->timer.start(PauseMinMs);
}

void Demo::stopTraffic()
{
    d->timer.stop();
}

void Demo::Private::sendOne()
{
    if (inFlight >= InFlightMax)
        return;
    const Kind &kind = drawKind();
    QNetworkRequest request(
        QUrl(QStringLiteral("http://127.0.0.1:%1%2").arg(port).arg(QLatin1String(kind.path))));
    request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/json"));
    request.setHeader(QNetworkRequest::UserAgentHeader,
                      QByteArrayLiteral("weir-demo/" WEIR_VERSION " (simulated traffic)"));
    ++inFlight;
    QNetworkReply *reply = client.post(request, bodyOf(kind));
    QObject::connect(reply, &QNetworkReply::finished, &client, [this, reply] {
        --inFlight;
        reply->deleteLater();
    });
}

} // namespace weir::app
