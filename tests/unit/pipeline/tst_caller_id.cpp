// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/caller_id.h"

#include <QCryptographicHash>
#include <QTest>
#include <set>

using namespace weir::pipeline;

class TestCallerId : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isTheSameForTheSame();
    void differsInEveryPart();
    void isAKeyedHash();
};

namespace {

const std::string Key(32, 'k');

} // namespace

void TestCallerId::isTheSameForTheSame()
{
    const std::string id = callerId(Key, "anthropic", "sk-1");
    QCOMPARE(id.size(), CallerIdSize);
    QCOMPARE(id, callerId(Key, "anthropic", "sk-1"));
    QCOMPARE(id.find_first_not_of("0123456789abcdef"), std::string::npos);
}

void TestCallerId::differsInEveryPart()
{
    // The last two join to the same text.
    const std::set<std::string> ids{callerId(Key, "a", "sk-1"), callerId(std::string(32, 'l'), "a", "sk-1"),
                                    callerId(Key, "b", "sk-1"), callerId(Key, "a", "sk-2"),
                                    callerId(Key, "a", ""),     callerId(Key, "as", "k-1")};
    QCOMPARE(ids.size(), std::size_t(6));
}

void TestCallerId::isAKeyedHash()
{
    const QByteArray message =
        QByteArray(32, 'k') + QByteArray(32, '\0') + "a" + QByteArray(1, '\0') + "sk-1";
    QCOMPARE(QByteArray::fromStdString(callerId(Key, "a", "sk-1")),
             QCryptographicHash::hash(message, QCryptographicHash::Blake2s_256).toHex().left(20));
}

QTEST_GUILESS_MAIN(TestCallerId)
#include "tst_caller_id.moc"
