// SPDX-License-Identifier: GPL-3.0-or-later
#include "keys/access_key.h"
#include <QTest>
#include <set>
#include <string>

using namespace weir;
using namespace weir::keys;

class TestAccessKey : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hashesAsSha256();
    void makesKeysOf256RandomBits();
    void expires();
    void secretLeavesNothingBehind();
};

void TestAccessKey::hashesAsSha256()
{
    // FIPS 180-2, appendix B.1.
    const KeyHash hash = hashOf("abc");
    QCOMPARE(QByteArray(reinterpret_cast<const char *>(hash.data()), qsizetype(hash.size())).toHex(),
             QByteArray("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

void TestAccessKey::makesKeysOf256RandomBits()
{
    std::set<std::string> seen;
    for (int count = 0; count < 200; ++count) {
        const NewAccessKey made = makeAccessKey();
        const std::string text(made.secret.reveal());
        QCOMPARE(text.size(), std::size_t(5 + 43));
        QVERIFY(text.starts_with("weir_"));
        QVERIFY(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
                std::string::npos);
        QCOMPARE(made.key.prefix, text.substr(0, 10));
        QCOMPARE(made.key.hash, hashOf(text));
        seen.insert(text);
    }
    QCOMPARE(seen.size(), std::size_t(200));
}

void TestAccessKey::expires()
{
    AccessKey key;
    QVERIFY(!key.isExpired(1'000));
    key.expiresAt = 1'000;
    QVERIFY(!key.isExpired(999));
    QVERIFY(key.isExpired(1'000));
}

void TestAccessKey::secretLeavesNothingBehind()
{
    for (const std::string &text : {std::string("short"), std::string(100, 'x')}) {
        base::Secret first{text};
        base::Secret second{std::move(first)};
        QVERIFY(first.isEmpty()); // NOLINT(bugprone-use-after-move): that is what is tested
        QCOMPARE(second.reveal(), std::string_view(text));
        const base::Secret third = second.clone();
        first = std::move(second);
        QVERIFY(second.isEmpty()); // NOLINT(bugprone-use-after-move)
        QCOMPARE(first.reveal(), third.reveal());
    }
}

QTEST_GUILESS_MAIN(TestAccessKey)
#include "tst_access_key.moc"
