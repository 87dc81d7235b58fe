// SPDX-License-Identifier: GPL-3.0-or-later
// What the real programs say about the configurations written for them. They have to be installed: see
// TEST_PACKAGES in installer/common.sh.
#include "subjects/known_peer.h"
#include <fstream>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace weir;
using namespace std::chrono_literals;

class TestKnownPeer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        const int made = QProcess::execute(
            QStringLiteral("openssl"),
            {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"), QStringLiteral("ec"),
             QStringLiteral("-pkeyopt"), QStringLiteral("ec_paramgen_curve:P-256"), QStringLiteral("-nodes"),
             QStringLiteral("-keyout"), QStringLiteral("/dev/null"), QStringLiteral("-subj"),
             QStringLiteral("/CN=localhost"), QStringLiteral("-out"), caFile()});
        QCOMPARE(made, 0);
    }

    void theRealProgramAcceptsItsConfiguration_data() { addPeers(); }
    void theRealProgramAcceptsItsConfiguration()
    {
        QFETCH(std::string, name);
        const subjects::KnownPeer *peer = subjects::findKnownPeer(name);
        QVERIFY(peer);
        const subjects::PeerPlace place = placeOf(name);
        const auto launch = subjects::prepare(*peer, place);
        QVERIFY2(launch, launch ? "" : launch.error().detail.c_str());
        const auto checked = subjects::ChildProcess::run(subjects::checkOf(*peer, place), 10s);
        QVERIFY2(checked, checked ? "" : checked.error().detail.c_str());
        // The check is one: it finds a mistake.
        std::ofstream file(place.folder + '/' + std::string(peer->configFile), std::ios::app);
        file << "no_such_directive 1;\n";
        file.close();
        QVERIFY(!subjects::ChildProcess::run(subjects::checkOf(*peer, place), 10s));
    }

    void theVersionIsToldInOneShape_data() { addPeers(); }
    void theVersionIsToldInOneShape()
    {
        QFETCH(std::string, name);
        const std::string version = subjects::versionOf(*subjects::findKnownPeer(name));
        const QRegularExpression shape(
            QStringLiteral("^%1/\\d+\\.\\d+\\.\\S+$").arg(QString::fromStdString(name)));
        QVERIFY2(shape.match(QString::fromStdString(version)).hasMatch(), version.c_str());
    }

    void aPeerThatIsNotInstalledIsExplained()
    {
        subjects::KnownPeer ghost = subjects::knownPeers().front();
        ghost.name = "ghost";
        ghost.package = "ghost-light";
        const auto launch = subjects::prepare(ghost, placeOf("ghost"));
        QVERIFY(!launch);
        QCOMPARE(launch.error().detail,
                 std::string("ghost is not installed (Debian: apt-get install ghost-light)"));
        QCOMPARE(subjects::versionOf(ghost), std::string());
    }

    void whoIsUnknownIsNotFound() { QVERIFY(!subjects::findKnownPeer("apache")); }

private:
    QString caFile() const { return m_folder.filePath(QStringLiteral("ca.pem")); }

    subjects::PeerPlace placeOf(const std::string &name) const
    {
        QDir(m_folder.path()).mkpath(QString::fromStdString(name));
        return {m_folder.path().toStdString() + '/' + name, 18080, 18443, caFile().toStdString()};
    }

    static void addPeers()
    {
        QTest::addColumn<std::string>("name");
        for (const subjects::KnownPeer &peer : subjects::knownPeers())
            QTest::newRow(std::string(peer.name).c_str()) << std::string(peer.name);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestKnownPeer)
#include "tst_known_peer.moc"
