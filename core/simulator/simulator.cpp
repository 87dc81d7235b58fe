// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/simulator.h"

#include "base/clock.h"
#include "simulator/acceptor.h"
#include "simulator/answerer.h"
#include "simulator/certificate.h"
#include "simulator/service.h"
#include <QHostAddress>
#include <QMetaMethod>
#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

namespace weir::simulator {

using base::Errc;

namespace {

QByteArray bytesOf(std::string_view text)
{
    return {text.data(), qsizetype(text.size())};
}

Arrived recordOf(const Request &request)
{
    Arrived record;
    record.protocol = request.http2 ? QByteArrayLiteral("h2") : QByteArrayLiteral("http/1.1");
    record.tls = request.tls;
    record.method = bytesOf(request.head.method);
    record.target = bytesOf(request.head.target);
    for (const auto field : request.head.headers) {
        record.headers.append(field.name.data(), qsizetype(field.name.size())).append(": ");
        record.headers.append(field.value.data(), qsizetype(field.value.size())).append('\n');
    }
    record.body = request.body;
    return record;
}

base::Result<QSslConfiguration> tlsConfiguration(const Certificate &certificate, bool http2)
{
    if (!QSslSocket::supportsSsl())
        return base::unexpected(Errc::Internal, "this Qt has no TLS");
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setLocalCertificate(QSslCertificate(certificate.certificatePem));
    configuration.setPrivateKey(QSslKey(certificate.keyPem, QSsl::Ec));
    configuration.setPeerVerifyMode(QSslSocket::VerifyNone); // callers show no certificate
    QList<QByteArray> protocols{QByteArrayLiteral("http/1.1")};
    if (http2)
        protocols.prepend(QSslConfiguration::ALPNProtocolHTTP2);
    configuration.setAllowedNextProtocols(protocols);
    return configuration;
}

CertificateKind certificateKind(TlsFault fault)
{
    switch (fault) {
    case TlsFault::Expired:
        return CertificateKind::Expired;
    case TlsFault::WrongHost:
        return CertificateKind::WrongHost;
    default:
        return CertificateKind::Good;
    }
}

} // namespace

struct Simulator::Private final : Service
{
    Private(Simulator &owner, Options given) : simulator(owner), options(std::move(given)), answerer(options)
    {
    }

    base::Instant now() const override { return clock.now(); }

    Script answer(const Request &request) override { return answerer.answer(request, clock.wallNow()); }

    // Records are made only for those who listen: under load they would cost more than the answers.
    void reportArrival(const Request &request) override
    {
        static const QMetaMethod signal = QMetaMethod::fromSignal(&Simulator::arrived);
        if (simulator.isSignalConnected(signal))
            Q_EMIT simulator.arrived(recordOf(request));
    }

    void reportEnd(const Request &request, const Outcome &outcome) override
    {
        static const QMetaMethod signal = QMetaMethod::fromSignal(&Simulator::served);
        if (!simulator.isSignalConnected(signal))
            return;
        Arrived record = recordOf(request);
        record.status = outcome.status;
        record.completed = outcome.completed;
        record.cancelled = outcome.cancelled;
        record.durationMs = std::chrono::duration_cast<std::chrono::milliseconds>(outcome.duration).count();
        Q_EMIT simulator.served(record);
    }

    Simulator &simulator;
    const Options options;
    const base::SystemClock clock;
    Answerer answerer;
    QByteArray certificatePem;
    std::unique_ptr<Acceptor> acceptor; // last: its connections use the ones above
};

Simulator::Simulator(Options options, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(*this, std::move(options)))
{
}

Simulator::~Simulator() = default;

base::Result<quint16> Simulator::listen()
{
    const QHostAddress address(d->options.address);
    if (address.isNull())
        return base::unexpected(Errc::AddressUnavailable,
                                d->options.address.toStdString() + " is not an IP address");
    std::optional<QSslConfiguration> tls;
    if (d->options.tls) {
        const auto certificate = makeCertificate(certificateKind(d->options.tlsFault));
        if (!certificate)
            return base::Unexpected{certificate.error()};
        auto configuration = tlsConfiguration(*certificate, d->options.http2);
        if (!configuration)
            return base::Unexpected{configuration.error()};
        tls = *std::move(configuration);
        d->certificatePem = certificate->certificatePem;
        if (d->options.tlsFault == TlsFault::Unknown) {
            const auto another = makeCertificate();
            if (!another)
                return base::Unexpected{another.error()};
            d->certificatePem = another->certificatePem;
        }
    }
    d->acceptor = std::make_unique<Acceptor>(d->options, *d, std::move(tls));
    if (!d->acceptor->listen(address, d->options.port)) {
        const bool isInUse = d->acceptor->serverError() == QAbstractSocket::AddressInUseError;
        return base::unexpected(isInUse ? Errc::AddressInUse : Errc::AddressUnavailable,
                                d->options.address.toStdString() + ":" + std::to_string(d->options.port));
    }
    return d->acceptor->serverPort();
}

QByteArray Simulator::certificatePem() const
{
    return d->certificatePem;
}

} // namespace weir::simulator
