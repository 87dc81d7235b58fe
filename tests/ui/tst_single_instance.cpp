// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/single_instance.h"

#include <memory>
#include <QDir>
#include <QSignalSpy>
#include <QSysInfo>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

using namespace weir::app;
using Claim = SingleInstance::Claim;
using Wish = SingleInstance::Wish;

Q_DECLARE_METATYPE(weir::app::SingleInstance::Wish)

class TestSingleInstance : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void handsOverToTheFirst_data();
    void handsOverToTheFirst();
    void takesThePlaceOfOneThatQuits();
    void givesUpOnOneThatQuitsForEver();
    void takesOverAfterACrash();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

/// A start in another thread: a claim blocks, and the first answers from its event loop.
class Start
{
public:
    Start(Wish wish, int waitMs)
        : m_thread(QThread::create([this, wish, waitMs] {
            SingleInstance second;
            m_claim = second.claim(wish, waitMs);
        }))
    {
        m_thread->start();
    }
    bool isOver() const { return m_thread->isFinished(); }
    Claim claim() const { return m_claim; }

private:
    std::unique_ptr<QThread> m_thread;
    Claim m_claim = Claim::Refused;
};

constexpr int WaitMs = 20'000;

} // namespace

void TestSingleInstance::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    qputenv("XDG_RUNTIME_DIR", QFile::encodeName(m_folder->path()));
}

void TestSingleInstance::handsOverToTheFirst_data()
{
    QTest::addColumn<Wish>("wish");
    QTest::newRow("its window") << Wish::Window;
    QTest::newRow("the demo") << Wish::Demo;
}

void TestSingleInstance::handsOverToTheFirst()
{
    QFETCH(Wish, wish);
    SingleInstance first;
    QSignalSpy wanted(&first, &SingleInstance::wanted);
    QVERIFY(first.claim(Wish::Window) == Claim::First);
    const Start second(wish, WaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(second.isOver(), WaitMs);
    QVERIFY(second.claim() == Claim::HandedOver);
    QCOMPARE(wanted.count(), 1);
    QCOMPARE(wanted.front().front().value<Wish>(), wish);
}

void TestSingleInstance::takesThePlaceOfOneThatQuits()
{
    auto first = std::make_unique<SingleInstance>();
    QSignalSpy wanted(first.get(), &SingleInstance::wanted);
    QVERIFY(first->claim(Wish::Window) == Claim::First);
    first->beginQuitting();
    const Start second(Wish::Demo, WaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(wanted.count(), 1, WaitMs); // so that one sees what is waited for
    QCOMPARE(wanted.front().front().value<Wish>(), Wish::Window);
    QTest::qWait(700); // several looks at the lock
    QVERIFY(!second.isOver());
    QCOMPARE(wanted.count(), 1); // and does not come to the front again and again
    first.reset();
    QTRY_VERIFY_WITH_TIMEOUT(second.isOver(), WaitMs);
    QVERIFY(second.claim() == Claim::First);
}

void TestSingleInstance::givesUpOnOneThatQuitsForEver()
{
    SingleInstance first;
    QVERIFY(first.claim(Wish::Window) == Claim::First);
    first.beginQuitting();
    const Start second(Wish::Window, 300);
    QTRY_VERIFY_WITH_TIMEOUT(second.isOver(), WaitMs);
    QVERIFY(second.claim() == Claim::Refused);
}

void TestSingleInstance::takesOverAfterACrash()
{
    const QString path = m_folder->path() + QStringLiteral("/weir");
    QVERIFY(QDir().mkpath(path));
    for (const char *left : {"/weir.socket", "/weir.lock"}) { // of a process that is no more
        QFile file(path + QLatin1String(left));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("999999999\nweir\n" + QSysInfo::machineHostName().toUtf8() + '\n');
    }
    SingleInstance next;
    QVERIFY(next.claim(Wish::Window, 0) == Claim::First);
    const Start second(Wish::Window, WaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(second.isOver(), WaitMs);
    QVERIFY(second.claim() == Claim::HandedOver);
}

QTEST_GUILESS_MAIN(TestSingleInstance)
#include "tst_single_instance.moc"
