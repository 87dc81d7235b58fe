// SPDX-License-Identifier: GPL-3.0-or-later
// `weir-headless backup` and `restore`, of a running engine and without one.
#include "integration/headless_command.h"
#include "integration/kept_usage.h"
#include "integration/proxy_fixture.h"
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace weir;
using test::KeptUsage;
using test::Outcome;
using test::ProxyFixture;
using test::runHeadless;

namespace {

const auto Kept = [](config::Config &config) { config.store.enabled = true; };

bool makeKey(const char *label)
{
    return runHeadless({QStringLiteral("keys"), QStringLiteral("create"), QStringLiteral("--label"),
                        QString::fromLatin1(label)})
               .exitCode == 0;
}

/// Of the keys that are there, the oldest first.
QStringList labels()
{
    const Outcome list =
        runHeadless({QStringLiteral("keys"), QStringLiteral("list"), QStringLiteral("--json")});
    QStringList found;
    for (const QJsonValue &key : QJsonDocument::fromJson(list.out).object()[QLatin1String("keys")].toArray())
        found += key[QLatin1String("label")].toString();
    return found;
}

} // namespace

class TestBackupCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void savesAndRestores_data();
    void savesAndRestores();
    void restoresNothingUnderARunningEngine();
};

void TestBackupCommand::savesAndRestores_data()
{
    QTest::addColumn<bool>("isRunning");
    QTest::newRow("of a running engine") << true;
    QTest::newRow("of the database alone") << false;
}

void TestBackupCommand::savesAndRestores()
{
    QFETCH(bool, isRunning);
    const KeptUsage kept;
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("weir backup.db"));
    const Outcome nothing = runHeadless({QStringLiteral("backup"), file});
    QCOMPARE(nothing.exitCode, 1);
    QVERIFY2(nothing.err.contains("nothing is kept yet"), nothing.err.constData());
    QVERIFY(!QFile::exists(file));
    QVERIFY(makeKey("before"));
    {
        std::unique_ptr<ProxyFixture> proxy;
        if (isRunning)
            proxy = std::make_unique<ProxyFixture>(simulator::Options{}, Kept);
        const Outcome saved = runHeadless({QStringLiteral("backup"), file});
        QVERIFY2(saved.exitCode == 0, saved.err.constData());
        QCOMPARE(saved.out, QByteArray());
        const Outcome twice = runHeadless({QStringLiteral("backup"), file});
        QCOMPARE(twice.exitCode, 1);
        QVERIFY2(twice.err.contains("File exists"), twice.err.constData());
    }
    QVERIFY(makeKey("after"));
    const Outcome restored = runHeadless({QStringLiteral("restore"), file});
    QVERIFY2(restored.exitCode == 0, restored.err.constData());
    QVERIFY2(restored.err.contains("what was there is now ") && restored.err.contains(".replaced-"),
             restored.err.constData());
    QCOMPARE(labels(), QStringList{QStringLiteral("before")});

    QFile broken(file + QStringLiteral(".bad"));
    QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("no database") > 0);
    broken.close();
    const Outcome bad = runHeadless({QStringLiteral("restore"), broken.fileName()});
    QCOMPARE(bad.exitCode, 1);
    QVERIFY2(bad.err.contains("the database is damaged"), bad.err.constData());
    QCOMPARE(labels(), QStringList{QStringLiteral("before")});
    QCOMPARE(runHeadless({QStringLiteral("restore")}).exitCode, 2);
    QCOMPARE(runHeadless({QStringLiteral("backup"), file, file}).exitCode, 2);
}

void TestBackupCommand::restoresNothingUnderARunningEngine()
{
    const KeptUsage kept;
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("copy.db"));
    QVERIFY(makeKey("before"));
    QCOMPARE(runHeadless({QStringLiteral("backup"), file}).exitCode, 0);
    ProxyFixture proxy({}, Kept);
    QVERIFY(makeKey("after")); // it is up
    const Outcome outcome = runHeadless({QStringLiteral("restore"), file});
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.err.contains("process id " + QByteArray::number(QCoreApplication::applicationPid()) +
                                  ", which has to be stopped first"),
             outcome.err.constData());
    QCOMPARE(labels(), (QStringList{QStringLiteral("before"), QStringLiteral("after")}));
}

QTEST_GUILESS_MAIN(TestBackupCommand)
#include "tst_backup_command.moc"
