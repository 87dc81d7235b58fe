// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/authorities.h"
#include <QFile>
#include <QSslConfiguration>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;

class TestAuthorities : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { init(); }
    void takesTheSystemsWhereNothingIsNamed();
    void addsWhatTheEnvironmentNames();
    void putsTheProvidersOwnFirst();
    void saysWhatCannotBeRead();

private:
    QString write(const QString &name, const QByteArray &text)
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write %s", qUtf8Printable(file.fileName()));
        return file.fileName();
    }
    static QByteArray someCertificate()
    {
        return QSslConfiguration::systemCaCertificates().constFirst().toPem();
    }

    QTemporaryDir m_folder;
};

void TestAuthorities::init()
{
    qunsetenv("SSL_CERT_FILE");
    qunsetenv("SSL_CERT_DIR");
}

void TestAuthorities::takesTheSystemsWhereNothingIsNamed()
{
    const auto authorities = engine::readAuthorities(config::Provider{});
    QVERIFY(authorities);
    QVERIFY(authorities->isEmpty());
}

void TestAuthorities::addsWhatTheEnvironmentNames()
{
    const qsizetype system = QSslConfiguration::systemCaCertificates().size();
    qputenv("SSL_CERT_FILE", write(QStringLiteral("company.crt"), someCertificate()).toLocal8Bit());
    QCOMPARE(engine::readAuthorities(config::Provider{})->size(), system + 1);
    write(QStringLiteral("other.pem"), someCertificate() + someCertificate());
    write(QStringLiteral("no-certificate.txt"), "x");
    qputenv("SSL_CERT_DIR", "/does-not-exist:" + m_folder.path().toLocal8Bit());
    QCOMPARE(engine::readAuthorities(config::Provider{})->size(), system + 1 + 3);
}

void TestAuthorities::putsTheProvidersOwnFirst()
{
    qputenv("SSL_CERT_FILE", "/does-not-exist");
    config::Provider provider;
    provider.caFile = write(QStringLiteral("own.pem"), someCertificate()).toStdString();
    QCOMPARE(engine::readAuthorities(provider)->size(), qsizetype(1));
}

void TestAuthorities::saysWhatCannotBeRead()
{
    qputenv("SSL_CERT_FILE", "/does-not-exist");
    QTest::ignoreMessage(QtWarningMsg,
                         "SSL_CERT_FILE: /does-not-exist holds no PEM certificate that can be read");
    QVERIFY(engine::readAuthorities(config::Provider{})->isEmpty());
    config::Provider provider;
    provider.name = "local";
    provider.caFile = write(QStringLiteral("empty.pem"), "x").toStdString();
    const auto authorities = engine::readAuthorities(provider);
    QVERIFY(!authorities);
    QVERIFY(authorities.error().detail.find("holds no PEM certificate") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestAuthorities)
#include "tst_authorities.moc"
