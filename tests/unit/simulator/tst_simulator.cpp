// SPDX-License-Identifier: GPL-3.0-or-later
#include "simulator/simulator.h"

#include <algorithm>
#include <memory>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QSslConfiguration>
#include <QSslSocket>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace weir::simulator;

/// The whole as its users meet it: listening, TLS, the choice of the protocol.
class TestSimulator : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void choosesProtocolOverTls_data();
    void choosesProtocolOverTls();
    void streamsOverTls();
    void noticesAbort();
    void isTrustedByItsCertificateOnly();
    void breaksTls_data();
    void breaksTls();
    void readsSlowlyIfAsked_data();
    void readsSlowlyIfAsked();
    void takesBodiesUpToItsBound_data();
    void takesBodiesUpToItsBound();
    void makesFreshCertificates();
    void closesFurtherCallers();
    void tellsWhyItCannotListen_data();
    void tellsWhyItCannotListen();
    void goesWhileBusy();

private:
    void start(const Options &options);
    std::unique_ptr<QNetworkReply> post(const QByteArray &body, bool http2, const char *host = "localhost");

    std::unique_ptr<Simulator> simulator;
    std::unique_ptr<QNetworkAccessManager> manager;
    quint16 port = 0;
    QList<Arrived> served;
};

void TestSimulator::init()
{
    manager = std::make_unique<QNetworkAccessManager>();
    simulator.reset();
    served.clear();
}

void TestSimulator::start(const Options &options)
{
    simulator = std::make_unique<Simulator>(options);
    connect(simulator.get(), &Simulator::served, this, [this](const Arrived &record) { served += record; });
    const auto listening = simulator->listen();
    QVERIFY(listening);
    port = *listening;
}

std::unique_ptr<QNetworkReply> TestSimulator::post(const QByteArray &body, bool http2, const char *host)
{
    QUrl url;
    url.setScheme(simulator->certificatePem().isEmpty() ? QStringLiteral("http") : QStringLiteral("https"));
    url.setHost(QString::fromLatin1(host));
    url.setPort(port);
    url.setPath(QStringLiteral("/v1/messages"));
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, http2);
    request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArrayLiteral("application/json"));
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(QSslCertificate::fromData(simulator->certificatePem()));
    request.setSslConfiguration(configuration);
    return std::unique_ptr<QNetworkReply>(manager->post(request, body));
}

void TestSimulator::choosesProtocolOverTls_data()
{
    QTest::addColumn<bool>("callerWants");
    QTest::addColumn<bool>("simulatorOffers");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<QByteArray>("protocol");
    QTest::newRow("both speak HTTP/2") << true << true << QByteArray("localhost") << QByteArray("h2");
    QTest::newRow("by address") << true << true << QByteArray("127.0.0.1") << QByteArray("h2");
    QTest::newRow("caller speaks HTTP/1.1")
        << false << true << QByteArray("localhost") << QByteArray("http/1.1");
    QTest::newRow("HTTP/2 is off") << true << false << QByteArray("localhost") << QByteArray("http/1.1");
}

void TestSimulator::choosesProtocolOverTls()
{
    QFETCH(bool, callerWants);
    QFETCH(bool, simulatorOffers);
    QFETCH(QByteArray, host);
    Options options;
    options.tls = true;
    options.http2 = simulatorOffers;
    start(options);
    const auto reply = post(R"({"model":"m"})", callerWants, host.constData());
    QTRY_VERIFY(reply->isFinished());
    QCOMPARE(reply->error(), QNetworkReply::NoError);
    QVERIFY(QJsonDocument::fromJson(reply->readAll()).isObject());
    QTRY_COMPARE(served.size(), 1);
    QTEST(served[0].protocol, "protocol");
    QVERIFY(served[0].tls);
    QVERIFY(served[0].completed);
}

void TestSimulator::streamsOverTls()
{
    Options options;
    options.tls = true;
    start(options);
    for (const bool http2 : {true, false}) {
        const auto reply = post(R"({"model":"sim-chunks-500+gap-0+bytes-5000000","stream":true})", http2);
        QByteArray body;
        connect(reply.get(), &QNetworkReply::readyRead, this, [&] { body += reply->readAll(); });
        QTRY_VERIFY(reply->isFinished());
        body += reply->readAll();
        QCOMPARE(body.count("event: content_block_delta\n"), qsizetype(500));
        QVERIFY(body.size() > 5'000'000);
        QVERIFY(body.endsWith("\"message_stop\"}\n\n"));
    }
}

void TestSimulator::noticesAbort()
{
    Options options;
    options.tls = true;
    start(options);
    for (const bool http2 : {true, false}) {
        served.clear();
        const auto reply = post(R"({"model":"sim-gap-3600000","stream":true})", http2);
        QTRY_VERIFY(reply->bytesAvailable() > 0);
        reply->abort();
        QTRY_COMPARE(served.size(), 1);
        QVERIFY(served[0].cancelled);
    }
}

void TestSimulator::isTrustedByItsCertificateOnly()
{
    Options options;
    options.tls = true;
    start(options);
    Simulator other(options);
    QVERIFY(other.listen());
    QUrl url(QStringLiteral("https://localhost:%1/v1/models").arg(port));
    QNetworkRequest request(url);
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(QSslCertificate::fromData(other.certificatePem()));
    request.setSslConfiguration(configuration);
    const std::unique_ptr<QNetworkReply> reply(manager->get(request));
    QTRY_VERIFY(reply->isFinished());
    QCOMPARE(reply->error(), QNetworkReply::SslHandshakeFailedError);
    QVERIFY(served.isEmpty());
}

void TestSimulator::breaksTls_data()
{
    QTest::addColumn<int>("fault");
    QTest::addColumn<int>("error"); // of the certificate, as the caller sees it; -1 = no certificate came
    QTest::newRow("none") << int(TlsFault::None) << int(QSslError::NoError);
    QTest::newRow("expired") << int(TlsFault::Expired) << int(QSslError::CertificateExpired);
    QTest::newRow("wrong host") << int(TlsFault::WrongHost) << int(QSslError::HostNameMismatch);
    QTest::newRow("unknown") << int(TlsFault::Unknown) << int(QSslError::SelfSignedCertificate);
    QTest::newRow("stall") << int(TlsFault::Stall) << -1;
    QTest::newRow("close") << int(TlsFault::Close) << -1;
}

void TestSimulator::breaksTls()
{
    QFETCH(int, fault);
    QFETCH(int, error);
    Options options;
    options.tls = true;
    options.tlsFault = TlsFault(fault);
    start(options);
    QSslSocket socket;
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setCaCertificates(QSslCertificate::fromData(simulator->certificatePem()));
    socket.setSslConfiguration(configuration);
    QList<QSslError> errors;
    connect(&socket, &QSslSocket::sslErrors, this, [&](const QList<QSslError> &seen) { errors = seen; });
    socket.connectToHostEncrypted(QStringLiteral("localhost"), port);
    if (TlsFault(fault) == TlsFault::None) {
        QTRY_VERIFY(socket.isEncrypted());
    } else if (TlsFault(fault) == TlsFault::Stall) {
        QTRY_COMPARE(socket.state(), QAbstractSocket::ConnectedState);
        QTest::qWait(50);
        QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
        QVERIFY(!socket.isEncrypted());
    } else {
        QTRY_COMPARE(socket.state(), QAbstractSocket::UnconnectedState);
        QVERIFY(!socket.isEncrypted());
    }
    const bool isTold = std::any_of(errors.begin(), errors.end(),
                                    [error](const QSslError &each) { return int(each.error()) == error; });
    QCOMPARE(isTold, error > 0);
    QCOMPARE(errors.isEmpty(), error <= 0);
    QVERIFY(served.isEmpty());
}

void TestSimulator::readsSlowlyIfAsked_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<bool>("http2");
    QTest::newRow("HTTP/1.1") << false << false;
    QTest::newRow("HTTP/1.1 over TLS") << true << false;
    QTest::newRow("HTTP/2 over TLS") << true << true;
}

/// At 1 MB/s a body of 300 kB takes more than 0.2 s, however fast the machine is.
void TestSimulator::readsSlowlyIfAsked()
{
    QFETCH(bool, tls);
    QFETCH(bool, http2);
    Options options;
    options.tls = tls;
    options.readKbps = 1000;
    start(options);
    QElapsedTimer timer;
    timer.start();
    const auto reply = post(R"({"model":"m","x":")" + QByteArray(300'000, 'x') + "\"}", http2);
    QTRY_VERIFY(reply->isFinished());
    QCOMPARE(reply->error(), QNetworkReply::NoError);
    QVERIFY2(timer.elapsed() > 200, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(served.size(), 1);
    QVERIFY(served[0].body.size() > 300'000);
}

void TestSimulator::takesBodiesUpToItsBound_data()
{
    QTest::addColumn<bool>("http2");
    QTest::newRow("HTTP/1.1") << false;
    QTest::newRow("HTTP/2") << true;
}

void TestSimulator::takesBodiesUpToItsBound()
{
    QFETCH(bool, http2);
    const QByteArray body = R"({"model":"m","x":")" + QByteArray(500, 'x') + "\"}";
    Options options;
    options.tls = true;
    options.bodyMax = body.size();
    start(options);
    const auto largest = post(body, http2);
    QTRY_VERIFY(largest->isFinished());
    QCOMPARE(largest->error(), QNetworkReply::NoError);
    const auto tooLarge = post(body + ' ', http2);
    QTRY_VERIFY(tooLarge->isFinished());
    QVERIFY(tooLarge->error() != QNetworkReply::NoError);
    QCOMPARE(served.size(), 1);
}

void TestSimulator::makesFreshCertificates()
{
    Options options;
    start(options);
    QVERIFY(simulator->certificatePem().isEmpty());
    options.tls = true;
    start(options);
    const QByteArray first = simulator->certificatePem();
    QCOMPARE(QSslCertificate::fromData(first).size(), 1);
    start(options);
    QVERIFY(simulator->certificatePem() != first);
}

void TestSimulator::closesFurtherCallers()
{
    Options options;
    options.callersMax = 2;
    start(options);
    std::array<QTcpSocket, 3> callers;
    for (QTcpSocket &caller : callers)
        caller.connectToHost(QHostAddress::LocalHost, port);
    QTRY_COMPARE(callers[0].state(), QAbstractSocket::ConnectedState);
    QTRY_COMPARE(callers[1].state(), QAbstractSocket::ConnectedState);
    QTRY_COMPARE(callers[2].state(), QAbstractSocket::UnconnectedState);
    QCOMPARE(callers[0].state(), QAbstractSocket::ConnectedState);
    // A place that is left is free again, whether its caller has said something or not.
    callers[0].abort();
    callers[1].write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    QTRY_COMPARE(callers[1].state(), QAbstractSocket::UnconnectedState);
    for (int round = 0; round < 2; ++round) {
        callers[2].connectToHost(QHostAddress::LocalHost, port);
        QTRY_COMPARE(callers[2].state(), QAbstractSocket::ConnectedState);
        callers[2].write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        QTRY_COMPARE(callers[2].state(), QAbstractSocket::UnconnectedState);
    }
    QCOMPARE(served.size(), 3);
}

void TestSimulator::tellsWhyItCannotListen_data()
{
    QTest::addColumn<QString>("address");
    QTest::addColumn<int>("code");
    QTest::newRow("port in use") << QStringLiteral("127.0.0.1") << int(weir::base::Errc::AddressInUse);
    QTest::newRow("not an address") << QStringLiteral("here") << int(weir::base::Errc::AddressUnavailable);
    QTest::newRow("not ours") << QStringLiteral("192.0.2.1") << int(weir::base::Errc::AddressUnavailable);
}

void TestSimulator::tellsWhyItCannotListen()
{
    QFETCH(QString, address);
    QTcpServer occupant;
    QVERIFY(occupant.listen(QHostAddress::LocalHost));
    Options options;
    options.address = address;
    options.port = occupant.serverPort();
    Simulator late(options);
    const auto result = late.listen();
    QVERIFY(!result);
    QTEST(int(result.error().code), "code");
    QVERIFY(result.error().detail.starts_with(address.toStdString()));
}

void TestSimulator::goesWhileBusy()
{
    for (const bool tls : {false, true}) {
        Options options;
        options.tls = tls;
        start(options);
        const auto first = post(R"({"model":"sim-gap-3600000","stream":true})", true);
        const auto second = post(R"({"model":"sim-silent"})", false);
        QTRY_VERIFY(first->bytesAvailable() > 0);
        simulator.reset();
        QTRY_VERIFY(first->isFinished() && second->isFinished());
    }
}

QTEST_GUILESS_MAIN(TestSimulator)
#include "tst_simulator.moc"
